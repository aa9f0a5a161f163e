//! Where the fields of the kernel's structures stand (linux/if_packet.h). The numbers are written here once, and compared
//! with the declarations of the `libc` crate when this is compiled.
#![forbid(unsafe_code)]

use std::mem::{offset_of, size_of};

/// `tpacket_block_desc`: what a block begins with.
pub(crate) mod block {
    /// Whose the block is: [`USER`](super::USER) or the kernel's.
    pub(crate) const STATUS: usize = 8;
    /// Number of packets.
    pub(crate) const PACKETS: usize = 12;
    /// From the start of the block to the first packet.
    pub(crate) const FIRST: usize = 16;
    /// Length of the whole.
    pub(crate) const LENGTH: usize = 48;
}

/// `tpacket3_hdr`: what a packet begins with.
pub(crate) mod packet {
    /// From this header to that of the next packet; 0 in the last one.
    pub(crate) const NEXT: usize = 0;
    /// When it came: seconds, and nanoseconds of a second.
    pub(crate) const SECONDS: usize = 4;
    pub(crate) const NANOS: usize = 8;
    /// Bytes that are there.
    pub(crate) const CAPTURED: usize = 12;
    /// Bytes that came.
    pub(crate) const WIRE: usize = 16;
    /// [`VLAN_VALID`](super::VLAN_VALID) and others.
    pub(crate) const STATUS: usize = 20;
    /// From this header to the link header of the packet.
    pub(crate) const MAC: usize = 24;
    /// Tag control information, and the type of the tag.
    pub(crate) const VLAN_TCI: usize = 32;
    pub(crate) const VLAN_TPID: usize = 36;
    /// `sll_pkttype` of the `sockaddr_ll` that comes after the header, aligned to 16 bytes.
    pub(crate) const KIND: usize = 48 + 10;
    /// Length of header and address.
    pub(crate) const LENGTH: usize = 68;
}

/// The block is ours to read.
pub(crate) const USER: u32 = libc::TP_STATUS_USER;
/// The tag control information is there.
pub(crate) const VLAN_VALID: u32 = libc::TP_STATUS_VLAN_VALID;
/// So is the type of the tag.
pub(crate) const VLAN_TPID_VALID: u32 = libc::TP_STATUS_VLAN_TPID_VALID;
/// The packet was sent by this machine.
pub(crate) const OUTGOING: u8 = libc::PACKET_OUTGOING;

const _: () = {
    use libc::{sockaddr_ll, tpacket_block_desc, tpacket_hdr_v1, tpacket_hdr_variant1, tpacket3_hdr};

    let descriptor = offset_of!(tpacket_block_desc, hdr);
    assert!(size_of::<tpacket_block_desc>() == block::LENGTH);
    assert!(descriptor + offset_of!(tpacket_hdr_v1, block_status) == block::STATUS);
    assert!(descriptor + offset_of!(tpacket_hdr_v1, num_pkts) == block::PACKETS);
    assert!(descriptor + offset_of!(tpacket_hdr_v1, offset_to_first_pkt) == block::FIRST);

    let variant = offset_of!(tpacket3_hdr, hv1);
    assert!(size_of::<tpacket3_hdr>() == 48);
    assert!(offset_of!(tpacket3_hdr, tp_next_offset) == packet::NEXT);
    assert!(offset_of!(tpacket3_hdr, tp_sec) == packet::SECONDS);
    assert!(offset_of!(tpacket3_hdr, tp_nsec) == packet::NANOS);
    assert!(offset_of!(tpacket3_hdr, tp_snaplen) == packet::CAPTURED);
    assert!(offset_of!(tpacket3_hdr, tp_len) == packet::WIRE);
    assert!(offset_of!(tpacket3_hdr, tp_status) == packet::STATUS);
    assert!(offset_of!(tpacket3_hdr, tp_mac) == packet::MAC);
    assert!(variant + offset_of!(tpacket_hdr_variant1, tp_vlan_tci) == packet::VLAN_TCI);
    assert!(variant + offset_of!(tpacket_hdr_variant1, tp_vlan_tpid) == packet::VLAN_TPID);
    assert!(size_of::<tpacket3_hdr>() + offset_of!(sockaddr_ll, sll_pkttype) == packet::KIND);
    assert!(libc::TPACKET3_HDRLEN == packet::LENGTH);
    assert!(size_of::<tpacket3_hdr>() + size_of::<sockaddr_ll>() == packet::LENGTH);
};
