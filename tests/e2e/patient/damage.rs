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

/// One byte in about `every` of the TCP payloads is another, and the checksums are right all the same: nothing tells but
/// the content. A byte becomes one of A0 to FF, which no tag of equipment has, and which makes a length too long for any
/// text; what separates HL7 fields stays, since without it a field is another, and no reader could know.
pub(super) fn corrupted(capture: &[u8], seed: u64, every: u64) -> Vec<u8> {
    let mut random = Random(seed);
    with_payloads(capture, |payload| {
        for byte in payload {
            if random.next().is_multiple_of(every) && !b"|^~\\&\r\n\x0b\x1c".contains(byte) {
                *byte = 0xA0 + random.next().to_le_bytes()[0] % 0x60;
            }
        }
    })
}

/// Texts of equipment whose length takes in the next `elements` of the data set, so that all behind them is as it should
/// be: Manufacturer, Station Name, Model, Station AE Title, Serial Number, Software Versions, Detector ID; explicit VR
/// little endian.
pub(super) fn swallowing(capture: &[u8], elements: usize) -> Vec<u8> {
    let texts: [&[u8]; 7] = [
        b"\x08\0\x70\0LO",
        b"\x08\0\x10\x10SH",
        b"\x08\0\x90\x10LO",
        b"\x08\0\x55\0AE",
        b"\x18\0\0\x10LO",
        b"\x18\0\x20\x10LO",
        b"\x18\0\x0A\x70SH",
    ];
    with_payloads(capture, |payload| {
        for at in 0..payload.len() {
            if texts.iter().any(|header| payload[at..].starts_with(header)) {
                let end = (0..=elements).try_fold(at, |next, _| end_of_element(payload, next));
                if let Some(end) = end {
                    payload[at + 6..at + 8].copy_from_slice(&u16::try_from(end - at - 8).unwrap().to_le_bytes());
                }
            }
        }
    })
}

/// Where an element with an explicit length of 16 bits ends, if that is in this segment (PS3.5 section 7.1.2).
fn end_of_element(bytes: &[u8], at: usize) -> Option<usize> {
    let header = bytes.get(at..at + 8)?;
    let short = header[4..6].iter().all(u8::is_ascii_uppercase)
        && !matches!(&header[4..6], b"SQ" | b"OB" | b"OW" | b"UN" | b"UT" | b"UC" | b"UR");
    let end = at + 8 + usize::from(u16::from_le_bytes([header[6], header[7]]));
    (short && end <= bytes.len()).then_some(end)
}

/// Damages every TCP payload, then gives its segment a right checksum.
fn with_payloads(capture: &[u8], mut damage: impl FnMut(&mut [u8])) -> Vec<u8> {
    let mut bytes = capture.to_vec();
    for range in pcap::offsets(capture).windows(2) {
        let frame = &mut bytes[range[0] + PACKET_HEADER..range[1]];
        if let Some(payload) = payload(frame) {
            damage(&mut frame[payload..]);
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
fn a_mended_checksum_is_the_one_the_sender_wrote() {
    // FIN, ACK from 10.0.0.155:49242 to 10.0.0.126:6661, with a byte of padding where a payload would be.
    let sent: [u8; 55] = [
        0, 12, 41, 181, 182, 72, 8, 0, 39, 29, 166, 194, 8, 0, 0x45, 0, 0, 41, 0x5d, 0xd1, 0x40, 0, 0x80, 6, 0, 0, 10,
        0, 0, 0x9b, 10, 0, 0, 0x7e, 0xc0, 0x5a, 0x1a, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x11, 1, 0, 0, 0, 0, 0, 7,
    ];
    let mut frame = sent;
    assert_eq!(payload(&frame), Some(54));
    mend(&mut frame);
    let words = frame[26..34].chunks(2).chain(frame[34..].chunks(2));
    let sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0))).sum();
    let sum = sum + 6 + 21;
    assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF, "a right checksum sums to all ones");
}

#[test]
fn what_has_no_payload_takes_no_damage() {
    let capture = pcap::announcements(2);
    assert_eq!(corrupted(&capture, 1, 2), capture);
    assert_eq!(swallowing(&capture, 2), capture);
    assert_eq!(thinned(&capture, 2).len(), pcap::offsets(&capture)[1]);
    assert!(cut(&capture).len() < capture.len());
}
