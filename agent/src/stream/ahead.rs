//! Data that arrived ahead of a hole, waiting for it to close.

use super::{distance, length};
use std::collections::VecDeque;
use wardwatch_model::PacketTime;

/// Pieces ahead of the next byte, in order, never overlapping.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    pieces: VecDeque<Piece>,
    /// Memory of the pieces, bytes.
    stored: usize,
    /// Since when the hole in front of the first piece does not get smaller.
    pub(super) since: PacketTime,
}

/// A run of bytes: captured ones, then ones that the capture cut off.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) sequence: u32,
    pub(super) bytes: Box<[u8]>,
    pub(super) missing: u32,
}

impl Piece {
    fn end(&self) -> u32 {
        self.sequence.wrapping_add(length(&self.bytes)).wrapping_add(self.missing)
    }

    /// Memory it takes. A piece of one byte takes far more than that byte, and an attacker may send nothing else.
    fn stored(&self) -> usize {
        self.bytes.len() + Ahead::PIECE_BYTES
    }
}

impl Ahead {
    /// Most memory one direction takes for pieces, bytes.
    pub(super) const MAX_BYTES: usize = 256 * 1024;
    /// Most pieces one direction keeps aside.
    pub(super) const MAX_PIECES: usize = 512;
    /// Memory of a piece beside its bytes: its place in the queue, which may be half empty, and its allocation.
    const PIECE_BYTES: usize = 3 * size_of::<Piece>();

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.stored > Self::MAX_BYTES || self.pieces.len() > Self::MAX_PIECES
    }

    pub(super) const fn stored(&self) -> usize {
        self.stored
    }

    /// Sequence number of the first piece.
    pub(super) fn first(&self) -> Option<u32> {
        self.pieces.front().map(|piece| piece.sequence)
    }

    /// Sequence number of the last piece.
    pub(super) fn last(&self) -> Option<u32> {
        self.pieces.back().map(|piece| piece.sequence)
    }

    /// Takes the first piece out.
    pub(super) fn pop(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.stored -= piece.stored();
        Some(piece)
    }

    /// Keeps what no earlier piece covers, first data wins; answers whether repeated bytes differed.
    pub(super) fn insert(&mut self, mut sequence: u32, mut bytes: &[u8], mut missing: u32) -> bool {
        let mut conflict = false;
        let mut index = self.pieces.partition_point(|piece| distance(piece.end(), sequence) >= 0);
        while let Some(piece) = self.pieces.get(index) {
            if bytes.is_empty() && missing == 0 {
                return conflict;
            }
            let (start, end) = (piece.sequence, piece.end());
            let before = distance(sequence, start);
            if before > 0 {
                let free = before.unsigned_abs();
                let (head, head_missing) = take(&mut sequence, &mut bytes, &mut missing, free);
                self.place(index, start.wrapping_sub(free), head, head_missing);
                index += 1;
                continue;
            }
            // Overlap: compare what both have, then pass over it.
            let covered = distance(sequence, end).unsigned_abs();
            let offset = usize::try_from(distance(start, sequence).unsigned_abs()).unwrap_or(usize::MAX);
            let known = piece.bytes.get(offset..).unwrap_or_default();
            conflict |=
                known.iter().zip(bytes).take(usize::try_from(covered).unwrap_or(usize::MAX)).any(|(a, b)| a != b);
            take(&mut sequence, &mut bytes, &mut missing, covered);
            index += 1;
        }
        self.place(index, sequence, bytes, missing);
        conflict
    }

    /// Whether bytes differ from those that wait under the same sequence numbers.
    pub(super) fn contradicts(&self, sequence: u32, bytes: &[u8]) -> bool {
        let skip = |count: i32| usize::try_from(count).unwrap_or(0);
        self.pieces.iter().any(|piece| {
            let offset = distance(piece.sequence, sequence);
            let known = piece.bytes.get(skip(offset)..).unwrap_or_default();
            let again = bytes.get(skip(offset.saturating_neg())..).unwrap_or_default();
            known.iter().zip(again).any(|(a, b)| a != b)
        })
    }

    fn place(&mut self, index: usize, sequence: u32, bytes: &[u8], missing: u32) {
        if !bytes.is_empty() || missing > 0 {
            let piece = Piece { sequence, bytes: bytes.into(), missing };
            self.stored += piece.stored();
            self.pieces.insert(index, piece);
        }
    }
}

/// Takes up to `count` bytes off the front of a segment.
fn take<'a>(sequence: &mut u32, bytes: &mut &'a [u8], missing: &mut u32, count: u32) -> (&'a [u8], u32) {
    let captured = count.min(length(bytes));
    let (head, tail) = bytes.split_at(usize::try_from(captured).unwrap_or(0));
    let cut = (count - captured).min(*missing);
    *bytes = tail;
    *missing -= cut;
    *sequence = sequence.wrapping_add(captured).wrapping_add(cut);
    (head, cut)
}
