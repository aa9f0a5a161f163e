//! The agent: capture, decode, flows, protocol parsers. It states facts and judges nothing.

mod decode;
mod engine;
mod flow;
mod ledger;
mod limits;
pub mod protocol;
pub mod source;
mod stream;
mod tally;
#[cfg(test)]
mod testing;
mod text;

pub use engine::{Part, Worker, assemble};
pub use limits::{Limits, SHARDS};
pub use tally::LOSS_REASONS;
