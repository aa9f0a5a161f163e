//! A SYN inside of a connection that lives: the ends were restarted and use their ports again, or it is forged. Its sender's
//! peer would not believe it either (RFC 9293, 3.10.7.4; RFC 5961, 4), so what follows decides.

use super::shard::Envelope;
use crate::{decode::TcpSegment, protocol::Side, stream::Reassembly};

/// A SYN, or the answer to one, that awaits its confirmation.
#[derive(Clone, Copy)]
pub(crate) struct Challenge {
    side: Side,
    packet: Envelope,
    sequence: u32,
    acknowledgement: Option<u32>,
}

/// What a segment after it tells of a challenge.
pub(crate) enum Verdict {
    /// A new connection began with it.
    Confirmed(Box<Challenge>),
    /// The old connection goes on: nobody believed it.
    Refuted,
    /// Nothing.
    Open,
}

impl Challenge {
    pub(super) fn new(side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> Self {
        Self { side, packet: *packet, sequence: segment.sequence, acknowledgement: segment.acknowledgement }
    }

    /// Whether a segment is the same once more.
    pub(super) fn is_again(&self, side: Side, segment: &TcpSegment<'_>) -> bool {
        (self.side, self.sequence) == (side, segment.sequence)
    }

    /// What a segment tells of it; `stream`: of the side that sent the challenge, as the old connection has it.
    pub(super) fn verdict(self: Box<Self>, side: Side, segment: &TcpSegment<'_>, stream: &Reassembly) -> Verdict {
        let first = self.sequence.wrapping_add(1);
        if side != self.side {
            let is_answer = segment.syn && segment.acknowledgement == Some(first);
            return if is_answer { Verdict::Confirmed(self) } else { Verdict::Open };
        }
        // Bytes that would be the next ones of the old connection, too, confirm nothing.
        match (segment.sequence == first, stream.is_next(segment.sequence)) {
            (true, false) => Verdict::Confirmed(self),
            (false, true) if !segment.payload.is_empty() || segment.missing > 0 => Verdict::Refuted,
            (true, true) => Verdict::Refuted,
            _ => Verdict::Open,
        }
    }

    /// Where and when it came.
    pub(super) fn packet(&self) -> (Side, &Envelope) {
        (self.side, &self.packet)
    }

    /// The segment it was; `after`: one of the same connection.
    pub(super) fn segment(&self, after: &TcpSegment<'_>) -> TcpSegment<'static> {
        let TcpSegment { source_port, destination_port, window, .. } = *after;
        TcpSegment {
            source_port,
            destination_port,
            sequence: self.sequence,
            acknowledgement: self.acknowledgement,
            syn: true,
            fin: false,
            rst: false,
            window,
            checksum: 0,
            payload: &[],
            missing: 0,
        }
    }
}
