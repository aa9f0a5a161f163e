//! Frames for tests, made byte by byte, and the engine run over them.

use crate::{
    engine::{Worker, assemble},
    limits::Limits,
    source::{Frame, LinkType},
};
use std::net::IpAddr;
use wardwatch_model::{Facts, PacketTime};

/// A frame and what the capture says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    pub(crate) at: PacketTime,
    pub(crate) bytes: Vec<u8>,
    pub(crate) wire_len: u32,
    pub(crate) link: LinkType,
}

impl Captured {
    pub(crate) fn new(link: LinkType, bytes: Vec<u8>) -> Self {
        let wire_len = u32::try_from(bytes.len()).unwrap();
        Self { at: PacketTime(0), bytes, wire_len, link }
    }

    /// As captured with a snapshot length.
    pub(crate) fn cut(mut self, snaplen: usize) -> Self {
        self.bytes.truncate(snaplen);
        self
    }

    /// With an identification, if it is of IPv4 in an Ethernet frame.
    pub(crate) fn id(mut self, id: u16) -> Self {
        let ip = self.network();
        self.bytes[ip + 4..ip + 6].copy_from_slice(&id.to_be_bytes());
        self
    }

    /// The copy of a mirror port that tags frames.
    pub(crate) fn tagged(&self, vlan: u16) -> Self {
        let (macs, rest) = self.bytes.split_at(12);
        let bytes = [macs, &[0x81, 0x00], &vlan.to_be_bytes(), rest].concat();
        Self { at: self.at, ..Self::new(self.link, bytes) }
    }

    /// The copy behind a router: its MAC addresses, and a hop less.
    pub(crate) fn behind_a_router(&self) -> Self {
        let mut copy = self.clone();
        copy.bytes[..12].copy_from_slice(&[2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8]);
        let ip = copy.network();
        let hops_left = if copy.bytes[ip] >> 4 == 4 { 8 } else { 7 };
        copy.bytes[ip + hops_left] -= 1;
        copy
    }

    /// Captured so many microseconds later.
    pub(crate) fn later(mut self, micros: u64) -> Self {
        self.at.0 += micros * 1000;
        self
    }

    /// Where the IP header begins.
    fn network(&self) -> usize {
        if self.bytes[12..14] == [0x81, 0x00] { 18 } else { 14 }
    }

    /// As captured so many milliseconds after the start.
    pub(crate) fn at(mut self, millis: u64) -> Self {
        self.at = PacketTime(millis * 1_000_000);
        self
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { at: self.at, bytes: &self.bytes, wire_len: self.wire_len, link: self.link, outer_vlan: None }
    }
}

/// One end of a connection, and where its frames come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) mac: [u8; 6],
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) vlan: Option<u16>,
    pub(crate) hops_left: u8,
}

/// Host `last` of 192.0.2.0/24 (RFC 5737).
pub(crate) fn end(last: u8, port: u16) -> End {
    End { mac: [0, 0, 0x5e, 0, 0x53, last], ip: [192, 0, 2, last].into(), port, vlan: None, hops_left: 64 }
}

/// Host `last` of 2001:db8::/64 (RFC 3849).
pub(crate) fn end_v6(last: u8, port: u16) -> End {
    End { ip: [0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)].into(), ..end(last, port) }
}

/// A TCP segment in the making.
#[derive(Clone, Debug)]
pub(crate) struct Tcp {
    from: End,
    to: End,
    sequence: u32,
    acknowledgement: Option<u32>,
    flags: u8,
    options: Vec<u8>,
    urgent: u16,
    checksum: u16,
    payload: Vec<u8>,
}

/// A segment without flags and payload.
pub(crate) fn tcp(from: End, to: End, sequence: u32) -> Tcp {
    Tcp {
        from,
        to,
        sequence,
        acknowledgement: None,
        flags: 0,
        options: Vec::new(),
        urgent: 0,
        checksum: 0,
        payload: Vec::new(),
    }
}

impl Tcp {
    pub(crate) fn fin(self) -> Self {
        self.flag(0x01)
    }

    pub(crate) fn syn(self) -> Self {
        self.flag(0x02)
    }

