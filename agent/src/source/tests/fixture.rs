//! Captures made byte by byte, files to put them in, and a reading of everything.

use crate::source::{Captures, LinkType, SourceError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The byte order a fixture is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    pub(super) fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }
}

/// A frame as it was read, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) wire_len: u32,
    pub(super) link: LinkType,
}

/// An Ethernet frame of `len` bytes, told apart by `fill`, uncut.
pub(super) fn frame(at: u64, fill: u8, len: usize) -> Seen {
    Seen { at, bytes: vec![fill; len], wire_len: u32::try_from(len).unwrap(), link: LinkType::Ethernet }
}

pub(super) fn pcap_header(order: Order, nanos: bool, network: u32) -> Vec<u8> {
    let magic = if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    let mut out = order.u32(magic).to_vec();
    out.extend(order.u16(2));
    out.extend(order.u16(4));
    for word in [0, 0, 0x4_0000, network] {
        out.extend(order.u32(word));
    }
    out
}

pub(super) fn pcap_record(order: Order, nanos: bool, frame: &Seen) -> Vec<u8> {
    let fraction = frame.at % 1_000_000_000 / if nanos { 1 } else { 1000 };
    let captured = u32::try_from(frame.bytes.len()).unwrap();
    let seconds = u32::try_from(frame.at / 1_000_000_000).unwrap();
    let mut out = Vec::new();
    for word in [seconds, u32::try_from(fraction).unwrap(), captured, frame.wire_len] {
        out.extend(order.u32(word));
    }
    out.extend(&frame.bytes);
    out
}

pub(super) fn pcap(order: Order, nanos: bool, frames: &[Seen]) -> Vec<u8> {
    let mut out = pcap_header(order, nanos, 1);
    frames.iter().for_each(|frame| out.extend(pcap_record(order, nanos, frame)));
    out
}

/// A pcapng file in the making.
pub(super) struct Ng {
    pub(super) order: Order,
    pub(super) bytes: Vec<u8>,
}

impl Ng {
    pub(super) fn new(order: Order) -> Self {
        let mut ng = Self { order, bytes: Vec::new() };
        ng.section(order);
        ng
    }

    pub(super) fn section(&mut self, order: Order) {
        self.order = order;
        let body = [&order.u32(0x1a2b_3c4d)[..], &order.u16(1), &order.u16(0), &[0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body);
    }

    pub(super) fn block(&mut self, kind: u32, body: &[u8]) {
        let padded = body.len().next_multiple_of(4);
        let length = u32::try_from(padded + 12).unwrap();
        self.bytes.extend(self.order.u32(kind));
        self.bytes.extend(self.order.u32(length));
        self.bytes.extend(body);
        self.bytes.resize(self.bytes.len() + padded - body.len(), 0);
        self.bytes.extend(self.order.u32(length));
    }

    pub(super) fn interface(&mut self, link: u16, snaplen: u32, options: &[(u16, &[u8])]) {
        let mut body = [&self.order.u16(link)[..], &[0; 2], &self.order.u32(snaplen)].concat();
        for (code, value) in options {
            body.extend(self.order.u16(*code));
            body.extend(self.order.u16(u16::try_from(value.len()).unwrap()));
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        if !options.is_empty() {
            body.extend([0; 4]);
        }
        self.block(1, &body);
    }

    pub(super) fn enhanced(&mut self, interface: u32, ticks: u64, data: &[u8], wire_len: u32) {
        let mut body = self.order.u32(interface).to_vec();
        self.packet_fields(&mut body, ticks, data, wire_len);
        self.block(6, &body);
    }

    pub(super) fn obsolete(&mut self, interface: u16, ticks: u64, data: &[u8], wire_len: u32) {
        let mut body = [self.order.u16(interface), self.order.u16(0xffff)].concat();
        self.packet_fields(&mut body, ticks, data, wire_len);
        self.block(2, &body);
    }

    fn packet_fields(&self, body: &mut Vec<u8>, ticks: u64, data: &[u8], wire_len: u32) {
        let (high, low) = (u32::try_from(ticks >> 32).unwrap(), u32::try_from(ticks & 0xffff_ffff).unwrap());
        for word in [high, low, u32::try_from(data.len()).unwrap(), wire_len] {
            body.extend(self.order.u32(word));
        }
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
}

/// A file that is gone when the test is.
pub(super) struct TempFile(pub(super) PathBuf);

impl TempFile {
    /// A name nothing is at.
    pub(super) fn name() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("wardwatch-source-{}-{number}", std::process::id())))
    }

    pub(super) fn with(bytes: &[u8]) -> Self {
        let file = Self::name();
        std::fs::write(&file.0, bytes).unwrap();
        file
    }
}

impl AsRef<Path> for TempFile {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.0);
    }
}

/// All frames of the files, and all errors.
pub(super) fn read<P: AsRef<Path>>(paths: &[P]) -> (Vec<Seen>, Vec<SourceError>) {
    let (mut captures, mut errors) = Captures::open(paths);
    let mut frames = Vec::new();
    while let Some(batch) = captures.next_batch() {
        assert_eq!(batch.frames().count(), batch.len());
        assert!(!batch.is_empty());
        frames.extend(batch.into_iter().map(|frame| Seen {
            at: frame.at.0,
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
            link: frame.link,
        }));
    }
    errors.extend(captures.take_errors());
    let (consumed, total) = captures.progress();
    assert_eq!(consumed, total, "all of the input is done with at the end");
    (frames, errors)
}

/// All frames of one file with these bytes, and all errors.
pub(super) fn read_bytes(bytes: &[u8]) -> (Vec<Seen>, Vec<SourceError>) {
    read(&[TempFile::with(bytes)])
}

/// All frames of one file that must be clean.
pub(super) fn read_clean(bytes: &[u8]) -> Vec<Seen> {
    let (frames, errors) = read_bytes(bytes);
    assert!(errors.is_empty(), "{errors:?}");
    frames
}
