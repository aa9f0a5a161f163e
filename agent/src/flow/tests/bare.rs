//! A bare connection is a flow in short: whatever comes, in the end it tells what a flow would.

use super::super::{FlowKey, bare::Bare, connection::Flow, history::History, outcome, shard::Envelope};
use super::*;
use crate::{
    decode::{Body, TcpSegment, TransportPacket, decode},
    flow::Endpoint,
    ledger::Ledger,
    protocol::Side,
    tally::Tally,
};
use proptest::prelude::*;
use wardwatch_model::{Transport, Tunnels};

/// A packet as the flow layer sees it.
fn packet(captured: &Captured) -> (FlowKey, Side, Envelope, TcpSegment<'_>) {
    let mut packets = Vec::new();
    decode(&captured.frame(), &mut |packet| packets.extend(packet));
    let packet = packets.pop().unwrap();
    let Body::Ip(ip) = packet.body else { panic!("these are IP packets") };
    let TransportPacket::Tcp(segment) = ip.transport else { panic!("these are of TCP") };
    let from = Endpoint { ip: ip.source, port: segment.source_port };
    let to = Endpoint { ip: ip.destination, port: segment.destination_port };
    let (key, side) = FlowKey::new(from, to, Transport::Tcp);
    let (mac, vlans, tunnels, hops_left) = (packet.mac, packet.vlans, packet.tunnels, ip.hops_left);
    (key, side, Envelope { at: captured.at, mac, vlans, tunnels, hops_left }, segment)
}

/// What is told of packets of one connection, of which the first ones may be kept in short; and how many were.
fn told(packets: &[Captured], in_short: bool) -> (Facts, usize) {
    let limits = Limits::default();
    let (mut ledger, mut tally, mut history) = (Ledger::new(&limits), Tally::default(), History::default());
    let mut short = 0;
    let (key, side, envelope, segment) = packet(&packets[0]);
    let mut rest = packets;
    let mut flow = match Bare::new(&key, side, &envelope, &segment).filter(|_| in_short) {
        Some(mut bare) => {
            let goes_on = |captured: &&Captured| {
                let (_, side, envelope, segment) = packet(captured);
                bare.take(side, &envelope, &segment)
            };
            short = 1 + packets[1..].iter().take_while(goes_on).count();
            rest = &packets[short..];
            bare.grow(1)
        }
        None => Flow::new(key, Tunnels::default(), side, 1),
    };
    for captured in rest {
        let (_, side, envelope, segment) = packet(captured);
        let payload = !segment.payload.is_empty();
        if let Some((place, sighting)) = flow.note(side, &envelope, payload) {
            ledger.sighting(place, sighting, &mut tally);
        }
        flow.tcp(side, envelope.at, &segment, &mut history, &mut tally);
    }
    let told = flow.finish(&mut history, &mut tally);
    outcome::settle(&flow, told, &mut ledger, &mut tally);
    let mut facts = Facts::default();
    tally.add_to(&mut facts.capture);
    ledger.add_to(&mut facts);
    (facts, short)
}

#[test]
fn a_handshake_is_kept_in_short_and_nothing_else_is() {
    let (client, server) = (end(1, 50_000), end(2, 104));
    let mut packets = handshake(client, server, 1);
    packets.push(tcp(client, server, 100).data("hello").at(2));
    assert_eq!(told(&packets, true).1, 3);
    packets.insert(1, tcp(client, server, 99).syn().at(1));
    assert_eq!(told(&packets, true).1, 4);
    for odd in [
        tcp(client, server, 99).syn().fin().at(0),
        tcp(client, server, 99).syn().data("x").at(0),
        tcp(client, server, 99).syn().ack(7).at(0),
        tcp(client, server, 99).data("x").at(0),
        tcp(client, server, 99).rst().at(0),
    ] {
        assert_eq!(told(&[odd], true).1, 0);
    }
}

proptest! {
    #[test]
    fn what_is_kept_in_short_tells_the_same(
        steps in prop::collection::vec((any::<bool>(), 0u8..7, 0u8..6, 0u64..3, any::<bool>()), 0..8),
        swapped in any::<bool>(),
    ) {
        let ends = if swapped { (end(2, 104), end(1, 50_000)) } else { (end(1, 50_000), end(2, 104)) };
        let mut packets = vec![tcp(ends.0, ends.1, 99).syn().at(10)];
        let mut now = 10u64;
        for (from_client, kind, place, later, back) in steps {
            now = if back { now.saturating_sub(later) } else { now + later * 3_000 };
            let (mut from, to) = if from_client { ends } else { (ends.1, ends.0) };
            match place {
                0 => from.vlan = Some(7),
                1 => from.mac[5] ^= 1,
                2 => from.hops_left = 60,
                _ => {}
            }
            let sequence = if from_client { 99 } else { 499 };
            let acknowledgement = if from_client { 500 } else { 100 };
            packets.push(match kind {
                0 => tcp(from, to, sequence).syn(),
                1 | 2 => tcp(from, to, sequence).syn().ack(acknowledgement),
                3 | 4 => tcp(from, to, sequence + 1).ack(acknowledgement),
                5 => tcp(from, to, sequence + 1).ack(acknowledgement).data("data"),
                _ => tcp(from, to, sequence + 1).ack(acknowledgement).fin(),
            }.at(now));
        }
        packets.push(tcp(ends.0, ends.1, 100).ack(500).data("and more").at(now));
        prop_assert_eq!(told(&packets, true).0, told(&packets, false).0);
    }
}
