//! The engine: frames in, a report out. One worker takes packets to completion; several share out the shards, each
//! reading the capture for itself, so that no packet is handed from one thread to another.

use crate::{
    decode::{self, Arp, Body, Packet, TcpSegment, TransportPacket, UdpDatagram, Undecodable},
    flow::{Endpoint, Envelope, Seen, Shard, Way},
    limits::{Limits, SHARDS},
    protocol::Protocol,
    source::{Frame, LinkType},
};
use arrayvec::ArrayVec;
use std::net::IpAddr;
use wardwatch_model::{Facts, Mac, Place, Transport, Vlans};

/// A worker and the shards it owns.
pub struct Worker {
    /// `None` where another worker owns the shard.
    shards: Vec<Option<Shard>>,
}

/// Where frames are counted that belong to no flow.
const COMMON_SHARD: usize = 0;

impl Worker {
    /// Worker `index` of `count`; 0 <= index < count, 1 <= count <= [`SHARDS`].
    pub fn new(index: usize, count: usize, limits: &Limits) -> Self {
        let own = |shard: usize| (shard % count.max(1) == index).then(|| Shard::new(limits));
        Self { shards: (0..SHARDS).map(own).collect() }
    }

    /// Takes frames in order, those that belong to another worker left out.
    ///
    /// Memory is slow: what is known of a flow was not looked at for long. So the flows of some frames are looked up
    /// together, which takes little longer than looking up one, before each frame has its turn.
    pub fn frames<'a>(&mut self, mut frames: impl Iterator<Item = Frame<'a>>) {
        let mut ready = Waiting::new();
        loop {
            let mut is_over = true;
            for frame in frames.by_ref().take(AHEAD) {
                is_over = false;
                self.prepare(&frame, &mut ready);
            }
            if is_over {
                return;
            }
            for Ready { shard, content, .. } in &mut ready {
                if let (Some(Some(shard)), Content::Tcp(way, _) | Content::Udp(way, _)) =
                    (self.shards.get(*shard), content)
                {
                    way.found = shard.find(&way.key);
                }
            }
            let mut warm = 0;
            for Ready { shard, content, .. } in &ready {
                if let (Some(Some(shard)), Content::Tcp(way, _)) = (self.shards.get(*shard), content) {
                    warm ^= shard.warm(&way.found);
                }
            }
            std::hint::black_box(warm);
            ready.iter().for_each(|ready| self.take(ready));
            ready.clear();
        }
    }

    /// Decodes a frame, unless it belongs to another worker.
    #[inline(always)]
    fn prepare<'a>(&self, frame: &Frame<'a>, ready: &mut Waiting<'a>) {
        match decode::plain(frame) {
            Some(packet) => self.sort_in(frame, packet, ready),
            None => self.prepare_other(frame, ready),
        }
    }

    /// The same of any frame. On its own, so that of a plain frame no packet is put together only to be taken apart.
    #[inline(never)]
    fn prepare_other<'a>(&self, frame: &Frame<'a>, ready: &mut Waiting<'a>) {
        match decode::decode(frame) {
            Ok(packet) => self.sort_in(frame, packet, ready),
            Err(reason) => {
                let envelope = envelope(frame, None, Vlans::default(), 0);
                self.ready(Ready { envelope, shard: COMMON_SHARD, content: Content::Undecodable(reason) }, ready);
            }
        }
    }

    #[inline(always)]
    fn sort_in<'a>(&self, frame: &Frame<'a>, packet: Packet<'a>, ready: &mut Waiting<'a>) {
        let (hops_left, shard, content) = match packet.body {
            Body::Ip(ip) => {
                let way = |source_port, destination_port, transport| {
                    let source = Endpoint { ip: ip.source, port: source_port };
                    Way::new(source, Endpoint { ip: ip.destination, port: destination_port }, transport)
                };
                let (shard, content) = match ip.transport {
                    TransportPacket::Tcp(segment) => {
                        let way = way(segment.source_port, segment.destination_port, Transport::Tcp);
                        (way.key.shard(), Content::Tcp(way, segment))
                    }
                    TransportPacket::Udp(datagram) => {
                        let way = way(datagram.source_port, datagram.destination_port, Transport::Udp);
                        (way.key.shard(), Content::Udp(way, datagram))
                    }
                    TransportPacket::NeighbourDiscovery => (COMMON_SHARD, Content::Neighbour(ip.source)),
                    TransportPacket::Other => (COMMON_SHARD, Content::Other),
                };
                (ip.hops_left, shard, content)
            }
            Body::Arp(arp) => (0, COMMON_SHARD, Content::Arp(arp)),
            Body::Other => (0, COMMON_SHARD, Content::Other),
        };
        let envelope = envelope(frame, packet.mac, packet.vlans, hops_left);
        self.ready(Ready { envelope, shard, content }, ready);
    }

    #[inline(always)]
    fn ready<'a>(&self, one: Ready<'a>, ready: &mut Waiting<'a>) {
        if let Some(Some(_)) = self.shards.get(one.shard) {
            // There is room: no more are taken at once.
            let _ = ready.try_push(one);
        }
    }

    fn take(&mut self, ready: &Ready<'_>) {
        let Ready { envelope, shard, content } = ready;
        let Some(Some(shard)) = self.shards.get_mut(*shard) else { return };
        shard.tally.frame(envelope);
        match content {
            Content::Tcp(way, segment) => shard.tcp(way, envelope, segment),
            Content::Udp(way, datagram) => shard.udp(way, envelope, datagram),
            Content::Arp(arp) => {
                if let Some(facts) = shard.tally.protocol(Protocol::Arp) {
                    facts.messages += 1;
                }
                if let Some(ip) = arp.ip {
                    let place = Place { ip: ip.into(), mac: arp.mac, vlans: envelope.vlans };
                    shard.claim(place, envelope.at);
                }
            }
            Content::Neighbour(ip) => {
                shard.claim(Place { ip: *ip, mac: envelope.mac, vlans: envelope.vlans }, envelope.at);
            }
            Content::Undecodable(reason) => shard.tally.undecodable(*reason),
            Content::Other => {}
        }
    }

    /// What is over since the last cut, and everything that goes on, for [`assemble`].
    pub fn cut(&mut self) -> Vec<Part> {
        let part = |(index, shard): (usize, &mut Option<Shard>)| {
            let shard = shard.as_mut()?;
            Some(Part { index, finished: shard.take_finished(), open: Some(shard.open()), flows: shard.flows() })
        };
        self.shards.iter_mut().enumerate().filter_map(part).collect()
    }

    /// Ends every flow: what is over since the last cut.
    pub fn finish(self) -> Vec<Part> {
        let part = |(index, shard): (usize, Option<Shard>)| {
            let mut shard = shard?;
            shard.finish_flows();
            Some(Part { index, finished: shard.take_finished(), open: None, flows: 0 })
        };
        self.shards.into_iter().enumerate().filter_map(part).collect()
    }
}

