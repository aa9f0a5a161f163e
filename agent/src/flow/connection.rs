//! One flow: its two halves, what they carry, and how it ends.

use super::{
    challenge::{Challenge, Verdict},
    datagrams::Datagrams,
    half::Half,
    history::History,
    inspection::Inspection,
    key::FlowKey,
    outcome::Told,
    shard::{Depth, Envelope},
};
use crate::{
    decode::TcpSegment,
    protocol::{PerSide, Side},
    stream::{Astray, Reader, Reassembly, Segment},
    tally::Tally,
};
use wardwatch_model::{PacketTime, Place, Sighting, Tunnels};
use wardwatch_ring::prefetch;

/// A flow.
pub(crate) struct Flow {
    pub(crate) key: FlowKey,
    /// The tunnels it is in.
    pub(crate) tunnels: Tunnels,
    pub(crate) halves: PerSide<Half>,
    /// The side that asked for the connection, or sent the first datagram.
    pub(crate) opener: Option<Side>,
    /// The side of the first packet.
    pub(crate) first: Side,
    /// Both directions are over, or one was reset.
    pub(crate) closed: bool,
    /// Waits among the closed flows, whether it is still closed or not.
    pub(crate) closing: bool,
    /// Tells this flow from every other of the shard.
    pub(crate) generation: u32,
    inspection: Option<Box<Inspection>>,
    /// A SYN that does not fit, until it is known whether it was believed.
    challenge: Option<Box<Challenge>>,
    /// Its datagrams, where they are of a protocol that is read.
    pub(super) datagrams: Option<Box<Datagrams>>,
}

impl Flow {
    pub(crate) fn new(key: FlowKey, tunnels: Tunnels, first: Side, generation: u32) -> Self {
        Self {
            key,
            tunnels,
            halves: PerSide::default(),
            opener: None,
            first,
            closed: false,
            closing: false,
            generation,
            inspection: None,
            challenge: None,
            datagrams: None,
        }
    }

    /// Notes who sent a packet when; answers the place it was seen at before, if that was another.
    pub(crate) fn note(&mut self, side: Side, packet: &Envelope, payload: bool) -> Option<(Place, Sighting)> {
        let ip = self.key.end(side).ip;
        let (mac, vlans, sighting) = self.halves.get_mut(side).note(packet, payload)?;
        Some((Place { ip, tunnels: self.tunnels, mac, vlans }, sighting))
    }

    /// Whether an end sent a payload.
    pub(crate) fn has_payload(&self) -> bool {
        self.halves.a.has_payload() || self.halves.b.has_payload()
    }

    /// Whether a segment is the SYN of the next connection between the same ends.
    pub(crate) fn is_over(&self, side: Side, segment: &TcpSegment<'_>) -> bool {
        let opens = segment.acknowledgement.is_none();
        segment.syn
            && (!self.halves.get(side).stream.owns_syn(segment.sequence, opens)
                || (opens && self.closed && self.has_payload()))
    }

    /// Whether somebody who listens to this connection would not believe a SYN that does not fit.
    pub(crate) fn is_live(&self) -> bool {
        !self.closed && self.has_payload()
    }

    /// Takes a SYN that does not fit; answers how many such were there before of which nothing came.
    pub(super) fn challenge(&mut self, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> u64 {
        if self.challenge.as_ref().is_some_and(|known| known.is_again(side, segment)) {
            return 0;
        }
        u64::from(self.challenge.replace(Box::new(Challenge::new(side, packet, segment))).is_some())
    }

    /// Whether a SYN that does not fit waits for its confirmation.
    pub(super) const fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }

    /// What a segment tells of the SYN that does not fit.
    pub(super) fn verdict(&mut self, side: Side, segment: &TcpSegment<'_>) -> Verdict {
        let Some(challenge) = self.challenge.take() else { return Verdict::Open };
        let by = challenge.packet().0;
        let known = *challenge;
        let verdict = challenge.verdict(side, segment, &self.halves.get(by).stream);
        if matches!(verdict, Verdict::Open) {
            self.challenge = Some(Box::new(known));
        }
        verdict
    }

    /// Has loaded what the next packet will need, at some depth; what is nearer must be loaded by then.
    #[inline(always)]
    pub(super) fn prefetch(&self, depth: Depth) {
        match (depth, &self.inspection) {
            (Depth::Flow, _) => prefetch(self),
            (_, None) => {}
            (Depth::Inspection, Some(inspection)) => prefetch(inspection.as_ref()),
            (Depth::Parser | Depth::ParserState, Some(inspection)) => inspection.prefetch_parser(depth),
        }
    }

    /// Whether a segment brings nothing but an acknowledgement that tells nothing new.
    pub(crate) fn learns_nothing(&self, side: Side, segment: &TcpSegment<'_>) -> bool {
        let is_empty = segment.payload.is_empty() && segment.missing == 0;
        is_empty && !(segment.syn || segment.fin || segment.rst) && !self.halves.get(side.other()).stream.is_joining()
    }

