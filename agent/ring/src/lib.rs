//! Packets from the Linux kernel without a copy and without a system call for each: a packet socket whose ring of blocks
//! is shared with the kernel (TPACKET_V3, packet(7)).
//!
//! The kernel fills a block and hands it over; a [`Block`] lends its packets and hands it back when it is dropped. What
//! found no room is counted by the kernel and told by [`Ring::losses`].
//!
//! Around it, what else must be asked of the kernel directly: what a network card says of itself ([`Device`]), by which
//! interface packets to an address would leave ([`way_to`]), whether the clock is set ([`clock_is_synchronised`]).
//!
//! This is the only crate of the project that may use `unsafe`, for system calls, for the memory that is shared, and to ask
//! the processor to load what will be needed ([`prefetch`]). Finding
//! the packets in a block ([`Packets`]) needs none of it: it works on a slice of bytes and believes nothing they say.

mod block;
mod device;
mod error;
mod layout;
mod mapping;
mod processor;
mod ring;
mod route;
mod socket;

pub use block::{Packet, Packets, VlanTag};
pub use device::{Amount, Device, Spreading};
pub use error::RingError;
pub use processor::{clock_is_synchronised, pin_to_processor, prefetch};
pub use ring::{Block, Losses, Ring, Settings, wait};
pub use route::way_to;