    pub(crate) fn rst(self) -> Self {
        self.flag(0x04)
    }

    pub(crate) fn ack(mut self, acknowledgement: u32) -> Self {
        self.acknowledgement = Some(acknowledgement);
        self.flag(0x10)
    }

    pub(crate) fn data(mut self, payload: impl AsRef<[u8]>) -> Self {
        self.payload = payload.as_ref().to_vec();
        self
    }

    /// Options, a multiple of 4 bytes.
    pub(crate) fn options(mut self, options: &[u8]) -> Self {
        self.options = options.to_vec();
        self
    }

    /// With the URG flag and pointer.
    pub(crate) fn urgent(mut self, pointer: u16) -> Self {
        self.urgent = pointer;
        self.flag(0x20)
    }

    pub(crate) fn checksum(mut self, checksum: u16) -> Self {
        self.checksum = checksum;
        self
    }

    /// With more flags (RFC 9293, 3.1).
    pub(crate) fn flag(mut self, flag: u8) -> Self {
        self.flags |= flag;
        self
    }

    /// The frame, captured so many milliseconds after the start.
    pub(crate) fn at(&self, millis: u64) -> Captured {
        let header = [
            &self.from.port.to_be_bytes()[..],
            &self.to.port.to_be_bytes(),
            &self.sequence.to_be_bytes(),
            &self.acknowledgement.unwrap_or(0).to_be_bytes(),
            &[0x50 + u8::try_from(self.options.len() * 4).unwrap(), self.flags, 0xff, 0xff],
            &self.checksum.to_be_bytes(),
            &self.urgent.to_be_bytes(),
            &self.options,
        ];
        ip(self.from, self.to, 6, &[&header.concat()[..], &self.payload].concat()).at(millis)
    }
}

/// A UDP datagram.
pub(crate) fn udp(from: End, to: End, payload: &[u8]) -> Captured {
    let length = u16::try_from(8 + payload.len()).unwrap().to_be_bytes();
    let header = [from.port.to_be_bytes(), to.port.to_be_bytes(), length, [0; 2]].concat();
    ip(from, to, 17, &[&header[..], payload].concat())
}

/// An ARP request (1) or reply (2).
pub(crate) fn arp(operation: u8, from: End, to: IpAddr) -> Captured {
    let (IpAddr::V4(sender), IpAddr::V4(target)) = (from.ip, to) else { panic!("ARP is for IPv4") };
    let head = [0, 1, 8, 0, 6, 4, 0, operation];
    let body = [&head[..], &from.mac, &sender.octets(), &[0; 6], &target.octets()].concat();
    ethernet(from, 0x0806, &body)
}

/// An ICMPv6 message.
pub(crate) fn icmp_v6(from: End, to: End, kind: u8) -> Captured {
    ip(from, to, 58, &[kind, 0, 0, 0, 0, 0, 0, 0])
}

/// An IP packet in an Ethernet frame.
pub(crate) fn ip(from: End, to: End, protocol: u8, payload: &[u8]) -> Captured {
    let length = u16::try_from(payload.len()).unwrap();
    match (from.ip, to.ip) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let [high, low] = (length + 20).to_be_bytes();
            let head = [0x45, 0, high, low, 0, 0, 0x40, 0, from.hops_left, protocol, 0, 0];
            ethernet(from, 0x0800, &[&head[..], &source.octets(), &destination.octets(), payload].concat())
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let [high, low] = length.to_be_bytes();
            let head = [0x60, 0, 0, 0, high, low, protocol, from.hops_left];
            ethernet(from, 0x86dd, &[&head[..], &source.octets(), &destination.octets(), payload].concat())
        }
        _ => panic!("both ends speak the same IP"),
    }
}

fn ethernet(from: End, ether_type: u16, payload: &[u8]) -> Captured {
    let tag = from.vlan.map(|vlan| [&[0x81, 0x00][..], &vlan.to_be_bytes()].concat()).unwrap_or_default();
    let head = [&[0x02, 0, 0, 0, 0, 1][..], &from.mac, &tag, &ether_type.to_be_bytes()].concat();
    Captured::new(LinkType::Ethernet, [&head[..], payload].concat())
}