    /// Takes a segment that belongs to this flow.
    pub(crate) fn tcp(
        &mut self,
        side: Side,
        at: PacketTime,
        segment: &TcpSegment<'_>,
        history: &mut History,
        tally: &mut Tally,
    ) {
        let mut sequence = segment.sequence;
        if segment.syn {
            let opens = segment.acknowledgement.is_none();
            let (stream, mut reader) = self.reader(side, at, history, tally);
            stream.syn(sequence, &mut reader);
            // The first SYN tells; in a split or simultaneous opening the other side sends one too.
            self.opener.get_or_insert(if opens { side } else { side.other() });
            // Data in a SYN follows it (RFC 9293, 3.4).
            sequence = sequence.wrapping_add(1);
        }
        if let Some(acknowledgement) = segment.acknowledgement {
            let (stream, mut reader) = self.reader(side.other(), at, history, tally);
            stream.acknowledged(acknowledgement, &mut reader);
        }
        // What the other side's bytes told comes before the ones of this side.
        self.settle();
        let segment_here = Segment { sequence, payload: segment.payload, missing: segment.missing, at };
        let length = segment_here.length();
        let (stream, mut reader) = self.reader(side, at, history, tally);
        // The payload of a RST is a reason for people to read (RFC 9293, 3.5.3): no receiver takes it for data.
        if segment.rst {
            reader.tally.reset_payload_bytes += u64::from(length);
        } else {
            stream.segment(segment_here, &mut reader);
        }
        if segment.fin {
            stream.fin(sequence.wrapping_add(length));
        }
        self.settle();
        let is_reset = segment.rst && self.halves.get(side).stream.believes_reset(segment.sequence);
        tally.stray_resets += u64::from(segment.rst && !is_reset);
        // Data after a RST means that the RST was not meant, or not believed.
        self.closed = is_reset
            || (self.closed && length == 0)
            || Side::BOTH.iter().all(|side| self.halves.get(*side).stream.is_finished());
    }

    /// Bytes kept for reassembly and parsing.
    pub(crate) fn stored(&self) -> usize {
        self.halves.a.stream.memory()
            + self.halves.b.stream.memory()
            + self.inspection.as_ref().map_or(0, |inspection| inspection.stored())
    }

    /// What the bytes told so far.
    pub(super) fn told_so_far(&self, tally: &mut Tally) -> Told {
        if let Some(datagrams) = &self.datagrams {
            return Told::of_datagrams(datagrams);
        }
        self.count_gaps(tally);
        let inspection = self.inspection.as_ref();
        Told {
            client: inspection.and_then(|inspection| inspection.client()),
            learnt: inspection.and_then(|inspection| inspection.so_far()),
        }
    }

    /// Hands on what still waits, with the gaps in it; what the bytes told in all.
    pub(super) fn finish(&mut self, history: &mut History, tally: &mut Tally) -> Told {
        if let Some(datagrams) = &self.datagrams {
            return Told::of_datagrams(datagrams);
        }
        for side in Side::BOTH {
            let at = self.halves.get(side).last;
            let (stream, mut reader) = self.reader(side, at, history, tally);
            stream.finish(&mut reader);
            self.settle();
        }
        self.count_gaps(tally);
        let inspection = self.inspection.take();
        Told {
            client: inspection.as_ref().and_then(|inspection| inspection.client()),
            learnt: inspection.and_then(|inspection| inspection.finish()),
        }
    }

    /// Gaps in what no parser wanted to read.
    fn count_gaps(&self, tally: &mut Tally) {
        tally.stream_gap_bytes += self.halves.a.stream.unread_gaps() + self.halves.b.stream.unread_gaps();
    }

    /// Follows what the inspection decided for the side that was not speaking, and ends it where it is hopeless.
    fn settle(&mut self) {
        if let Some(inspection) = &mut self.inspection {
            for side in Side::BOTH {
                if let Some(skip) = inspection.take_wish(side) {
                    self.halves.get_mut(side).stream.skip(skip);
                }
            }
            if inspection.is_hopeless() {
                self.inspection = None;
            }
        }
    }

    fn reader<'a>(
        &'a mut self,
        side: Side,
        at: PacketTime,
        history: &'a mut History,
        tally: &'a mut Tally,
    ) -> (&'a mut Reassembly, FlowReader<'a>) {
        let stream = &mut self.halves.get_mut(side).stream;
        (stream, FlowReader { flow: self.generation, side, at, inspection: &mut self.inspection, history, tally })
    }
}

/// Brings the bytes of one direction to the inspection.
struct FlowReader<'a> {
    /// Generation of the flow.
    flow: u32,
    side: Side,
    at: PacketTime,
    inspection: &'a mut Option<Box<Inspection>>,
    history: &'a mut History,
    tally: &'a mut Tally,
}

impl Reader for FlowReader<'_> {
    fn data(&mut self, sequence: u32, bytes: &[u8], joined: bool) -> u64 {
        let inspection = self.inspection.get_or_insert_default();
        let skip = inspection.data(self.side, self.at, bytes, joined);
        self.history.remember(self.flow, self.side, sequence, bytes);
        skip
    }

    fn gap(&mut self, missing: u64) {
        self.tally.stream_gap_bytes += missing;
        // Of a hole in front of the first bytes the inspection must know, too.
        if missing > 0 {
            self.inspection.get_or_insert_default().gap(self.side);
        } else if let Some(inspection) = self.inspection {
            inspection.gap(self.side);
        }
    }

    fn repeated(&mut self, sequence: u32, bytes: &[u8]) {
        if self.history.contradicts(self.flow, self.side, sequence, bytes) {
            self.conflict();
        }
    }

    fn conflict(&mut self) {
        self.tally.overlap_conflicts += 1;
    }

    fn astray(&mut self, how: Astray) {
        *match how {
            Astray::Late => &mut self.tally.out_of_order_segments,
            Astray::Again => &mut self.tally.retransmitted_segments,
        } += 1;
    }

    fn stray(&mut self, count: u32) {
        self.tally.stray_bytes += u64::from(count);
    }
}
