//! Protocol parsers: pure state machines from bytes to observations. They know nothing of packets, flows or threads.
//!
//! A protocol is one type that implements [`StreamParser`] or [`DatagramParser`] and one line in [`registry`].

mod astm;
mod bacnet;
#[cfg(test)]
pub(crate) mod battery;
mod ber;
mod dhcp;
mod dhcpv6;
mod dicom;
mod digest;
mod dpws;
mod fields;
mod ftp;
mod hl7;
mod http;
mod intellivue;
mod line;
mod link;
mod modbus;
mod names;
mod ntp;
mod poct1a;
mod rdp;
mod registry;
mod reply;
mod sip;
mod smb;
mod smtp;
mod snmp;
mod ssdp;
mod ssh;
mod telnet;
mod tls;
mod violated;
mod vnc;
mod words;
mod wsd;
mod xml;

pub use registry::Protocol;
pub(crate) use registry::StreamParsers;

use std::net::IpAddr;
use wardwatch_model::{Attribute, Detail, DeviceText, Mac, PacketTime, Seen, Source, Violation};

/// One of the two ends of a flow. Which of them is the client is often known only later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The end with the smaller address and port.
    A,
    /// The other.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Something kept for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerSide<T> {
    /// Of side A.
    pub a: T,
    /// Of side B.
    pub b: T,
}

impl<T> PerSide<T> {
    /// Of `side`.
    pub const fn get(&self, side: Side) -> &T {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// Of `side`, to change.
    pub const fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

/// Whether the first bytes of a direction belong to a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// They do.
    Certain,
    /// They may: more bytes are needed to tell.
    NeedMore,
    /// They do not.
    No,
}

/// What a parser wants next. The engine hands out bytes in order, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Done with the next n bytes, n >= 1. Those beyond the ones at hand are neither stored nor read, and losing them is
    /// no gap.
    Advance(u64),
    /// Nothing done: the bytes at hand are the beginning of something longer, at most [`WINDOW`] bytes.
    NeedMore,
    /// Encrypted or of no interest from here on: only counted.
    Opaque,
}

/// Most bytes a parser may ask to see at once: the longest item of an A-ASSOCIATE PDU, which has a 16-bit length, and
/// its header.
pub(crate) const WINDOW: usize = 4 + 0xffff;

/// A parser of a stream protocol, for one connection.
pub(crate) trait StreamParser: Default {
    /// Judges the first bytes of a direction of a connection whose start was seen, one byte at least.
    fn probe(head: &[u8]) -> Probe;

    /// Finds where a message begins in a direction joined somewhere: the offset of the first byte that is surely the
    /// protocol's. Only what cannot be mistaken counts.
    fn find_start(bytes: &[u8]) -> Option<usize>;

    /// Takes the next bytes of a direction, one at least, and says how to go on. Same bytes in other portions must give
    /// the same outcome.
    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step;

    /// Has loaded what the next bytes will need beside the parser itself, which was not looked at for long.
    fn prefetch(&self) {}

    /// Bytes of a direction were lost where they mattered: find the next message.
    fn gap(&mut self, side: Side);

    /// The beginning of a direction was not seen: what it lacks may have been sent.
    fn joined(&mut self, _: Side) {}

    /// The client, where the bytes tell.
    fn client(&self) -> Option<Side>;

    /// Memory that it takes beyond itself, bytes, about. Asked after each portion of bytes, so it
    /// is counted as it grows, or the sum of a few words.
    fn held(&self) -> usize;

    /// What was learnt; called once, when the connection is over.
    fn finish(self) -> Outcome {
        self.so_far()
    }

    /// What was learnt so far, as if the connection were over.
    fn so_far(&self) -> Outcome;

    /// Well-formed connections, for the battery.
    #[cfg(test)]
    fn samples() -> Vec<battery::Sample>;
}

/// What a parser learnt on a connection.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Messages as the protocol counts them.
    pub(crate) messages: u64,
    /// Times the bytes broke the protocol's rules.
    pub(crate) faults: u64,
    /// The connection is encrypted.
    pub(crate) encrypted: bool,
    /// For the conversation.
    pub(crate) detail: Detail,
    /// What was said about devices.
    pub(crate) descriptions: Vec<Spoken>,
    /// Times something was said for which there was no room.
    pub(crate) descriptions_dropped: u64,
    /// How the sides broke the protocol's rules; each side and violation once.
    pub(crate) violations: Vec<(Side, Violation, Seen)>,
}

