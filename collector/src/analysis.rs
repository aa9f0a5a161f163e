//! From a report to the document of an analysis.

use crate::{identity, knowledge::Catalogue};
use std::collections::BTreeMap;
use wardwatch_model::{
    CaptureFacts, Conversation, ConversationKey, Detail, Report,
    analysis::{
        Analysis, AssociationEntry, Capture, ConversationEntry, DetailEntry, Flows, LinkEntry, Loss, ProtocolEntry,
        SCHEMA, Truncated,
    },
    config::Config,
};

/// Most conversations listed.
const MAX_CONVERSATIONS: usize = 100_000;

/// Reasons that say a frame could not be decoded.
const DECODE_FAILURES: [&str; 5] = [
    "link_type_unknown",
    "link_header_malformed",
    "ip_header_malformed",
    "transport_header_malformed",
    "arp_malformed",
];

/// Judges a report as of a date, `YYYY-MM-DD` in UTC.
pub fn analyse(report: Report, files: usize, config: &Config, catalogue: &Catalogue, evaluated_at: &str) -> Analysis {
    let inventory = identity::resolve(&report, config, catalogue);
    let unlisted = report.conversations.len().saturating_sub(MAX_CONVERSATIONS) as u64;
    let conversations = report
        .conversations
        .into_iter()
        .take(MAX_CONVERSATIONS)
        .map(|(key, conversation)| {
            let owner = |ip| inventory.owner(ip).map(str::to_owned);
            conversation_entry(owner(key.client), owner(key.server), &key, conversation)
        })
        .collect();
    let dropped = report.capture.losses.get("conversations_dropped").copied().unwrap_or(0);
    Analysis {
        schema: SCHEMA,
        evaluated_at: evaluated_at.to_owned(),
        capture: capture(&report.capture, files),
        truncated: Truncated { devices: inventory.dropped, conversations: dropped + unlisted, findings: 0 },
        devices: inventory.devices,
        conversations,
        findings: Vec::new(),
    }
}

fn capture(facts: &CaptureFacts, files: usize) -> Capture {
    let failures = |name: &&str| facts.losses.get(*name).copied().unwrap_or(0);
    Capture {
        files,
        packets: facts.packets,
        bytes: facts.bytes,
        first_packet: facts.window.map(|(first, _)| first),
        last_packet: facts.window.map(|(_, last)| last),
        flows: Flows { total: facts.flows, without_payload: facts.flows_without_payload },
        loss: Loss {
            decode_failures: DECODE_FAILURES.iter().map(failures).sum(),
            parse_failures: facts.protocols.iter().map(|(name, facts)| (*name, facts.parse_failures)).collect(),
            reasons: facts.losses.clone(),
        },
        protocols: facts
            .protocols
            .iter()
            .map(|(name, facts)| (*name, ProtocolEntry::from(facts)))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn conversation_entry(
    client: Option<String>,
    server: Option<String>,
    key: &ConversationKey,
    conversation: Conversation,
) -> ConversationEntry {
    ConversationEntry {
        client,
        client_address: key.client,
        server,
        server_address: key.server,
        protocol: key.protocol,
        transport: key.transport.name(),
        port: key.port,
        encrypted: conversation.encrypted,
        vlan: conversation.vlans.iter().flat_map(|vlans| vlans.iter().collect::<Vec<_>>()).collect(),
        flows: conversation.seen.count,
        messages: conversation.messages,
        bytes_to_server: conversation.bytes_to_server,
        bytes_to_client: conversation.bytes_to_client,
        first_seen: conversation.seen.first,
        last_seen: conversation.seen.last,
        detail: match conversation.detail {
            Detail::None => DetailEntry::None {},
            Detail::Tls { hint } => DetailEntry::Tls { hint },
            Detail::Dicom(associations) => DetailEntry::Dicom {
                associations: associations
                    .entries
                    .into_iter()
                    .map(|(association, activity)| AssociationEntry { association, activity })
                    .collect(),
                associations_truncated: associations.dropped,
            },
            Detail::Hl7(links) => DetailEntry::Hl7 {
                links: links.entries.into_iter().map(|(link, activity)| LinkEntry { link, activity }).collect(),
                links_truncated: links.dropped,
            },
        },
    }
}
