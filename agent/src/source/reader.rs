//! One capture file: its buffer, its format, and the frames located in the buffer.

use super::buffer::{BLOCK, Buffer, PROBE};
use super::detect::{Kind, detect};
use super::input::Input;
use super::pcap::{FILE_HEADER, Pcap};
use super::pcapng::Pcapng;
use super::record::{MAX_RECORDS, Record, ScanEnd};
use super::{Fault, SourceError};
use std::io;
use std::path::{Path, PathBuf};
use wardwatch_model::PacketTime;

/// A file that is being read.
pub(super) struct Reader {
    path: PathBuf,
    input: Input,
    buffer: Buffer,
    format: Format,
    records: Vec<Record>,
    /// The first of `records` that was not handed out.
    next: usize,
    /// Frames to look for in one pass.
    limit: usize,
    ended: bool,
    error: Option<SourceError>,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// How much of a file to read at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Up to the first frame.
    Probe,
    /// Block by block.
    Read,
}

impl Reader {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path, pace: Pace) -> Result<Self, SourceError> {
        let mut input = Input::open(path).map_err(|fault| SourceError::new(path, fault))?;
        let mut buffer = Buffer::new(if pace == Pace::Probe { PROBE } else { BLOCK });
        let format = read_header(&mut input, &mut buffer).map_err(|fault| match fault {
            Fault::Empty => SourceError::new(path, fault),
            fault => SourceError::at(path, buffer.offset(), input.is_gzip(), fault),
        })?;
        let limit = if pace == Pace::Probe { 1 } else { MAX_RECORDS };
        let records = Vec::with_capacity(limit);
        Ok(Self { path: path.to_owned(), input, buffer, format, records, next: 0, limit, ended: false, error: None })
    }

    /// From the first frame on, reads block by block.
    pub(super) fn speed_up(&mut self) {
        self.buffer.widen();
        self.limit = MAX_RECORDS;
    }

    /// The time of the next frame, read from the file where none is left in the buffer; `None` at the end.
    pub(super) fn head(&mut self) -> Option<PacketTime> {
        if self.next >= self.records.len() {
            self.fill();
        }
        self.records.get(self.next).map(|record| record.at)
    }

    /// Hands out the frames in the buffer up to the first that `ends` the run; the head in any case.
    pub(super) fn run(&mut self, ends: impl Fn(PacketTime) -> bool) -> (&[u8], &[Record]) {
        let rest = self.records.get(self.next..).unwrap_or_default();
        let others = rest.get(1..).unwrap_or_default();
        let len = others.iter().position(|record| ends(record.at)).map_or(rest.len(), |at| at + 1);
        self.next += len;
        (self.buffer.bytes(), rest.get(..len).unwrap_or_default())
    }

    /// What was wrong with the file; known when it has ended.
    pub(super) fn take_error(&mut self) -> Option<SourceError> {
        self.error.take()
    }

    pub(super) fn input(&self) -> &Input {
        &self.input
    }

    fn fill(&mut self) {
        self.records.clear();
        self.next = 0;
        while self.records.is_empty() && !self.ended {
            let (bytes, start) = (self.buffer.bytes(), self.buffer.start());
            let scan = match &mut self.format {
                Format::Pcap(pcap) => pcap.scan(bytes, start, self.limit, &mut self.records),
                Format::Pcapng(ng) => ng.scan(bytes, self.buffer.base(), start, self.limit, &mut self.records),
            };
            self.buffer.use_up_to(scan.at);
            if !self.records.is_empty() {
                // Where the pass stopped, the next one stops again, and tells why.
                return;
            }
            match scan.end {
                // Only with frames, so not here.
                ScanEnd::Full => self.end(None),
                ScanEnd::Stop(fault) => self.end(Some(fault)),
                ScanEnd::Need(bytes) => match self.buffer.refill(&mut self.input, bytes) {
                    Ok(0) if self.buffer.unused().is_empty() => self.end(None),
                    Ok(0) => self.end(Some(Fault::Cut(self.format.unit()))),
                    Ok(_) => {}
                    Err(error) => self.end(Some(read_fault(&self.input, error))),
                },
            }
        }
    }

    fn end(&mut self, fault: Option<Fault>) {
        self.ended = true;
        let gzip = self.input.is_gzip();
        self.error = match (fault, &self.format) {
            (Some(fault), _) => Some(SourceError::at(&self.path, self.buffer.offset(), gzip, fault)),
            (None, Format::Pcapng(ng)) => {
                ng.bad_packets().map(|bad| SourceError::at(&self.path, bad.first, gzip, Fault::BadPackets(bad.count)))
            }
            (None, Format::Pcap(_)) => None,
        };
    }
}

impl Format {
    /// What a file of this format consists of.
    const fn unit(&self) -> &'static str {
        match self {
            Self::Pcap(_) => "packet",
            Self::Pcapng(_) => "block",
        }
    }
}

fn read_header(input: &mut Input, buffer: &mut Buffer) -> Result<Format, Fault> {
    let mut failed = None;
    while buffer.unused().len() < FILE_HEADER && failed.is_none() {
        match buffer.refill(input, FILE_HEADER) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => failed = Some(read_fault(input, error)),
        }
    }
    // Where reading failed, that is the reason, not what is missing because of it.
    let kind = detect(buffer.unused());
    let format = match (kind, failed) {
        (_, Some(fault)) | (Err(fault), None) => return Err(fault),
        (Ok(Kind::Pcap), None) => Format::Pcap(Pcap::new(buffer.unused())?),
        (Ok(Kind::Pcapng), None) => return Ok(Format::Pcapng(Pcapng::new())),
    };
    buffer.use_up_to(buffer.start() + FILE_HEADER);
    Ok(format)
}

fn read_fault(input: &Input, error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if input.is_gzip() => Fault::GzipCut,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if input.is_gzip() => Fault::GzipDamaged,
        _ => Fault::Unreadable(error),
    }
}
