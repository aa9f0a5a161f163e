//! TCP reassembly, one direction at a time: segments in any order go in, bytes in order come out, each once.
//!
//! What is in order is handed on without a copy. What a reader said to skip is never stored: the sequence number moves
//! on, and loss inside is no gap. Only data that arrives ahead of a hole, where every byte matters, is kept aside.

mod ahead;
mod holes;
mod reassembly;

pub(crate) use reassembly::{Reassembly, Segment};

/// Takes the bytes of one direction in order.
pub(crate) trait Reader {
    /// The next bytes, one at least, that begin at sequence number `sequence`; answers how many of the bytes after them
    /// it does not want to see.
    fn data(&mut self, sequence: u32, bytes: &[u8]) -> u64;

    /// The next `missing` bytes are not in the capture.
    fn gap(&mut self, missing: u64);

    /// Bytes that were handed on before came again.
    fn repeated(&mut self, sequence: u32, bytes: &[u8]);

    /// Bytes came again while the first ones waited aside, and they were different. The first ones count.
    fn conflict(&mut self);
}

/// Skip everything: nothing of this direction is read any more.
pub(crate) const SKIP_ALL: u64 = u64::MAX;

/// Signed distance from `from` to `to` on the circle of sequence numbers (RFC 9293, 3.4).
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}
