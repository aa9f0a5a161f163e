//! What was passed over without being seen: to count each byte once should it still arrive, and what never came.

/// Ranges of the stream that were passed over, at most [`Holes::MAX`]; the oldest is forgotten. Counted from the start of
/// the stream, as sequence numbers come round again.
#[derive(Debug, Default)]
pub(super) struct Holes {
    holes: Vec<Hole>,
    /// Bytes that nobody reads in holes that were forgotten.
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    from: u64,
    to: u64,
    /// In a direction that nobody reads: no gap was told when it was passed over.
    unread: bool,
}

impl Hole {
    const fn unread_bytes(&self) -> u64 {
        if self.unread { self.to - self.from } else { 0 }
    }
}

impl Holes {
    /// As many as a burst of twice as many segments in any order can leave open at once: a byte that comes after its hole was
    /// forgotten is not counted.
    const MAX: usize = 64;

    /// Memory it takes beyond itself, bytes.
    pub(super) const fn memory(&self) -> usize {
        self.holes.capacity() * size_of::<Hole>()
    }

    /// Remembers that `from..to` was passed over.
    pub(super) fn add(&mut self, from: u64, to: u64, unread: bool) {
        if from < to {
            self.holes.push(Hole { from, to, unread });
            self.forget_oldest();
        }
    }

    /// Closes what `from..to` covers; answers how many bytes that was.
    pub(super) fn fill(&mut self, from: u64, to: u64) -> u64 {
        let mut filled = 0;
        let mut index = 0;
        while let Some(hole) = self.holes.get_mut(index) {
            let (left, right) = (from.max(hole.from), to.min(hole.to));
            if left >= right {
                index += 1;
                continue;
            }
            filled += right - left;
            let rest = Hole { from: right, ..*hole };
            hole.to = left;
            match (hole.from < left, right < rest.to) {
                (true, true) => self.holes.insert(index + 1, rest),
                (false, true) => *hole = rest,
                (true, false) => {}
                (false, false) => {
                    self.holes.remove(index);
                    continue;
                }
            }
            index += 1;
        }
        self.forget_oldest();
        filled
    }

    /// Bytes that never came in a direction that nobody reads.
    pub(super) fn unread(&self) -> u64 {
        self.forgotten + self.holes.iter().map(Hole::unread_bytes).sum::<u64>()
    }

    /// Forgets every hole: nothing will arrive there any more.
    pub(super) fn clear(&mut self) {
        self.forgotten = self.unread();
        self.holes.clear();
    }

    fn forget_oldest(&mut self) {
        if self.holes.len() > Self::MAX {
            self.forgotten += self.holes.remove(0).unread_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_bytes_fill_a_hole_once_from_either_end_and_in_the_middle() {
        let mut holes = Holes::default();
        holes.add(100, 200, true);
        assert_eq!(holes.fill(0, 110), 10);
        assert_eq!(holes.fill(190, 300), 10);
        assert_eq!(holes.fill(140, 150), 10);
        assert_eq!(holes.unread(), 70);
        assert_eq!(holes.fill(0, 1000), 70);
        assert_eq!((holes.fill(0, 1000), holes.unread()), (0, 0));
    }

    #[test]
    fn a_forgotten_hole_still_counts_where_nobody_read() {
        let mut holes = Holes::default();
        for n in 0..100 {
            holes.add(n * 10, n * 10 + 3, n % 2 == 0);
        }
        assert_eq!((holes.holes.len(), holes.unread()), (Holes::MAX, 150));
        assert_eq!(holes.fill(985, 988), 0);
        holes.clear();
        assert_eq!((holes.holes.len(), holes.unread()), (0, 150));
    }

    #[test]
    fn splitting_holes_does_not_pass_the_limit() {
        let mut holes = Holes::default();
        holes.add(0, 1000, true);
        for n in 0..100 {
            assert_eq!(holes.fill(n * 10 + 5, n * 10 + 6), 1);
        }
        assert!(holes.holes.len() <= Holes::MAX);
        assert_eq!(holes.unread(), 900);
    }
}
