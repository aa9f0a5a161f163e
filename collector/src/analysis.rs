//! From a report to the document of an analysis.

use crate::{Judgement, identity::Inventory, judge, knowledge::Catalogue};
use std::collections::BTreeMap;
use wardwatch_model::{
    CaptureFacts, Conversation, ConversationKey, Facts,
    analysis::{Analysis, Capture, ConversationEntry, Flows, Loss, ProtocolEntry, SCHEMA, Truncated},
    config::Config,
};

/// Most conversations listed.
const MAX_CONVERSATIONS: usize = 100_000;

/// Reasons that say a frame could not be decoded.
const DECODE_FAILURES: [&str; 7] = [
    "link_type_unknown",
    "link_header_malformed",
    "ip_header_malformed",
    "transport_header_malformed",
    "arp_malformed",
    "tunnel_header_malformed",
    "tunnels_too_deep",
];

/// The document on facts as of a date, `YYYY-MM-DD` in UTC.
pub fn analyse(facts: Facts, files: usize, config: &Config, catalogue: &Catalogue, evaluated_at: &str) -> Analysis {
    let Judgement { inventory, findings, findings_dropped } = judge(&facts, config, catalogue, evaluated_at);
    let mut conversations = conversations(facts.conversations, &inventory);
    let unlisted = conversations.len().saturating_sub(MAX_CONVERSATIONS) as u64;
    conversations.truncate(MAX_CONVERSATIONS);
    let dropped = facts.capture.losses.get("conversations_dropped").copied().unwrap_or(0);
    Analysis {
        schema: SCHEMA,
        evaluated_at: evaluated_at.to_owned(),
        capture: capture(&facts.capture, files),
        truncated: Truncated {
            devices: inventory.dropped,
            conversations: dropped + unlisted,
            findings: findings_dropped,
        },
        imports: inventory.imports,
        devices: inventory.devices,
        conversations,
        findings,
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
            estimated_ratio: facts.estimated_loss(),
            parse_failures: facts.protocols.iter().map(|(name, facts)| (*name, facts.parse_failures)).collect(),
            reasons: facts.losses.clone(),
        },
        conditions: facts.conditions.clone(),
        protocols: facts
            .protocols
            .iter()
            .map(|(name, facts)| (*name, ProtocolEntry::from(facts)))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// One entry for each pair of devices, protocol and port. In the facts a pair has several where packets of an address
/// came from several places, such as both sides of a router, and several pairs where an address was given anew.
fn conversations(facts: BTreeMap<ConversationKey, Box<Conversation>>, inventory: &Inventory) -> Vec<ConversationEntry> {
    let mut entries = Vec::with_capacity(facts.len());
    let mut facts = facts.into_iter().peekable();
    while let Some((key, conversation)) = facts.next() {
        let between = inventory.ends(&key, &conversation);
        let mut same: Vec<(Owners<'_>, Box<Conversation>)> = vec![(between, conversation)];
        while let Some((other, part)) = facts.next_if(|(other, _)| is_same_service(&key, other)) {
            let between = inventory.ends(&other, &part);
            match same.iter_mut().find(|(known, _)| *known == between) {
                Some((_, whole)) => whole.merge(*part),
                None => same.push((between, part)),
            }
        }
        same.sort_by_key(|(between, conversation)| (conversation.seen.first, *between));
        entries.extend(same.into_iter().map(|((client, server), conversation)| ConversationEntry {
            client: client.map(Into::into),
            server: server.map(Into::into),
            key,
            conversation,
        }));
    }
    entries
}

/// Ids of client and server.
type Owners<'a> = (Option<&'a str>, Option<&'a str>);

fn is_same_service(a: &ConversationKey, b: &ConversationKey) -> bool {
    (a.client, a.server, a.protocol, a.transport, a.port, a.tunnels)
        == (b.client, b.server, b.protocol, b.transport, b.port, b.tunnels)
}
