//! "First light": half a minute of a small hospital, with one of each thing that is easy to get wrong.
//!
//! A CT asks for its worklist, stores slices and reports its procedure step; an ultrasound device stores an image. The
//! archive passes their images on, and one of a scanner that is gone: none of these makes the archive a scanner. A
//! workstation calls an archive of the past and is rejected. A gateway speaks for two monitors, a pump for itself, a
//! laboratory system leaves the start character out, admissions are never answered. Something is encrypted, something
//! comes from another network, something is not medical at all.

pub mod hosts;
mod imaging;
mod others;
mod patients;
pub mod truth;
mod wards;

pub use truth::truth;

use crate::capture::{Packet, Pcap, merge};

/// 2026-03-02T08:00:00Z.
const BEGIN: u64 = 1_772_438_400_000_000_000;

/// Milliseconds into the scenario, as the time of a packet.
const fn at(milliseconds: u64) -> u64 {
    BEGIN + milliseconds * 1_000_000
}

/// The packets in the order of their time.
pub fn packets() -> Vec<Packet> {
    let all = [others::conversations(), imaging::conversations(), wards::conversations()];
    merge(all.into_iter().flatten())
}

/// The capture as a file.
pub fn pcap() -> Vec<u8> {
    Pcap::default().file(&packets())
}
