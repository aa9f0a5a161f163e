//! What a flow was, once it is over: who was client and server, which conversation it belongs to.

use super::{connection::Flow, datagrams::Datagrams, half::Elsewhere};
use crate::{
    ledger::Ledger,
    protocol::{Outcome, Protocol, Side},
    tally::Tally,
};
use std::net::IpAddr;
use wardwatch_model::{
    Bounded, Conversation, ConversationKey, Description, Detail, End, Lowest, Name, Place, Seen, Source, Transport,
    Violation, Violations,
};

/// Ports registered for DICOM (IANA: acr-nema, dicom-iscl, dicom-tls, dicom): what TLS to them may carry.
const DICOM_PORTS: [u16; 4] = [104, 2761, 2762, 11112];

/// Ports below this are given to services (RFC 6335, 6).
const FIRST_USER_PORT: u16 = 1024;

/// What the bytes of a flow told.
#[derive(Default)]
pub(super) struct Told {
    /// The client.
    pub(super) client: Option<Side>,
    /// The protocol, and what its parser learnt.
    pub(super) learnt: Option<(Protocol, Outcome)>,
}

impl Told {
    pub(super) fn of_datagrams(datagrams: &Datagrams) -> Self {
        let (client, learnt) = datagrams.so_far();
        Self { client: Some(client), learnt: Some(learnt) }
    }
}

/// Whether an address is no one's on the Internet: private (RFC 1918, RFC 6598, RFC 4193), of the link or the host, in examples.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_private()
                || ip.is_link_local()
                || ip.is_loopback()
                || ip.is_documentation()
                || matches!(ip.octets(), [100, 64..=127, ..])
        }
        IpAddr::V6(ip) => {
            ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_loopback()
                || matches!(ip.segments(), [0x2001, 0xdb8, ..])
        }
    }
}

/// Writes what a flow was, or is so far, into a ledger.
pub(super) fn settle(flow: &Flow, told: Told, ledger: &mut Ledger, tally: &mut Tally) {
    // Packets without payload tell of no device: anyone can send them under any address.
    if !flow.has_payload() {
        tally.flows_without_payload += 1;
        return;
    }
    for side in Side::BOTH {
        let half = flow.halves.get(side);
        if let Some(sighting) = half.sighting {
            let place = Place { ip: flow.key.end(side).ip, tunnels: flow.tunnels, mac: half.mac, vlans: half.vlans };
            ledger.sighting(place, sighting, tally);
        }
        if let Some(elsewhere) = &half.elsewhere {
            let Elsewhere { mac, vlans, sighting } = **elsewhere;
            ledger.sighting(Place { ip: flow.key.end(side).ip, tunnels: flow.tunnels, mac, vlans }, sighting, tally);
        }
    }
    let bytes = flow.halves.a.bytes() + flow.halves.b.bytes();
    if bytes == 0 {
        tally.flows_without_payload += 1;
        return;
    }
    if flow.key.transport() == Transport::Tcp {
        tally.stream_bytes += bytes;
        tally.joined_flows += u64::from(flow.opener.is_none());
        tally.one_sided_flows += u64::from(Side::BOTH.iter().any(|side| flow.halves.get(*side).sighting.is_none()));
    }
    let (protocol, outcome) = told
        .learnt
        .unwrap_or_else(|| (Protocol::Unknown, Outcome { messages: flow.datagrams(), ..Outcome::default() }));
    let client = client(flow, told.client);
    let server = flow.key.end(client.other());
    if let Some(facts) = tally.protocol(protocol) {
        facts.flows += 1;
        facts.messages += outcome.messages;
        facts.bytes += bytes;
        facts.parse_failures += outcome.faults;
    }
    tally.descriptions_dropped += outcome.descriptions_dropped;
    for spoken in outcome.descriptions {
        // Which servers of the Internet are asked for by name tells of who asks, and has no end.
        if spoken.source == Source::TlsServerName && !is_private(flow.key.end(spoken.side).ip) {
            continue;
        }
        let description = Description {
            speaker: flow.key.end(spoken.side).ip,
            tunnels: flow.tunnels,
            speaker_mac: flow.halves.get(spoken.side).mac,
            source: spoken.source,
            speaks_as: spoken.speaks_as,
            attributes: spoken.attributes,
        };
        ledger.description(description, spoken.seen, tally);
    }
    let detail = match outcome.detail {
        Detail::Tls { .. } => {
            Detail::Tls { hint: DICOM_PORTS.contains(&server.port).then_some(Name::new("dicom-port")) }
        }
        detail => detail,
    };
    let is_medical = matches!(detail, Detail::Dicom(_) | Detail::Hl7(_));
    let (from_client, from_server) = (flow.halves.get(client), flow.halves.get(client.other()));
    let client_ip = flow.key.end(client).ip;
    let key = ConversationKey {
        client: client_ip,
        server: server.ip,
        protocol: Name::new(protocol.name()),
        transport: flow.key.transport(),
        port: server.port,
        tunnels: flow.tunnels,
        // All who have no address yet send from the same one.
        client_mac: from_client.mac.filter(|_| !client_ip.is_unspecified()),
        server_mac: from_server.mac,
    };
    let (mut vlans, mut client_ports) = (Lowest::default(), Lowest::default());
    for half in [from_client, from_server].into_iter().filter(|half| half.sighting.is_some()) {
        vlans.insert(half.vlans);
        vlans.extend(half.elsewhere.as_ref().map(|elsewhere| elsewhere.vlans));
    }
    if is_medical {
        client_ports.insert(flow.key.end(client).port);
    }
    let conversation = Box::new(Conversation {
        seen: Seen {
            first: from_client.first.min(from_server.first),
            last: from_client.last.max(from_server.last),
            count: 1,
        },
        encrypted: outcome.encrypted,
        vlans,
        client_ports,
        messages: outcome.messages,
        bytes_to_server: from_client.bytes(),
        bytes_to_client: from_server.bytes(),
        detail,
        violations: violations(&outcome.violations, client),
    });
    ledger.conversation(key, conversation, tally);
}

fn violations(told: &[(Side, Violation, Seen)], client: Side) -> Bounded<(End, Violation), Violations> {
    let mut all: Bounded<(End, Violation), Violations> = Bounded::default();
    for (side, violation, seen) in told {
        let end = if *side == client { End::Client } else { End::Server };
        if let Some(known) = all.entry((end, *violation)) {
            let alike = told.iter().filter(|(by, other, _)| by == side && violation.is_like(*other));
            let most_alike_in_a_flow = alike.map(|(.., seen)| seen.count).sum();
            known.merge(&Violations { seen: *seen, most_in_a_flow: seen.count, most_alike_in_a_flow });
        }
    }
    all
}

/// Who the client was: who sent the SYN; else who the bytes tell; else the end whose port is no service's; else, the
/// one with the higher port on TCP, the one that spoke first on UDP.
fn client(flow: &Flow, told: Option<Side>) -> Side {
    if let Some(opener) = flow.opener {
        return opener;
    }
    if let Some(side) = told {
        return side;
    }
    let (a, b) = (flow.key.end(Side::A).port, flow.key.end(Side::B).port);
    match (a < FIRST_USER_PORT, b < FIRST_USER_PORT) {
        (true, false) => Side::B,
        (false, true) => Side::A,
        _ if flow.key.transport() == Transport::Tcp && a != b => {
            if a > b {
                Side::A
            } else {
                Side::B
            }
        }
        _ => flow.first,
    }
}
