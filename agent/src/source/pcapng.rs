//! pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each with its length before and after its body.

use super::interface::Interface;
use super::order::ByteOrder;
use super::record::{Record, Scan, ScanEnd};
use super::{Fault, MAX_FRAME};
use wardwatch_model::PacketTime;

/// Bytes of the longest block that is believed.
const MAX_BLOCK: u32 = 16 * 1024 * 1024;
/// Bytes of the shortest block, and of the shortest Section Header Block.
const BLOCK_LEAST: u32 = 12;
const SECTION_LEAST: u32 = 28;
/// Interfaces of one section that are remembered; packets of later ones are left out.
const MAX_INTERFACES: usize = 65_536;

/// Block types. All others are stepped over.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2; // obsolete, still found in old files
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Block type and length.
const HEAD: usize = 8;
/// The length, once more.
const TAIL: usize = 4;

const VERSION: Fault =
    Fault::Unsupported { format: "pcapng of a version other than 1", remedy: "check the program that wrote it" };

/// What the blocks so far have declared.
pub(super) struct Pcapng {
    order: ByteOrder,
    /// Of this section, by number. `None`: declared in a way that cannot be read.
    interfaces: Vec<Option<Interface>>,
    /// Of the last packet, for those without a time.
    last: PacketTime,
    bad: Option<BadPackets>,
}

/// One block, all of it in the buffer.
struct Block {
    kind: u32,
    /// Of its section, which a section's header begins.
    order: ByteOrder,
    /// Where the next block begins in the buffer.
    end: usize,
}

/// Packets that were stepped over.
#[derive(Clone, Copy)]
pub(super) struct BadPackets {
    /// Where the block of the first is in the file.
    pub(super) first: u64,
    pub(super) count: u64,
}

impl Pcapng {
    pub(super) fn new() -> Self {
        Self { order: ByteOrder::Little, interfaces: Vec::new(), last: PacketTime::default(), bad: None }
    }

    /// Packets stepped over so far.
    pub(super) fn bad_packets(&self) -> Option<BadPackets> {
        self.bad
    }

    /// Locates packets from `at` on, at most `limit`. `base` is where `bytes` lies in the file.
    pub(super) fn scan(
        &mut self,
        bytes: &[u8],
        base: u64,
        mut at: usize,
        limit: usize,
        records: &mut Vec<Record>,
    ) -> Scan {
        while records.len() < limit {
            let Block { kind, order, end } = match self.block(bytes, at) {
                Ok(block) => block,
                Err(end) => return Scan { at, end },
            };
            match kind {
                ENHANCED_PACKET | PACKET | SIMPLE_PACKET => {
                    let found = match kind {
                        SIMPLE_PACKET => self.simple_packet(bytes, at, end),
                        _ => self.packet(bytes, at, end, kind),
                    };
                    if let Some(record) = found {
                        self.last = record.at;
                        records.push(record);
                    } else {
                        self.count_bad(base.saturating_add(u64::try_from(at).unwrap_or(u64::MAX)));
                    }
                }
                SECTION if !is_version_1(order, bytes, at) => return Scan::stop(at, VERSION),
                SECTION => {
                    self.order = order;
                    self.interfaces.clear();
                }
                INTERFACE => self.declare(bytes.get(at + HEAD..end - TAIL).unwrap_or_default()),
                _ => {}
            }
            at = end;
        }
        Scan::full(at)
    }

    /// The block at `at`, if all of it is here and its two lengths agree.
    #[inline]
    fn block(&self, bytes: &[u8], at: usize) -> Result<Block, ScanEnd> {
        let Some([kind, mut length]) = self.order.words(bytes, at) else {
            return Err(ScanEnd::Need(HEAD));
        };
        let (mut order, mut least) = (self.order, BLOCK_LEAST);
        // The type of a section's header reads the same in both orders; its body tells in which the length is.
        if kind == SECTION {
            let Some(magic) = bytes.get(at + HEAD..).and_then(|body| body.first_chunk::<4>()) else {
                return Err(ScanEnd::Need(HEAD + 4));
            };
            order = ByteOrder::of(*magic, ORDER_MAGIC).ok_or(ScanEnd::Stop(Fault::SectionOrder))?;
            length = if order == self.order { length } else { length.swap_bytes() };
            least = SECTION_LEAST;
        }
        if length % 4 != 0 || !(least..=MAX_BLOCK).contains(&length) {
            return Err(ScanEnd::Stop(Fault::BlockLength(length)));
        }
        let end = at + length as usize;
        match order.words(bytes, end - TAIL) {
            None => Err(ScanEnd::Need(end - at)),
            Some([trailer]) if trailer == length => Ok(Block { kind, order, end }),
            Some([trailer]) => Err(ScanEnd::Stop(Fault::BlockTrailer { start: length, end: trailer })),
        }
    }

    /// Enhanced Packet Block (4.3); the obsolete Packet Block (B) differs only in the width of the interface number.
    fn packet(&self, bytes: &[u8], at: usize, end: usize, kind: u32) -> Option<Record> {
        let [_, _, number, high, low, captured, original] = self.order.words(bytes, at)?;
        let number = if kind == PACKET { u32::from(first_half(self.order, number)) } else { number };
        let interface = self.interfaces.get(number as usize)?.as_ref()?;
        let start = at + HEAD + 20;
        if captured > MAX_FRAME || start + captured as usize > end - TAIL {
            return None;
        }
        Some(Record {
            at: interface.time(u64::from(high) << 32 | u64::from(low)),
            start,
            len: captured,
            wire_len: original.max(captured),
            link: interface.link,
        })
    }

    /// Simple Packet Block (4.4): of interface 0, without a time; the captured length follows from the others.
    fn simple_packet(&self, bytes: &[u8], at: usize, end: usize) -> Option<Record> {
        let [_, _, original] = self.order.words(bytes, at)?;
        let interface = self.interfaces.first()?.as_ref()?;
        let start = at + HEAD + 4;
        let room = u32::try_from((end - TAIL).checked_sub(start)?).ok()?;
        let limit = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
        let captured = original.min(limit).min(room);
        if captured > MAX_FRAME {
            return None;
        }
        Some(Record { at: self.last, start, len: captured, wire_len: original, link: interface.link })
    }

    fn declare(&mut self, body: &[u8]) {
        if self.interfaces.len() < MAX_INTERFACES {
            self.interfaces.push(Interface::new(self.order, body));
        }
    }

    fn count_bad(&mut self, offset: u64) {
        let bad = self.bad.get_or_insert(BadPackets { first: offset, count: 0 });
        bad.count = bad.count.saturating_add(1);
    }
}

/// The first 16-bit field in a word that was read as one.
const fn first_half(order: ByteOrder, word: u32) -> u16 {
    let [a, b, c, d] = word.to_be_bytes();
    match order {
        ByteOrder::Big => u16::from_be_bytes([a, b]),
        ByteOrder::Little => u16::from_be_bytes([c, d]),
    }
}

fn is_version_1(order: ByteOrder, bytes: &[u8], at: usize) -> bool {
    order.words(bytes, at).is_some_and(|[_, _, _, version]| first_half(order, version) == 1)
}
