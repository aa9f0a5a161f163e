//! Tests of the reader as a whole, over files written by the test.

mod damage;
mod fixture;
mod gzip;
mod merge;
mod pcap;
mod pcapng;
mod shared_captures;
