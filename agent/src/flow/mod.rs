//! Flows: which packets belong together, what they carry, what they were when they end.

mod bare;
mod challenge;
mod connection;
mod datagrams;
mod half;
mod history;
mod index;
mod inspection;
mod key;
mod outcome;
mod recent;
mod shard;
mod table;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use inspection::Inspection;
#[cfg(test)]
pub(crate) use key::FlowKey;
pub(crate) use key::{Endpoint, shard_of, shard_of_mac};
pub(crate) use recent::{Recent, Stamp};
pub(crate) use shard::{Depth, Envelope, Seen, Shard, Way};