/// A description of a device and the side that gave it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spoken {
    /// Who said it.
    pub(crate) side: Side,
    /// Where it stood.
    pub(crate) source: Source,
    /// Under which name the side spoke.
    pub(crate) speaks_as: Option<DeviceText>,
    /// What was said.
    pub(crate) attributes: Vec<(Attribute, DeviceText)>,
    /// When and how often.
    pub(crate) seen: Seen,
}

/// A datagram as its protocol sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    /// Address and port it came from.
    pub(crate) source: (IpAddr, u16),
    /// Address and port it goes to.
    pub(crate) destination: (IpAddr, u16),
    /// As far as it was captured.
    pub(crate) payload: &'a [u8],
    /// The capture has only its beginning.
    pub(crate) is_cut: bool,
}

/// A parser of a protocol whose datagrams can each be read for itself.
pub(crate) trait DatagramParser {
    /// Whether a datagram is the protocol's: by its content, and by its ports where the protocol is defined on them.
    fn recognise(datagram: &Datagram<'_>) -> bool;

    /// What a datagram says; none where it is not the protocol's.
    fn read(datagram: &Datagram<'_>) -> Option<Reading>;

    /// Well-formed datagrams, for the battery.
    #[cfg(test)]
    fn samples() -> Vec<battery::DatagramSample>;
}

/// What a frame carries that no IP packet is in, of those that are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkKind {
    /// Ether type 88CC (IEEE 802.1AB).
    Lldp,
    /// SNAP with Cisco's organisation code and 2000.
    Cdp,
}

/// An announcement on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkFrame<'a> {
    /// What it is.
    pub(crate) kind: LinkKind,
    /// As far as it was captured.
    pub(crate) payload: &'a [u8],
}

/// A parser of announcements on a link.
pub(crate) trait LinkParser {
    /// Which frames are its own.
    const KIND: LinkKind;

    /// What an announcement says.
    fn read(frame: &LinkFrame<'_>) -> LinkReading;

    /// Well-formed announcements, for the battery.
    #[cfg(test)]
    fn samples() -> Vec<Vec<u8>>;
}

/// What an announcement says of its sender.
#[derive(Debug, PartialEq)]
pub(crate) struct LinkReading {
    /// A part of it breaks the protocol's rules; what could be read of the others is here.
    pub(crate) is_malformed: bool,
    /// An address of the speaker.
    pub(crate) address: Option<IpAddr>,
    /// The MAC address by which it identifies itself, which need not be that of the frame.
    pub(crate) mac: Option<Mac>,
    /// Where it stood.
    pub(crate) source: Source,
    /// What was said.
    pub(crate) attributes: Vec<(Attribute, DeviceText)>,
}

impl Remark {
    /// What the sender of a datagram said of itself; none where it said nothing.
    pub(crate) fn of_sender(source: Source, attributes: Vec<(Attribute, DeviceText)>) -> Option<Self> {
        (!attributes.is_empty()).then_some(Self { speaker: Speaker::Sender, source, attributes })
    }
}

/// What a datagram says.
#[derive(Debug, PartialEq)]
pub(crate) struct Reading {
    /// Its sender asks, and does not answer.
    pub(crate) is_from_client: bool,
    /// A part of it breaks the protocol's rules; what could be read of the others is here.
    pub(crate) is_malformed: bool,
    /// For the conversation.
    pub(crate) detail: Detail,
    /// Whose an address is.
    pub(crate) claim: Option<Claim>,
    /// What is said about a device.
    pub(crate) remark: Option<Remark>,
}

/// An address and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) ip: IpAddr,
    pub(crate) mac: Mac,
    /// Its owner is surely on the link of the datagram, not behind a relay or a router.
    pub(crate) is_here: bool,
}

/// Whose words those of a datagram are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// Its sender's.
    Sender,
    /// The words of the host with this address, unspecified where it has none yet, and this MAC address, by whatever way they
    /// came.
    Host { ip: IpAddr, mac: Option<Mac> },
}

/// What a device said of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remark {
    /// Who said it.
    pub(crate) speaker: Speaker,
    /// Where it stood.
    pub(crate) source: Source,
    /// What was said.
    pub(crate) attributes: Vec<(Attribute, DeviceText)>,
}
