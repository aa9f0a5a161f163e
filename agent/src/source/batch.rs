//! A run of frames that lie in one buffer.

use super::Frame;
use super::record::Record;
use std::iter::FusedIterator;
use std::slice;

/// Consecutive frames of one file, in the merged time order. Never empty.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) records: &'a [Record],
    pub(super) bytes_read: u64,
}

/// The frames of a batch.
#[derive(Clone)]
pub struct Frames<'a> {
    bytes: &'a [u8],
    records: slice::Iter<'a, Record>,
}

impl<'a> Batch<'a> {
    /// How many frames.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes of all input (compressed where it is) consumed up to this batch.
    pub const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The frames, in order.
    pub fn frames(&self) -> Frames<'a> {
        Frames { bytes: self.bytes, records: self.records.iter() }
    }
}

impl<'a> IntoIterator for Batch<'a> {
    type Item = Frame<'a>;
    type IntoIter = Frames<'a>;

    fn into_iter(self) -> Frames<'a> {
        self.frames()
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    #[inline]
    fn next(&mut self) -> Option<Frame<'a>> {
        let record = self.records.next()?;
        let end = record.start + record.len as usize;
        Some(Frame {
            at: record.at,
            // A record is made only for bytes that are in the buffer.
            bytes: self.bytes.get(record.start..end).unwrap_or_default(),
            wire_len: record.wire_len,
            link: record.link,
            outer_vlan: None,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.records.size_hint()
    }
}

impl ExactSizeIterator for Frames<'_> {}
impl FusedIterator for Frames<'_> {}
