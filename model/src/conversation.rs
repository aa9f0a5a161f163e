//! Who spoke with whom, and what a parser made of it.

use crate::{
    Bounded, Lowest, Mac, Name, Notes, PacketTime, Seen, Tunnels, Vlans,
    attribute::closed_list,
    dhcp::Dhcp,
    dicom::{Association, AssociationActivity},
    hl7::{Link, LinkActivity},
    snmp::Snmp,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The two ends, the protocol and the service of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConversationKey {
    /// Address of the client.
    pub client: IpAddr,
    /// Address of the server.
    pub server: IpAddr,
    /// Name of the protocol in the registry.
    pub protocol: Name,
    /// Transport under it.
    pub transport: Transport,
    /// Port of the server; 0 where the transport has none.
    pub port: u16,
    /// The tunnels it was in.
    #[serde(default, skip_serializing_if = "Tunnels::is_empty")]
    pub tunnels: Tunnels,
    /// Link-layer source of the client's packets: tells apart those who had the address one after the other.
    pub client_mac: Option<Mac>,
    /// Link-layer source of the server's packets.
    pub server_mac: Option<Mac>,
}

/// Transport protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Transport {
    Tcp,
    Udp,
    /// None: the protocol stands in IP itself.
    Ip,
}

impl Transport {
    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Ip => "ip",
        }
    }
}

/// What was exchanged. Merging is commutative but for which details find room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// When, and in how many flows.
    pub seen: Seen,
    /// The payload is encrypted.
    pub encrypted: bool,
    /// VLAN tags its packets carried, each combination once.
    pub vlans: Lowest<Vlans, 2>,
    /// Ports of the client, of medical protocols only: lead to single flows.
    pub client_ports: Lowest<u16, 8>,
    /// As the protocol counts them.
    pub messages: u64,
    /// Transport payload towards the server, each byte once.
    pub bytes_to_server: u64,
    /// Transport payload towards the client, each byte once.
    pub bytes_to_client: u64,
    /// What the protocol's parser made of it.
    pub detail: Detail,
    /// How the ends broke the protocol's rules.
    pub violations: Bounded<(End, Violation), Violations>,
}

impl Conversation {
    /// Takes in another flow, or another agent's part, of the same conversation.
    pub fn merge(&mut self, other: Self) {
        self.seen.merge(&other.seen);
        self.encrypted |= other.encrypted;
        self.vlans.extend(other.vlans);
        self.client_ports.extend(other.client_ports);
        self.messages += other.messages;
        self.bytes_to_server += other.bytes_to_server;
        self.bytes_to_client += other.bytes_to_client;
        self.detail.merge(other.detail);
        self.violations.merge(other.violations, Violations::merge);
    }
}

/// What a protocol's parser tells of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
        hint: Option<Name>,
    },
    /// DHCP messages.
    Dhcp(Dhcp),
    /// SNMP messages.
    Snmp(Snmp),
    /// What was noted of other protocols.
    Notes(Notes),
}

impl Detail {
    /// Leaves out the associations or links, for which there is no room; answers how many.
    pub fn leave_out(&mut self) -> u64 {
        match self {
            Self::Dicom(associations) => associations.leave_out(),
            Self::Hl7(links) => links.leave_out(),
            Self::None | Self::Tls { .. } | Self::Dhcp(_) | Self::Snmp(_) | Self::Notes(_) => 0,
        }
    }

    /// Takes in what was told of another part of the conversation.
    pub fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Dicom(mine), Self::Dicom(theirs)) => mine.merge(theirs, AssociationActivity::merge),
            (Self::Hl7(mine), Self::Hl7(theirs)) => mine.merge(theirs, LinkActivity::merge),
            (Self::Dhcp(mine), Self::Dhcp(theirs)) => mine.merge(&theirs),
            (Self::Snmp(mine), Self::Snmp(theirs)) => mine.merge(&theirs),
            (Self::Notes(mine), Self::Notes(theirs)) => mine.merge(&theirs),
            (mine @ Self::None, theirs) => *mine = theirs,
            // One conversation is one protocol, so the details are of one kind.
            (Self::Tls { .. } | Self::Dicom(_) | Self::Hl7(_) | Self::Dhcp(_) | Self::Snmp(_) | Self::Notes(_), _) => {}
        }
    }
}

