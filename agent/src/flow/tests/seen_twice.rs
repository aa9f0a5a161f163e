//! A packet that is captured twice counts once: by both mirror ports of a switch, with and without tag, on both sides of a
//! router, in two captures.

use super::*;
use crate::testing::{arp, end_v6};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

/// An exchange of HL7 messages, a lease, an ARP request, a message in fragments, each packet with an identification.
fn morning() -> Vec<Captured> {
    let (client, server) = (end(1, 50_000), end(2, 2575));
    let mut frames = handshake(client, server, 0);
    let (mut sent, mut answered) = (100, 500);
    for n in 0..5 {
        let message = format!("\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|{n}|P|2.5\rPID|1\r\x1c\r");
        let answer = format!("\x0bMSH|^~\\&|EHR|HOSP|MON|ICU|2026||ACK|A{n}|P|2.5\rMSA|AA|{n}\r\x1c\r");
        frames.push(tcp(client, server, sent).ack(answered).data(&message).at(10 + n));
        sent += u32::try_from(message.len()).unwrap();
        frames.push(tcp(server, client, answered).ack(sent).data(&answer).at(10 + n));
        answered += u32::try_from(answer.len()).unwrap();
    }
    frames.push(tcp(client, server, sent).ack(answered).fin().at(20));
    frames.push(tcp(server, client, answered).ack(sent + 1).fin().at(20));
    frames.push(tcp(client, server, sent + 1).ack(answered + 1).at(20));
    let nobody = End { ip: [0, 0, 0, 0].into(), ..end(7, 68) };
    let all = End { ip: [255, 255, 255, 255].into(), ..end(0, 67) };
    frames.push(udp(nobody, all, &discover()).at(30));
    frames.push(udp(end(3, 5000), end(2, 161), b"a datagram that no parser knows").at(31));
    frames.push(arp(1, end(4, 0), end(2, 0).ip).at(32));
    frames.push(tcp(end_v6(1, 50_000), end_v6(2, 104), 7).syn().at(33));
    frames.push(tcp(end_v6(1, 50_000), end_v6(2, 104), 8).data("of IPv6").at(33));
    let is_v4 = |frame: &Captured| frame.bytes[12..14] == [8, 0];
    frames.iter().zip(1..).map(|(frame, id)| if is_v4(frame) { frame.clone().id(id) } else { frame.clone() }).collect()
}

/// DHCPDISCOVER (RFC 2131, 3.1).
fn discover() -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
    bytes[28..34].copy_from_slice(&end(7, 0).mac);
    [&bytes[..], &[0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255]].concat()
}

/// What is told of who spoke with whom, but not by which VLANs, and what was counted but packets and their copies.
fn told(frames: &[Captured], workers: usize) -> Facts {
    let mut told = report(frames, &Limits::default(), workers);
    told.conversations.values_mut().for_each(|conversation| conversation.vlans = Default::default());
    told
}

/// Holds that `frames` with copies tell what they tell without; answers the copies that were known as such.
fn assert_counted_once(frames: &[Captured], with_copies: &[Captured]) -> u64 {
    let once = told(frames, 1);
    let twice = told(with_copies, 1);
    assert_eq!(twice.conversations.len(), once.conversations.len());
    for ((key, conversation), (same_key, known)) in twice.conversations.iter().zip(&once.conversations) {
        assert_eq!(key, same_key);
        assert_eq!(Conversation { seen: known.seen, ..(**conversation).clone() }, **known, "{key:?}");
        assert_eq!(conversation.seen.count, known.seen.count);
    }
    assert_eq!(twice.capture.protocols, once.capture.protocols);
    assert_eq!((twice.capture.flows, &twice.capture.losses), (once.capture.flows, &once.capture.losses));
    assert_eq!(twice.capture.packets, with_copies.len() as u64);
    assert_eq!((condition(&twice, "retransmitted_segments"), condition(&twice, "out_of_order_segments")), (0, 0));
    for workers in [2, 7] {
        assert_eq!(told(with_copies, workers), twice);
    }
    let addresses = |facts: &Facts| facts.sightings.keys().map(|place| place.ip).collect::<BTreeSet<_>>();
    assert_eq!(addresses(&twice), addresses(&once));
    condition(&twice, "duplicate_packets")
}

fn each_with(copy: impl Fn(&Captured) -> Captured) -> Vec<Captured> {
    morning().iter().flat_map(|frame| [frame.clone(), copy(frame)]).collect()
}

#[test]
fn both_mirror_ports_of_a_switch_deliver_the_same_packet_a_little_later() {
    for micros in [0, 3, 800, 4_000] {
        let known = assert_counted_once(&morning(), &each_with(|frame| frame.clone().later(micros)));
        assert_eq!(known, morning().len() as u64, "{micros}");
    }
}

#[test]
fn one_copy_has_a_tag_and_the_other_none_whichever_comes_first() {
    let all = morning().len() as u64;
    assert_eq!(assert_counted_once(&morning(), &each_with(|frame| frame.tagged(20))), all);
    let tagged_first: Vec<_> = morning().iter().flat_map(|frame| [frame.tagged(20), frame.clone()]).collect();
    assert_eq!(assert_counted_once(&morning(), &tagged_first), all);
}

