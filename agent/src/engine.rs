//! The engine: frames in, a report out. One worker takes packets to completion; several share out the shards, each
//! reading the capture for itself, so that no packet is handed from one thread to another.

mod passage;
mod ready;

pub use passage::Passage;

use crate::{
    decode::Fragment,
    flow::{Depth, Envelope, Seen, Shard, Way},
    fragments::Fragments,
    limits::{Limits, SHARDS},
    source::Frame,
};
use arrayvec::ArrayVec;
use ready::{COMMON_SHARD, Content, MOST_OF_A_FRAME, Ready};
use wardwatch_model::Facts;

/// A worker and the shards it owns.
pub struct Worker {
    /// `None` where another worker owns the shard.
    shards: Vec<Option<Shard>>,
    fragments: Fragments,
    /// Of the frames that are being taken.
    passage: Passage,
}

/// How many frames are looked up together.
const AHEAD: usize = 16;

/// Packets that wait for their turn, without memory that would have to be asked for.
type Waiting<'a> = ArrayVec<Ready<'a>, { AHEAD + MOST_OF_A_FRAME }>;

impl Worker {
    /// Worker `index` of `count`; 0 <= index < count, 1 <= count <= [`SHARDS`].
    pub fn new(index: usize, count: usize, limits: &Limits) -> Self {
        let own = |shard: usize| (shard % count.max(1) == index).then(|| Shard::new(limits));
        Self { shards: (0..SHARDS).map(own).collect(), fragments: Fragments::new(limits), passage: Passage::default() }
    }

