//! What an agent tells a collector, again and again.

use crate::{Facts, Name, PacketTime};
use std::{collections::BTreeMap, fmt};

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
#[derive(Clone, Debug, PartialEq)]
pub struct AgentHealth {
    /// Version of the program.
    pub version: String,
    /// `pnet`, `replay`.
    pub capture_method: Name,
    /// What it listens on: interfaces; for a replay, one entry named `replay`.
    pub interfaces: BTreeMap<String, InterfaceHealth>,
    /// Flows followed now.
    pub flows: u64,
    /// Flows that can be followed at once.
    pub flows_limit: u64,
}

impl Default for AgentHealth {
    fn default() -> Self {
        Self {
            version: String::new(),
            capture_method: Name::new("unknown"),
            interfaces: BTreeMap::new(),
            flows: 0,
            flows_limit: 0,
        }
    }
}

/// How capture on one interface is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceHealth {
    /// It delivers packets.
    pub is_up: bool,
    /// Frames received.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Frames lost, by reason; a reason of which nothing can be known is not there, and is not 0.
    pub dropped: BTreeMap<Name, u64>,
    /// Latest frame.
    pub last_packet: Option<PacketTime>,
    /// Frames that the interface sent since the agent started, whoever sent them: a mirror port stays at 0. `None` where
    /// it is not known, and for a replay.
    pub transmitted: Option<u64>,
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
