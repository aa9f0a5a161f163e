//! The agent: capture, decode, flows, protocol parsers. It states facts and judges nothing.

pub mod checkup;
mod cut;
mod decode;
mod engine;
mod flow;
mod fragments;
mod ledger;
mod limits;
pub mod live;
pub mod protocol;
mod replay;
pub mod source;
mod stream;
mod tally;
#[cfg(test)]
mod testing;
mod text;

pub use cut::{Cut, Cuts, Uplink};
pub use engine::{Part, Passage, Worker, assemble};
pub use limits::{Limits, SHARDS};
pub use replay::{Plan, Replayed, replay, stream_of};
pub use tally::{CONDITIONS, COUNTERS, Counter, LOSS_REASONS, Whole};
