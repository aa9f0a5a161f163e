//! The collector: judges what agents report.

mod analysis;
pub mod export;
mod identity;
pub mod knowledge;

pub use analysis::analyse;