/// How many frames are looked up together.
const AHEAD: usize = 16;

/// Frames that wait for their turn, without memory that would have to be asked for.
type Waiting<'a> = ArrayVec<Ready<'a>, AHEAD>;

/// A frame that is decoded and waits for its turn.
struct Ready<'a> {
    envelope: Envelope,
    shard: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Tcp(Way, TcpSegment<'a>),
    Udp(Way, UdpDatagram<'a>),
    Arp(Arp),
    Neighbour(IpAddr),
    Undecodable(Undecodable),
    Other,
}

#[inline(always)]
const fn envelope(frame: &Frame<'_>, mac: Option<Mac>, vlans: Vlans, hops_left: u8) -> Envelope {
    let (length, is_cut) = (frame.wire_len, frame.wire_len as usize > frame.bytes.len());
    let is_ethernet = matches!(frame.link, LinkType::Ethernet);
    Envelope { at: frame.at, mac, vlans, hops_left, length, is_cut, is_ethernet }
}

/// What one shard saw.
pub struct Part {
    index: usize,
    finished: Seen,
    open: Option<Seen>,
    /// Flows that go on.
    flows: u64,
}

/// Puts the parts of all workers together, in an order that does not depend on who had them: what is over, and what goes
/// on in how many flows.
pub fn assemble(mut parts: Vec<Part>) -> (Facts, Facts, u64) {
    parts.sort_by_key(|part| part.index);
    let (mut finished, mut open, mut flows) = (Facts::default(), Facts::default(), 0);
    for part in parts {
        flows += part.flows;
        part.finished.add_to(&mut finished);
        if let Some(seen) = part.open {
            seen.add_to(&mut open);
        }
    }
    (finished, open, flows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardwatch_hospital::{capture::Packet, first_light};
    use wardwatch_model::PacketTime;

    fn frame(packet: &Packet) -> Frame<'_> {
        let wire_len = u32::try_from(packet.bytes.len()).unwrap();
        Frame { at: PacketTime(packet.at), bytes: &packet.bytes, wire_len, link: LinkType::Ethernet }
    }

    /// What is told of packets in all, by workers that are cut before every packet that `is_cut` says.
    fn told(packets: &[Packet], workers: usize, is_cut: impl Fn(usize) -> bool) -> Facts {
        let mut workers: Vec<Worker> =
            (0..workers).map(|index| Worker::new(index, workers, &Limits::default())).collect();
        let mut finished = Facts::default();
        for (number, packet) in packets.iter().enumerate() {
            if is_cut(number) {
                finished.merge(assemble(workers.iter_mut().flat_map(Worker::cut).collect()).0);
            }
            workers.iter_mut().for_each(|worker| worker.frames([frame(packet)].into_iter()));
        }
        finished.merge(assemble(workers.into_iter().flat_map(Worker::finish).collect()).0);
        finished
    }

    #[test]
    fn however_often_it_is_asked_the_engine_tells_the_same_in_all() {
        let packets = first_light::packets();
        let whole = told(&packets, 1, |_| false);
        for (workers, every) in [(1, 1), (1, 7), (2, 13), (5, 100), (64, 250)] {
            let told = told(&packets, workers, |number| number % every == 0);
            assert!(told == whole, "{workers} workers, a cut every {every} packets");
        }
    }

    #[test]
    fn what_is_over_and_what_goes_on_make_what_was_seen_so_far() {
        let packets = first_light::packets();
        for count in (1..packets.len()).step_by(11) {
            let so_far = &packets[..count];
            let ended = told(so_far, 1, |_| false);
            let mut worker = Worker::new(0, 1, &Limits::default());
            worker.frames(so_far.iter().map(frame));
            let (mut finished, open, _) = assemble(worker.cut());
            finished.merge(open);
            assert!(finished == ended, "after {count} packets");
        }
    }
}
