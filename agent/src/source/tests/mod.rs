//! Tests of the reader as a whole, over files written by the test.

mod fixture;
mod gzip;
mod merge;
mod pcap;
mod pcapng;
