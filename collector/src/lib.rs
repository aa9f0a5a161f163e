//! The collector: judges what agents report.

mod analysis;
mod collector;
pub mod detect;
mod explanation;
pub mod export;
mod findings;
mod identity;
pub mod import;
mod ingest;
mod judgement;
pub mod knowledge;
mod known;
mod lifecycle;
pub mod metrics;
mod reading;
pub mod store;
mod tables;
#[cfg(test)]
mod testing;
mod view;
mod visibility;
pub mod web;

pub use analysis::analyse;
pub use collector::{Collector, StartError};
pub use explanation::{ExplainError, Explanation, explain};
pub use identity::{IdKey, Inventory, Premise, Reason};
pub use ingest::{IngestError, Receipt};
pub use judgement::{Judgement, judge};
pub use view::{AgentView, Counters, FindingRecord, FindingState, StoreHealth, View};