/// Ways to carry a frame in others.
pub(crate) mod wrap {
    use super::{Captured, End, ethernet, ip, udp};

    /// A frame's bytes after its Ethernet header, which has no tag.
    pub(crate) fn packet(frame: &Captured) -> &[u8] {
        &frame.bytes[14..]
    }

    fn ether_type(frame: &Captured) -> [u8; 2] {
        [frame.bytes[12], frame.bytes[13]]
    }

    /// As captured when the frame was.
    fn like(frame: &Captured, made: Captured) -> Captured {
        Captured { at: frame.at, ..made }
    }

    /// A payload in a datagram to a port, from one that differs from flow to flow.
    pub(crate) fn in_udp(from: End, to: End, port: u16, parts: &[&[u8]], frame: &Captured) -> Captured {
        let spread = 49_152 + u16::from(*frame.bytes.last().unwrap_or(&0));
        like(frame, udp(End { port: spread, ..from }, End { port, ..to }, &parts.concat()))
    }

    pub(crate) fn vxlan(from: End, to: End, network: u32, frame: &Captured) -> Captured {
        let [_, a, b, c] = network.to_be_bytes();
        in_udp(from, to, 4789, &[&[0x08, 0, 0, 0, a, b, c, 0], &frame.bytes], frame)
    }

    pub(crate) fn geneve(from: End, to: End, network: u32, options: &[u8], frame: &Captured) -> Captured {
        let [_, a, b, c] = network.to_be_bytes();
        let words = u8::try_from(options.len() / 4).unwrap();
        in_udp(from, to, 6081, &[&[words, 0, 0x65, 0x58, a, b, c, 0], options, &frame.bytes], frame)
    }

    /// A G-PDU, with a sequence number and an extension.
    pub(crate) fn gtp_u(from: End, to: End, endpoint: u32, frame: &Captured) -> Captured {
        let length = u16::try_from(packet(frame).len() + 12).unwrap();
        let head = [&[0x36, 255][..], &length.to_be_bytes(), &endpoint.to_be_bytes()].concat();
        let datagram = [&head, &[0, 1, 0, 0x85][..], &[2, 0, 1, 0, 0, 0, 0, 0], packet(frame)].concat();
        like(frame, udp(End { port: 2152, ..from }, End { port: 2152, ..to }, &datagram))
    }

    /// An IPv6 packet in a datagram.
    pub(crate) fn teredo(from: End, to: End, headers: &[u8], frame: &Captured) -> Captured {
        like(frame, udp(from, to, &[headers, packet(frame)].concat()))
    }

    /// GRE with a checksum, and with a key and a sequence number where there are some.
    pub(crate) fn gre(from: End, to: End, key: Option<u32>, kind: u16, payload: &[u8], frame: &Captured) -> Captured {
        let mut head = vec![0x80, 0];
        head.extend(kind.to_be_bytes());
        head.extend([0xaa, 0xbb, 0, 0]);
        if let Some(key) = key {
            head[0] |= 0x30;
            head.extend(key.to_be_bytes());
            head.extend([0, 0, 0, 9]);
        }
        like(frame, ip(from, to, 47, &[&head[..], payload].concat()))
    }

    /// A packet in GRE.
    pub(crate) fn in_gre(from: End, to: End, key: Option<u32>, frame: &Captured) -> Captured {
        gre(from, to, key, u16::from_be_bytes(ether_type(frame)), packet(frame), frame)
    }

