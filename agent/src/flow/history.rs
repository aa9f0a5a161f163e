//! What was read lately, to tell an honest retransmission from different data under the same sequence numbers.

use crate::protocol::Side;
use std::collections::VecDeque;

/// The last bytes that parsers of a shard were given, whichever flow they belong to: a fixed ring, so that watching for
/// conflicts costs no memory per flow. What has left the ring cannot be compared any more.
#[derive(Default)]
pub(crate) struct History {
    bytes: VecDeque<u8>,
    runs: VecDeque<Run>,
}

struct Run {
    /// Generation of the flow: slots are used again, and devices that restart choose the same sequence numbers again.
    flow: u32,
    side: Side,
    sequence: u32,
    length: u32,
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
        while self.bytes.len() + bytes.len() > Self::CAPACITY || self.runs.len() >= Self::RUNS {
            let Some(oldest) = self.runs.pop_front() else { break };
            self.bytes.drain(..(oldest.length as usize).min(self.bytes.len()));
        }
        self.bytes.extend(bytes);
        self.runs.push_back(Run { flow, side, sequence, length: u32::try_from(bytes.len()).unwrap_or(0) });
    }

    /// Whether bytes that came again differ from those remembered under the same sequence numbers.
    pub(crate) fn contradicts(&self, flow: u32, side: Side, sequence: u32, bytes: &[u8]) -> bool {
        let mut start = 0;
        for run in &self.runs {
            if run.flow == flow && run.side == side && self.run_contradicts(run, start, sequence, bytes) {
                return true;
            }
            start += run.length as usize;
        }
        false
    }

    fn run_contradicts(&self, run: &Run, start: usize, sequence: u32, bytes: &[u8]) -> bool {
        let offset = sequence.wrapping_sub(run.sequence).cast_signed();
        let skip = |n: i32| n.unsigned_abs() as usize;
        let (in_run, in_bytes) = if offset >= 0 { (skip(offset), 0) } else { (0, skip(offset)) };
        let Some(rest) = (run.length as usize).checked_sub(in_run) else { return false };
        let known = self.bytes.iter().skip(start + in_run).take(rest);
        known.zip(bytes.get(in_bytes..).unwrap_or_default()).any(|(a, b)| a != b)
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
        for n in 0..10_000 {
            history.remember(2, Side::A, n * 100, &[7; 100]);
        }
        assert_eq!((history.bytes.len(), history.runs.len()), (History::RUNS * 100, History::RUNS));
        assert!(!history.contradicts(1, Side::A, 0, b"other"));
        for n in 0..100 {
            history.remember(2, Side::A, n * 5000, &[7; 5000]);
        }
        assert_eq!((history.bytes.len(), history.runs.len()), (History::CAPACITY, 16));
    }
}
