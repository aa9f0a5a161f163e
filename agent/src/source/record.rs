//! What a pass over the buffer leaves behind: where the frames are, and why the pass ended.

use super::{Fault, LinkType};
use wardwatch_model::PacketTime;

/// Frames located in one pass. Few enough that they and their frames are still in the cache when they are used.
pub(super) const MAX_RECORDS: usize = 1024;

/// Where one frame lies in the buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) at: PacketTime,
    pub(super) start: usize,
    pub(super) len: u32,
    pub(super) wire_len: u32,
    pub(super) link: LinkType,
}

/// How a pass ended.
#[derive(Debug)]
pub(super) struct Scan {
    /// The first byte of the buffer that was not used up.
    pub(super) at: usize,
    pub(super) end: ScanEnd,
}

/// Why a pass ended.
#[derive(Debug)]
pub(super) enum ScanEnd {
    /// Enough frames were found.
    Full,
    /// From `Scan::at` on, so many bytes are needed to go on.
    Need(usize),
    /// The bytes at `Scan::at` cannot be what they should be; where the next packet begins is not known.
    Stop(Fault),
}

impl Scan {
    pub(super) const fn full(at: usize) -> Self {
        Self { at, end: ScanEnd::Full }
    }

    pub(super) const fn need(at: usize, bytes: usize) -> Self {
        Self { at, end: ScanEnd::Need(bytes) }
    }

    pub(super) const fn stop(at: usize, fault: Fault) -> Self {
        Self { at, end: ScanEnd::Stop(fault) }
    }
}
