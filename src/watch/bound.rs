//! What a watch may take of memory, from its limits.

use crate::setup::limits;
use std::thread;
use wardwatch_agent::live::Live;
use wardwatch_collector::Collector;
use wardwatch_model::config::Config;

/// The program itself, its threads, what it reads at once.
const PROGRAM: u64 = 64 << 20;

/// Bytes, at most.
pub(super) fn of(config: &Config, live: Option<&Live>) -> u64 {
    let agent = live.map_or_else(|| replaying(config), Live::worst_case_bytes);
    PROGRAM.saturating_add(agent).saturating_add(Collector::worst_case_bytes(config))
}

/// Each worker of a replay puts all fragments together for itself.
fn replaying(config: &Config) -> u64 {
    let limits = limits(config);
    let workers = match config.workers {
        0 => thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let others = workers.saturating_sub(1) as u64;
    limits.worst_case_bytes().saturating_add(others.saturating_mul(limits.fragment_bytes() as u64))
}
