//! A direction with a reader that writes down what it is told.

use crate::stream::{Astray, Reader, Reassembly, Segment};
use wardwatch_model::PacketTime;

pub(super) const SECOND: u64 = 1_000_000_000;

/// Bytes that tell where they stand.
pub(super) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from((n * 31 + n / 256 * 7) % 251).unwrap()).collect()
}

/// What a reader was told.
#[derive(Default)]
pub(super) struct Log {
    told: Vec<Told>,
    pub(super) gaps: u64,
    pub(super) conflicts: usize,
    pub(super) strays: u64,
    pub(super) astray: Vec<Astray>,
    pub(super) repeated: Vec<(u32, Vec<u8>)>,
    /// Whether the last bytes came from a joined direction.
    pub(super) joined: bool,
    /// What to answer to the next bytes, and then to all.
    pub(super) skip: u64,
}

enum Told {
    Bytes(u32, Vec<u8>),
    Gap(u64),
}

impl Reader for Log {
    fn data(&mut self, sequence: u32, bytes: &[u8], joined: bool) -> u64 {
        assert!(!bytes.is_empty());
        self.told.push(Told::Bytes(sequence, bytes.to_vec()));
        self.joined = joined;
        self.skip
    }

    fn gap(&mut self, missing: u64) {
        self.told.push(Told::Gap(missing));
        self.gaps += missing;
    }

    fn repeated(&mut self, sequence: u32, bytes: &[u8]) {
        self.repeated.push((sequence, bytes.to_vec()));
    }

    fn conflict(&mut self) {
        self.conflicts += 1;
    }

    fn astray(&mut self, how: Astray) {
        self.astray.push(how);
    }

    fn stray(&mut self, count: u32) {
        self.strays += u64::from(count);
    }
}

impl Log {
    /// Pieces of bytes and where they stand in the stream.
    pub(super) fn pieces(&self, first: u32) -> impl Iterator<Item = (usize, &[u8])> {
        self.told.iter().filter_map(move |told| match told {
            Told::Bytes(sequence, bytes) => Some((sequence.wrapping_sub(first) as usize, &bytes[..])),
            Told::Gap(_) => None,
        })
    }
}

/// A direction under test.
pub(super) struct Direction {
    pub(super) stream: Reassembly,
    pub(super) log: Log,
    pub(super) now: u64,
    /// Sequence number of the first byte.
    pub(super) first: u32,
}

impl Direction {
    /// One of which nothing was seen.
    pub(super) fn unseen() -> Self {
        Self { stream: Reassembly::default(), log: Log::default(), now: 0, first: 0 }
    }

    /// One whose SYN was seen.
    pub(super) fn open(initial: u32) -> Self {
        let mut direction = Self { first: initial.wrapping_add(1), ..Self::unseen() };
        assert!(direction.syn(initial));
        direction
    }

    /// A SYN that opens a connection; answers whether it is this one's.
    pub(super) fn syn(&mut self, initial: u32) -> bool {
        let own = self.stream.owns_syn(initial, true);
        if own {
            self.stream.syn(initial, &mut self.log);
        }
        own
    }

    /// As [`Self::syn`], of the answer to a SYN.
    pub(super) fn syn_ack(&mut self, initial: u32) -> bool {
        let own = self.stream.owns_syn(initial, false);
        if own {
            self.stream.syn(initial, &mut self.log);
        }
        own
    }

    pub(super) fn data(&mut self, sequence: u32, text: &str) {
        self.cut(sequence, text, 0);
    }

    /// Data so many bytes after the first.
    pub(super) fn after(&mut self, offset: u32, text: &str) {
        self.data(self.first.wrapping_add(offset), text);
    }

    pub(super) fn cut(&mut self, sequence: u32, text: &str, missing: u32) {
        self.segment(sequence, text.as_bytes(), missing);
    }

    pub(super) fn bytes(&mut self, sequence: u32, payload: &[u8]) {
        self.segment(sequence, payload, 0);
    }

    pub(super) fn segment(&mut self, sequence: u32, payload: &[u8], missing: u32) {
        let segment = Segment { sequence, payload, missing, at: PacketTime(self.now) };
        self.stream.segment(segment, &mut self.log);
    }

    pub(super) fn fin(&mut self, sequence: u32) {
        self.stream.fin(sequence);
    }

    pub(super) fn finish(&mut self) {
        self.stream.finish(&mut self.log);
    }

    pub(super) fn acknowledged(&mut self, acknowledgement: u32) {
        self.stream.acknowledged(acknowledgement, &mut self.log);
    }

    /// What the reader was told, in words.
    pub(super) fn told(&self) -> String {
        let word = |told: &Told| match told {
            Told::Bytes(_, bytes) => bytes.iter().map(|byte| char::from(*byte)).collect(),
            Told::Gap(missing) => format!("<{missing}>"),
        };
        self.log.told.iter().map(word).collect()
    }
}
