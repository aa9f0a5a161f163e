//! What was read lately, to tell an honest retransmission from different data under the same sequence numbers.

use crate::protocol::Side;
use std::ops::Range;

/// The last bytes that parsers of a shard were given, whichever flow they belong to: a fixed ring, so that watching for
/// conflicts costs no memory per flow. What has left the ring cannot be compared any more.
#[derive(Default)]
pub(crate) struct History {
    /// Empty or of [`Self::CAPACITY`]: a shard without streams needs none.
    bytes: Vec<u8>,
    /// At most [`Self::RUNS`]; the next one takes the place of the oldest.
    runs: Vec<Run>,
    oldest: usize,
    /// Bytes ever written.
    written: u64,
}

struct Run {
    /// Generation of the flow: slots are used again, and devices that restart choose the same sequence numbers again.
    flow: u32,
    side: Side,
    sequence: u32,
    length: u32,
    /// Bytes written before it.
    start: u64,
}

impl History {
    /// Bytes a shard remembers.
    const CAPACITY: usize = 32 * 1024;

    /// Runs a shard remembers: what has to be searched when bytes come again.
    const RUNS: usize = 256;

    /// Longest run remembered of one segment.
    const LONGEST: usize = 2 * 1024;

    /// Remembers what was handed to a parser.
    pub(crate) fn remember(&mut self, flow: u32, side: Side, sequence: u32, bytes: &[u8]) {
        let bytes = bytes.get(..Self::LONGEST).unwrap_or(bytes);
        if self.bytes.is_empty() {
            self.bytes.resize(Self::CAPACITY, 0);
            self.runs.reserve_exact(Self::RUNS);
        }
        let start = self.written;
        let (before_end, behind) = Self::parts(start, bytes.len());
        let (first, second) = bytes.split_at(before_end.len());
        for (place, part) in [(before_end, first), (behind, second)] {
            if let Some(place) = self.bytes.get_mut(place) {
                place.copy_from_slice(part);
            }
        }
        self.written += bytes.len() as u64;
        let run = Run { flow, side, sequence, length: u32::try_from(bytes.len()).unwrap_or(0), start };
        if self.runs.len() < Self::RUNS {
            self.runs.push(run);
        } else if let Some(oldest) = self.runs.get_mut(self.oldest) {
            *oldest = run;
            self.oldest = (self.oldest + 1) % Self::RUNS;
        }
    }

    /// Whether bytes that came again differ from those remembered under the same sequence numbers.
    pub(crate) fn contradicts(&self, flow: u32, side: Side, sequence: u32, bytes: &[u8]) -> bool {
        let since = self.written.saturating_sub(Self::CAPACITY as u64);
        let mut runs = self.runs.iter().filter(|run| run.flow == flow && run.side == side && run.start >= since);
        runs.any(|run| self.run_contradicts(run, sequence, bytes))
    }

    fn run_contradicts(&self, run: &Run, sequence: u32, bytes: &[u8]) -> bool {
        let offset = sequence.wrapping_sub(run.sequence).cast_signed();
        let skip = |n: i32| n.unsigned_abs() as usize;
        let (in_run, in_bytes) = if offset >= 0 { (skip(offset), 0) } else { (0, skip(offset)) };
        let Some(rest) = (run.length as usize).checked_sub(in_run) else { return false };
        let (before_end, behind) = Self::parts(run.start + in_run as u64, rest);
        let part = |place| self.bytes.get(place).unwrap_or_default();
        let known = part(before_end).iter().chain(part(behind));
        known.zip(bytes.get(in_bytes..).unwrap_or_default()).any(|(a, b)| a != b)
    }

    /// Where in the ring bytes lie of which so many were written before: up to its end, and from its beginning.
    fn parts(start: u64, length: usize) -> (Range<usize>, Range<usize>) {
        let start = usize::try_from(start % Self::CAPACITY as u64).unwrap_or(0);
        let end = start + length;
        (start..end.min(Self::CAPACITY), 0..end.saturating_sub(Self::CAPACITY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_again_agree_and_others_do_not_wherever_they_overlap() {
        let mut history = History::default();
        history.remember(1, Side::A, 100, b"abcdef");
        history.remember(2, Side::A, 100, b"uvwxyz");
        assert!(!history.contradicts(1, Side::A, 100, b"abcdef"));
        assert!(!history.contradicts(1, Side::A, 98, b"??abc"));
        assert!(!history.contradicts(1, Side::A, 104, b"ef!!"));
        assert!(history.contradicts(1, Side::A, 104, b"eg"));
        assert!(history.contradicts(1, Side::A, 98, b"??abX"));
        assert!(!history.contradicts(1, Side::B, 100, b"ABCDEF"));
        assert!(!history.contradicts(1, Side::A, 300, b"ABCDEF"));
    }

    #[test]
    fn the_ring_is_bounded_and_forgets_the_oldest() {
        let mut history = History::default();
        history.remember(1, Side::A, 0, b"first");
        assert!(history.contradicts(1, Side::A, 0, b"other"));
        for n in 0..10_000 {
            history.remember(2, Side::A, n * 100, &[7; 100]);
        }
        assert_eq!((history.bytes.len(), history.runs.len()), (History::CAPACITY, History::RUNS));
        assert!(!history.contradicts(1, Side::A, 0, b"other"));
        let known = |history: &History, n: u32| history.contradicts(2, Side::A, n * 5000, &[8; 10]);
        for n in 0..100 {
            history.remember(2, Side::A, n * 5000, &[7; 5000]);
        }
        // Of each no more than the longest run, and of those no more than the ring holds.
        assert!(known(&history, 99) && known(&history, 84) && !known(&history, 83));
        assert!(!history.contradicts(2, Side::A, 99 * 5000 + 2048, &[8; 10]));
    }

    #[test]
    fn bytes_that_go_round_the_end_of_the_ring_are_still_known() {
        let mut history = History::default();
        let text: Vec<u8> = (0..=255).collect();
        for n in 0..1000 {
            history.remember(n, Side::B, 7, text.get(..=usize::try_from(n % 200).unwrap()).unwrap());
            let length = usize::try_from(n % 200).unwrap();
            assert!(!history.contradicts(n, Side::B, 7, &text));
            let mut other = text.clone();
            *other.get_mut(length).unwrap() ^= 1;
            assert!(history.contradicts(n, Side::B, 7, &other));
        }
    }
}
