//! What an agent tells a collector, again and again.

use crate::{Facts, Name, PacketTime, attribute::closed_list};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// One message of an agent: what ended since the message before it, and what still goes on.
///
/// The facts of a stream are those that [`Report::finished`] brought in all its reports, with [`Report::open`] of the last
/// one. So a report may come twice, and nothing of a stream is lost when its agent dies between two of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The agent.
    pub agent: String,
    /// The run of the agent, or the captures it reads.
    pub stream: StreamId,
    /// 1 for the first report of a stream, then one more each time.
    pub sequence: u64,
    /// What is over, since the report before.
    pub finished: Facts,
    /// Everything that is not over yet. Takes the place of what the report before said.
    pub open: Facts,
    /// How the agent is.
    pub health: AgentHealth,
    /// No report comes after this one.
    pub is_last: bool,
}

/// How an agent is, since it started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentHealth {
    /// Version of the program.
    pub version: String,
    /// `ring`, `pnet`, `replay`.
    pub capture_method: Name,
    /// What it listens on: interfaces; for a replay, one entry named `replay`.
    pub interfaces: BTreeMap<String, InterfaceHealth>,
    /// Flows followed now.
    pub flows: u64,
    /// Flows that can be followed at once.
    pub flows_limit: u64,
}

/// How capture on one interface is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceHealth {
    /// It delivers packets.
    pub is_up: bool,
    /// Frames received.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Frames lost, by reason; a reason of which nothing can be known is not there, and is not 0.
    pub dropped: BTreeMap<Name, u64>,
    /// How often the buffer that the kernel fills was full; the frames lost meanwhile are in [`Self::dropped`]. `None` where it
    /// is not known.
    pub freezes: Option<u64>,
    /// Latest frame.
    pub last_packet: Option<PacketTime>,
    /// What each worker took of it; empty for a replay.
    #[serde(default)]
    pub workers: Vec<WorkerHealth>,
    /// Frames that the interface sent since the agent started, whoever sent them: a mirror port stays at 0. `None` where
    /// it is not known, and for a replay.
    pub transmitted: Option<u64>,
    /// For which reasons this machine might send something on it; none where it is prepared for a mirror port. `None` where
    /// it is not known, and for a replay.
    #[serde(default)]
    pub may_transmit: Option<BTreeSet<TransmitRisk>>,
}

closed_list! {
    /// Why a machine might send frames on an interface that is listened on, whatever Wardwatch does.
    TransmitRisk {
        /// It has an IP address: the kernel answers whoever asks for it.
        Address = "address",
        /// ARP is on: the kernel answers for addresses of other interfaces of this machine.
        Arp = "arp",
        /// IPv6 is on: the kernel speaks neighbour discovery and multicast listener discovery.
        Ipv6 = "ipv6",
        /// It belongs to a bridge, a bond or a team, which sends through it.
        Member = "member",
        /// Its card may send pause frames when its ring is full.
        Pause = "pause",
        /// The kernel has a route through it.
        Route = "route",
        /// Another interface, such as one for a VLAN, stands on it and sends through it.
        Upper = "upper",
    }
}

/// What a worker took of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerHealth {
    /// Frames.
    pub packets: u64,
    /// Frames for which its share of the kernel's buffer had no room; `None` where it is not known.
    pub dropped: Option<u64>,
    /// What tells how well the capture sees, by condition.
    pub conditions: BTreeMap<Name, u64>,
}

/// Tells the runs of agents apart: random for a live capture, made of the captures' contents for a replay, so that the same
/// replay counts once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub [u8; 16]);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StreamId {
    /// Reads what [`StreamId`] is shown as: 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let whole = u128::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
        Some(Self(whole.to_be_bytes()))
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not the 32 hexadecimal digits of a stream"))
    }
}

closed_list! {
    /// Why a collector does not take a report.
    Refusal {
        /// The agent did not prove who it is.
        Auth = "auth",
        /// A live capture whose packets come from the future: the agent's clock is wrong.
        Clock = "clock",
        /// It was taken before; the agent may forget it.
        Duplicate = "duplicate",
        /// A report before it is missing: the agent must send that one first.
        Gap = "gap",
        /// It is not what a report must be.
        Schema = "schema",
        /// It could not be written; the agent must send it again.
        Store = "store",
        /// The agent began another stream since: this one is over.
        StreamOver = "stream_over",
        /// It holds more than there may be.
        TooLarge = "too_large",
        /// There are as many agents as there may be.
        TooManyAgents = "too_many_agents",
        /// Agent and collector are too far apart in version.
        Version = "version",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_back_as_it_is_shown() {
        let stream = StreamId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff]);
        assert_eq!(StreamId::parse(&stream.to_string()), Some(stream));
        for other in ["", "+0000000000000000000000000000000", "000102030405060708090a0b0c0d0e0g", "00"] {
            assert_eq!(StreamId::parse(other), None, "{other}");
        }
    }
}
