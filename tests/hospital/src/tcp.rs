//! A TCP conversation (RFC 9293): handshake, data in segments with acknowledgements, an end.

use crate::{
    capture::Packet,
    end::End,
    frame::{ACK, FIN, PSH, RST, SYN, Segment, TCP, tcp},
    length,
};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Client,
    Server,
}

impl Side {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What a scenario may choose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Longest payload of a segment.
    pub mss: u16,
    /// Initial sequence numbers of client and server.
    pub sequences: [u32; 2],
    /// Nanoseconds between two packets.
    pub pace: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { mss: 1460, sequences: [1_000_000_000, 3_000_000_000], pace: 80_000 }
    }
}

/// A packet of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Who sent it.
    pub from: Side,
    /// The bytes of the stream in it.
    pub data: usize,
    /// The packet.
    pub packet: Packet,
}

/// The packets of a conversation that is over: to be used as they are, or with [faults](crate::faults).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation(pub Vec<Sent>);

impl Conversation {
    /// The packets.
    pub fn packets(self) -> Vec<Packet> {
        self.0.into_iter().map(|sent| sent.packet).collect()
    }
}

/// A connection while it is open. A receiver acknowledges every second segment, and the last one when it answers or
/// when the sender goes on.
#[derive(Debug)]
pub struct Tcp {
    client: Half,
    server: Half,
    setup: Setup,
    at: u64,
    sent: Vec<Sent>,
}

#[derive(Debug)]
struct Half {
    end: End,
    /// Of the next byte.
    sequence: u32,
    identification: u16,
    /// Segments the other side has not acknowledged.
    pending: u8,
}

impl Tcp {
    /// Time for the other end to answer something.
    const THINKING: u64 = 1_500_000;

    /// Opens a connection at a time in nanoseconds since 1970.
    pub fn open(client: End, server: End, at: u64) -> Self {
        Self::open_with(Setup::default(), client, server, at)
    }

    /// The same with other settings.
    pub fn open_with(setup: Setup, client: End, server: End, at: u64) -> Self {
        let half = |end: End, sequence| {
            let identification = end.address.port().wrapping_mul(7);
            Half { end, sequence, identification, pending: 0 }
        };
        let [client_sequence, server_sequence] = setup.sequences;
        let (client, server) = (half(client, client_sequence), half(server, server_sequence));
        let mut tcp = Self { client, server, setup, at, sent: Vec::new() };
        tcp.segment(Side::Client, SYN, &[]);
        tcp.segment(Side::Server, SYN | ACK, &[]);
        tcp.segment(Side::Client, ACK, &[]);
        tcp
    }

    /// The time of the next packet.
    pub const fn now(&self) -> u64 {
        self.at
    }

    /// Lets time go by, in which pending acknowledgements are sent.
    pub fn wait(&mut self, nanoseconds: u64) {
        for side in [Side::Client, Side::Server] {
            self.settle(side);
        }
        self.at += nanoseconds;
    }

    /// One side sends bytes, after a little thought where it answers.
    pub fn say(&mut self, side: Side, bytes: &[u8]) {
        if self.half(side.other()).pending > 0 {
            self.at += Self::THINKING;
        }
        self.settle(side);
        let segments = bytes.chunks(self.setup.mss.into());
        let last = segments.len().saturating_sub(1);
        for (index, payload) in segments.enumerate() {
            self.segment(side, if index == last { PSH | ACK } else { ACK }, payload);
            if self.half(side).pending == 2 {
                self.settle(side);
            }
        }
    }

    /// The client sends bytes.
    pub fn client(&mut self, bytes: &[u8]) {
        self.say(Side::Client, bytes);
    }

    /// The server sends bytes.
    pub fn server(&mut self, bytes: &[u8]) {
        self.say(Side::Server, bytes);
    }

    /// Both sides close, `first` before the other.
    pub fn close(mut self, first: Side) -> Conversation {
        self.wait(0);
        self.segment(first, FIN | ACK, &[]);
        self.segment(first.other(), FIN | ACK, &[]);
        self.segment(first, ACK, &[]);
        Conversation(self.sent)
    }

    /// One side resets the connection.
    pub fn reset(mut self, side: Side) -> Conversation {
        self.wait(0);
        self.segment(side, RST | ACK, &[]);
        Conversation(self.sent)
    }

    /// The capture ends, the connection does not.
    pub fn leave_open(mut self) -> Conversation {
        self.wait(0);
        Conversation(self.sent)
    }

    /// The other side acknowledges what this one sent.
    fn settle(&mut self, side: Side) {
        if self.half(side).pending > 0 {
            self.segment(side.other(), ACK, &[]);
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn segment(&mut self, side: Side, flags: u8, payload: &[u8]) {
        let (mss, pace, at) = (self.setup.mss, self.setup.pace, self.at);
        let [high, low] = mss.to_be_bytes();
        // Maximum segment size, selective acknowledgement permitted (RFC 2018).
        let options: &[u8] = if flags & SYN != 0 { &[2, 4, high, low, 1, 1, 4, 2] } else { &[] };
        let peer = self.half(side.other());
        let (to, acknowledged) = (peer.end.address, peer.sequence);
        let acknowledgement = if flags & ACK != 0 { acknowledged } else { 0 };
        peer.pending = 0;
        let half = self.half(side);
        let segment = Segment { sequence: half.sequence, acknowledgement, flags, window: 64_240, options, payload };
        let bytes = tcp(half.end.address, to, &segment);
        let packet = half.end.packet(at, to, TCP, half.identification, &bytes);
        half.identification = half.identification.wrapping_add(1);
        let occupied = length::<u32>(payload.len()) + u32::from(flags & (SYN | FIN) != 0);
        half.sequence = half.sequence.wrapping_add(occupied);
        half.pending += u8::from(!payload.is_empty());
        self.sent.push(Sent { from: side, data: payload.len(), packet });
        self.at += pace;
    }
}
