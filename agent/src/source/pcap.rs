//! Classic pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then packets, each behind a header of 16.

use super::order::ByteOrder;
use super::record::{Record, Scan};
use super::{Fault, LinkType, MAX_FRAME};
use wardwatch_model::PacketTime;

pub(super) const FILE_HEADER: usize = 24;
const PACKET_HEADER: usize = 16;
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;

/// What the file header says.
pub(super) struct Pcap {
    order: ByteOrder,
    /// Nanoseconds of one unit of the fraction of a second.
    unit: u64,
    link: LinkType,
}

impl Pcap {
    /// Reads the file header. Time zone, accuracy and snapshot length are of no use: every packet has its own length.
    pub(super) fn new(file: &[u8]) -> Result<Self, Fault> {
        let Some(magic) = file.first_chunk::<4>().filter(|_| file.len() >= FILE_HEADER) else {
            return Err(Fault::Cut("file header"));
        };
        let (order, unit) = ByteOrder::of(*magic, MICROSECONDS)
            .map(|order| (order, 1000))
            .or_else(|| ByteOrder::of(*magic, NANOSECONDS).map(|order| (order, 1)))
            .ok_or(Fault::NotACapture)?;
        let Some([_, _, _, _, _, network]) = order.words::<6>(file, 0) else {
            return Err(Fault::Cut("file header"));
        };
        let major = file.get(4..).and_then(|version| version.first_chunk::<2>()).map(|major| order.u16(*major));
        // All of version 2 reads alike, as far as programs still in use go; no other was ever in use.
        if major != Some(2) {
            return Err(Fault::Unsupported { format: "pcap of a version other than 2", remedy: "check the program" });
        }
        // The upper 16 bits tell of a frame check sequence.
        Ok(Self { order, unit, link: LinkType::from_value(network & 0xffff) })
    }

    /// Locates packets from `at` on, at most `limit`.
    pub(super) fn scan(&self, bytes: &[u8], mut at: usize, limit: usize, records: &mut Vec<Record>) -> Scan {
        while records.len() < limit {
            let Some([seconds, fraction, captured, original]) = self.order.words(bytes, at) else {
                return Scan::need(at, PACKET_HEADER);
            };
            if captured > MAX_FRAME {
                return Scan::stop(at, Fault::Oversized(captured));
            }
            if seconds | fraction | captured | original == 0 {
                return Scan::stop(at, Fault::Zeros);
            }
            let start = at + PACKET_HEADER;
            let end = start + captured as usize;
            if end > bytes.len() {
                return Scan::need(at, end - at);
            }
            records.push(Record {
                at: PacketTime::from_parts(u64::from(seconds), u64::from(fraction) * self.unit),
                start,
                len: captured,
                wire_len: original.max(captured),
                link: self.link,
            });
            at = end;
        }
        Scan::full(at)
    }
}
