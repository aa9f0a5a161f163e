//! The rules of framing and of messages as such (MLLP release 1 and 2; v2.5.1, 2.6), and how often a direction broke
//! them. Nothing that may have been lost on the way to us is held against its sender.

use crate::protocol::violated::Violated;
use wardwatch_model::{PacketTime, Violation};

/// Longest message that is nothing unusual, bytes: scanned documents in base64 come close.
pub(super) const MAX_MESSAGE: u64 = 10 << 20;

/// What a direction is held to.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// When the bytes at hand came.
    pub(super) now: PacketTime,
    /// Bytes were missed since the last start of a block.
    damaged: bool,
    block: Block,
    /// An end of block came and nothing after it.
    pub(super) ended: bool,
    /// The other side spoke after that end of block, so the capture did not end with it.
    outlived: bool,
    /// Bytes taken of the direction, up to the ones at hand.
    position: u64,
    /// Position of the message under way, behind its MSH-2.
    began: u64,
    /// The message was already told to have NUL bytes.
    has_nul: bool,
    /// The message was already told to be too long.
    is_long: bool,
    pub(super) violated: Violated,
}

/// What a block holds so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Block {
    /// There is none.
    #[default]
    Outside,
    Empty,
    Message,
    /// A batch, which has many messages (v2.5.1, 2.10.3).
    Batch,
}

impl Rules {
    fn accuse(&mut self, violation: Violation) {
        if !self.damaged {
            self.violated.note(violation, self.now);
        }
    }

    /// Bytes are missing here.
    pub(super) fn damage(&mut self) {
        (self.damaged, self.block, self.ended) = (true, Block::Outside, false);
    }

    /// All bytes at hand, so many, are taken.
    pub(super) fn pass(&mut self, count: usize) {
        self.position += count as u64;
    }

    /// The start of a block.
    pub(super) fn start_block(&mut self) {
        (self.damaged, self.block) = (false, Block::Empty);
    }

    /// The end of one.
    pub(super) fn end_block(&mut self) {
        (self.block, self.ended, self.outlived) = (Block::Outside, true, false);
    }

    /// The first byte behind the end of a block, which must be a carriage return. `wide`: in UTF-16, where a zero byte may
    /// stand between them.
    pub(super) fn behind_block(&mut self, byte: u8, wide: bool) {
        if wide && byte == 0 {
            return;
        }
        self.ended = false;
        if byte != b'\r' {
            self.accuse(Violation::MllpEnd);
        }
    }

    /// The other side speaks.
    pub(super) const fn listen(&mut self) {
        self.outlived = self.ended;
    }

    /// The connection is over, so nothing comes behind the end of its last block any more. Where nobody spoke after that, the
    /// carriage return may be what the capture just missed.
    pub(super) fn close(&mut self) {
        if self.ended && self.outlived {
            self.accuse(Violation::MllpEnd);
        }
    }

    /// The head of a message ends at `offset` from here.
    pub(super) fn begin_message(&mut self, offset: usize) {
        match self.block {
            Block::Outside => self.accuse(Violation::MllpStart),
            Block::Message => self.accuse(Violation::Hl7SecondHeader),
            Block::Empty => self.block = Block::Message,
            Block::Batch => {}
        }
        self.began = self.position + offset as u64;
        (self.has_nul, self.is_long) = (false, false);
    }

    /// The head of a batch or file.
    pub(super) fn begin_batch(&mut self) {
        if self.block != Block::Outside {
            self.block = Block::Batch;
        }
    }

    /// The message under way goes on up to `offset` from here, or ends there.
    pub(super) fn reach(&mut self, offset: usize) {
        if !self.is_long && (self.position + offset as u64).saturating_sub(self.began) > MAX_MESSAGE {
            self.is_long = true;
            self.accuse(Violation::Hl7Length);
        }
    }

    /// Bytes of the message under way, which is not in UTF-16.
    pub(super) fn look_for_nul(&mut self, bytes: &[u8]) {
        if !self.has_nul && memchr::memchr(0, bytes).is_some() {
            self.has_nul = true;
            self.accuse(Violation::Hl7Nul);
        }
    }
}
