//! The engine: frames in, a report out. One worker takes packets to completion; several share out the shards, each
//! reading the capture for itself, so that no packet is handed from one thread to another.

use crate::{
    decode::{self, Body, Packet, TransportPacket},
    flow::{Endpoint, Envelope, FlowKey, Seen, Shard},
    limits::{Limits, SHARDS},
    protocol::Protocol,
    source::Frame,
};
use wardwatch_model::{Facts, Place, Transport};

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

    /// Takes one frame, unless it belongs to another worker.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        if let Some(packet) = decode::plain(frame) {
            return self.packet(frame, packet);
        }
        match decode::decode(frame) {
            Ok(packet) => self.packet(frame, packet),
            Err(reason) => {
                if let Some(shard) = self.owned(COMMON_SHARD, frame) {
                    shard.tally.undecodable(reason);
                }
            }
        }
    }

    /// Inlined, so that of a plain frame no packet is put together only to be taken apart.
    #[inline(always)]
    fn packet(&mut self, frame: &Frame<'_>, packet: Packet<'_>) {
        let ip = match packet.body {
            Body::Ip(ip) => ip,
            Body::Arp(arp) => {
                if let Some(shard) = self.owned(COMMON_SHARD, frame) {
                    if let Some(facts) = shard.tally.protocol(Protocol::Arp) {
                        facts.messages += 1;
                    }
                    if let Some(ip) = arp.ip {
                        shard.claim(Place { ip: ip.into(), mac: arp.mac, vlans: packet.vlans }, frame.at);
                    }
                }
                return;
            }
            Body::Other => {
                self.owned(COMMON_SHARD, frame);
                return;
            }
        };
        let envelope = Envelope { at: frame.at, mac: packet.mac, vlans: packet.vlans, hops_left: ip.hops_left };
        let key = |source_port, destination_port, transport| {
            let source = Endpoint { ip: ip.source, port: source_port };
            FlowKey::new(source, Endpoint { ip: ip.destination, port: destination_port }, transport)
        };
        match ip.transport {
            TransportPacket::Tcp(segment) => {
                let (key, side) = key(segment.source_port, segment.destination_port, Transport::Tcp);
                if let Some(shard) = self.owned(key.shard(), frame) {
                    shard.tcp(key, side, &envelope, &segment);
                }
            }
            TransportPacket::Udp(datagram) => {
                let (key, side) = key(datagram.source_port, datagram.destination_port, Transport::Udp);
                if let Some(shard) = self.owned(key.shard(), frame) {
                    shard.udp(key, side, &envelope, &datagram);
                }
            }
            TransportPacket::NeighbourDiscovery => {
                if let Some(shard) = self.owned(COMMON_SHARD, frame) {
                    shard.claim(Place { ip: ip.source, mac: packet.mac, vlans: packet.vlans }, frame.at);
                }
            }
            TransportPacket::Other => {
                self.owned(COMMON_SHARD, frame);
            }
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

    /// The shard, if it is this worker's, with the frame counted in it.
    fn owned(&mut self, shard: usize, frame: &Frame<'_>) -> Option<&mut Shard> {
        let shard = self.shards.get_mut(shard)?.as_mut()?;
        shard.tally.frame(frame.at, frame.wire_len, frame.bytes.len());
        Some(shard)
    }
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
    use crate::source::LinkType;
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
            workers.iter_mut().for_each(|worker| worker.frame(&frame(packet)));
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
            so_far.iter().for_each(|packet| worker.frame(&frame(packet)));
            let (mut finished, open, _) = assemble(worker.cut());
            finished.merge(open);
            assert!(finished == ended, "after {count} packets");
        }
    }
}
