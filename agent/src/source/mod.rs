//! Capture files, read from disk or a pipe: pcap and pcapng, plain or gzip, several merged by packet time.
//!
//! A file is read in large blocks into one buffer. One pass over the buffer locates the frames; a batch then borrows
//! the buffer, so a frame is neither copied nor allocated for. Of pcapng only packets and what is needed to place them
//! in time are looked at: names, comments and decryption secrets are stepped over.

mod batch;
mod buffer;
mod detect;
mod error;
mod input;
mod interface;
mod link;
mod merge;
mod order;
mod pcap;
mod pcapng;
mod reader;
mod record;

#[cfg(test)]
mod tests;

pub use batch::{Batch, Frames};
pub use error::{Fault, SourceError};
pub use link::LinkType;
pub use merge::Captures;

use wardwatch_model::PacketTime;

/// Bytes of the longest frame that is believed; libpcap writes none longer. A record that claims more is damage.
pub const MAX_FRAME: u32 = 256 * 1024;

/// One captured frame, valid until the next batch is asked for.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// When the capture says it was seen.
    pub at: PacketTime,
    /// What was captured, from the first byte of the link layer.
    pub bytes: &'a [u8],
    /// Bytes the frame had on the wire, at least `bytes.len()`; more where the capture cut it. `outer_vlan` is not counted.
    pub wire_len: u32,
    /// What the first byte is the start of.
    pub link: LinkType,
    /// Identifier in a VLAN tag that was taken out before: live capture tells the outermost one beside the frame. 0 in a tag
    /// that gives a priority only.
    pub outer_vlan: Option<u16>,
}

impl Frame<'_> {
    /// Bytes the frame had on the wire, with the VLAN tag that was taken out of it.
    pub(crate) fn whole_wire_len(&self) -> u32 {
        /// Bytes of a VLAN tag (IEEE 802.1Q, 9.6).
        const TAG: u32 = 4;
        self.wire_len.saturating_add(if self.outer_vlan.is_some() { TAG } else { 0 })
    }
}
