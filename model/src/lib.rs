//! The vocabulary that agent and collector share: time, addresses, observations, devices. No behaviour beyond merging
//! and writing.

mod time;

pub use time::{PacketTime, Seen};
