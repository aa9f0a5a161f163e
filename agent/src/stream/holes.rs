//! Where skipped bytes were not seen: only to count each byte once when they arrive late.

use super::distance;

/// Ranges of sequence numbers that were passed over, oldest first, at most [`Holes::MAX`]; the oldest is forgotten.
#[derive(Debug, Default)]
pub(super) struct Holes(Vec<(u32, u32)>);

impl Holes {
    const MAX: usize = 16;

    /// Remembers that `from..to` was passed over.
    pub(super) fn add(&mut self, from: u32, to: u32) {
        if self.0.len() == Self::MAX {
            self.0.remove(0);
        }
        self.0.push((from, to));
    }

    /// Closes what `from..to` covers; answers how many bytes that was.
    pub(super) fn fill(&mut self, from: u32, to: u32) -> u64 {
        let mut filled = 0;
        for (start, end) in std::mem::take(&mut self.0) {
            let left = if distance(start, from) > 0 { from } else { start };
            let right = if distance(to, end) > 0 { to } else { end };
            let covered = distance(left, right);
            if covered <= 0 {
                self.0.push((start, end));
                continue;
            }
            filled += u64::from(covered.unsigned_abs());
            for (start, end) in [(start, left), (right, end)] {
                if distance(start, end) > 0 {
                    self.0.push((start, end));
                }
            }
        }
        self.0.truncate(Self::MAX);
        filled
    }

    /// Bytes still missing.
    pub(super) fn missing(&self) -> u64 {
        self.0.iter().map(|(start, end)| u64::from(end.wrapping_sub(*start))).sum()
    }
}
