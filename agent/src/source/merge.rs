//! Several files as one sequence, by packet time.
//!
//! A file keeps its own order, even where its time goes backwards. Files are ranked by the time of their first frame,
//! then by their place on the command line; the next frame is always that of the file whose own next frame is the
//! earliest, at equal times of the lower rank. So a capture split in two reads like the whole, in whatever order the
//! parts are named.
//!
//! A file is open only from its first frame to its last: a day in a thousand files needs neither a thousand buffers
//! nor a thousand file descriptors. To rank it, it is opened for a moment; what can be read only once stays open.

use super::reader::{Pace, Reader};
use super::{Batch, SourceError};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::{Path, PathBuf};
use wardwatch_model::PacketTime;

/// Capture files, read as one.
pub struct Captures {
    /// By rank; `None` where a file waits or has ended.
    reading: Vec<Option<Reader>>,
    /// The next frames of the files that are being read.
    heads: BinaryHeap<Reverse<Head>>,
    /// Files whose first frame is still to come, in the order of that frame.
    waiting: VecDeque<Waiting>,
    /// The file whose frames are handed out; its next frame is not in `heads`.
    current: Option<usize>,
    errors: Vec<SourceError>,
    consumed: u64,
    total: u64,
}

/// When the next frame of a file is. Ordered as the frames of different files are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    at: PacketTime,
    rank: usize,
}

struct Waiting {
    head: Head,
    path: PathBuf,
    size: u64,
    /// Open, where it cannot be opened twice.
    open: Option<Reader>,
}

impl Captures {
    /// Opens the files. Those of which nothing can be read are in the errors; the others are read all the same.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> (Self, Vec<SourceError>) {
        let mut waiting = Vec::new();
        let mut errors = Vec::new();
        for path in paths {
            match probe(path.as_ref()) {
                Ok(file) => waiting.extend(file),
                Err(error) => errors.push(error),
            }
        }
        // A stable sort: at equal times, the place on the command line decides.
        waiting.sort_by_key(|file| file.head.at);
        for (rank, file) in waiting.iter_mut().enumerate() {
            file.head.rank = rank;
        }
        let captures = Self {
            reading: waiting.iter().map(|_| None).collect(),
            heads: BinaryHeap::with_capacity(waiting.len()),
            current: None,
            errors: Vec::new(),
            consumed: waiting.iter().filter_map(|file| file.open.as_ref()).map(|open| open.input().taken()).sum(),
            total: waiting.iter().map(|file| file.size).sum(),
            waiting: waiting.into(),
        };
        (captures, errors)
    }

    /// The next run of frames, all from the buffer of one file, in the merged order; `None` at the end.
    pub fn next_batch(&mut self) -> Option<Batch<'_>> {
        if let Some(rank) = self.current.take() {
            self.go_on(rank);
        }
        while let Some(file) = self.waiting.front()
            && self.heads.peek().is_none_or(|Reverse(head)| file.head < *head)
        {
            self.start_next();
        }
        let Reverse(head) = self.heads.pop()?;
        let limit = [self.heads.peek().map(|Reverse(head)| *head), self.waiting.front().map(|file| file.head)]
            .into_iter()
            .flatten()
            .min();
        self.current = Some(head.rank);
        let reader = self.reading.get_mut(head.rank)?.as_mut()?;
        let (bytes, records) = match limit {
            None => reader.run(|_| false),
            Some(limit) => reader.run(|at| limit < Head { at, rank: head.rank }),
        };
        Some(Batch { bytes, records, bytes_read: self.consumed })
    }

    /// Errors met on the way since the last call, at most one for each file; none for clean files.
    pub fn take_errors(&mut self) -> Vec<SourceError> {
        std::mem::take(&mut self.errors)
    }

    /// Bytes of the files (compressed where they are) consumed so far and in all; of a pipe, those that have come.
    pub fn progress(&self) -> (u64, u64) {
        (self.consumed, self.total.max(self.consumed))
    }

    /// Opens the file that waits in front.
    fn start_next(&mut self) {
        let Some(file) = self.waiting.pop_front() else { return };
        let reader = match file.open {
            Some(open) => open,
            None => match Reader::open(&file.path, Pace::Read) {
                Ok(reader) => {
                    self.consumed = self.consumed.saturating_add(reader.input().taken());
                    reader
                }
                Err(error) => {
                    self.consumed = self.consumed.saturating_add(file.size);
                    self.errors.push(error);
                    return;
                }
            },
        };
        if let Some(slot) = self.reading.get_mut(file.head.rank) {
            slot.insert(reader).speed_up();
            self.go_on(file.head.rank);
        }
    }

    /// Finds the next frame of a file, or closes the file at its end.
    fn go_on(&mut self, rank: usize) {
        let Some(slot) = self.reading.get_mut(rank) else { return };
        let Some(reader) = slot else { return };
        let before = reader.input().taken();
        if let Some(at) = reader.head() {
            self.consumed = self.consumed.saturating_add(reader.input().taken() - before);
            self.heads.push(Reverse(Head { at, rank }));
            return;
        }
        // What lies behind the end of the readable part is done with, too.
        self.consumed = self.consumed.saturating_add(reader.input().size() - before);
        self.errors.extend(reader.take_error());
        *slot = None;
    }
}

/// When the first frame of a file is; `None` for a file without frames.
fn probe(path: &Path) -> Result<Option<Waiting>, SourceError> {
    let mut reader = Reader::open(path, Pace::Probe)?;
    let Some(at) = reader.head() else {
        return reader.take_error().map_or(Ok(None), Err);
    };
    let regular = reader.input().is_regular();
    let size = if regular { reader.input().size() } else { 0 };
    let open = if regular { None } else { Some(reader) };
    Ok(Some(Waiting { head: Head { at, rank: 0 }, path: path.to_owned(), size, open }))
}
