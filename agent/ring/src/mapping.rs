//! The memory of a ring, as the kernel and this process see it both.

use crate::{
    RingError,
    layout::{USER, block},
};
use std::{
    os::fd::{AsRawFd, OwnedFd},
    ptr::{self, NonNull},
    sync::atomic::{AtomicU32, Ordering},
};

/// Blocks of equal length, one after the other.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    block_len: usize,
    blocks: usize,
}

// SAFETY: the memory belongs to the mapping alone, is not tied to the thread that made it, and is only reached through it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps the ring that was set up on a socket with this shape.
    pub(crate) fn new(socket: &OwnedFd, block_len: usize, blocks: usize) -> Result<Self, RingError> {
        const STEP: &str = "map the ring";
        let length = block_len.checked_mul(blocks).filter(|_| block_len >= block::LENGTH);
        let Some(length) = length else {
            return Err(RingError::new(STEP, std::io::ErrorKind::InvalidInput.into()));
        };
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: the kernel chooses the place, so no memory in use is replaced; the descriptor is open as long as it is borrowed.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, socket.as_raw_fd(), 0) };
        match NonNull::new(start.cast::<u8>()) {
            Some(place) if start != libc::MAP_FAILED => Ok(Self { start: place, block_len, blocks }),
            _ => Err(RingError::last(STEP)),
        }
    }

    pub(crate) const fn blocks(&self) -> usize {
        self.blocks
    }

    /// The bytes of a block, if it is ours. They stay ours until [`Self::hand_back`], which needs the mapping for itself
    /// alone, so that nobody looks at them then.
    pub(crate) fn block(&self, index: usize) -> Option<&[u8]> {
        let start = self.place(index)?;
        if self.status(start).load(Ordering::Acquire) & USER == 0 {
            return None;
        }
        // SAFETY: `place` is the start of `block_len` bytes inside of the mapping, which lives as long as `self` is borrowed.
        // The kernel does not write to a block while its status says USER, which was read before (Acquire pairs with its
        // barrier), and this process writes to it only in `hand_back`, for which nothing may be borrowed.
        Some(unsafe { std::slice::from_raw_parts(start.as_ptr(), self.block_len) })
    }

    /// Gives a block to the kernel, which fills it anew.
    pub(crate) fn hand_back(&mut self, index: usize) {
        if let Some(start) = self.place(index) {
            self.status(start).store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
    }

    /// Where a block begins.
    fn place(&self, index: usize) -> Option<NonNull<u8>> {
        if index >= self.blocks {
            return None;
        }
        // SAFETY: `index` is less than `blocks`, so the place is inside of the `blocks * block_len` bytes that are mapped.
        Some(unsafe { self.start.add(index * self.block_len) })
    }

    /// The word by which the block that begins at a place of [`Self::place`] changes hands.
    #[allow(clippy::cast_ptr_alignment, reason = "blocks begin at a page, and the word at a multiple of 4 in it")]
    fn status(&self, start: NonNull<u8>) -> &AtomicU32 {
        // SAFETY: a block is at least as long as its descriptor, in which the word stands.
        let word = unsafe { start.add(block::STATUS) };
        // SAFETY: the word is mapped as long as `self` is borrowed, aligned (blocks are whole pages), and while kernel and
        // process share it, both change it in one piece.
        unsafe { AtomicU32::from_ptr(word.as_ptr().cast()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: start and length are those that were mapped, and nothing borrows from `self` any longer. What it answers
        // makes no difference: there is nothing left to do.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.block_len * self.blocks) };
    }
}