    /// ERSPAN of type 1, 2 or 3, with the VLAN of the frame.
    pub(crate) fn erspan(from: End, to: End, kind: u8, session: u16, vlan: u16, frame: &Captured) -> Captured {
        let [session_high, session_low] = session.to_be_bytes();
        let [vlan_high, vlan_low] = vlan.to_be_bytes();
        let (gre, head): (&[u8], Vec<u8>) = match kind {
            1 => (&[0, 0, 0x88, 0xbe], vec![]),
            2 => (
                &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1],
                vec![0x10 | vlan_high, vlan_low, session_high, session_low, 0, 0, 0, 7],
            ),
            _ => (
                &[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1],
                [&[0x20 | vlan_high, vlan_low, session_high, session_low][..], &[0; 6], &[0, 1], &[9; 8]].concat(),
            ),
        };
        like(frame, ip(from, to, 47, &[gre, &head, &frame.bytes].concat()))
    }

    /// A packet in IP.
    pub(crate) fn in_ip(from: End, to: End, frame: &Captured) -> Captured {
        let number = if ether_type(frame) == [0x08, 0x00] { 4 } else { 41 };
        like(frame, ip(from, to, number, packet(frame)))
    }

    /// Labels, and a packet or, with `control`, a frame.
    pub(crate) fn mpls(from: End, labels: &[u32], control: Option<&[u8]>, frame: &Captured) -> Captured {
        let last = labels.len() - 1;
        let stack = labels
            .iter()
            .enumerate()
            .flat_map(|(place, label)| (label << 12 | u32::from(place == last) << 8 | 64).to_be_bytes());
        let payload = match control {
            Some(control) => [control, &frame.bytes].concat(),
            None => packet(frame).to_vec(),
        };
        like(frame, ethernet(from, 0x8847, &stack.chain(payload).collect::<Vec<_>>()))
    }

    /// From one station of a link to another.
    pub(crate) fn pppoe(from: End, to: End, session: u16, frame: &Captured) -> Captured {
        let protocol = if ether_type(frame) == [0x08, 0x00] { [0, 0x21] } else { [0, 0x57] };
        let length = u16::try_from(packet(frame).len() + 2).unwrap();
        let head = [&[0x11, 0][..], &session.to_be_bytes(), &length.to_be_bytes(), &protocol].concat();
        let mut made = ethernet(from, 0x8864, &[&head[..], packet(frame)].concat());
        made.bytes[..6].copy_from_slice(&to.mac);
        like(frame, made)
    }

    /// A tag of this ether type behind the addresses, in the network's own frame.
    pub(crate) fn tagged(tag: &[u8], frame: &Captured) -> Captured {
        let (addresses, rest) = frame.bytes.split_at(12);
        like(frame, Captured::new(frame.link, [addresses, tag, rest].concat()))
    }

    pub(crate) fn pbb(from: End, service: u32, frame: &Captured) -> Captured {
        like(frame, ethernet(from, 0x88e7, &[&service.to_be_bytes()[..], &frame.bytes].concat()))
    }

    /// CAPWAP data of an access point to its controller, 802.3 in it: the header's flags, fragment and place, and a part of the
    /// content.
    pub(crate) fn capwap(
        from: End,
        to: End,
        flags: [u8; 2],
        fragment: [u8; 4],
        part: &[u8],
        at: &Captured,
    ) -> Captured {
        let [binding, more] = flags;
        let head = [&[0, 0x20, binding, more][..], &fragment, &[4, 1, 2, 3, 4, 0, 0, 0]].concat();
        like(at, udp(from, to, &[&head[..], part].concat()))
    }

    /// An 802.11 data frame with quality of service, from a station to its access point, or back.
    pub(crate) fn wifi(frame: &Captured, is_to: bool) -> Vec<u8> {
        let (to, from) = (&frame.bytes[..6], &frame.bytes[6..12]);
        let point = [2, 0, 0, 0, 0xa, 0xb];
        let (flags, addresses) =
            if is_to { (1, [&point[..], from, to].concat()) } else { (2, [to, &point[..], from].concat()) };
        let snap = [0xaa, 0xaa, 3, 0, 0, 0];
        [&[0x88, flags, 0, 0][..], &addresses, &[0; 4], &snap, &frame.bytes[12..]].concat()
    }
}

/// What the engine reports of frames, with so many workers.
pub(crate) fn report(frames: &[Captured], limits: &Limits, workers: usize) -> Facts {
    let work = |index| {
        let mut worker = Worker::new(index, workers, limits);
        worker.frames(frames.iter().map(Captured::frame));
        worker.finish()
    };
    assemble((0..workers).flat_map(work).collect()).0
}