#[test]
fn both_sides_of_a_router_are_one_conversation_between_the_ends_themselves() {
    // ARP and broadcasts stay on their side.
    let is_routed = |frame: &Captured| frame.bytes[12..14] != [8, 6] && !frame.bytes[14..].starts_with(&[0x45, 0, 1]);
    let frames: Vec<_> = morning().into_iter().filter(is_routed).collect();
    let twice: Vec<_> = frames.iter().flat_map(|frame| [frame.clone(), frame.behind_a_router()]).collect();
    assert_eq!(assert_counted_once(&frames, &twice), frames.len() as u64);
    // The places behind the router are told, as they tell that there is a router.
    let report = run(&twice);
    let behind = report.sightings.iter().filter(|(place, _)| place.mac.is_some_and(|mac| mac.0 == [2, 0, 0, 0, 0, 8]));
    let behind: Vec<_> = behind.collect();
    assert!(behind.len() >= 4 && behind.iter().all(|(_, sighting)| sighting.routed), "{behind:?}");
}

#[test]
fn all_three_copies_count_once() {
    let frames: Vec<_> = morning().iter().flat_map(|frame| [frame.clone(), frame.tagged(5), frame.tagged(6)]).collect();
    assert_eq!(assert_counted_once(&morning(), &frames), 2 * morning().len() as u64);
}

#[test]
fn two_captures_of_the_same_traffic_may_have_clocks_some_milliseconds_apart() {
    // Read one after the other within each 20 ms, as blocks of two interfaces are.
    for shift in [0_u64, 2, 40] {
        let mut frames = Vec::new();
        for part in 0..3 {
            let here = |frame: &&Captured| frame.at.0 / 20_000_000 == part;
            let one: Vec<_> = morning().iter().filter(here).cloned().collect();
            let other: Vec<_> = one.iter().map(|frame| frame.clone().later(shift * 1000)).collect();
            frames.extend(one.into_iter().chain(other));
        }
        let once = told(&morning(), 1);
        let twice = told(&frames, 1);
        let messages = |facts: &Facts, protocol: &str| facts.capture.protocols[protocol].messages;
        assert_eq!(
            (messages(&twice, "hl7"), messages(&twice, "dhcp")),
            (messages(&once, "hl7"), messages(&once, "dhcp"))
        );
        assert_eq!(loss(&twice, "overlap_conflicts"), 0);
        // Those without identification are known only if they follow at once.
        assert_eq!(condition(&twice, "duplicate_packets") == morning().len() as u64, shift < 5, "{shift}");
    }
}

#[test]
fn a_device_that_sends_the_same_again_is_no_copy() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let mut frames = handshake(client, server, 0);
    let segment = tcp(client, server, 100).ack(500).data("bytes");
    // A retransmission has another identification, or, without, comes later.
    frames.extend([segment.at(10).id(7), segment.at(11).id(8), segment.at(250).id(8)]);
    let report = run(&frames);
    assert_eq!((condition(&report, "retransmitted_segments"), condition(&report, "duplicate_packets")), (2, 0));
    assert_eq!(only(&report).1.bytes_to_server, 5);
    let alike = udp(client, server, b"the same each second");
    let report = run(&[alike.clone().at(0), alike.clone().at(1000), alike.at(2000)]);
    assert_eq!((only(&report).1.messages, condition(&report, "duplicate_packets")), (3, 0));
}

#[test]
fn a_forged_copy_with_other_bytes_is_a_conflict() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let mut frames = handshake(client, server, 0);
    for text in ["GOOD", "EVIL"] {
        frames.push(tcp(client, server, 100).ack(500).data(text).at(10).id(7));
    }
    let report = run(&frames);
    assert_eq!((loss(&report, "overlap_conflicts"), only(&report).1.bytes_to_server), (1, 4));
    let report = run(&[udp(client, server, b"GOOD").id(7), udp(client, server, b"EVIL").id(7)]);
    assert_eq!((only(&report).1.messages, condition(&report, "duplicate_packets")), (2, 0));
}

#[test]
fn connections_that_only_opened_stay_small_and_are_counted_once() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let frames: Vec<_> =
        handshake(client, server, 0).iter().flat_map(|frame| [frame.clone(), frame.tagged(9)]).collect();
    let report = run(&frames);
    assert_eq!((report.capture.flows, report.capture.flows_without_payload), (1, 1));
    assert_eq!(condition(&report, "duplicate_packets"), 2, "an acknowledgement without identification tells nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn copies_count_once_in_any_order_of_arrival(copies in vec((0u64..4_000, any::<bool>(), any::<bool>()), 64)) {
        let mut frames = morning();
        for (frame, (micros, is_tagged, is_there)) in morning().iter().zip(copies) {
            if is_there {
                let copy = if is_tagged { frame.tagged(20) } else { frame.clone() };
                frames.push(copy.later(micros));
            }
        }
        frames.sort_by_key(|frame| frame.at);
        let copies = frames.len() - morning().len();
        prop_assert_eq!(assert_counted_once(&morning(), &frames), copies as u64);
    }
}
