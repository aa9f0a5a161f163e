//! The collector: judges what agents report.

mod analysis;
pub mod detect;
pub mod export;
mod identity;
mod judgement;
pub mod knowledge;
mod lifecycle;

mod view;

pub use analysis::analyse;
pub use identity::Inventory;
pub use judgement::{Judgement, judge};
pub use view::{AgentView, Counters, FindingRecord, FindingState, StoreHealth, View};
