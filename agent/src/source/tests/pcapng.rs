//! pcapng.

use super::fixture::{Ng, Order, Seen, read_bytes, read_clean};
use crate::source::{Fault, LinkType};

const MICRO: u64 = 1000;
const ETHERNET: u16 = 1;

#[test]
fn sections_of_both_byte_orders_read_back() {
    let mut ng = Ng::new(Order::Big);
    ng.interface(ETHERNET, 0, &[]);
    ng.enhanced(0, 1 << 40, &[1; 61], 61);
    ng.section(Order::Little);
    ng.interface(101, 0, &[]);
    ng.enhanced(0, 3, &[2; 20], 40);
    ng.section(Order::Big);
    ng.interface(ETHERNET, 0, &[]);
    ng.enhanced(0, 4, &[], 0);
    assert_eq!(
        read_clean(&ng.bytes),
        [
            Seen { at: (1 << 40) * MICRO, bytes: vec![1; 61], wire_len: 61, link: LinkType::Ethernet },
            Seen { at: 3 * MICRO, bytes: vec![2; 20], wire_len: 40, link: LinkType::Raw },
            Seen { at: 4 * MICRO, bytes: vec![], wire_len: 0, link: LinkType::Ethernet },
        ]
    );
}

#[test]
fn each_interface_has_its_own_link_type_and_clock() {
    for order in [Order::Little, Order::Big] {
        let mut ng = Ng::new(order);
        let hour = if order == Order::Little { 3600_i64.to_le_bytes() } else { 3600_i64.to_be_bytes() };
        ng.interface(ETHERNET, 0, &[(2, b"eth0"), (9, &[9])]);
        ng.interface(113, 0, &[(9, &[0x80 | 1]), (14, &hour)]);
        ng.interface(276, 0, &[]);
        ng.enhanced(2, 5, &[1], 1);
        ng.enhanced(1, 3, &[2], 1);
        ng.obsolete(0, 8, &[3], 0);
        let read: Vec<_> = read_clean(&ng.bytes).iter().map(|frame| (frame.at, frame.link)).collect();
        assert_eq!(
            read,
            [(5_000, LinkType::LinuxSll2), (3_601_500_000_000, LinkType::LinuxSll), (8, LinkType::Ethernet)]
        );
    }
}

#[test]
fn a_simple_packet_takes_the_snapshot_length_of_interface_0_and_the_time_of_the_packet_before_it() {
    let mut ng = Ng::new(Order::Little);
    ng.interface(ETHERNET, 62, &[]);
    ng.enhanced(0, 7, &[1; 4], 4);
    ng.block(3, &[&100_u32.to_le_bytes()[..], &[2; 62]].concat());
    ng.block(3, &[&5_u32.to_le_bytes()[..], &[3; 5]].concat());
    let frames = read_clean(&ng.bytes);
    assert_eq!(frames[1], Seen { at: 7 * MICRO, bytes: vec![2; 62], wire_len: 100, link: LinkType::Ethernet });
    assert_eq!(frames[2], Seen { at: 7 * MICRO, bytes: vec![3; 5], wire_len: 5, link: LinkType::Ethernet });
}

#[test]
fn other_blocks_are_stepped_over_however_long() {
    let mut ng = Ng::new(Order::Little);
    ng.block(4, b"names"); // name resolution
    ng.interface(ETHERNET, 0, &[]);
    ng.block(10, &vec![b'k'; 3 << 20]); // decryption secrets, longer than the buffer
    ng.enhanced(0, 1, &[1; 9], 9);
    ng.block(5, &[0; 12]); // interface statistics
    ng.block(0x8000_0001, b"private");
    ng.enhanced(0, 2, &[2; 9], 9);
    assert_eq!(read_clean(&ng.bytes).len(), 2);
}

#[test]
fn bad_packets_are_left_out_and_told_once() {
    let mut ng = Ng::new(Order::Big);
    ng.interface(ETHERNET, 0, &[]);
    ng.enhanced(0, 1, &[1], 1);
    let first_bad = u64::try_from(ng.bytes.len()).unwrap();
    ng.enhanced(1, 2, &[2], 1); // undeclared
    ng.enhanced(0, 3, &[3], 1);
    ng.block(6, &[0; 8]); // too short for a packet
    ng.block(6, &[&[0; 12][..], &[0, 0, 0, 9], &[0; 4], &[1; 8]].concat()); // nine bytes in a room of eight
    ng.section(Order::Big);
    ng.enhanced(0, 4, &[4], 1); // interfaces end with their section
    let (frames, errors) = read_bytes(&ng.bytes);
    assert_eq!(frames.iter().map(|frame| frame.bytes[0]).collect::<Vec<_>>(), [1, 3]);
    assert_eq!((errors.len(), errors[0].offset()), (1, first_bad));
    assert!(matches!(errors[0].fault(), Fault::BadPackets(4)));
}

#[test]
fn an_interface_that_cannot_be_read_does_not_shift_the_others() {
    let mut ng = Ng::new(Order::Little);
    ng.block(1, &[]);
    ng.interface(101, 0, &[]);
    ng.enhanced(1, 1, &[1], 1);
    ng.enhanced(0, 1, &[1], 1);
    let (frames, errors) = read_bytes(&ng.bytes);
    assert_eq!(frames[0].link, LinkType::Raw);
    assert!(matches!(errors[0].fault(), Fault::BadPackets(1)));
}

#[test]
fn a_block_of_impossible_length_ends_the_file_at_its_offset() {
    for (length, trailer) in [(33, 33), (8, 8), (0, 0), (32 << 20, 32 << 20), (32, 36), (u32::MAX, 0)] {
        let mut ng = Ng::new(Order::Little);
        ng.interface(ETHERNET, 0, &[]);
        ng.enhanced(0, 1, &[1; 4], 4);
        let good = ng.bytes.len();
        ng.enhanced(0, 2, &[2; 0], 0);
        ng.bytes[good + 4..good + 8].copy_from_slice(&u32::to_le_bytes(length));
        let end = ng.bytes.len();
        ng.bytes[end - 4..].copy_from_slice(&u32::to_le_bytes(trailer));
        ng.enhanced(0, 3, &[3; 4], 4);
        let (frames, errors) = read_bytes(&ng.bytes);
        assert_eq!(frames.len(), 1, "{length}");
        assert_eq!((errors.len(), errors[0].offset()), (1, u64::try_from(good).unwrap()));
        if length == 32 {
            assert!(matches!(errors[0].fault(), Fault::BlockTrailer { start: 32, end: 36 }));
        } else {
            assert!(matches!(errors[0].fault(), Fault::BlockLength(found) if *found == length));
        }
    }
}

#[test]
fn a_section_of_no_byte_order_or_an_unknown_version_ends_the_file() {
    let mut ng = Ng::new(Order::Little);
    let second = ng.bytes.len();
    ng.section(Order::Little);
    let mut unordered = ng.bytes.clone();
    unordered[second + 8] = 0;
    let (_, errors) = read_bytes(&unordered);
    assert!(matches!(errors[0].fault(), Fault::SectionOrder));
    ng.bytes[second + 12] = 2;
    let (_, errors) = read_bytes(&ng.bytes);
    assert!(matches!(errors[0].fault(), Fault::Unsupported { .. }));
    assert_eq!(errors[0].offset(), u64::try_from(second).unwrap());
}
