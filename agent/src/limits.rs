//! How much an agent may keep. Each limit is for the whole agent and is shared out evenly among the shards.

/// Number of shards: parts of the flow table that live on their own, whoever works on them, so that what is given up
/// when room runs out does not depend on the number of workers.
pub const SHARDS: usize = 64;

/// A shard may have this part of its share of flows more.
const SLACK: usize = 8;

/// The configured limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Flows followed at once.
    pub flows: usize,
    /// Bytes kept for reassembly and parsing.
    pub reassembly_bytes: usize,
    /// Devices; each may be seen at [`Self::PLACES_PER_DEVICE`] places.
    pub devices: usize,
    /// Conversations told between two reports.
    pub conversations: usize,
    /// Descriptions of devices told between two reports.
    pub descriptions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 1_000_000,
            reassembly_bytes: 256 << 20,
            devices: 100_000,
            conversations: 262_144,
            descriptions: 131_072,
        }
    }
}

impl Limits {
    /// Combinations of addresses and VLANs kept for a device. A device is seen by as many shards as it has flows, so
    /// most shards know most of a network's devices.
    pub const PLACES_PER_DEVICE: usize = 16;

    /// Memory that an agent may take at the worst, bytes: the flows, what waits in them and what their parsers keep, and what is
    /// told of them, which is at most twice in memory while a report is on its way.
    pub const fn worst_case_bytes(&self) -> u64 {
        /// A flow with its place in the table, and its parser without what it keeps.
        const FLOW: u64 = 1536;
        /// A place.
        const PLACE: u64 = 192;
        /// A conversation and a description, without what [`Self::details_of_a_shard`] and [`Self::words_of_a_shard`] hold.
        const CONVERSATION: u64 = 512;
        const DESCRIPTION: u64 = 320;
        let told = (self.devices as u64).saturating_mul(Self::PLACES_PER_DEVICE as u64 * PLACE)
            + self.conversations as u64 * CONVERSATION
            + self.descriptions as u64 * DESCRIPTION
            + (self.details_of_a_shard() + self.words_of_a_shard()) as u64 * SHARDS as u64;
        (self.flows as u64).saturating_mul(FLOW + FLOW / SLACK as u64)
            + self.reassembly_bytes as u64
            + self.fragment_bytes() as u64
            + 2 * told
    }

    /// Bytes of associations, links and the like that a shard tells between two reports: 512 for each conversation there may be.
    pub(crate) const fn details_of_a_shard(&self) -> usize {
        at_least(64 * 1024, Self::share(self.conversations).saturating_mul(512))
    }

    /// Bytes of words that a shard tells between two reports: 704 for each description there may be.
    pub(crate) const fn words_of_a_shard(&self) -> usize {
        at_least(32 * 1024, Self::share(self.descriptions).saturating_mul(704))
    }

    /// Flows that one shard may have: flows do not spread quite evenly, and the limit is meant for all of them together.
    pub(crate) const fn flows_of_a_shard(&self) -> usize {
        let share = Self::share(self.flows);
        share + share / SLACK
    }

    /// Bytes of IP fragments that wait for others, for each worker: a part of what reassembly may take.
    pub const fn fragment_bytes(&self) -> usize {
        self.reassembly_bytes / 16
    }

    /// What one of several workers may keep that have all the shards each. Flows and what waits in them are shared out; what is
    /// told of them is not, as each may come to know the whole network.
    pub(crate) const fn shared_by(&self, workers: usize) -> Self {
        let workers = if workers == 0 { 1 } else { workers };
        Self { flows: self.flows.div_ceil(workers), reassembly_bytes: self.reassembly_bytes.div_ceil(workers), ..*self }
    }

    /// What one shard may have of a limit: at least 1.
    pub(crate) const fn share(limit: usize) -> usize {
        if limit == 0 { 1 } else { limit.div_ceil(SHARDS) }
    }
}

/// What is small must still hold what one connection tells.
const fn at_least(least: usize, bytes: usize) -> usize {
    if bytes < least { least } else { bytes }
}
