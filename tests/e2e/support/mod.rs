//! What every end-to-end test needs: a place to write, programs, the command, and a small network to watch.

pub(crate) mod command;
pub(crate) mod daemon;
pub(crate) mod devices;
pub(crate) mod http;
pub(crate) mod lab;
pub(crate) mod pcap;
pub(crate) mod process;
pub(crate) mod programs;
pub(crate) mod scratch;
pub(crate) mod shared;
pub(crate) mod sniffer;
pub(crate) mod wait;
