//! Just enough of the classic pcap format to count packets and to cut files.

use std::fs;
use std::path::Path;

pub(crate) const FILE_HEADER: usize = 24;
pub(crate) const PACKET_HEADER: usize = 16;

/// The offset of every whole packet, and of the end of the last one. Little-endian files, as tcpdump writes here.
pub(crate) fn offsets(bytes: &[u8]) -> Vec<usize> {
    let mut offsets = Vec::new();
    let mut at = FILE_HEADER;
    while let Some(field) = bytes.get(at + 8..at + 12) {
        let captured = u32::from_le_bytes(field.try_into().unwrap());
        let next = at + PACKET_HEADER + usize::try_from(captured).unwrap();
        if next > bytes.len() {
            break;
        }
        offsets.push(at);
        at = next;
    }
    offsets.push(at);
    offsets
}

/// The number of whole packets in a file; 0 while it has no header yet.
pub(crate) fn count(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap_or_default();
    if bytes.len() < FILE_HEADER { 0 } else { offsets(&bytes).len() - 1 }
}

/// An Ethernet capture as one of cooked frames (LINKTYPE_LINUX_SLL), each with what its Ethernet header said: a tag too.
pub(crate) fn cooked(ethernet: &[u8]) -> Vec<u8> {
    let mut file = ethernet[..20].to_vec();
    file.extend(113_u32.to_le_bytes());
    for ends in offsets(ethernet).windows(2) {
        let (head, frame) = ethernet[ends[0]..ends[1]].split_at(PACKET_HEADER);
        file.extend(&head[..8]);
        for length in head[8..].chunks(4) {
            // The header of a cooked frame is two bytes longer.
            let length = u32::from_le_bytes(length.try_into().unwrap()) + 2;
            file.extend(length.to_le_bytes());
        }
        file.extend([0, 0, 0, 1, 0, 6]);
        file.extend(&frame[6..12]);
        file.extend([0, 0]);
        file.extend(&frame[12..]);
    }
    file
}

/// A capture of `packets` ARP announcements by 10.0.0.7, one a second: the smallest there is to see.
pub(crate) fn announcements(packets: u32) -> Vec<u8> {
    // Little-endian, microseconds, version 2.4, snapshot length 65535, Ethernet.
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0];
    for second in 0..packets {
        let length = u32::try_from(ANNOUNCEMENT.len()).unwrap();
        for field in [FIRST_SECOND + second, 0, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(ANNOUNCEMENT);
    }
    file
}

/// 2026-11-24 08:00 UTC.
const FIRST_SECOND: u32 = 1_795_507_200;

const ANNOUNCEMENT: &[u8] = &[
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x5e, 0, 0x53, 7, 8, 6, // Ethernet, ARP
    0, 1, 8, 0, 6, 4, 0, 1, 0, 0, 0x5e, 0, 0x53, 7, 10, 0, 0, 7, // request, sender
    0, 0, 0, 0, 0, 0, 10, 0, 0, 7, // target: itself
];
