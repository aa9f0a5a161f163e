//! What the collector shows: one consistent picture, made anew by each evaluation, that pages and metrics read without
//! disturbing it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wardwatch_model::{
    AgentHealth, CaptureFacts, ImportReport, PacketTime, StreamId,
    analysis::{Device, Finding},
};

/// The picture.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Name of the site.
    pub site: String,
    /// UTC date for which life cycles were judged, `YYYY-MM-DD`.
    pub evaluated_at: String,
    /// Latest packet of all agents: the "now" of findings and of activity.
    pub latest: Option<PacketTime>,
    /// By id.
    pub devices: Vec<Device>,
    /// What became of each file that was imported.
    pub imports: Vec<ImportReport>,
    /// Other ids under which devices were listed while less was known of them, and the ids they go by.
    pub aliases: BTreeMap<String, String>,
    /// Open ones first, the most severe first, then by rule, device and peer.
    pub findings: Vec<FindingRecord>,
    /// What was captured, of all streams.
    pub capture: CaptureFacts,
    /// By name.
    pub agents: Vec<AgentView>,
    /// Counters since the store was made.
    pub counters: Counters,
    /// How the store is.
    pub store: StoreHealth,
    /// How many rules of the hospital's own there are.
    pub own_rules: usize,
}

/// A finding and its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// Opaque and stable: a keyed hash of rule, device and key.
    pub id: String,
    /// What was found, as of the last time.
    pub finding: Finding,
    /// Where it is in its life.
    pub state: FindingState,
    /// When it was opened, packet time.
    pub opened_at: PacketTime,
    /// When it was resolved, packet time.
    pub resolved_at: Option<PacketTime>,
}

/// The life of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FindingState {
    Open,
    Resolved,
}

/// One agent, as of its last report.
#[derive(Clone, Debug)]
pub struct AgentView {
    /// Its name.
    pub agent: String,
    /// Its present stream.
    pub stream: StreamId,
    /// Sequence number of its last report.
    pub sequence: u64,
    /// When that came, wall clock, nanoseconds since 1970.
    pub reported_at: PacketTime,
    /// It said that nothing more comes.
    pub is_finished: bool,
    /// How it is.
    pub health: AgentHealth,
}

/// Counters that outlive a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Devices seen for the first time.
    pub devices_discovered: u64,
    /// Devices that were forgotten to make room.
    pub devices_forgotten: u64,
    /// Findings opened, by kind and severity.
    pub findings_opened: BTreeMap<(&'static str, &'static str), u64>,
    /// Findings resolved, by kind and severity.
    pub findings_resolved: BTreeMap<(&'static str, &'static str), u64>,
    /// Reports accepted.
    pub reports: u64,
    /// Reports refused, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Facts given up to make room, by reason.
    pub evicted: BTreeMap<&'static str, u64>,
    /// Writes to the store that failed.
    pub store_write_failures: u64,
}

/// How the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// Bytes on disk.
    pub bytes: u64,
    /// Devices known.
    pub devices: u64,
    /// Devices there may be.
    pub devices_limit: u64,
    /// It was damaged when this process opened it, and made anew from a snapshot.
    pub is_rebuilt: bool,
    /// Records that could not be understood when it was read.
    pub unreadable_records: u64,
    /// Snapshots written by this process.
    pub snapshots: u64,
    /// The last write failed: what agents report since is not taken, and comes again.
    pub is_failing: bool,
}
