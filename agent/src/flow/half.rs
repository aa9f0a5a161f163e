//! What one end of a flow sent, and from where.

use super::shard::Envelope;
use crate::stream::Reassembly;
use wardwatch_model::{Mac, PacketTime, Seen, Sighting, Vlans};

/// What one end of a flow sent.
pub(crate) struct Half {
    pub(crate) stream: Reassembly,
    pub(crate) mac: Option<Mac>,
    pub(crate) vlans: Vlans,
    pub(crate) first: PacketTime,
    pub(crate) last: PacketTime,
    pub(crate) datagrams: u64,
    pub(crate) datagram_bytes: u64,
    /// How its address is seen at the place it sends from now; none before its first packet.
    pub(crate) sighting: Option<Sighting>,
    /// The other place where its packets are captured, if each is captured twice.
    pub(crate) elsewhere: Option<Box<Elsewhere>>,
}

/// Where copies of packets are captured.
#[derive(Clone, Copy)]
pub(crate) struct Elsewhere {
    pub(crate) mac: Option<Mac>,
    pub(crate) vlans: Vlans,
    pub(crate) sighting: Sighting,
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
            sighting: None,
            elsewhere: None,
        }
    }
}

impl Half {
    /// One that opened a connection with this initial sequence number, and nothing else.
    pub(super) fn opened(initial: u32, mac: Option<Mac>, vlans: Vlans, sighting: Sighting) -> Self {
        let Seen { first, last, .. } = sighting.seen;
        let stream = Reassembly::opened(initial);
        Self { stream, mac, vlans, first, last, sighting: Some(sighting), ..Self::default() }
    }

    /// Payload bytes, each once.
    pub(crate) const fn bytes(&self) -> u64 {
        self.stream.seen() + self.datagram_bytes
    }

    /// Whether it sent a payload, handed on or not.
    pub(super) fn has_payload(&self) -> bool {
        self.bytes() > 0 || self.sighting.is_some_and(|here| here.payload)
    }

    /// Notes a packet; answers the place the end sent from before, if that was another.
    pub(super) fn note(&mut self, packet: &Envelope, payload: bool) -> Option<(Option<Mac>, Vlans, Sighting)> {
        self.first = self.first.min(packet.at);
        self.last = self.last.max(packet.at);
        let routed = has_crossed_a_router(packet.hops_left);
        let before = match &mut self.sighting {
            Some(here) if self.mac == packet.mac && self.vlans == packet.vlans => {
                here.seen.first = here.seen.first.min(packet.at);
                here.seen.last = here.seen.last.max(packet.at);
                here.payload |= payload;
                here.routed |= routed;
                return None;
            }
            here => here.replace(Sighting { seen: Seen::once(packet.at), payload, claimed: false, routed }),
        };
        let before = before.map(|sighting| (self.mac, self.vlans, sighting));
        self.mac = packet.mac;
        self.vlans = packet.vlans;
        before
    }

    /// Notes a copy of a packet; answers where copies came from before, if that was another place.
    pub(super) fn note_again(&mut self, packet: &Envelope, payload: bool) -> Option<(Option<Mac>, Vlans, Sighting)> {
        if self.mac == packet.mac && self.vlans == packet.vlans {
            return self.note(packet, payload);
        }
        let Envelope { at, mac, vlans, hops_left, .. } = *packet;
        let routed = has_crossed_a_router(hops_left);
        if let Some(known) = self.elsewhere.as_mut().filter(|known| known.mac == mac && known.vlans == vlans) {
            let Sighting { seen, payload: sent, routed: crossed, .. } = &mut known.sighting;
            (seen.first, seen.last) = (seen.first.min(at), seen.last.max(at));
            (*sent, *crossed) = (*sent | payload, *crossed | routed);
            return None;
        }
        let sighting = Sighting { seen: Seen::once(at), payload, claimed: false, routed };
        let before = self.elsewhere.replace(Box::new(Elsewhere { mac, vlans, sighting }));
        before.map(|known| (known.mac, known.vlans, known.sighting))
    }
}

/// Common initial values of the time to live are 32, 64, 128 and 255; a little less than one of them means routers on
/// the way, and a link-layer source that is the last router's.
pub(super) fn has_crossed_a_router(hops_left: u8) -> bool {
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
