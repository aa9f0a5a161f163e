//! One flow: its two halves, what they carry, and how it ends.

use super::{history::History, inspection::Inspection, key::FlowKey};
use crate::{
    decode::TcpSegment,
    protocol::{PerSide, Side},
    stream::{Reader, Reassembly, SKIP_ALL, Segment},
    tally::Tally,
};
use wardwatch_model::{Mac, PacketTime, Place, Seen, Sighting, Vlans};

/// A flow.
pub(crate) struct Flow {
    pub(crate) key: FlowKey,
    pub(crate) halves: PerSide<Half>,
    /// The side that asked for the connection, or sent the first datagram.
    pub(crate) opener: Option<Side>,
    /// The side of the first packet.
    pub(crate) first: Side,
    /// The first packet of the opener was a SYN.
    pub(crate) syn_seen: bool,
    /// Both directions are over, or one was reset.
    pub(crate) closed: bool,
    /// Tells this flow from the next one in the same slot.
    pub(crate) generation: u32,
    inspection: Option<Box<Inspection>>,
}

/// What one end of a flow sent.
pub(crate) struct Half {
    pub(crate) stream: Reassembly,
    pub(crate) mac: Option<Mac>,
    pub(crate) vlans: Vlans,
    pub(crate) first: PacketTime,
    pub(crate) last: PacketTime,
    pub(crate) datagrams: u64,
    pub(crate) datagram_bytes: u64,
    /// No packet was sent yet.
    pub(crate) silent: bool,
    /// Its packets had crossed a router.
    pub(crate) routed: bool,
}

impl Default for Half {
    fn default() -> Self {
        Self {
            stream: Reassembly::default(),
            mac: None,
            vlans: Vlans::default(),
            first: PacketTime::MAX,
            last: PacketTime(0),
            datagrams: 0,
            datagram_bytes: 0,
            silent: true,
            routed: false,
        }
    }
}

impl Half {
    /// Payload bytes, each once.
    pub(crate) const fn bytes(&self) -> u64 {
        self.stream.seen() + self.datagram_bytes
    }

    /// How its address was seen.
    pub(crate) fn sighting(&self) -> Sighting {
        Sighting {
            seen: Seen { first: self.first, last: self.last, count: 1 },
            payload: self.bytes() > 0,
            claimed: false,
            routed: self.routed,
        }
    }
}

impl Flow {
    pub(crate) fn new(key: FlowKey, first: Side, generation: u32) -> Self {
        Self {
            key,
            halves: PerSide::default(),
            opener: None,
            first,
            syn_seen: false,
            closed: false,
            generation,
            inspection: None,
        }
    }

    /// Notes who sent a packet when; answers the place it was seen at before, if that was another.
    pub(crate) fn note(
        &mut self,
        side: Side,
        at: PacketTime,
        mac: Option<Mac>,
        vlans: Vlans,
        hops_left: u8,
    ) -> Option<(Place, Sighting)> {
        let ip = self.key.end(side).ip;
        let half = self.halves.get_mut(side);
        let moved = !half.silent && (half.mac != mac || half.vlans != vlans);
        let before = moved.then(|| (Place { ip, mac: half.mac, vlans: half.vlans }, half.sighting()));
        half.silent = false;
        half.mac = mac;
        half.vlans = vlans;
        half.first = half.first.min(at);
        half.last = half.last.max(at);
        half.routed |= has_crossed_a_router(hops_left);
        before
    }