    /// Takes frames in order, those that belong to another worker left out; answers what became of them.
    ///
    /// Memory is slow: what is known of a flow was not looked at for long. So the flows of some frames are looked up
    /// together, which takes little longer than looking up one, before each frame has its turn.
    pub fn frames<'a>(&mut self, mut frames: impl Iterator<Item = Frame<'a>>) -> Passage {
        let mut waiting = Waiting::new();
        let mut is_over = false;
        while !is_over {
            for _ in 0..AHEAD {
                // Once it ended it is not asked again, as that may be the next frame's turn by then.
                let Some(frame) = frames.next() else {
                    is_over = true;
                    break;
                };
                if !ready::plain(&frame, |ready| self.keep(ready, &mut waiting)) {
                    ready::any(&frame, |ready| self.keep(ready, &mut waiting));
                }
                // A frame that carries others takes the places of several.
                if waiting.len() >= AHEAD {
                    break;
                }
            }
            self.run(&mut waiting);
        }
        std::mem::take(&mut self.passage)
    }

    /// Keeps what belongs to this worker.
    #[inline(always)]
    fn keep<'a>(&self, mut ready: Ready<'a>, waiting: &mut Waiting<'a>) {
        if self.owns(ready.shard) || matches!(ready.content, Content::Fragment(_)) {
            ready.stamp();
            // There is room: no more frames are taken at once.
            let _ = waiting.try_push(ready);
        }
    }

    fn owns(&self, shard: usize) -> bool {
        matches!(self.shards.get(shard), Some(Some(_)))
    }

    /// Those that belong to flows.
    #[inline(always)]
    fn ways<'w>(&self, waiting: &'w mut Waiting<'_>) -> impl Iterator<Item = (&Shard, &'w mut Way)> {
        waiting.iter_mut().filter_map(|ready| match &mut ready.content {
            Content::Tcp(way, _) | Content::Udp(way, _) | Content::Carrier(way, _) => {
                Some((self.shards.get(ready.shard)?.as_ref()?, way))
            }
            _ => None,
        })
    }

    /// Gives each its turn.
    fn run(&mut self, waiting: &mut Waiting<'_>) {
        self.ways(waiting).for_each(|(shard, way)| shard.prefetch(way));
        self.ways(waiting).for_each(|(shard, way)| shard.find(way));
        for depth in Depth::ALL {
            self.ways(waiting).for_each(|(shard, way)| shard.prefetch_flow(way, depth));
        }
        waiting.iter().for_each(|ready| self.take(ready));
        waiting.clear();
    }

    fn take(&mut self, ready: &Ready<'_>) {
        let Ready { envelope, counted, shard, content, .. } = ready;
        let Self { shards, passage, .. } = self;
        if let Some(Some(shard)) = shards.get_mut(*shard) {
            if let Some(counted) = counted {
                shard.tally.frame(envelope.at, *counted);
                passage.frame(counted);
            }
            let known = shard.tally.duplicate_packets;
            match content {
                Content::Tcp(way, segment) => shard.tcp(way, envelope, segment),
                Content::Udp(way, datagram) => shard.udp(way, envelope, datagram),
                Content::Carrier(way, carrier) => shard.carrier(way, envelope, carrier),
                Content::Tag(protocol) => shard.tally.message(*protocol),
                Content::Arp(arp) => shard.arp(arp, envelope),
                Content::Neighbour(ip) => shard.claim(envelope.place(*ip, envelope.mac), envelope.at),
                Content::Link(frame) => shard.announcement(envelope, frame, counted.is_some_and(|frame| frame.is_cut)),
                Content::Undecodable(reason) => {
                    shard.tally.undecodable(*reason);
                    passage.undecodable_frames += 1;
                }
                Content::Fragment(_) | Content::Other => {}
            }
            passage.duplicate_packets += shard.tally.duplicate_packets - known;
        }
        if let Content::Fragment(fragment) = content {
            self.fragment(fragment, envelope);
        }
    }

    /// Takes a fragment, and the packet it completes as if it had come in one piece.
    #[inline(never)]
    fn fragment(&mut self, fragment: &Fragment<'_>, envelope: &Envelope) {
        let whole = self.fragments.take(fragment, envelope.at);
        self.count_fragments();
        let Some(payload) = whole else { return };
        let mut waiting = Waiting::new();
        ready::whole(fragment, envelope, &payload, |ready| self.keep(ready, &mut waiting));
        self.run(&mut waiting);
    }

    /// All workers see the same fragments; one counts them.
    fn count_fragments(&mut self) {
        let Fragments { lost, conflicts, duplicates, .. } = &mut self.fragments;
        let [lost, conflicts, duplicates] = [lost, conflicts, duplicates].map(std::mem::take);
        if let Some(Some(shard)) = self.shards.get_mut(COMMON_SHARD) {
            shard.tally.ip_fragments += lost;
            shard.tally.fragment_conflicts += conflicts;
            shard.tally.duplicate_packets += duplicates;
            self.passage.duplicate_packets += duplicates;
        }
    }

    /// What is over since the last cut, and everything that goes on, for [`assemble`].
    pub fn cut(&mut self) -> Vec<Part> {
        let waiting = self.fragments.pending();
        let part = |(index, shard): (usize, &mut Option<Shard>)| {
            let shard = shard.as_mut()?;
            let mut open = shard.open();
            if index == COMMON_SHARD {
                open.lose_fragments(waiting);
            }
            Some(Part { index, finished: shard.take_finished(), open: Some(open), flows: shard.flows() })
        };
        self.shards.iter_mut().enumerate().filter_map(part).collect()
    }

    /// Ends every flow: what is over since the last cut.
    pub fn finish(mut self) -> Vec<Part> {
        self.fragments.lost += self.fragments.pending();
        self.count_fragments();
        let part = |(index, shard): (usize, Option<Shard>)| {
            let mut shard = shard?;
            shard.finish_flows();
            Some(Part { index, finished: shard.take_finished(), open: None, flows: 0 })
        };
        self.shards.into_iter().enumerate().filter_map(part).collect()
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
        Frame { at: PacketTime(packet.at), bytes: &packet.bytes, wire_len, link: LinkType::Ethernet, outer_vlan: None }
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
            for worker in &mut workers {
                worker.frames([frame(packet)].into_iter());
            }
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

    #[test]
    fn a_tag_that_was_taken_out_counts_as_if_it_were_in_the_frame() {
        let packets = first_light::packets();
        let mut worker = Worker::new(0, 1, &Limits::default());
        let mut taken_out = 0;
        for packet in &packets {
            let whole = frame(packet);
            let Some((macs, [0x81, 0x00, high, low, rest @ ..])) = whole.bytes.split_first_chunk::<12>() else {
                worker.frames([whole].into_iter());
                continue;
            };
            taken_out += 1;
            let bytes = [macs, rest].concat();
            let outer_vlan = Some(u16::from_be_bytes([*high, *low]) & 0xfff);
            let without = Frame { bytes: &bytes, wire_len: whole.wire_len - 4, outer_vlan, ..whole };
            worker.frames([without].into_iter());
        }
        assert!(taken_out > 0);
        assert!(assemble(worker.finish()).0 == told(&packets, 1, |_| false));
    }
}
