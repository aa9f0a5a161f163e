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

/// A capture that kept at most so many bytes of each frame.
pub(crate) fn snapped(whole: &[u8], bytes: u32) -> Vec<u8> {
    let mut file = whole[..FILE_HEADER].to_vec();
    for ends in offsets(whole).windows(2) {
        let (head, frame) = whole[ends[0]..ends[1]].split_at(PACKET_HEADER);
        let kept = frame.len().min(usize::try_from(bytes).unwrap());
        file.extend(&head[..8]);
        file.extend(u32::try_from(kept).unwrap().to_le_bytes());
        file.extend(&head[12..]);
        file.extend(&frame[..kept]);
    }
    file
}

/// A capture with each frame as many times as is said of it: 0, and it was not captured; 2, and both ends of its path were mirrored.
pub(crate) fn repeated(whole: &[u8], times: impl Fn(&[u8]) -> usize) -> Vec<u8> {
    let mut file = whole[..FILE_HEADER].to_vec();
    for ends in offsets(whole).windows(2) {
        let record = &whole[ends[0]..ends[1]];
        file.extend(record.repeat(times(&record[PACKET_HEADER..])));
    }
    file
}

/// A capture of `packets` ARP announcements by 10.0.0.7, one a second: the smallest there is to see.
pub(crate) fn announcements(packets: u32) -> Vec<u8> {
    each_second((0..packets).map(|_| ANNOUNCEMENT))
}

/// A capture of `packets` questions that any machine answers which is not kept from it, one a second, in turn: who has
/// 10.0.0.254 (ARP), who is in which group (IGMP, MLD), who is there (echo to all, in both versions of IP).
pub(crate) fn questions(packets: u32) -> Vec<u8> {
    let all = [who_has(), igmp_query(), echo_to_all(), mld_query(), echo_to_all_nodes()];
    each_second(all.iter().map(Vec::as_slice).cycle().take(usize::try_from(packets).unwrap()))
}

pub(crate) fn each_second<'a>(frames: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    // Little-endian, microseconds, version 2.4, snapshot length 65535, Ethernet.
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0];
    for (second, frame) in (FIRST_SECOND..).zip(frames) {
        let length = u32::try_from(frame.len()).unwrap();
        for field in [second, 0, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// Two hosts of 10.0.0.0/24, and their ports.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) from: u8,
    pub(crate) to: u8,
    pub(crate) ports: (u16, u16),
}

/// A datagram between two of them.
pub(crate) fn udp(ends: Ends, payload: &[u8]) -> Vec<u8> {
    between(ends, 17, &of_udp(ends.ports, payload))
}

fn between(ends: Ends, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len() + 20).unwrap().to_be_bytes();
    let header = [0x45, 0, high, low, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, ends.from, 10, 0, 0, ends.to];
    let macs = [0, 0, 0x5e, 0, 0x53, ends.to, 0, 0, 0x5e, 0, 0x53, ends.from, 8, 0];
    [&macs[..], &header, payload].concat()
}

/// A connection between two of them, opened by the first: what each says in turn, told whether it is the first one.
pub(crate) fn connection(ends: Ends, said: &[(bool, &[u8])]) -> Vec<Vec<u8>> {
    let mut next = [1000_u32, 2000];
    let mut segment = |is_first: bool, flags: u8, payload: &[u8]| {
        let (own, other) = if is_first { (0, 1) } else { (1, 0) };
        let ends =
            if is_first { ends } else { Ends { from: ends.to, to: ends.from, ports: (ends.ports.1, ends.ports.0) } };
        let (source, destination) = (ends.ports.0.to_be_bytes(), ends.ports.1.to_be_bytes());
        let (sequence, acknowledgement) = (next[own].to_be_bytes(), next[other].to_be_bytes());
        let rest = [0x50, flags, 0xff, 0xff, 0, 0, 0, 0];
        next[own] += u32::try_from(payload.len()).unwrap() + u32::from(flags & SYN != 0);
        between(ends, 6, &[&source[..], &destination, &sequence, &acknowledgement, &rest, payload].concat())
    };
    let mut packets = vec![segment(true, SYN, &[]), segment(false, SYN | ACK, &[]), segment(true, ACK, &[])];
    packets.extend(said.iter().map(|(is_first, payload)| segment(*is_first, ACK, payload)));
    packets
}

const SYN: u8 = 2;
const ACK: u8 = 16;

