//! What comes out of a file, line by line.

use super::Record;
use wardwatch_model::ImportProblem;

/// Most refusals that are told one by one; all are counted.
const MAX_PROBLEMS: usize = 20;

/// The collection that parsers fill.
pub(super) struct Lines {
    room: usize,
    read: Read,
}

/// What a file came to.
#[derive(Default)]
pub(super) struct Read {
    pub(super) records: Vec<Record>,
    pub(super) skipped: u64,
    pub(super) refused: u64,
    pub(super) problems: Vec<ImportProblem>,
}

impl Lines {
    /// With room for so many entries.
    pub(super) fn new(room: usize) -> Self {
        Self { room, read: Read::default() }
    }

    /// An entry that says something.
    pub(super) fn take(&mut self, record: Record) {
        if !record.said.names_one() {
            self.refuse(record.line, "neither a MAC address nor an IP address nor a network");
        } else if self.read.records.len() < self.room {
            self.read.records.push(record);
        } else {
            self.refuse(record.line, "more entries than there is room for");
        }
    }

    /// A line that says nothing of a device.
    pub(super) const fn skip(&mut self) {
        self.read.skipped += 1;
    }

    /// An entry that could not be read. The reason quotes nothing of it.
    pub(super) fn refuse(&mut self, line: u64, reason: &'static str) {
        self.read.refused += 1;
        if self.read.problems.len() < MAX_PROBLEMS {
            self.read.problems.push(ImportProblem { line, reason });
        }
    }

    /// What was read, equal entries once, by line.
    pub(super) fn finish(mut self) -> Read {
        let records = &mut self.read.records;
        records.sort_by(|a, b| (&a.said, a.line).cmp(&(&b.said, b.line)));
        records.dedup_by(|next, kept| {
            let is_same = next.said == kept.said;
            if is_same {
                kept.line = next.line;
                kept.seen = match (kept.seen, next.seen) {
                    (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
                    (known, other) => known.or(other),
                };
                // The later entry knows better how long it holds.
                kept.until = next.until;
            }
            is_same
        });
        records.sort_by_key(|record| record.line);
        self.read
    }
}
