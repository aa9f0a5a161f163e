//! Deflated data sets (PS3.5 annex A.5): only their beginning, so that a bomb stays small.

use super::dataset::{DataSet, Progress};
use flate2::{Decompress, FlushDecompress, Status};

/// Inflates a data set on its way to the reader.
pub(super) struct Inflate {
    stream: Decompress,
    finished: bool,
}

/// Bytes inflated at once, with room for all they can become: deflate makes at most 1032 bytes of one (258 of two
/// bits). With less room, what comes before damage would show or not by where segments end.
const STEP: usize = 3;
const ROOM: usize = 4096;

impl Inflate {
    /// Memory of one: the last 32 KiB, as deflated bytes refer to them, and tables.
    pub(super) const BYTES: usize = 44 * 1024;

    pub(super) fn new() -> Self {
        Self { stream: Decompress::new(false), finished: false }
    }

    /// Takes deflated bytes. The reader's own limit ends it: what it does not want is not inflated either.
    pub(super) fn push(&mut self, bytes: &[u8], into: &mut DataSet) -> Progress {
        let mut room = [0; ROOM];
        for mut step in bytes.chunks(STEP) {
            while !step.is_empty() && !self.finished {
                let (taken, made) = (self.stream.total_in(), self.stream.total_out());
                let status = self.stream.decompress(step, &mut room, FlushDecompress::None);
                let taken = usize::try_from(self.stream.total_in() - taken).unwrap_or(usize::MAX);
                let made = usize::try_from(self.stream.total_out() - made).unwrap_or(0);
                step = step.get(taken..).unwrap_or_default();
                let progress = into.push(room.get(..made).unwrap_or_default());
                if progress != Progress::More {
                    return progress;
                }
                match status {
                    Ok(Status::StreamEnd) => self.finished = true,
                    Ok(_) if taken > 0 || made > 0 => {}
                    Ok(_) | Err(_) => return Progress::Malformed,
                }
            }
        }
        if self.finished { Progress::Done } else { Progress::More }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dicom::{dataset::Kind, element::Syntax};
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::Write;

    #[test]
    fn of_a_bomb_no_more_is_inflated_than_is_read() {
        // A private value of 100 MB of zeros; as many attributes that are on the list, and empty.
        let value: &[u8] = b"\x09\0\x01\x10OB\0\0\0\0\0\x7f";
        let attributes = b"\x08\0\x70\0LO\0\0".repeat(125_000);
        for (head, megabyte) in [(value, &vec![0; 1_000_000]), (b"", &attributes)] {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            let mut deflate = |bytes: &[u8]| {
                encoder.write_all(bytes).unwrap();
                encoder.flush().unwrap();
                encoder.get_ref().len()
            };
            deflate(head);
            let (first, second) = (deflate(megabyte), deflate(megabyte));
            let deflated = encoder.finish().unwrap();
            // The second megabyte stands on the first, and so does any other.
            let bomb = [&deflated[..first], &deflated[first..second].repeat(99)].concat();
            assert!(bomb.len() < 1_000_000);
            let mut data_set = DataSet::default();
            data_set.begin(Kind::Equipment, Some(Syntax::ExplicitLittle));
            let mut inflate = Inflate::new();
            assert_eq!(inflate.push(&bomb, &mut data_set), Progress::Done);
            assert!(inflate.stream.total_out() <= 64 * 1024 + ROOM as u64);
        }
    }
}
