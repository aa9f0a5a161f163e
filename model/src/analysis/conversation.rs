//! Conversations as the document has them. There are many, so they stay what they are among the facts until they are written.

use crate::{
    Bounded, Conversation, ConversationKey, Detail, DeviceText, End, Name, Notes, PacketTime, Tunnels, Violation,
    Violations, Vlans,
    dhcp::Dhcp,
    dicom::{Association, AssociationActivity, OperationsByService},
    hl7::{Link, LinkActivity},
    snmp::Snmp,
};
use serde::{Serialize, Serializer};
use smol_str::SmolStr;
use std::{collections::BTreeSet, net::IpAddr};

/// Who spoke with whom.
#[derive(Clone, Debug)]
pub struct ConversationEntry {
    /// Id of the client's device; ids are so short as to need no memory of their own.
    pub client: Option<SmolStr>,
    /// Id of the server's device.
    pub server: Option<SmolStr>,
    /// Between which addresses.
    pub key: ConversationKey,
    /// What was exchanged.
    pub conversation: Box<Conversation>,
}

impl Serialize for ConversationEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { client, server, key, conversation } = self;
        Written {
            client: client.as_deref(),
            client_address: key.client,
            server: server.as_deref(),
            server_address: key.server,
            protocol: key.protocol,
            transport: key.transport.name(),
            port: key.port,
            encrypted: conversation.encrypted,
            vlan: conversation.vlans.iter().flat_map(Vlans::iter).collect(),
            tunnel: key.tunnels,
            flows: conversation.seen.count,
            messages: conversation.messages,
            bytes_to_server: conversation.bytes_to_server,
            bytes_to_client: conversation.bytes_to_client,
            first_seen: conversation.seen.first,
            last_seen: conversation.seen.last,
            detail: WrittenDetail::new(&conversation.detail),
            violations: List(&conversation.violations.entries, WrittenViolation::new),
        }
        .serialize(serializer)
    }
}

/// In the order of the contract.
#[derive(Serialize)]
struct Written<'a> {
    client: Option<&'a str>,
    client_address: IpAddr,
    server: Option<&'a str>,
    server_address: IpAddr,
    protocol: Name,
    transport: &'static str,
    port: u16,
    encrypted: bool,
    /// Each once, sorted.
    vlan: BTreeSet<u16>,
    /// As of an address.
    tunnel: Tunnels,
    flows: u64,
    messages: u64,
    bytes_to_server: u64,
    bytes_to_client: u64,
    first_seen: PacketTime,
    last_seen: PacketTime,
    detail: WrittenDetail<'a>,
    violations: List<'a, ((End, Violation), Violations), WrittenViolation>,
}

/// What a protocol tells beside the counters.
#[derive(Serialize)]
#[serde(untagged)]
enum WrittenDetail<'a> {
    Dicom {
        associations: List<'a, (Association, AssociationActivity), WrittenAssociation<'a>>,
        associations_truncated: u64,
    },
    Hl7 {
        links: List<'a, (Link, LinkActivity), WrittenLink<'a>>,
        links_truncated: u64,
    },
    Tls {
        hint: Option<Name>,
    },
    Dhcp(&'a Dhcp),
    Snmp(&'a Snmp),
    Notes {
        notes: &'a Notes,
    },
    None {},
}

impl<'a> WrittenDetail<'a> {
    const fn new(detail: &'a Detail) -> Self {
        match detail {
            Detail::None => Self::None {},
            Detail::Tls { hint } => Self::Tls { hint: *hint },
            Detail::Dhcp(messages) => Self::Dhcp(messages),
            Detail::Snmp(messages) => Self::Snmp(messages),
            Detail::Notes(notes) => Self::Notes { notes },
            Detail::Dicom(Bounded { entries, dropped }) => Self::Dicom {
                associations: List(entries.as_slice(), WrittenAssociation::new),
                associations_truncated: *dropped,
            },
            Detail::Hl7(Bounded { entries, dropped }) => {
                Self::Hl7 { links: List(entries.as_slice(), WrittenLink::new), links_truncated: *dropped }
            }
        }
    }
}

/// A list of which each item is made when it is written.
struct List<'a, T, W>(&'a [T], fn(&'a T) -> W);

impl<T, W: Serialize> Serialize for List<'_, T, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

/// How an end of a conversation broke the protocol's rules.
#[derive(Serialize)]
struct WrittenViolation {
    by: End,
    violation: Violation,
    first_seen: PacketTime,
    last_seen: PacketTime,
    count: u64,
    most_in_a_flow: u64,
}

impl WrittenViolation {
    const fn new(((by, violation), times): &((End, Violation), Violations)) -> Self {
        Self {
            by: *by,
            violation: *violation,
            first_seen: times.seen.first,
            last_seen: times.seen.last,
            count: times.seen.count,
            most_in_a_flow: times.most_in_a_flow,
        }
    }
}

/// Equal associations. When they were seen, and rejected, is for evidence and detections alone.
#[derive(Serialize)]
struct WrittenAssociation<'a> {
    #[serde(flatten)]
    association: &'a Association,
    count: u64,
    operations: &'a OperationsByService,
    move_destinations: &'a BTreeSet<DeviceText>,
    move_originators: &'a BTreeSet<DeviceText>,
}

impl<'a> WrittenAssociation<'a> {
    const fn new((association, activity): &'a (Association, AssociationActivity)) -> Self {
        let AssociationActivity { count, operations, move_destinations, move_originators, .. } = activity;
        Self { association, count: *count, operations, move_destinations, move_originators }
    }
}

/// A link and what was said over it.
#[derive(Serialize)]
struct WrittenLink<'a> {
    #[serde(flatten)]
    link: &'a Link,
    #[serde(flatten)]
    activity: &'a LinkActivity,
}

impl<'a> WrittenLink<'a> {
    const fn new((link, activity): &'a (Link, LinkActivity)) -> Self {
        Self { link, activity }
    }
}
