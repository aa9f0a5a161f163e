//! A part of the flow table with everything that belongs to it: no shard knows of another.

use super::{
    bare::Bare,
    challenge::Verdict,
    datagrams::Datagrams,
    history::History,
    key::{Endpoint, FlowKey},
    outcome,
    recent::{Recent, Stamp},
    table::{FlowTable, Slot},
};
use crate::{
    decode::{Arp, Carrier, TcpSegment, UdpDatagram},
    ledger::Ledger,
    limits::Limits,
    protocol::{Datagram, LinkFrame, Protocol, Side},
    tally::Tally,
};
use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
};
use wardwatch_model::{Description, Facts, Mac, PacketTime, Place, Sighting, Transport, Tunnels, Vlans};

/// How long a closed flow is kept for late packets, packet time.
const LINGER: u64 = 5_000_000_000;

/// A shard.
pub(crate) struct Shard {
    limits: Limits,
    flows: FlowTable,
    history: History,
    recent: Recent,
    ledger: Ledger,
    pub(crate) tally: Tally,
    /// Closed flows in the order they closed: when to finish them, slot, generation.
    closing: VecDeque<(PacketTime, u32, u32)>,
    /// Latest packet.
    now: PacketTime,
    /// Bytes kept for reassembly and parsing, and how many there may be.
    stored: usize,
    stored_limit: usize,
}

/// To the flow of a packet.
pub(crate) struct Way {
    pub(crate) key: FlowKey,
    /// The side that sent the packet.
    pub(crate) side: Side,
    /// Where the flow was, a moment before the packet's turn.
    pub(crate) found: Found,
    /// Tells the packet from others.
    pub(crate) stamp: Stamp,
}

impl Way {
    #[inline(always)]
    pub(crate) fn new(source: Endpoint, destination: Endpoint, transport: Transport, tunnels: &Tunnels) -> Self {
        let (key, side) = FlowKey::new(source, destination, transport);
        Self { key: key.within(tunnels), side, found: Found::default(), stamp: Stamp::default() }
    }
}

/// How far from a flow something is that it needs.
#[derive(Clone, Copy)]
pub(crate) enum Depth {
    Flow,
    Inspection,
    Parser,
    ParserState,
}

impl Depth {
    /// From near to far.
    pub(crate) const ALL: [Self; 4] = [Self::Flow, Self::Inspection, Self::Parser, Self::ParserState];
}

/// Where a flow was found.
#[derive(Clone, Copy, Default)]
pub(crate) struct Found {
    hash: u32,
    id: Option<u32>,
}

/// What a shard saw.
pub(crate) struct Seen {
    ledger: Ledger,
    tally: Tally,
}

impl Seen {
    /// Fragments that wait would be lost, if nothing came after.
    pub(crate) fn lose_fragments(&mut self, count: u64) {
        self.tally.ip_fragments += count;
    }

    /// Adds it to facts.
    pub(crate) fn add_to(self, facts: &mut Facts) {
        self.tally.add_to(&mut facts.capture);
        self.ledger.add_to(facts);
    }
}

/// What is known of a packet beside its transport.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) at: PacketTime,
    pub(crate) mac: Option<Mac>,
    pub(crate) vlans: Vlans,
    pub(crate) tunnels: Tunnels,
    pub(crate) hops_left: u8,
}

impl Envelope {
    /// Where an address is that this packet tells of.
    pub(crate) const fn place(&self, ip: IpAddr, mac: Option<Mac>) -> Place {
        Place { ip, tunnels: self.tunnels, mac, vlans: self.vlans }
    }
}

