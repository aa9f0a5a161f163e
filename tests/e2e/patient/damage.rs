//! Captures that have suffered.

use crate::support::pcap::{self, PACKET_HEADER};

/// Ends in the middle of a packet.
pub(super) fn cut(capture: &[u8]) -> Vec<u8> {
    capture[..capture.len() * 3 / 5].to_vec()
}

/// Every `nth` packet is missing.
pub(super) fn thinned(capture: &[u8], nth: usize) -> Vec<u8> {
    let offsets = pcap::offsets(capture);
    let kept = offsets.windows(2).enumerate().filter(|(number, _)| number % nth != nth - 1);
    let packets = kept.flat_map(|(_, range)| &capture[range[0]..range[1]]);
    capture[..pcap::FILE_HEADER].iter().chain(packets).copied().collect()
}

/// One byte in about `every` of the TCP payloads is another; with `mended`, checksums are right all the same.
pub(super) fn corrupted(capture: &[u8], seed: u64, every: u64, mended: bool) -> Vec<u8> {
    let mut bytes = capture.to_vec();
    let mut random = Random(seed);
    for range in pcap::offsets(capture).windows(2) {
        let frame = &mut bytes[range[0] + PACKET_HEADER..range[1]];
        let Some(payload) = payload(frame) else { continue };
        for byte in &mut frame[payload..] {
            if random.next().is_multiple_of(every) {
                *byte = random.next().to_le_bytes()[0];
            }
        }
        if mended {
            mend(frame);
        }
    }
    bytes
}

const ETHERNET: usize = 14;
const IP: usize = 20;
const TCP_CHECKSUM: usize = ETHERNET + IP + 16;

/// Where the payload of an Ethernet frame with IPv4 without options and TCP begins.
fn payload(frame: &[u8]) -> Option<usize> {
    let tcp = frame.get(12..14)? == [8, 0] && frame.get(ETHERNET)? == &0x45 && frame.get(ETHERNET + 9)? == &6;
    let header = usize::from(frame.get(ETHERNET + IP + 12)? >> 4) * 4;
    (tcp && ETHERNET + IP + header < frame.len()).then_some(ETHERNET + IP + header)
}

/// Writes the checksum that a segment should have (RFC 9293 section 3.1).
fn mend(frame: &mut [u8]) {
    frame[TCP_CHECKSUM..TCP_CHECKSUM + 2].fill(0);
    let length = frame.len() - ETHERNET - IP;
    let pseudo =
        [&frame[ETHERNET + 12..ETHERNET + IP], &[0, 6], &u16::try_from(length).unwrap().to_be_bytes()].concat();
    let words = |bytes: &[u8]| -> u64 {
        bytes.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0))).sum()
    };
    let mut sum = words(&pseudo) + words(&frame[ETHERNET + IP..]);
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    let checksum = !u16::try_from(sum).unwrap();
    frame[TCP_CHECKSUM..TCP_CHECKSUM + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// Marsaglia's xorshift: the same damage every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn a_checksum_that_is_mended_without_damage_stays() {
    // A SYN as Linux sent it, from 127.0.0.1:57212 to 127.0.0.20:4242.
    let capture = pcap::announcements(2);
    assert_eq!(corrupted(&capture, 1, 2, true), capture, "no TCP, no damage");
    assert_eq!(thinned(&capture, 2).len(), pcap::offsets(&capture)[1]);
    assert!(cut(&capture).len() < capture.len());
}
