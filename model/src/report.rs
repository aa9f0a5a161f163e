//! What an agent reports: facts, merged and bounded, with no judgement.

use crate::{
    Attribute, DeviceText, Mac, PacketTime, Seen, Source, Vlans,
    dicom::{Association, AssociationActivity},
    hl7::{Link, LinkActivity},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// Everything one agent saw, up to now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was captured and what was lost.
    pub capture: CaptureFacts,
    /// Who sent frames from where.
    pub sightings: BTreeMap<Place, Sighting>,
    /// Who spoke with whom.
    pub conversations: BTreeMap<ConversationKey, Conversation>,
    /// What speakers said about devices.
    pub descriptions: BTreeMap<Description, Seen>,
}

/// Packets, protocols and losses.
#[derive(Clone, Debug, Default, PartialEq)]
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
    pub losses: BTreeMap<&'static str, u64>,
    /// By protocol name; every protocol is there.
    pub protocols: BTreeMap<&'static str, ProtocolFacts>,
}

/// Traffic of one protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Network address.
    pub ip: IpAddr,
    /// Link-layer source; none where the link has none or it is all zeros.
    pub mac: Option<Mac>,
    /// VLANs, outermost first.
    pub vlans: Vlans,
}

/// How a [`Place`] was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When, and in how many flows or announcements.
    pub seen: Seen,
    /// It sent a transport payload.
    pub payload: bool,
    /// It claimed the address itself, by ARP or neighbour discovery.
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

/// The two ends, the protocol and the service of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationKey {
    /// Address of the client.
    pub client: IpAddr,
    /// Address of the server.
    pub server: IpAddr,
    /// Name of the protocol in the registry.
    pub protocol: &'static str,
    /// Transport under it.
    pub transport: Transport,
    /// Port of the server.
    pub port: u16,
}

/// Transport protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// What was exchanged. Merging is commutative but for which details find room.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// When, and in how many flows.
    pub seen: Seen,
    /// The payload is encrypted.
    pub encrypted: bool,
    /// VLAN tags its packets carried, each combination once, at most [`Self::MAX_VLANS`].
    pub vlans: BTreeSet<Vlans>,
    /// As the protocol counts them.
    pub messages: u64,
    /// Transport payload towards the server, each byte once.
    pub bytes_to_server: u64,
    /// Transport payload towards the client, each byte once.
    pub bytes_to_client: u64,
    /// What the protocol's parser made of it.
    pub detail: Detail,
}

impl Conversation {
    /// Most VLAN combinations kept.
    pub const MAX_VLANS: usize = 16;

    /// Takes in another flow, or another agent's part, of the same conversation.
    pub fn merge(&mut self, other: Self) {
        self.seen.merge(&other.seen);
        self.encrypted |= other.encrypted;
        self.vlans.extend(other.vlans);
        while self.vlans.len() > Self::MAX_VLANS {
            self.vlans.pop_last();
        }
        self.messages += other.messages;
        self.bytes_to_server += other.bytes_to_server;
        self.bytes_to_client += other.bytes_to_client;
        self.detail.merge(other.detail);
    }
}

/// What a protocol's parser tells of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    /// Nothing beyond the counters.
    #[default]
    None,
    /// DICOM associations.
    Dicom(Bounded<Association, AssociationActivity>),
    /// HL7 interfaces.
    Hl7(Bounded<Link, LinkActivity>),
    /// TLS to a port registered for another protocol: which one it may carry.
    Tls {
        /// For example `dicom-port`.
        hint: Option<&'static str>,
    },
}

impl Detail {
    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Dicom(mine), Self::Dicom(theirs)) => mine.merge(theirs, AssociationActivity::merge),
            (Self::Hl7(mine), Self::Hl7(theirs)) => mine.merge(theirs, LinkActivity::merge),
            (mine @ Self::None, theirs) => *mine = theirs,
            // One conversation is one protocol, so the details are of one kind.
            (Self::Tls { .. } | Self::Dicom(_) | Self::Hl7(_), _) => {}
        }
    }
}

/// A map that keeps its first [`Self::MAX`] keys and counts what found no room.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounded<K: Ord, V> {
    /// What found room, by key. Most have one entry or two, for which the node of a tree would be too much.
    pub entries: Vec<(K, V)>,
    /// How many insertions did not.
    pub dropped: u64,
}

impl<K: Ord, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), dropped: 0 }
    }
}

impl<K: Ord, V: Default> Bounded<K, V> {
    /// Most entries kept.
    pub const MAX: usize = 256;

    /// The value of `key`, made anew where there is room.
    pub fn entry(&mut self, key: K) -> Option<&mut V> {
        let position = match self.entries.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(position) => position,
            Err(_) if self.entries.len() >= Self::MAX => {
                self.dropped += 1;
                return None;
            }
            Err(position) => {
                self.entries.insert(position, (key, V::default()));
                position
            }
        };
        self.entries.get_mut(position).map(|(_, value)| value)
    }

    /// Takes in another map, merging the values of equal keys.
    pub fn merge(&mut self, other: Self, merge: impl Fn(&mut V, &V)) {
        self.dropped += other.dropped;
        for (key, value) in other.entries {
            if let Some(mine) = self.entry(key) {
                merge(mine, &value);
            }
        }
    }
}

/// What a speaker said about one device: itself or another, which is for the collector to judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Description {
    /// Address it came from.
    pub speaker: IpAddr,
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
