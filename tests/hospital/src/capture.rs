//! Captures: packets in the order of their time, and the formats pcap (draft-ietf-opsawg-pcap, "PCAP Capture File
//! Format") and pcapng (draft-ietf-opsawg-pcapng).

use crate::length;

/// A captured packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Nanoseconds since 1970, UTC.
    pub at: u64,
    /// The frame as far as it was captured.
    pub bytes: Vec<u8>,
    /// Its length on the wire.
    pub wire_length: usize,
}

impl Packet {
    /// A frame captured in full.
    pub fn new(at: u64, bytes: Vec<u8>) -> Self {
        Self { at, wire_length: bytes.len(), bytes }
    }

    /// Of the frame only the first bytes are captured.
    pub fn cut(&mut self, snaplen: usize) {
        self.bytes.truncate(snaplen);
    }
}

/// Puts the packets of several conversations into one order. Of packets at the same time the earlier conversation's
/// come first.
pub fn merge(conversations: impl IntoIterator<Item = Vec<Packet>>) -> Vec<Packet> {
    let mut packets: Vec<Packet> = conversations.into_iter().flatten().collect();
    packets.sort_by_key(|packet| packet.at);
    packets
}

/// What a tick of a time stamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Resolution {
    Microseconds,
    Nanoseconds,
}

/// The order of the bytes in the file's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ByteOrder {
    Little,
    Big,
}

/// How to write a pcap file of Ethernet frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcap {
    /// Of the time stamps.
    pub resolution: Resolution,
    /// Of the headers.
    pub byte_order: ByteOrder,
    /// Longest packet; longer ones are cut.
    pub snaplen: u32,
}

impl Default for Pcap {
    fn default() -> Self {
        Self { resolution: Resolution::Microseconds, byte_order: ByteOrder::Little, snaplen: 262_144 }
    }
}

impl Pcap {
    const ETHERNET: u32 = 1;

    /// The file.
    pub fn file(&self, packets: &[Packet]) -> Vec<u8> {
        let (magic, tick) = match self.resolution {
            Resolution::Microseconds => (0xa1b2_c3d4, 1_000),
            Resolution::Nanoseconds => (0xa1b2_3c4d, 1),
        };
        let mut file = self.u32(magic).to_vec();
        file.extend(match self.byte_order {
            ByteOrder::Little => [2, 0, 4, 0],
            ByteOrder::Big => [0, 2, 0, 4],
        });
        for field in [0, 0, self.snaplen, Self::ETHERNET] {
            file.extend(self.u32(field));
        }
        for packet in packets {
            let snaplen = usize::try_from(self.snaplen).expect("a length");
            let kept: Vec<u8> = packet.bytes.iter().copied().take(snaplen).collect();
            let seconds = u32::try_from(packet.at / 1_000_000_000).expect("a time before 2106");
            let fraction = u32::try_from(packet.at % 1_000_000_000 / tick).expect("less than a second");
            for field in [seconds, fraction, length(kept.len()), length(packet.wire_length)] {
                file.extend(self.u32(field));
            }
            file.extend(kept);
        }
        file
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        match self.byte_order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        }
    }
}

/// How to write a pcapng file of Ethernet frames from one interface, with time stamps in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcapng<'a> {
    /// Name of the interface.
    pub interface: &'a str,
    /// Longest packet; longer ones are cut.
    pub snaplen: u32,
}

