//! What a watch may take of memory, from its limits.

use crate::setup::limits;
use wardwatch_collector::Collector;
use wardwatch_model::config::Config;

/// The program itself, its threads, what it reads at once.
const PROGRAM: u64 = 64 << 20;

/// Bytes, at most.
pub(super) fn of(config: &Config) -> u64 {
    PROGRAM.saturating_add(limits(config).worst_case_bytes()).saturating_add(Collector::worst_case_bytes(config))
}