closed_list! {
    /// An end of a conversation.
    End {
        /// It asked for the connection, or sent the first datagram.
        Client = "client",
        /// It was asked.
        Server = "server",
    }
}

closed_list! {
    /// A way to break a protocol's rules that tells more than that a parser failed.
    Violation {
        /// DICOM: an application entity title with characters it must not have (PS3.8 9.3.2).
        DicomAeTitle = "dicom-ae-title",
        /// DICOM: a message or data set that contradicts itself (PS3.5 7, PS3.7 6.3).
        DicomDataSet = "dicom-data-set",
        /// DICOM: an item longer than what holds it, or too short for its own fields (PS3.8 9.3.2, 9.3.3).
        DicomItemOverrun = "dicom-item-overrun",
        /// DICOM: a PDU longer than its receiver said it takes (PS3.8 D.1).
        DicomPduExceedsMaximum = "dicom-pdu-exceeds-maximum",
        /// DICOM: a PDU of a length that its type cannot have (PS3.8 9.3).
        DicomPduLength = "dicom-pdu-length",
        /// DICOM: a PDU of a type there is none of, where one must begin (PS3.8 9.3.1).
        DicomPduType = "dicom-pdu-type",
        /// DICOM: a PDV shorter than its header, or longer than its PDU (PS3.8 9.3.5.1).
        DicomPdvLength = "dicom-pdv-length",
        /// DICOM: one request that proposes more transfer syntaxes than 64 presentation contexts with 128 each.
        DicomTransferSyntaxes = "dicom-transfer-syntaxes",
        /// HL7: NUL bytes inside a message.
        Hl7Nul = "hl7-nul",
        /// HL7: a second message header before the end of the block (MLLP release 1, 2).
        Hl7SecondHeader = "hl7-second-header",
        /// HL7: no start block character before a message (MLLP release 1, 2).
        MllpStart = "mllp-start",
        /// HL7: an end block character that no carriage return follows (MLLP release 1, 2).
        MllpEnd = "mllp-end",
        /// HL7: a message longer than 10 MiB.
        Hl7Length = "hl7-length",
    }
}

impl Violation {
    /// Whether the two weigh the same: both break HL7's framing, or DICOM as only attacks on parsers do, or DICOM's rules otherwise.
    pub const fn is_like(self, other: Self) -> bool {
        self.weight() == other.weight()
    }

    const fn weight(self) -> u8 {
        match self {
            Self::DicomPduType
            | Self::DicomPduLength
            | Self::DicomItemOverrun
            | Self::DicomPdvLength
            | Self::DicomTransferSyntaxes => 0,
            Self::DicomAeTitle | Self::DicomDataSet | Self::DicomPduExceedsMaximum => 1,
            Self::Hl7Nul | Self::Hl7SecondHeader | Self::MllpStart | Self::MllpEnd | Self::Hl7Length => 2,
        }
    }
}

/// How often a rule was broken. Merging is commutative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violations {
    /// When and how often.
    pub seen: Seen,
    /// Most often in one flow.
    pub most_in_a_flow: u64,
    /// Most often in one flow, together with the others of its end that are alike ([`Violation::is_like`]): a threshold is
    /// for one session, whichever of them it breaks.
    #[serde(default)]
    pub most_alike_in_a_flow: u64,
}

impl Default for Violations {
    fn default() -> Self {
        Self {
            seen: Seen { first: PacketTime::MAX, last: PacketTime(0), count: 0 },
            most_in_a_flow: 0,
            most_alike_in_a_flow: 0,
        }
    }
}

impl Violations {
    /// Takes in what was seen in other flows.
    pub fn merge(&mut self, other: &Self) {
        self.seen.merge(&other.seen);
        self.most_in_a_flow = self.most_in_a_flow.max(other.most_in_a_flow);
        self.most_alike_in_a_flow = self.most_alike_in_a_flow.max(other.most_alike_in_a_flow);
    }
}
