//! What can be wrong with a capture file, told in one line that says what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file, or the rest of it, could not be read.
#[derive(Debug, Error)]
#[error("{}: {}{fault}", one_line(.path), Place(*.offset, *.decompressed))]
pub struct SourceError {
    path: PathBuf,
    offset: u64,
    decompressed: bool,
    fault: Fault,
}

/// What was found.
#[derive(Debug, Error)]
pub enum Fault {
    /// The operating system refused to open or to read it.
    #[error("{}; {}", reason(.0), remedy(.0))]
    Unreadable(io::Error),
    /// A directory was named.
    #[error("is a directory; name the capture files in it")]
    Directory,
    /// Not one byte.
    #[error("is empty; check the program that wrote it")]
    Empty,
    /// The first bytes are those of no known format.
    #[error("is not a capture (pcap or pcapng, plain or gzip); check that it is the file you meant")]
    NotACapture,
    /// A capture, or a compressed file, of a kind that is not read.
    #[error("format not supported: {format}; {remedy}")]
    Unsupported {
        /// Its name.
        format: &'static str,
        /// How to make it readable.
        remedy: &'static str,
    },
    /// The last packet, block or header is not all there.
    #[error("the file ends in the middle of a {0}; all before it is used, copy or capture the file again for the rest")]
    Cut(&'static str),
    /// A packet that no capture program writes.
    #[error("a packet of {0} bytes cannot be, so what follows is not packets; all before it is used")]
    Oversized(u32),
    /// Space that was set aside for packets and never written.
    #[error("zeros where a packet should begin; all before them is used, end the capture properly for the rest")]
    Zeros,
    /// A pcapng block whose length is no block's length.
    #[error("a block of {0} bytes cannot be; all before it is used, copy or capture the file again for the rest")]
    BlockLength(u32),
    /// A pcapng block whose two lengths differ.
    #[error("a block has {start} bytes by its start, {end} by its end; all before it is used, copy the file again")]
    BlockTrailer {
        /// Bytes according to the field at its start.
        start: u32,
        /// Bytes according to the field at its end.
        end: u32,
    },
    /// A pcapng section that is of neither byte order.
    #[error("a section of unknown byte order; all before it is used, copy or capture the file again for the rest")]
    SectionOrder,
    /// Packets of undeclared interfaces or of impossible length; all others are used.
    #[error("{0} packet(s) left out, the first here: undeclared interface or impossible length; repair with editcap")]
    BadPackets(u64),
    /// The gzip stream ends before its end mark.
    #[error("the gzip stream ends in the middle; all before it is used, copy the file again for the rest")]
    GzipCut,
    /// The gzip stream cannot be unpacked, or its checksum is wrong.
    #[error("the gzip stream is damaged; all before it is used, copy the file again for the rest")]
    GzipDamaged,
}

impl SourceError {
    pub(super) fn new(path: &Path, fault: Fault) -> Self {
        Self { path: path.to_owned(), offset: 0, decompressed: false, fault }
    }

    pub(super) fn at(path: &Path, offset: u64, decompressed: bool, fault: Fault) -> Self {
        Self { path: path.to_owned(), offset, decompressed, fault }
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The byte at which what could not be read begins; of a gzip file, in the decompressed data.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What was found.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

/// "offset 24: "; 0 where the file could not be read at all.
struct Place(u64, bool);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(offset, false) => write!(f, "offset {offset}: "),
            Self(offset, true) => write!(f, "offset {offset} of the decompressed data: "),
        }
    }
}

/// A path can hold line breaks; the message is one line all the same.
fn one_line(path: &Path) -> String {
    let shown = path.display().to_string();
    if shown.chars().any(char::is_control) { shown.escape_default().to_string() } else { shown }
}

/// The reason of the operating system, in the case of the other messages.
fn reason(error: &io::Error) -> String {
    let mut reason = error.to_string();
    if let Some(first) = reason.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    reason
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the name",
        io::ErrorKind::PermissionDenied => "run as a user who may read it",
        _ => "check the file and the disk it is on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_with_file_offset_and_remedy() {
        let plain = SourceError::at(Path::new("ct.pcap"), 4711, false, Fault::Cut("packet"));
        assert_eq!(
            plain.to_string(),
            "ct.pcap: offset 4711: the file ends in the middle of a packet; all before it is used, copy or capture the \
             file again for the rest"
        );
        let gzip = SourceError::at(Path::new("ct.pcap.gz"), 24, true, Fault::Zeros);
        assert!(gzip.to_string().starts_with("ct.pcap.gz: offset 24 of the decompressed data: zeros where"));
        let odd = SourceError::new(Path::new("a\nb"), Fault::Empty);
        assert_eq!(odd.to_string(), "a\\nb: offset 0: is empty; check the program that wrote it");
    }

    #[test]
    fn the_reason_of_the_operating_system_is_kept() {
        let missing = SourceError::new(Path::new("x"), Fault::Unreadable(io::Error::from_raw_os_error(2)));
        assert_eq!(missing.to_string(), "x: offset 0: no such file or directory (os error 2); check the name");
        let locked = SourceError::new(Path::new("x"), Fault::Unreadable(io::Error::from_raw_os_error(13)));
        assert_eq!(locked.to_string(), "x: offset 0: permission denied (os error 13); run as a user who may read it");
    }
}