/// A datagram to all DHCP servers of the link (ff02::1:2), from fe80::7.
pub(crate) fn udp_v6(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
    let mut addresses = [0; 32];
    (addresses[0], addresses[1], addresses[15]) = (0xfe, 0x80, 7);
    (addresses[16], addresses[17], addresses[29], addresses[31]) = (0xff, 2, 1, 2);
    let header = [0x60, 0, 0, 0, length[0], length[1], 17, 64];
    [&[0x33, 0x33, 0, 1, 0, 2][..], &SENDER, &[0x86, 0xdd], &header, &addresses, &of_udp(ports, payload)].concat()
}

fn of_udp((source, destination): (u16, u16), payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
    [&source.to_be_bytes()[..], &destination.to_be_bytes(), &length, &[0; 2], payload].concat()
}

/// From 10.0.0.7, whose MAC address is 00:00:5e:00:53:07.
const SENDER: [u8; 6] = [0, 0, 0x5e, 0, 0x53, 7];

fn who_has() -> Vec<u8> {
    let mut frame = ANNOUNCEMENT.to_vec();
    *frame.last_mut().unwrap() = 254;
    frame
}

fn igmp_query() -> Vec<u8> {
    // RFC 2236: a general query, to be answered within a second; with the router alert option of RFC 2113.
    let message = checked(&[], &[0x11, 10, 0, 0, 0, 0, 0, 0]);
    ipv4([1, 0, 0x5e, 0, 0, 1], 2, [224, 0, 0, 1], &[0x94, 4, 0, 0], &message)
}

fn echo_to_all() -> Vec<u8> {
    let message = checked(&[], &[8, 0, 0, 0, 0, 7, 0, 1]);
    ipv4([0xff; 6], 1, [10, 0, 0, 255], &[], &message)
}

fn mld_query() -> Vec<u8> {
    // RFC 2710: a general query, behind the hop-by-hop header with a router alert (RFC 2711).
    let mut message = vec![130, 0, 0, 0, 0, 10, 0, 0];
    message.extend([0; 16]);
    ipv6(&[58, 0, 5, 2, 0, 0, 1, 0], &message)
}

fn echo_to_all_nodes() -> Vec<u8> {
    ipv6(&[], &[128, 0, 0, 0, 0, 7, 0, 1])
}

fn ipv4(to: [u8; 6], protocol: u8, destination: [u8; 4], options: &[u8], message: &[u8]) -> Vec<u8> {
    let header = u8::try_from(20 + options.len()).unwrap();
    let total = header + u8::try_from(message.len()).unwrap();
    let fixed = [0x40 | (header / 4), 0, 0, total, 0, 1, 0, 0, 1, protocol, 0, 0, 10, 0, 0, 7];
    let header = checked_at(10, &[], &[&fixed[..], &destination, options].concat());
    [&to[..], &SENDER, &[8, 0], &header, message].concat()
}

/// To all nodes of the link (ff02::1), from fe80::7.
fn ipv6(extension: &[u8], message: &[u8]) -> Vec<u8> {
    let mut addresses = [0; 32];
    (addresses[0], addresses[1], addresses[15]) = (0xfe, 0x80, 7);
    (addresses[16], addresses[17], addresses[31]) = (0xff, 2, 1);
    let length = u8::try_from(message.len()).unwrap();
    // RFC 8200 8.1: addresses, length, next header.
    let pseudo = [&addresses[..], &[0, 0, 0, length, 0, 0, 0, 58]].concat();
    let next = if extension.is_empty() { 58 } else { 0 };
    let payload = length + u8::try_from(extension.len()).unwrap();
    let header = [0x60, 0, 0, 0, 0, payload, next, 1];
    let to = [0x33, 0x33, 0, 0, 0, 1];
    [&to[..], &SENDER, &[0x86, 0xdd], &header, &addresses, extension, &checked(&pseudo, message)].concat()
}

/// A message with its checksum (RFC 1071) at bytes 2 and 3, of it and of what stands before it.
fn checked(before: &[u8], message: &[u8]) -> Vec<u8> {
    checked_at(2, before, message)
}

fn checked_at(place: usize, before: &[u8], message: &[u8]) -> Vec<u8> {
    let words = [before, message].concat();
    let sum: u32 = words.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    let mut message = message.to_vec();
    message[place..place + 2].copy_from_slice(&u16::try_from(folded ^ 0xffff).unwrap().to_be_bytes());
    message
}

/// 2026-11-24 08:00 UTC.
const FIRST_SECOND: u32 = 1_795_507_200;

