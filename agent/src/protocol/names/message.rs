//! A message in the form of DNS (RFC 1035, 4.1), without a copy. Pure.

use arrayvec::ArrayVec;

/// Most labels of a name that are told; those of the protocols here have six at most, reverse names of IPv6 34.
const MAX_LABELS: usize = 40;

/// Longest name, bytes (RFC 1035, 2.3.4), and most pointers in it.
const LONGEST_NAME: usize = 255;
const MAX_POINTERS: usize = 16;

/// Most questions and records read of a message.
const MAX_ENTRIES: usize = 256;

/// Bytes of the header (RFC 1035, 4.1.1): id, flags, four counts.
const HEADER: usize = 12;

/// Shortest question: the root, type, class. Shortest record: time to live and length, too.
const SHORTEST_QUESTION: usize = 5;
const SHORTEST_RECORD: usize = 11;

/// Types of records (RFC 1035, 3.2.2; RFC 3596; RFC 2782; RFC 1002, 4.2.1.3).
pub(super) const A: u16 = 1;
pub(super) const PTR: u16 = 12;
pub(super) const TXT: u16 = 16;
pub(super) const AAAA: u16 = 28;
pub(super) const NB: u16 = 32;
/// Of NetBIOS the status of a node; of DNS a service.
pub(super) const NBSTAT_OR_SRV: u16 = 33;
pub(super) const ANY: u16 = 255;

/// Bit of the flags: an answer (RFC 1035, 4.1.1).
const RESPONSE: u16 = 0x8000;

/// A name as its labels, which lie in the message.
pub(super) type Name<'a> = ArrayVec<&'a [u8], MAX_LABELS>;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Question,
    Answer,
    /// Of a query: what its sender is about to claim (RFC 6762, 8.1).
    Authority,
    Additional,
}

/// A question or a record.
pub(super) struct Entry<'a> {
    pub(super) section: Section,
    pub(super) name: Name<'a>,
    pub(super) kind: u16,
    /// Of a record; of a question nothing.
    pub(super) data: &'a [u8],
    /// Where in the message the data stands, for the names in it.
    pub(super) data_at: usize,
}

/// A message whose header makes sense.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    bytes: &'a [u8],
    flags: u16,
    counts: [u16; 4],
}

impl<'a> Message<'a> {
    /// Reads the header; none where it asks and tells nothing, or more than there is room for.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let [_, _, f1, f2, q1, q2, a1, a2, n1, n2, r1, r2] = *bytes.first_chunk::<HEADER>()?;
        let counts = [[q1, q2], [a1, a2], [n1, n2], [r1, r2]].map(u16::from_be_bytes);
        let [questions, records @ ..] = counts.map(usize::from);
        let least = questions * SHORTEST_QUESTION + records.iter().sum::<usize>() * SHORTEST_RECORD;
        (least > 0 && HEADER + least <= bytes.len()).then_some(Self {
            bytes,
            flags: u16::from_be_bytes([f1, f2]),
            counts,
        })
    }

    /// Whether it answers.
    pub(super) const fn is_response(&self) -> bool {
        self.flags & RESPONSE != 0
    }

    /// The kind of query.
    pub(super) const fn operation(&self) -> u16 {
        self.flags >> 11 & 0xf
    }

    /// How it went; 0 is well.
    pub(super) const fn result(&self) -> u16 {
        self.flags & 0xf
    }

    /// Hands out questions and records in order; answers whether all of them could be read.
    pub(super) fn each(&self, mut take: impl FnMut(&Entry<'a>)) -> bool {
        let mut at = HEADER;
        let mut left = MAX_ENTRIES;
        let sections = [Section::Question, Section::Answer, Section::Authority, Section::Additional];
        for (section, count) in sections.into_iter().zip(self.counts) {
            for _ in 0..count {
                let Some((entry, after)) = self.entry(section, at).filter(|_| left > 0) else { return left == 0 };
                take(&entry);
                at = after;
                left -= 1;
            }
        }
        true
    }

    fn entry(&self, section: Section, at: usize) -> Option<(Entry<'a>, usize)> {
        let (name, at) = self.name(at)?;
        let rest = self.bytes.get(at..)?;
        if section == Section::Question {
            let [k1, k2, _, _] = *rest.first_chunk()?;
            let kind = u16::from_be_bytes([k1, k2]);
            return Some((Entry { section, name, kind, data: &[], data_at: at }, at + 4));
        }
        // Type, class, time to live, length (RFC 1035, 4.1.3).
        let ([k1, k2, _, _, _, _, _, _, l1, l2], data) = rest.split_first_chunk()?;
        let (length, data_at) = (usize::from(u16::from_be_bytes([*l1, *l2])), at + 10);
        let kind = u16::from_be_bytes([*k1, *k2]);
        Some((Entry { section, name, kind, data: data.get(..length)?, data_at }, data_at + length))
    }

    /// The name at a place, and where it ends. A pointer leads to an earlier place (RFC 1035, 4.1.4), so this ends.
    pub(super) fn name(&self, mut at: usize) -> Option<(Name<'a>, usize)> {
        let mut labels = Name::new();
        let (mut earliest, mut end) = (at, None);
        let (mut length_left, mut pointers_left) = (LONGEST_NAME, MAX_POINTERS);
        loop {
            match *self.bytes.get(at)? {
                0 => return Some((labels, end.unwrap_or(at + 1))),
                length @ 1..=63 => {
                    let after = at + 1 + usize::from(length);
                    length_left = length_left.checked_sub(after - at)?;
                    // Of more labels only the first are told.
                    let _ = labels.try_push(self.bytes.get(at + 1..after)?);
                    at = after;
                }
                high @ 0xc0.. => {
                    let target = usize::from(u16::from_be_bytes([high & 0x3f, *self.bytes.get(at + 1)?]));
                    if target >= earliest {
                        return None;
                    }
                    pointers_left = pointers_left.checked_sub(1)?;
                    end.get_or_insert(at + 2);
                    (earliest, at) = (target, target);
                }
                _ => return None,
            }
        }
    }
}
