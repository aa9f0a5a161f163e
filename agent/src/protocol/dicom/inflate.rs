//! Deflated data sets (PS3.5 annex A.5): only their beginning, so that a bomb stays small.

use super::dataset::{DataSet, Progress};
use flate2::{Decompress, FlushDecompress, Status};

/// Inflates a data set on its way to the reader.
pub(super) struct Inflate {
    stream: Decompress,
    finished: bool,
}

/// Bytes inflated at once.
const CHUNK: usize = 4096;

impl Inflate {
    pub(super) fn new() -> Self {
        Self { stream: Decompress::new(false), finished: false }
    }

    /// Takes deflated bytes. The reader's own limit ends it: what it does not want is not inflated either.
    pub(super) fn push(&mut self, mut bytes: &[u8], into: &mut DataSet) -> Progress {
        let mut chunk = [0; CHUNK];
        while !self.finished {
            let (taken, made) = (self.stream.total_in(), self.stream.total_out());
            let Ok(status) = self.stream.decompress(bytes, &mut chunk, FlushDecompress::None) else {
                return Progress::Malformed;
            };
            let taken = usize::try_from(self.stream.total_in() - taken).unwrap_or(usize::MAX);
            let made = usize::try_from(self.stream.total_out() - made).unwrap_or(0);
            bytes = bytes.get(taken..).unwrap_or_default();
            let progress = into.push(chunk.get(..made).unwrap_or_default());
            if progress != Progress::More {
                return progress;
            }
            self.finished = status == Status::StreamEnd;
            if made == 0 && (bytes.is_empty() || taken == 0) {
                return Progress::More;
            }
        }
        Progress::Done
    }
}
