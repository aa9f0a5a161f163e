//! What a flow was, once it is over: who was client and server, which conversation it belongs to.

use super::{connection::Flow, inspection::Inspection};
use crate::{
    ledger::Ledger,
    protocol::{Outcome, Protocol, Side},
    tally::Tally,
};
use wardwatch_model::{Conversation, ConversationKey, Description, Detail, Place, Seen, Transport};

/// Ports registered for DICOM (IANA: acr-nema, dicom-iscl, dicom-tls, dicom): what TLS to them may carry.
const DICOM_PORTS: [u16; 4] = [104, 2761, 2762, 11112];

/// Ports below this are given to services (RFC 6335, 6).
const FIRST_USER_PORT: u16 = 1024;

/// Writes a finished flow into the ledger.
pub(super) fn settle(flow: &Flow, inspection: Option<Inspection>, ledger: &mut Ledger, tally: &mut Tally) {
    for side in Side::BOTH {
        let half = flow.halves.get(side);
        if let Some(sighting) = half.sighting {
            let place = Place { ip: flow.key.end(side).ip, mac: half.mac, vlans: half.vlans };
            ledger.sighting(place, sighting, tally);
        }
    }
    let bytes = flow.halves.a.bytes() + flow.halves.b.bytes();
    if bytes == 0 {
        tally.flows_without_payload += 1;
        return;
    }
    let told = inspection.as_ref().and_then(Inspection::client);
    let (protocol, outcome) = inspection
        .and_then(Inspection::finish)
        .unwrap_or_else(|| (Protocol::Unknown, Outcome { messages: flow.datagrams(), ..Outcome::default() }));
    let client = client(flow, told);
    let server = flow.key.end(client.other());
    if let Some(facts) = tally.protocol(protocol) {
        facts.flows += 1;
        facts.messages += outcome.messages;
        facts.bytes += bytes;
        facts.parse_failures += outcome.faults;
    }
    tally.descriptions_dropped += outcome.descriptions_dropped;
    for spoken in outcome.descriptions {
        let speaker = flow.key.end(spoken.side).ip;
        let description =
            Description { speaker, source: spoken.source, speaks_as: spoken.speaks_as, attributes: spoken.attributes };
        ledger.description(description, spoken.seen, tally);
    }
    let detail = match outcome.detail {
        Detail::Tls { .. } => Detail::Tls { hint: DICOM_PORTS.contains(&server.port).then_some("dicom-port") },
        detail => detail,
    };
    let key = ConversationKey {
        client: flow.key.end(client).ip,
        server: server.ip,
        protocol: protocol.name(),
        transport: flow.key.transport,
        port: server.port,
    };
    let (from_client, from_server) = (flow.halves.get(client), flow.halves.get(client.other()));
    let vlans =
        [from_client, from_server].into_iter().filter(|half| half.sighting.is_some()).map(|half| half.vlans).collect();
    let conversation = Conversation {
        seen: Seen {
            first: from_client.first.min(from_server.first),
            last: from_client.last.max(from_server.last),
            count: 1,
        },
        encrypted: outcome.encrypted,
        vlans,
        messages: outcome.messages,
        bytes_to_server: from_client.bytes(),
        bytes_to_client: from_server.bytes(),
        detail,
    };
    ledger.conversation(key, conversation, tally);
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
    let (a, b) = (flow.key.a.port, flow.key.b.port);
    match (a < FIRST_USER_PORT, b < FIRST_USER_PORT) {
        (true, false) => Side::B,
        (false, true) => Side::A,
        _ if flow.key.transport == Transport::Tcp && a != b => {
            if a > b {
                Side::A
            } else {
                Side::B
            }
        }
        _ => flow.first,
    }
}
