//! TCP reassembly, one direction at a time: segments in any order go in, bytes in order come out, each once.
//!
//! What is in order is handed on without a copy. What a reader said to skip is never stored: the sequence number moves
//! on, and loss inside is no gap. Only data that arrives ahead of a hole, where every byte matters, is kept aside.

mod ahead;
mod delivery;
mod holes;
mod reassembly;
#[cfg(test)]
mod tests;

pub(crate) use reassembly::Reassembly;

use wardwatch_model::PacketTime;

/// A segment of one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// Sequence number of the first payload byte.
    pub(crate) sequence: u32,
    /// Captured payload.
    pub(crate) payload: &'a [u8],
    /// Payload bytes after it that the capture cut off.
    pub(crate) missing: u32,
    /// When.
    pub(crate) at: PacketTime,
}

impl Segment<'_> {
    /// Payload bytes, captured or not.
    pub(crate) fn length(&self) -> u32 {
        length(self.payload).saturating_add(self.missing)
    }

    /// Sequence number after the last payload byte.
    fn end(&self) -> u32 {
        self.sequence.wrapping_add(self.length())
    }
}

/// Takes the bytes of one direction in order.
pub(crate) trait Reader {
    /// The next bytes, one at least, that begin at sequence number `sequence`; answers how many of the bytes after them
    /// it does not want to see. `joined`: the beginning of the direction was not seen.
    fn data(&mut self, sequence: u32, bytes: &[u8], joined: bool) -> u64;

    /// The next `missing` bytes are not in the capture; 0 where it is not known how many.
    fn gap(&mut self, missing: u64);

    /// Bytes that were handed on before came again.
    fn repeated(&mut self, sequence: u32, bytes: &[u8]);

    /// Bytes came again while the first ones waited aside, and they were different. The first ones count.
    fn conflict(&mut self);

    /// A segment did not come in its turn.
    fn astray(&mut self, how: Astray);

    /// Bytes came from outside of what the sender can be sending, and were left out.
    fn stray(&mut self, count: u32);
}

/// How a segment stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Astray {
    /// It came after ones that follow it.
    Late,
    /// It brought bytes again.
    Again,
}

/// Skip everything: nothing of this direction is read any more.
pub(crate) const SKIP_ALL: u64 = u64::MAX;

/// Signed distance from `from` to `to` on the circle of sequence numbers (RFC 9293, 3.4).
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// Length of a segment, which 32 bits always hold.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
