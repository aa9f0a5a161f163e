//! The bytes of a file, unpacked where it is gzip, with a count of what was taken from the disk.

use super::Fault;
use super::detect::GZIP;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, ErrorKind, Read};
use std::path::Path;

/// Compressed bytes asked of the operating system at once.
const COMPRESSED_BLOCK: usize = 128 * 1024;
/// Decompressed bytes asked of the decoder at once. What it unpacked before it meets damage is lost with the call
/// that meets it, so the calls are small.
const UNPACK_STEP: usize = 8 * 1024;

/// The first bytes, read to tell gzip from plain, then the rest: a pipe cannot be read twice.
type Rewound = Chain<Cursor<Vec<u8>>, Counted>;

/// An open file.
pub(super) struct Input {
    stream: Stream,
    /// Met after bytes that were still good; told by the next read.
    failed: Option<io::Error>,
}

enum Stream {
    Plain(Rewound),
    Gzip(Box<MultiGzDecoder<BufReader<Rewound>>>),
}

struct Counted {
    file: File,
    /// Bytes of a file on disk; 0 where it is not known.
    size: u64,
    regular: bool,
    taken: u64,
}

impl Input {
    /// Opens and looks at the first two bytes. Of a named pipe, waits for its writer.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path).map_err(Fault::Unreadable)?;
        let meta = file.metadata().map_err(Fault::Unreadable)?;
        if meta.is_dir() {
            return Err(Fault::Directory);
        }
        let regular = meta.is_file();
        let mut counted = Counted { file, size: if regular { meta.len() } else { 0 }, regular, taken: 0 };
        let mut start = Vec::new();
        counted.by_ref().take(2).read_to_end(&mut start).map_err(Fault::Unreadable)?;
        let gzip = start == GZIP;
        let rewound = Cursor::new(start).chain(counted);
        let stream = if gzip {
            Stream::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(COMPRESSED_BLOCK, rewound))))
        } else {
            Stream::Plain(rewound)
        };
        Ok(Self { stream, failed: None })
    }

    /// Reads at least one byte where there is one; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match &mut self.stream {
            Stream::Plain(file) => read_once(file, into),
            Stream::Gzip(unpack) => {
                let mut filled = 0;
                for step in into.chunks_mut(UNPACK_STEP) {
                    match fill(unpack, step) {
                        (read, None) => {
                            filled += read;
                            if read < step.len() {
                                break;
                            }
                        }
                        (read, Some(error)) => {
                            filled += read;
                            if filled == 0 {
                                return Err(error);
                            }
                            self.failed = Some(error);
                            break;
                        }
                    }
                }
                Ok(filled)
            }
        }
    }

    pub(super) fn is_gzip(&self) -> bool {
        matches!(self.stream, Stream::Gzip(_))
    }

    /// False for what can be read only once, a pipe for one.
    pub(super) fn is_regular(&self) -> bool {
        self.counted().regular
    }

    /// Bytes of the file itself read so far, compressed where it is.
    pub(super) fn taken(&self) -> u64 {
        self.counted().taken
    }

    /// Bytes the file itself has; of a pipe, those that have come.
    pub(super) fn size(&self) -> u64 {
        self.counted().size.max(self.taken())
    }

    fn counted(&self) -> &Counted {
        match &self.stream {
            Stream::Plain(file) => file.get_ref().1,
            Stream::Gzip(unpack) => unpack.get_ref().get_ref().get_ref().1,
        }
    }
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.taken = self.taken.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

fn read_once(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Fills `into` as far as the stream goes, and keeps the count where it fails on the way.
fn fill(from: &mut impl Read, into: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read_once(from, rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}
