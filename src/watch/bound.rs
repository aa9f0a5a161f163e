//! What a watch may take of memory, from its limits.

use crate::setup::limits;
use wardwatch_agent::live::Live;
use wardwatch_collector::Collector;
use wardwatch_model::config::Config;

/// The program itself, its threads, what it reads at once.
const PROGRAM: u64 = 64 << 20;

/// Bytes, at most.
pub(super) fn of(config: &Config, live: Option<&Live>) -> u64 {
    let agent = live.map_or_else(|| limits(config).worst_case_bytes(), Live::worst_case_bytes);
    PROGRAM.saturating_add(agent).saturating_add(Collector::worst_case_bytes(config))
}
