//! The packets in a block. Every offset that the bytes tell is checked: whatever they say, nothing outside of the block is
//! read, and the walk ends.
#![forbid(unsafe_code)]

use crate::layout::{OUTGOING, VLAN_TPID_VALID, VLAN_VALID, block, packet};

/// A packet that lies in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When the kernel took it, nanoseconds since 1970.
    pub nanos: u64,
    /// What was captured, from the first byte of the link layer, without [`Self::vlan`].
    pub bytes: &'a [u8],
    /// Bytes that it had, also without that tag; at least `bytes.len()`.
    pub wire_len: u32,
    /// The outermost VLAN tag, which the kernel or the interface took out of the frame.
    pub vlan: Option<VlanTag>,
    /// It was sent by this machine.
    pub is_outgoing: bool,
}

/// A VLAN tag (IEEE 802.1Q).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VlanTag {
    /// Its type: 8100, 88a8.
    pub tpid: u16,
    /// Priority, eligibility to be dropped, and in the lower twelve bits the identifier.
    pub tci: u16,
}

/// Type of a tag where the kernel does not tell it.
const TPID: u16 = 0x8100;

/// The packets of a block, in the order they came.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    block: &'a [u8],
    /// Where the next one begins.
    at: usize,
    left: u32,
}

impl<'a> Packets<'a> {
    /// Those of a block that has these bytes.
    pub fn new(block: &'a [u8]) -> Self {
        let descriptor = block.first_chunk::<{ block::LENGTH }>();
        let word = |at| descriptor.map_or(0, |bytes| word(bytes, at));
        Self { block, at: word(block::FIRST) as usize, left: word(block::PACKETS) }
    }

    /// How many of those announced are still to come. Not 0 at the end of the walk: the block contradicts itself.
    pub const fn left(&self) -> u32 {
        self.left
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    #[inline]
    fn next(&mut self) -> Option<Packet<'a>> {
        if self.left == 0 {
            return None;
        }
        // What precedes the packets is never one, so a broken offset cannot make the walk go round.
        let begins = self.at >= block::LENGTH;
        let rest = self.block.get(self.at..).filter(|_| begins)?;
        let header = rest.first_chunk::<{ packet::LENGTH }>()?;
        let start = usize::from(half(header, packet::MAC));
        let end = start.checked_add(word(header, packet::CAPTURED) as usize)?;
        let bytes = rest.get(start..end)?;
        self.left -= 1;
        self.at = match word(header, packet::NEXT) as usize {
            // None shorter than its header; the last one has 0.
            next if next >= packet::LENGTH => self.at.checked_add(next)?,
            _ => self.block.len(),
        };
        let status = word(header, packet::STATUS);
        let tpid = if status & VLAN_TPID_VALID == 0 { TPID } else { half(header, packet::VLAN_TPID) };
        // The upper half of the field is not used.
        let tag = VlanTag { tpid, tci: (word(header, packet::VLAN_TCI) & 0xffff) as u16 };
        Some(Packet {
            nanos: nanos(word(header, packet::SECONDS), word(header, packet::NANOS)),
            bytes,
            wire_len: word(header, packet::WIRE).max(word(header, packet::CAPTURED)),
            vlan: (status & VLAN_VALID != 0).then_some(tag),
            is_outgoing: header.get(packet::KIND) == Some(&OUTGOING),
        })
    }
}

fn nanos(seconds: u32, nanos: u32) -> u64 {
    u64::from(seconds) * 1_000_000_000 + u64::from(nanos)
}

/// A field of four bytes, 0 where it does not fit: all places are constants that fit.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |field| u32::from_ne_bytes(*field))
}

/// A field of two bytes.
#[inline(always)]
fn half(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |field| u16::from_ne_bytes(*field))
}

#[cfg(test)]
mod tests;