impl Shard {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            flows: FlowTable::new(limits.flows_of_a_shard()),
            history: History::default(),
            recent: Recent::default(),
            ledger: Ledger::new(limits),
            tally: Tally::default(),
            closing: VecDeque::new(),
            now: PacketTime(0),
            stored: 0,
            stored_limit: Limits::share(limits.reassembly_bytes),
        }
    }

    /// An ARP message. A copy of one that had its turn only tells where it was captured, too.
    pub(crate) fn arp(&mut self, arp: &Arp, packet: &Envelope) {
        let stamp = Stamp::of_arp(arp, &packet.tunnels);
        let in_vlans = packet.vlans.iter().fold(1, |all, vlan| all << 16 | u64::from(vlan));
        let is_again = self.recent.is_again(stamp, packet.at);
        let is_again_here = self.recent.is_again(stamp.at(in_vlans), packet.at);
        if is_again {
            self.tally.duplicate_packets += 1;
        } else if let Some(facts) = self.tally.protocol(Protocol::Arp) {
            facts.messages += 1;
        }
        if let Some(ip) = arp.ip.filter(|_| !is_again_here) {
            self.claim(packet.place(ip.into(), arp.mac), packet.at);
        }
    }

    /// An address claimed by its owner.
    pub(crate) fn claim(&mut self, place: Place, at: PacketTime) {
        self.ledger.sighting(place, Sighting::claim(at), &mut self.tally);
    }

    /// What a device announces of itself on its link.
    #[inline(never)]
    pub(crate) fn announcement(&mut self, packet: &Envelope, frame: &LinkFrame<'_>, is_cut: bool) {
        let Some((protocol, reading)) = Protocol::read_link(frame) else { return };
        if let Some(facts) = self.tally.protocol(protocol) {
            facts.messages += 1;
            facts.bytes += frame.payload.len() as u64;
            facts.parse_failures += u64::from(reading.is_malformed && !is_cut);
        }
        let Self { ledger, tally, .. } = self;
        // The address is the device's, the MAC address of the frame often its port's only.
        if let Some(ip) = reading.address {
            ledger.sighting(packet.place(ip, None), Sighting::claim(packet.at), tally);
        }
        if reading.attributes.is_empty() {
            return;
        }
        let (speaker, speaker_mac) = match reading.address {
            Some(ip) => (ip, None),
            None => (Ipv4Addr::UNSPECIFIED.into(), reading.mac.or(packet.mac)),
        };
        let description = Description {
            speaker,
            tunnels: packet.tunnels,
            speaker_mac,
            source: reading.source,
            speaks_as: None,
            attributes: reading.attributes,
        };
        ledger.description(description, wardwatch_model::Seen::once(packet.at), tally);
    }

    // A flow is looked up in steps, each of which has loaded what the next one needs, and each of which is done for several
    // packets before the next one.

    #[inline(always)]
    pub(crate) fn prefetch(&self, way: &mut Way) {
        way.found.hash = self.flows.hash(&way.key);
        self.flows.prefetch(way.found.hash);
        self.recent.prefetch(way.stamp);
    }

    #[inline(always)]
    pub(crate) fn find(&self, way: &mut Way) {
        way.found.id = self.flows.candidate(way.found.hash);
    }

    /// Has a part of the flow loaded: first itself, then what it points to, and so on.
    #[inline(always)]
    pub(crate) fn prefetch_flow(&self, way: &Way, depth: Depth) {
        if let Some(flow) = way.found.id.and_then(|id| self.flows.full(id)) {
            flow.prefetch(depth);
        }
    }

    pub(crate) fn tcp(&mut self, way: &Way, packet: &Envelope, segment: &TcpSegment<'_>) {
        let Way { key, side, found, stamp } = way;
        let side = *side;
        self.advance(packet.at);
        let mut id = self.still_there(key, found);
        if self.recent.is_again(*stamp, packet.at) {
            return self.again(id, side, packet, segment.payload, Some(segment));
        }
        if let Some(known) = id
            && self.flows.opens(known, side, packet, segment)
        {
            return;
        }
        if segment.syn
            && let Some(known) = id
            && let Some(flow) = self.flows.get_mut(known)
            && flow.is_over(side, segment)
        {
            if flow.is_challenged() && self.challenged(known, side, packet, segment) {
                return;
            }
            if let Some(flow) = self.flows.full_mut(known).filter(|flow| flow.is_live())
                && segment.payload.is_empty()
            {
                self.tally.stray_syns += flow.challenge(side, packet, segment);
                return;
            }
            self.finish(known);
            id = None;
        }
        let Some(id) = id else {
            let bare = Bare::new(key, side, packet, segment);
            let is_bare = bare.is_some();
            let id = self.insert(*key, side, found.hash, packet, bare);
            if !is_bare {
                self.segment(id, side, packet, segment);
            }
            return;
        };
        self.segment(id, side, packet, segment);
    }

    /// A segment of a flow that is more than bare.
    fn segment(&mut self, id: u32, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) {
        let payload = !segment.rst && (!segment.payload.is_empty() || segment.missing > 0);
        if self.flows.get_mut(id).is_some_and(|flow| flow.is_challenged()) && self.challenged(id, side, packet, segment)
        {
            return;
        }
        let Self { flows, history, ledger, tally, .. } = self;
        let Some(flow) = flows.get_mut(id) else { return };
        if let Some((place, sighting)) = flow.note(side, packet, payload) {
            ledger.sighting(place, sighting, tally);
        }
        if flow.learns_nothing(side, segment) {
            return;
        }
        let before = flow.stored();
        flow.tcp(side, packet.at, segment, history, tally);
        self.stored = (self.stored + flow.stored()).saturating_sub(before);
        if flow.closed && !flow.closing {
            flow.closing = true;
            let due = PacketTime(self.now.0.saturating_add(LINGER));
            self.closing.push_back((due, id, flow.generation));
            // Where time stands still, closed flows cannot wait for it.
            if self.closing.len() > self.flows.limit() {
                self.finish_oldest_closed();
            }
            debug_assert!(self.closing.len() <= self.flows.limit(), "the queue is bounded");
        }
        while self.stored > self.stored_limit
            && let Some(id) = self.flows.hungry()
        {
            self.tally.reassembly_evicted += 1;
            self.finish(id);
        }
    }

    /// A segment of a connection inside of which a SYN came that does not fit; answers whether it belonged to the new one.
    #[cold]
    #[inline(never)]
    fn challenged(&mut self, id: u32, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> bool {
        let Some(flow) = self.flows.full_mut(id) else { return false };
        let key = flow.key;
        let challenge = match flow.verdict(side, segment) {
            Verdict::Confirmed(challenge) => challenge,
            Verdict::Refuted => {
                self.tally.stray_syns += 1;
                return false;
            }
            Verdict::Open => return false,
        };
        self.finish(id);
        let (by, began) = challenge.packet();
        let syn = challenge.segment(segment);
        let bare = Bare::new(&key, by, began, &syn);
        let is_bare = bare.is_some();
        let hash = self.flows.hash(&key);
        let id = self.insert(key, by, hash, began, bare);
        if !is_bare {
            self.segment(id, by, began, &syn);
        }
        if !self.flows.opens(id, side, packet, segment) {
            self.segment(id, side, packet, segment);
        }
        true
    }

    /// A copy of a packet that had its turn. It tells where it was captured, too, and nothing else; but bytes that are others
    /// under the same numbers are no copy of those.
    #[cold]
    #[inline(never)]
    fn again(
        &mut self,
        id: Option<u32>,
        side: Side,
        packet: &Envelope,
        payload: &[u8],
        segment: Option<&TcpSegment<'_>>,
    ) {
        let Self { flows, history, ledger, tally, .. } = self;
        tally.duplicate_packets += 1;
        let Some(flow) = id.and_then(|id| flows.full_mut(id)) else { return };
        let half = flow.halves.get_mut(side);
        if let Some((mac, vlans, sighting)) = half.note_again(packet, !payload.is_empty()) {
            let place = Place { ip: flow.key.end(side).ip, tunnels: flow.tunnels, mac, vlans };
            ledger.sighting(place, sighting, tally);
        }
        let Some(TcpSegment { sequence, .. }) = segment else { return };
        let waiting = &flow.halves.get(side).stream;
        if history.contradicts(flow.generation, side, *sequence, payload) || waiting.contradicts(*sequence, payload) {
            tally.overlap_conflicts += 1;
        }
    }

    /// Counts a datagram, or another packet that is whole in itself, in its flow.
    fn datagram(&mut self, way: &Way, packet: &Envelope, bytes: u64) -> Option<u32> {
        let Way { key, side, found, .. } = way;
        self.advance(packet.at);
        let id = self.still_there(key, found).unwrap_or_else(|| self.insert(*key, *side, found.hash, packet, None));
        let Self { flows, ledger, tally, .. } = self;
        let flow = flows.get_mut(id)?;
        if let Some((place, sighting)) = flow.note(*side, packet, bytes > 0) {
            ledger.sighting(place, sighting, tally);
        }
        let half = flow.halves.get_mut(*side);
        half.datagrams += 1;
        half.datagram_bytes += bytes;
        Some(id)
    }

    /// A packet of a tunnel; what it carries comes on its own.
    pub(crate) fn carrier(&mut self, way: &Way, packet: &Envelope, carrier: &Carrier) {
        if let Some(flow) = self.datagram(way, packet, carrier.bytes).and_then(|id| self.flows.get_mut(id)) {
            Datagrams::carry(&mut flow.datagrams, way.side, carrier.protocol);
        }
    }

    pub(crate) fn udp(&mut self, way: &Way, packet: &Envelope, datagram: &UdpDatagram<'_>) {
        let side = way.side;
        if self.recent.is_again(way.stamp, packet.at) {
            self.advance(packet.at);
            return self.again(self.still_there(&way.key, &way.found), side, packet, datagram.payload, None);
        }
        let bytes = datagram.payload.len() as u64 + u64::from(datagram.missing);
        let Some(id) = self.datagram(way, packet, bytes) else { return };
        let Self { flows, ledger, tally, .. } = self;
        let Some(flow) = flows.get_mut(id) else { return };
        let (from, to) = (flow.key.end(side), flow.key.end(side.other()));
        let datagram = Datagram {
            source: (from.ip, from.port),
            destination: (to.ip, to.port),
            payload: datagram.payload,
            is_cut: datagram.missing > 0,
        };
        Datagrams::take(&mut flow.datagrams, side, packet, &datagram, ledger, tally);
    }

    /// Ends every flow.
    pub(crate) fn finish_flows(&mut self) {
        for id in self.flows.ids() {
            self.finish(id);
        }
        debug_assert_eq!(self.stored, 0, "no flow, nothing stored");
    }

    /// Takes out what is over, since this was asked for the last time.
    pub(crate) fn take_finished(&mut self) -> Seen {
        let ledger = std::mem::replace(&mut self.ledger, Ledger::new(&self.limits));
        Seen { ledger, tally: std::mem::take(&mut self.tally) }
    }

    /// How many flows go on.
    pub(crate) fn flows(&self) -> u64 {
        self.flows.len() as u64
    }

    /// What the flows that go on are so far: what would be told of them if their last packets had come.
    pub(crate) fn open(&self) -> Seen {
        let mut open = Seen { ledger: Ledger::new(&self.limits), tally: Tally::default() };
        for slot in self.flows.iter() {
            match slot {
                Slot::Free => {}
                Slot::Bare(_) => open.tally.flows_without_payload += 1,
                Slot::Full(flow) => {
                    open.tally.unanswered(flow.is_challenged());
                    outcome::settle(flow, flow.told_so_far(&mut open.tally), &mut open.ledger, &mut open.tally);
                }
            }
        }
        open
    }

    /// Moves the time on, which finishes flows that closed a while ago.
    fn advance(&mut self, at: PacketTime) {
        self.now = self.now.max(at);
        while self.closing.front().is_some_and(|(due, ..)| *due <= self.now) {
            self.finish_oldest_closed();
        }
    }

    /// Finishes the flow that closed first, unless it went on.
    fn finish_oldest_closed(&mut self) {
        let Some((_, id, generation)) = self.closing.pop_front() else { return };
        if let Some(flow) = self.flows.full_mut(id)
            && flow.generation == generation
        {
            flow.closing = false;
            if flow.closed {
                self.finish(id);
            }
        }
    }

    /// Where a flow is: most often where it was found, unless packets since then moved it.
    fn still_there(&self, key: &FlowKey, found: &Found) -> Option<u32> {
        found.id.filter(|id| self.flows.is_at(*id, key)).or_else(|| self.flows.find(key, found.hash))
    }

    /// Makes room for a flow that is new.
    fn insert(&mut self, key: FlowKey, side: Side, hash: u32, packet: &Envelope, bare: Option<Bare>) -> u32 {
        if self.flows.is_full()
            && let Some(stale) = self.flows.stalest()
        {
            self.tally.flows_evicted += 1;
            self.finish(stale);
        }
        self.tally.flows += 1;
        self.flows.insert(key, hash, (side, packet), bare)
    }

    /// Ends a flow: what it was goes to the ledger.
    fn finish(&mut self, id: u32) {
        match self.flows.remove(id) {
            Slot::Free => {}
            Slot::Bare(_) => self.tally.flows_without_payload += 1,
            Slot::Full(mut flow) => {
                self.stored = self.stored.saturating_sub(flow.stored());
                self.tally.unanswered(flow.is_challenged());
                let told = flow.finish(&mut self.history, &mut self.tally);
                outcome::settle(&flow, told, &mut self.ledger, &mut self.tally);
            }
        }
    }
}

impl super::connection::Flow {
    /// Packets' sum of datagrams.
    pub(super) fn datagrams(&self) -> u64 {
        self.halves.a.datagrams + self.halves.b.datagrams
    }
}
