//! The window on a file that is looked at: one reused block of bytes.

use super::input::Input;
use std::io;

/// Bytes read at once from a file that is being read. Measured: a block that stays in a core's second-level cache until
/// its frames are decoded is a tenth faster than one of 1 MiB.
pub(super) const BLOCK: usize = 256 * 1024;
/// Bytes read of a file to see when its first frame was.
pub(super) const PROBE: usize = 16 * 1024;

/// Bytes of a file, from `base` on. Those before `start` are used up; the rest moves to the front when more is read.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
    base: u64,
}

impl Buffer {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], start: 0, filled: 0, base: 0 }
    }

    /// All that was read and is still here, used up or not.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// What is not used up.
    pub(super) fn unused(&self) -> &[u8] {
        self.bytes.get(self.start..self.filled).unwrap_or_default()
    }

    /// The index in `bytes` of the first byte that is not used up.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Where in the (decompressed) file `bytes` begins.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// Where in the (decompressed) file the first byte is that is not used up.
    pub(super) fn offset(&self) -> u64 {
        self.base.saturating_add(to_u64(self.start))
    }

    /// Uses up what lies before `start`.
    pub(super) fn use_up_to(&mut self, start: usize) {
        self.start = start.clamp(self.start, self.filled);
    }

    /// Makes room for reads of a whole block.
    pub(super) fn widen(&mut self) {
        self.grow(BLOCK);
    }

    /// Reads once, with room for at least `need` unused bytes. 0 at the end of the file.
    pub(super) fn refill(&mut self, input: &mut Input, need: usize) -> io::Result<usize> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.filled, 0);
            self.base = self.offset();
            self.filled -= self.start;
            self.start = 0;
        }
        if need > self.bytes.len() {
            self.grow(need.next_power_of_two());
        }
        let read = input.read(self.bytes.get_mut(self.filled..).unwrap_or_default())?;
        self.filled += read;
        Ok(read)
    }

    fn grow(&mut self, capacity: usize) {
        if capacity > self.bytes.len() {
            self.bytes.resize(capacity, 0);
        }
    }
}

fn to_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
