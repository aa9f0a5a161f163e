//! The collector: judges what agents report.

mod analysis;
pub mod detect;
pub mod export;
mod identity;
mod judgement;
pub mod knowledge;
mod lifecycle;

pub mod store;
mod view;

pub use analysis::analyse;
pub use identity::{IdKey, Inventory};
pub use judgement::{Judgement, judge, judge_with_ids};
pub use view::{AgentView, Counters, FindingRecord, FindingState, StoreHealth, View};
