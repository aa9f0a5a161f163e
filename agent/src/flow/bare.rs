//! A connection of which no more was seen than that it opened. Scans and floods never become more, so each of these takes
//! one cache line, and what it will need when a payload comes is made then.

use super::{
    connection::Flow,
    half::{Half, has_crossed_a_router},
    key::{FlowKey, ShortKey},
    shard::Envelope,
};
use crate::{decode::TcpSegment, protocol::Side};
use wardwatch_model::{Mac, PacketTime, Seen, Sighting, Tunnels, Vlans};

/// A TCP connection between two IPv4 addresses: its SYN, perhaps its SYN/ACK, perhaps the ACK that completes it, each end
/// at one place. Anything else makes it a [`Flow`].
#[derive(Clone, Copy)]
pub(crate) struct Bare {
    key: ShortKey,
    /// When the SYN came: nanoseconds, high and low half.
    began: [u32; 2],
    /// The side that sent the SYN, and the other.
    opener: Opening,
    other: Opening,
    /// Packets of the opener, and of the other, had crossed a router.
    routed: (bool, bool),
    client: Side,
    step: Step,
}

/// What one side did to open the connection.
#[derive(Clone, Copy)]
struct Opening {
    /// Initial sequence number.
    initial: u32,
    /// Its last packet, nanoseconds after the SYN.
    last: u32,
    /// All zeros where it is not known.
    mac: [u8; 6],
    /// 0 where there is no tag.
    vlan: u16,
}

/// How far a connection is opened (RFC 9293, 3.5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Asked,
    Answered,
    Open,
}

const _: () = assert!(size_of::<Bare>() <= 60, "with its kind, a connection that opened fits a cache line");

impl Opening {
    const NONE: Self = Self { initial: 0, last: 0, mac: [0; 6], vlan: 0 };

    fn new(initial: u32, last: u32, packet: &Envelope) -> Option<Self> {
        let (mac, vlan) = place(packet)?;
        Some(Self { initial, last, mac, vlan })
    }

    /// Takes another packet of the side, if it came from the same place.
    fn again(&mut self, last: u32, packet: &Envelope) -> bool {
        let is_here = place(packet) == Some((self.mac, self.vlan));
        if is_here {
            self.last = self.last.max(last);
        }
        is_here
    }

    fn half(&self, routed: bool, first: u64, began: u64) -> Half {
        let mut vlans = Vlans::default();
        vlans.push(self.vlan);
        let (first, last) = (PacketTime(first), PacketTime(began + u64::from(self.last)));
        let seen = Seen { first, last, count: 1 };
        let sighting = Sighting { seen, payload: false, claimed: false, routed };
        Half::opened(self.initial, Mac::known(self.mac), vlans, sighting)
    }
}

/// Where a packet came from, where that can be told in short.
fn place(packet: &Envelope) -> Option<([u8; 6], u16)> {
    let mut tags = packet.vlans.iter();
    let vlan = tags.next().unwrap_or(0);
    tags.next().is_none().then_some((packet.mac.map_or([0; 6], |mac| mac.0), vlan))
}

impl Bare {
    /// The connection that a packet opens, if it is a SYN and nothing else.
    pub(crate) fn new(key: &FlowKey, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> Option<Self> {
        let key = key.short()?;
        if !is_empty(segment) || !segment.syn || segment.acknowledgement.is_some() {
            return None;
        }
        let [a1, a2, a3, a4, b1, b2, b3, b4] = packet.at.0.to_be_bytes();
        Some(Self {
            key,
            began: [u32::from_be_bytes([a1, a2, a3, a4]), u32::from_be_bytes([b1, b2, b3, b4])],
            opener: Opening::new(segment.sequence, 0, packet)?,
            other: Opening::NONE,
            routed: (has_crossed_a_router(packet.hops_left), false),
            client: side,
            step: Step::Asked,
        })
    }

    /// Takes a packet if it is the next one of the opening, or the SYN again; else the connection becomes more than this.
    pub(crate) fn take(&mut self, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> bool {
        let Some(after) = packet.at.0.checked_sub(self.began()).and_then(|after| u32::try_from(after).ok()) else {
            return false;
        };
        if !is_empty(segment) {
            return false;
        }
        let routed = has_crossed_a_router(packet.hops_left);
        match (self.step, side == self.client, segment.syn, segment.acknowledgement) {
            (Step::Asked, true, true, None)
                if segment.sequence == self.opener.initial && self.opener.again(after, packet) =>
            {
                self.routed.0 |= routed;
            }
            (Step::Asked, false, true, Some(_)) => {
                let Some(other) = Opening::new(segment.sequence, after, packet) else { return false };
                (self.other, self.routed.1, self.step) = (other, routed, Step::Answered);
            }
            (Step::Answered, true, false, Some(_)) if self.opener.again(after, packet) => {
                self.routed.0 |= routed;
                self.step = Step::Open;
            }
            _ => return false,
        }
        true
    }

    /// The same as what a flow with these packets would be.
    pub(crate) fn grow(&self, generation: u32) -> Flow {
        let mut flow = Flow::new(self.key(), Tunnels::default(), self.client, generation);
        let began = self.began();
        flow.opener = Some(self.client);
        *flow.halves.get_mut(self.client) = self.opener.half(self.routed.0, began, began);
        if self.step != Step::Asked {
            let first = began + u64::from(self.other.last);
            *flow.halves.get_mut(self.client.other()) = self.other.half(self.routed.1, first, began);
        }
        flow
    }

    pub(crate) fn key(&self) -> FlowKey {
        self.key.long()
    }

    /// Whether this is the connection of a key.
    pub(crate) fn is(&self, key: &FlowKey) -> bool {
        self.key.is(key)
    }

    /// Its last packet.
    pub(crate) fn last(&self) -> PacketTime {
        PacketTime(self.began() + u64::from(self.opener.last.max(self.other.last)))
    }

    fn began(&self) -> u64 {
        let [high, low] = self.began;
        u64::from(high) << 32 | u64::from(low)
    }
}

/// Nothing in it but what opens a connection.
const fn is_empty(segment: &TcpSegment<'_>) -> bool {
    segment.payload.is_empty() && segment.missing == 0 && !segment.fin && !segment.rst
}
