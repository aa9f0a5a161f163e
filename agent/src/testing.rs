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
    payload: Vec<u8>,
}

/// A segment without flags and payload.
pub(crate) fn tcp(from: End, to: End, sequence: u32) -> Tcp {
    Tcp { from, to, sequence, acknowledgement: None, flags: 0, payload: Vec::new() }
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

    fn flag(mut self, flag: u8) -> Self {
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
            &[0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0],
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

/// What the engine reports of frames, with so many workers.
pub(crate) fn report(frames: &[Captured], limits: &Limits, workers: usize) -> Facts {
    let work = |index| {
        let mut worker = Worker::new(index, workers, limits);
        worker.frames(frames.iter().map(Captured::frame));
        worker.finish()
    };
    assemble((0..workers).flat_map(work).collect()).0
}