    /// Takes a segment, unless it is a SYN that opens the next connection between the same ends.
    pub(crate) fn tcp(
        &mut self,
        id: u32,
        side: Side,
        at: PacketTime,
        segment: &TcpSegment<'_>,
        history: &mut History,
        tally: &mut Tally,
    ) -> Belongs {
        let mut sequence = segment.sequence;
        if segment.syn {
            let opens = segment.acknowledgement.is_none();
            if opens
                && self.closed
                && self.halves.get(side).stream.seen() + self.halves.get(side.other()).stream.seen() > 0
            {
                return Belongs::ToNext;
            }
            let (stream, mut reader) = self.reader(id, side, at, history, tally);
            if !stream.syn(sequence, &mut reader) && opens {
                return Belongs::ToNext;
            }
            if opens || self.opener.is_none() {
                self.opener = Some(if opens { side } else { side.other() });
                self.syn_seen = true;
            }
            // Data in a SYN follows it (RFC 9293, 3.4).
            sequence = sequence.wrapping_add(1);
        }
        if let Some(acknowledgement) = segment.acknowledgement {
            let (stream, mut reader) = self.reader(id, side.other(), at, history, tally);
            stream.acknowledged(acknowledgement, &mut reader);
        }
        let length = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX).wrapping_add(segment.missing);
        let (stream, mut reader) = self.reader(id, side, at, history, tally);
        // The payload of a RST is a reason for people to read (RFC 9293, 3.5.3): no receiver takes it for data.
        if segment.rst {
            reader.tally.reset_payload_bytes += u64::from(length);
        } else {
            stream.segment(Segment { sequence, payload: segment.payload, missing: segment.missing, at }, &mut reader);
        }
        if segment.fin {
            stream.fin(sequence.wrapping_add(length));
        }
        self.settle();
        // Data after a RST means that the RST was not meant, or not believed.
        self.closed = segment.rst
            || (self.closed && length == 0)
            || Side::BOTH.iter().all(|side| self.halves.get(*side).stream.is_finished());
        Belongs::Here
    }

    /// Bytes kept for reassembly and parsing.
    pub(crate) fn stored(&self) -> usize {
        self.halves.a.stream.stored()
            + self.halves.b.stream.stored()
            + self.inspection.as_ref().map_or(0, |inspection| inspection.stored())
    }

    /// Hands on what still waits, with the gaps in it, and takes the inspection out.
    pub(crate) fn finish(&mut self, id: u32, history: &mut History, tally: &mut Tally) -> Option<Inspection> {
        for side in Side::BOTH {
            let at = self.halves.get(side).last;
            let (stream, mut reader) = self.reader(id, side, at, history, tally);
            stream.finish(&mut reader);
        }
        self.settle();
        tally.stream_gap_bytes += self.halves.a.stream.unread_gaps() + self.halves.b.stream.unread_gaps();
        self.inspection.take().map(|inspection| *inspection)
    }

    /// Follows what the inspection decided for the side that was not speaking, and ends it where it is hopeless.
    fn settle(&mut self) {
        if let Some(inspection) = &mut self.inspection {
            for side in Side::BOTH {
                if let Some(skip) = inspection.take_wish(side) {
                    self.halves.get_mut(side).stream.skip(skip);
                }
            }
            if inspection.is_hopeless() {
                self.inspection = None;
            }
        }
    }

    fn reader<'a>(
        &'a mut self,
        flow: u32,
        side: Side,
        at: PacketTime,
        history: &'a mut History,
        tally: &'a mut Tally,
    ) -> (&'a mut Reassembly, FlowReader<'a>) {
        let stream = &mut self.halves.get_mut(side).stream;
        let joined = stream.is_joined();
        (stream, FlowReader { flow, side, at, joined, inspection: &mut self.inspection, history, tally })
    }
}

/// Which connection a segment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// This one.
    Here,
    /// A new one between the same ends.
    ToNext,
}

/// Common initial values of the time to live are 32, 64, 128 and 255; a little less than one of them means routers on
/// the way, and a link-layer source that is the last router's.
fn has_crossed_a_router(hops_left: u8) -> bool {
    const FARTHEST: u8 = 20;
    let initial = match hops_left {
        0..=32 => 32,
        33..=64 => 64,
        65..=128 => 128,
        _ => 255,
    };
    // 1 is what link-local multicast is sent with.
    hops_left > 1 && (1..=FARTHEST).contains(&(initial - hops_left))
}

/// Brings the bytes of one direction to the inspection.
struct FlowReader<'a> {
    flow: u32,
    side: Side,
    at: PacketTime,
    joined: bool,
    inspection: &'a mut Option<Box<Inspection>>,
    history: &'a mut History,
    tally: &'a mut Tally,
}

impl Reader for FlowReader<'_> {
    fn data(&mut self, sequence: u32, bytes: &[u8]) -> u64 {
        let inspection = self.inspection.get_or_insert_default();
        let skip = inspection.data(self.side, self.at, bytes, self.joined);
        if skip != SKIP_ALL {
            self.history.remember(self.flow, self.side, sequence, bytes);
        }
        skip
    }

    fn gap(&mut self, missing: u64) {
        self.tally.stream_gap_bytes += missing;
        if let Some(inspection) = self.inspection {
            inspection.gap(self.side);
        }
    }

    fn repeated(&mut self, sequence: u32, bytes: &[u8]) {
        if self.history.contradicts(self.flow, self.side, sequence, bytes) {
            self.conflict();
        }
    }

    fn conflict(&mut self) {
        self.tally.overlap_conflicts += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_just_below_a_common_start_means_routers_on_the_way() {
        for direct in [255, 128, 64, 32, 1, 100, 200] {
            assert!(!has_crossed_a_router(direct), "{direct}");
        }
        for routed in [254, 250, 127, 120, 63, 50, 31] {
            assert!(has_crossed_a_router(routed), "{routed}");
        }
    }
}