impl Pcapng<'_> {
    /// Block types (11.1).
    const SECTION: u32 = 0x0a0d_0d0a;
    const INTERFACE: u32 = 1;
    const ENHANCED_PACKET: u32 = 6;
    const BYTE_ORDER: u32 = 0x1a2b_3c4d;
    /// Options of an interface: its name, and the negative power of ten that a tick is.
    const IF_NAME: u16 = 2;
    const IF_TSRESOL: u16 = 9;

    /// The file, little-endian.
    pub fn file(&self, packets: &[Packet]) -> Vec<u8> {
        // Version 1.0, a section of unknown length.
        let section = [&Self::BYTE_ORDER.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
        let interface = [
            &[1, 0, 0, 0][..],
            &self.snaplen.to_le_bytes(),
            &option(Self::IF_NAME, self.interface.as_bytes()),
            &option(Self::IF_TSRESOL, &[9]),
            &option(0, &[]),
        ];
        let mut file = block(Self::SECTION, &section);
        file.extend(block(Self::INTERFACE, &interface.concat()));
        let snaplen = usize::try_from(self.snaplen).expect("a length");
        for packet in packets {
            let kept = packet.bytes.get(..snaplen).unwrap_or(&packet.bytes);
            let [a, b, c, d, e, f, g, h] = packet.at.to_be_bytes();
            let mut body = vec![0, 0, 0, 0, d, c, b, a, h, g, f, e];
            body.extend(length::<u32>(kept.len()).to_le_bytes());
            body.extend(length::<u32>(packet.wire_length).to_le_bytes());
            body.extend(kept);
            file.extend(block(Self::ENHANCED_PACKET, &body));
        }
        file
    }
}

/// A block: type, length, body in words of four bytes, length again (3.1).
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let body = padded(body);
    let total = length::<u32>(body.len() + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &total, &body, &total].concat()
}

/// An option: code, length, value (3.5).
fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_le_bytes()[..], &length::<u16>(value.len()).to_le_bytes(), &padded(value)].concat()
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pcapng_has_a_section_an_interface_in_nanoseconds_and_padded_packets() {
        let packet = Packet::new(0x0102_0304_0506_0708, vec![7; 61]);
        let file = Pcapng { interface: "span0", snaplen: 65_535 }.file(&[packet]);
        let (section, rest) = file.split_at(28);
        assert_eq!(section[..16], [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0]);
        let (interface, packet) = rest.split_at(44);
        let expected = b"\x01\0\0\0\x2c\0\0\0\x01\0\0\0\xff\xff\0\0\x02\0\x05\0span0\0\0\0\x09\0\x01\0\x09\0\0\0\0\0\0\0\x2c\0\0\0";
        assert_eq!(interface, expected);
        assert_eq!(packet.len(), 32 + 64);
        assert_eq!(packet[..28], *b"\x06\0\0\0\x60\0\0\0\0\0\0\0\x04\x03\x02\x01\x08\x07\x06\x05\x3d\0\0\0\x3d\0\0\0");
        assert_eq!(packet[92..], [96, 0, 0, 0]);
    }

    fn packets() -> Vec<Packet> {
        let late = Packet::new(1_700_000_001_000_002_003, vec![7; 70]);
        let early = Packet::new(1_700_000_000_000_000_000, vec![8; 60]);
        merge([vec![late], vec![early]])
    }

    #[test]
    fn packets_come_in_the_order_of_their_time() {
        assert!(packets().is_sorted_by_key(|packet| packet.at));
    }

    #[test]
    fn all_four_kinds_of_header_are_written() {
        let magic = |resolution, byte_order| {
            let file = Pcap { resolution, byte_order, ..Pcap::default() }.file(&packets());
            assert_eq!(file.len(), 24 + 2 * 16 + 60 + 70);
            <[u8; 4]>::try_from(&file[..4]).unwrap()
        };
        assert_eq!(magic(Resolution::Microseconds, ByteOrder::Little), [0xd4, 0xc3, 0xb2, 0xa1]);
        assert_eq!(magic(Resolution::Microseconds, ByteOrder::Big), [0xa1, 0xb2, 0xc3, 0xd4]);
        assert_eq!(magic(Resolution::Nanoseconds, ByteOrder::Little), [0x4d, 0x3c, 0xb2, 0xa1]);
        assert_eq!(magic(Resolution::Nanoseconds, ByteOrder::Big), [0xa1, 0xb2, 0x3c, 0x4d]);
    }

    #[test]
    fn a_long_packet_is_cut_and_its_length_kept() {
        let file = Pcap { snaplen: 64, ..Pcap::default() }.file(&packets());
        assert_eq!(file.len(), 24 + 2 * 16 + 60 + 64);
        assert_eq!(file[24 + 16 + 60 + 8..][..8], [64, 0, 0, 0, 70, 0, 0, 0]);
    }
}
