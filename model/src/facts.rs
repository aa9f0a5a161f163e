//! What was seen: facts, merged and bounded, with no judgement.

use crate::{
    Attribute, Conversation, ConversationKey, DeviceText, Mac, Name, PacketTime, Seen, Source, Tunnels, Vlans,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, btree_map},
    net::IpAddr,
};

/// What was seen on a network. Merging the facts of two spans of time gives the facts of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// What was captured and what was lost.
    pub capture: CaptureFacts,
    /// Who sent frames from where.
    pub sightings: BTreeMap<Place, Sighting>,
    /// Who spoke with whom. Boxed, as they are many and go through several tables on their way.
    pub conversations: BTreeMap<ConversationKey, Box<Conversation>>,
    /// What speakers said about devices.
    pub descriptions: BTreeMap<Description, Seen>,
}

impl Facts {
    /// Takes in what was seen elsewhere, or at another time.
    pub fn merge(&mut self, other: Self) {
        self.capture.merge(&other.capture);
        other.sightings.into_iter().for_each(|(place, sighting)| self.add_sighting(place, &sighting));
        other.conversations.into_iter().for_each(|(key, conversation)| self.add_conversation(key, conversation));
        other.descriptions.into_iter().for_each(|(description, seen)| self.add_description(description, &seen));
    }

    /// Takes in how a place was seen.
    pub fn add_sighting(&mut self, place: Place, sighting: &Sighting) {
        self.sightings.entry(place).and_modify(|known| known.merge(sighting)).or_insert(*sighting);
    }

    /// Takes in a conversation, or a part of one.
    pub fn add_conversation(&mut self, key: ConversationKey, conversation: Box<Conversation>) {
        match self.conversations.entry(key) {
            btree_map::Entry::Vacant(entry) => {
                entry.insert(conversation);
            }
            btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(*conversation),
        }
    }

    /// Takes in what was said about a device.
    pub fn add_description(&mut self, description: Description, seen: &Seen) {
        self.descriptions.entry(description).and_modify(|known| known.merge(seen)).or_insert(*seen);
    }
}

/// Packets, protocols and losses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaptureFacts {
    /// Frames read.
    pub packets: u64,
    /// Their length on the wire, bytes.
    pub bytes: u64,
    /// Flows seen.
    pub flows: u64,
    /// Flows that carried no payload, which are not listed as conversations.
    pub flows_without_payload: u64,
    /// Earliest and latest frame; none in an empty capture.
    pub window: Option<(PacketTime, PacketTime)>,
    /// Frames or bytes lost to us, by reason.
    pub losses: BTreeMap<Name, u64>,
    /// What tells how well the capture sees though nothing is lost by it, by condition.
    #[serde(default)]
    pub conditions: BTreeMap<Name, u64>,
    /// Payload bytes of TCP connections, each once.
    #[serde(default)]
    pub stream_bytes: u64,
    /// By protocol name; every protocol is there.
    pub protocols: BTreeMap<Name, ProtocolFacts>,
    /// Some of the frames came over links other than Ethernet, such as cooked captures.
    #[serde(default)]
    pub other_links: bool,
}

impl CaptureFacts {
    /// What part of the bytes of TCP connections the capture lost, as far as the holes in them tell: 0 to 1; none where there
    /// were no such bytes. A direction that was not captured at all leaves no hole.
    pub fn estimated_loss(&self) -> Option<f64> {
        let lost = self.losses.get("stream_gap_bytes").copied().unwrap_or(0);
        let all = lost.saturating_add(self.stream_bytes);
        (all > 0).then(|| lost as f64 / all as f64)
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.flows += other.flows;
        self.flows_without_payload += other.flows_without_payload;
        self.window = match (self.window, other.window) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (known, None) => known,
            (None, window) => window,
        };
        for (reason, count) in &other.losses {
            *self.losses.entry(*reason).or_default() += count;
        }
        for (condition, count) in &other.conditions {
            *self.conditions.entry(*condition).or_default() += count;
        }
        self.stream_bytes += other.stream_bytes;
        for (protocol, facts) in &other.protocols {
            self.protocols.entry(*protocol).or_default().merge(facts);
        }
        self.other_links |= other.other_links;
    }
}

/// Traffic of one protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolFacts {
    /// Flows recognised.
    pub flows: u64,
    /// Messages, as the protocol counts them.
    pub messages: u64,
    /// Transport payload, each byte once.
    pub bytes: u64,
    /// Times the parser met what its standard does not allow.
    pub parse_failures: u64,
}

impl ProtocolFacts {
    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.flows += other.flows;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.parse_failures += other.parse_failures;
    }
}

/// A source address as seen on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Network address.
    pub ip: IpAddr,
    /// The tunnels its packets came through: equal addresses in two of them are two.
    #[serde(default, skip_serializing_if = "Tunnels::is_empty")]
    pub tunnels: Tunnels,
    /// Link-layer source; none where the link has none or it is all zeros.
    pub mac: Option<Mac>,
    /// VLANs, outermost first.
    pub vlans: Vlans,
}

/// How a [`Place`] was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// When, and in how many flows or announcements.
    pub seen: Seen,
    /// It sent a transport payload.
    pub payload: bool,
    /// It claimed the address itself, by ARP or neighbour discovery, or was given it by DHCP.
    pub claimed: bool,
    /// Its packets had crossed a router: the MAC address is the router's.
    pub routed: bool,
}

impl Sighting {
    /// An address that its owner claimed.
    pub const fn claim(at: PacketTime) -> Self {
        Self { seen: Seen::once(at), payload: false, claimed: true, routed: false }
    }

    /// Takes in what another observer saw.
    pub fn merge(&mut self, other: &Self) {
        self.seen.merge(&other.seen);
        self.payload |= other.payload;
        self.claimed |= other.claimed;
        self.routed |= other.routed;
    }
}

/// What a speaker said about one device: itself or another, which is for the collector to judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Description {
    /// Address it came from.
    pub speaker: IpAddr,
    /// The tunnels it came through.
    #[serde(default, skip_serializing_if = "Tunnels::is_empty")]
    pub tunnels: Tunnels,
    /// Link-layer source it came from, which tells apart those who had the address one after the other; a router's where
    /// one stands between.
    pub speaker_mac: Option<Mac>,
    /// Where it stood.
    pub source: Source,
    /// Under which name the speaker spoke: calling AE title, `APP^FACILITY`.
    pub speaks_as: Option<DeviceText>,
    /// What was said, in the order of the standard; an attribute with several values repeats.
    pub attributes: Vec<(Attribute, DeviceText)>,
}

impl Description {
    /// First value of an attribute.
    pub fn get(&self, attribute: Attribute) -> Option<&DeviceText> {
        self.attributes.iter().find_map(|(name, value)| (*name == attribute).then_some(value))
    }
}