const ANNOUNCEMENT: &[u8] = &[
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x5e, 0, 0x53, 7, 8, 6, // Ethernet, ARP
    0, 1, 8, 0, 6, 4, 0, 1, 0, 0, 0x5e, 0, 0x53, 7, 10, 0, 0, 7, // request, sender
    0, 0, 0, 0, 0, 0, 10, 0, 0, 7, // target: itself
];

/// A way to carry an Ethernet frame: what stands before it, and after the Ethernet header where that stays. Told whether it goes
/// from the smaller MAC address to the larger one, which tells the ends of the tunnel.
pub(crate) type Wrap = fn(&[u8], bool) -> Vec<u8>;

/// An Ethernet capture with each frame in a tunnel.
pub(crate) fn tunnelled(ethernet: &[u8], wrap: Wrap) -> Vec<u8> {
    let mut file = ethernet[..FILE_HEADER].to_vec();
    for ends in offsets(ethernet).windows(2) {
        let (head, frame) = ethernet[ends[0]..ends[1]].split_at(PACKET_HEADER);
        let frame = wrap(frame, frame[..6] > frame[6..12]);
        file.extend(&head[..8]);
        for _ in 0..2 {
            file.extend(u32::try_from(frame.len()).unwrap().to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// Tunnels that are networks of their own, and carriers of the network's own frames.
pub(crate) const NETWORKS: [(&str, Wrap); 3] = [
    ("vxlan 5001", |frame, forth| in_udp(4789, &[&[8, 0, 0, 0, 0, 0x13, 0x89, 0], frame].concat(), forth)),
    ("geneve 7", |frame, forth| in_udp(6081, &[&[1, 0, 0x65, 0x58, 0, 0, 7, 0, 0, 0, 0, 0], frame].concat(), forth)),
    ("gre 9 192.0.2.101 192.0.2.102", |frame, forth| {
        in_ip(47, &[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 9], frame].concat(), forth)
    }),
];

pub(crate) const COPIES: [(&str, Wrap); 5] = [
    // One session for each direction.
    ("erspan", |frame, forth| {
        let head = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 1 + u8::from(forth), 0, 0, 0, 0];
        in_ip(47, &[&head, frame].concat(), forth)
    }),
    ("capwap", |frame, forth| in_udp(5247, &[&[0, 0x10, 2, 0, 0, 0, 0, 0], frame].concat(), forth)),
    ("capwap with 802.11", |frame, forth| {
        // From a station, and to one.
        let (flags, point) = (if forth { 1 } else { 2 }, [2, 0, 0, 0, 0xa, 0xb]);
        let (to, from) = (&frame[..6], &frame[6..12]);
        let addresses = if forth { [&point, from, to].concat() } else { [to, &point, from].concat() };
        let wifi = [&[0x88, flags, 0, 0][..], &addresses, &[0; 4], &[0xaa, 0xaa, 3, 0, 0, 0], &frame[12..]].concat();
        in_udp(5247, &[&[0, 0x10, 3, 0, 0, 0, 0, 0][..], &wifi].concat(), forth)
    }),
    ("vn-tag", |frame, _| [&frame[..12], &[0x89, 0x26, 1, 2, 3, 4], &frame[12..]].concat()),
    ("mpls", |frame, forth| ethernet(0x8847, &[&[0, 1 + u8::from(forth), 1, 64, 0, 0, 0, 0], frame].concat(), forth)),
];

fn in_udp(port: u16, payload: &[u8], forth: bool) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
    // Who tunnels to a port sends from another one in each direction; an access point has one only.
    let [source, destination]: [u16; 2] = match (port, forth) {
        (5247, true) => [50_000, port],
        (5247, false) => [port, 50_000],
        _ => [50_000 + u16::from(forth), port],
    };
    in_ip(17, &[&source.to_be_bytes(), &destination.to_be_bytes(), &length, &[0; 2], payload].concat(), forth)
}

fn in_ip(protocol: u8, payload: &[u8], forth: bool) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len() + 20).unwrap().to_be_bytes();
    let (from, to) = if forth { (101, 102) } else { (102, 101) };
    let head = [0x45, 0, high, low, 0, 0, 0x40, 0, 64, protocol, 0, 0, 192, 0, 2, from, 192, 0, 2, to];
    ethernet(0x0800, &[&head, payload].concat(), forth)
}

fn ethernet(kind: u16, payload: &[u8], forth: bool) -> Vec<u8> {
    let (from, to) = if forth { (1, 2) } else { (2, 1) };
    [&[2, 0, 0, 0, 0xee, to, 2, 0, 0, 0, 0xee, from][..], &kind.to_be_bytes(), payload].concat()
}
