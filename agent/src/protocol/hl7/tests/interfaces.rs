//! Links, message types, acknowledgements and the client.

use super::super::samples::{ack, admission, block};
use super::*;
use Side::{A, B};

/// A message of another kind, from the same sender.
fn message(kind: &str, control: &str, more: &[&str]) -> Vec<u8> {
    let header = format!("MSH|^~\\&|ADT1|HOSP|ENGINE|HOSP|2026||{kind}|{control}|P|2.5");
    block(&[&[header.as_str()], more].concat())
}

#[test]
fn a_link_holds_the_header_in_canonical_form() {
    let outcome = one(&block(&[
        "MSH|^~\\&|APP^1.2.3^ISO^more|FAC\\T\\CO|\"\"|RF^^|2026|SECRET|ORU^R01^ORU_R01|1|P^A|2.5.1^DEU|||AL|NE||8859/1~8859/2|||B^IHE^1.9^ISO~A^NS",
    ]));
    let (link, activity) = link(&outcome);
    let expected = Link {
        sending_application: text("APP^1.2.3^ISO"),
        sending_facility: text("FAC&CO"),
        receiving_application: None,
        receiving_facility: text("RF"),
        version: text("2.5.1"),
        charset: text("8859/1~8859/2"),
        processing_id: text("P"),
        profiles: [text("A^NS"), text("B^IHE^1.9^ISO")].into_iter().flatten().collect(),
    };
    assert_eq!(*link, expected);
    assert_eq!(counts(&activity.message_types), [("ORU^R01^ORU_R01", 1)]);
    assert_eq!(activity.unacknowledged, 1);
}

#[test]
fn an_acknowledgement_counts_on_the_link_of_its_message() {
    let outcome = run(&[
        (A, &[admission(1), admission(2), admission(3)].concat()),
        (B, &[ack("AA", "ADT1"), ack("AE", "ADT3 ")].concat()),
    ]);
    let (link, activity) = link(&outcome);
    assert_eq!(link.sending_application, text("ADT1"));
    assert_eq!(counts(&activity.acknowledgements), [("AA", 1), ("AE", 1)]);
    assert_eq!(activity.unacknowledged, 1);
    assert_eq!((outcome.messages, outcome.faults), (5, 0));
}

#[test]
fn a_second_acknowledgement_counts_its_code_and_acknowledges_nothing_more() {
    let outcome = run(&[(A, &admission(1)), (B, &ack("CA", "ADT1")), (B, &ack("AA", "ADT1")), (A, &admission(2))]);
    let (_, activity) = link(&outcome);
    assert_eq!(counts(&activity.acknowledgements), [("AA", 1), ("CA", 1)]);
    assert_eq!(activity.unacknowledged, 1);
}

#[test]
fn a_message_sent_again_is_a_message_of_its_own() {
    let outcome = run(&[(A, &admission(1)), (A, &admission(1)), (B, &ack("AA", "ADT1"))]);
    let (_, activity) = link(&outcome);
    assert_eq!(counts(&activity.message_types), [("ADT^A01", 2)]);
    assert_eq!(activity.unacknowledged, 1);
}

#[test]
fn an_answer_is_an_acknowledgement_and_a_message() {
    let query = message("QBP^Q11", "Q1", &["QPD|x"]);
    let answer = block(&["MSH|^~\\&|ENGINE|HOSP|ADT1|HOSP|2026||RSP^K11|R1|P|2.5", "MSA|AA|Q1", "PID|1"]);
    let outcome = run(&[(A, &query), (B, &answer)]);
    let all = links(&outcome);
    assert_eq!(all.len(), 2);
    assert_eq!(counts(&all[0].1.acknowledgements), [("AA", 1)]);
    assert_eq!(counts(&all[1].1.message_types), [("RSP^K11", 1)]);
    assert_eq!((all[0].1.unacknowledged, all[1].1.unacknowledged), (0, 0));
    assert_eq!(feed(&[(B, &answer)]).client(), Some(A));
}

#[test]
fn an_acknowledgement_of_a_message_not_seen_goes_to_the_link_it_would_be_on() {
    let lone = run(&[(B, &ack("AA", "X"))]);
    let (only, activity) = link(&lone);
    assert_eq!((&only.sending_application, &only.receiving_application), (&text("MON"), &text("ENGINE")));
    assert!(counts(&activity.message_types).is_empty());
    assert_eq!((counts(&activity.acknowledgements), activity.unacknowledged), (vec![("AA", 1)], 0));

    // The acknowledgement says less than the message: there is no second link for it.
    let sent = block(&["MSH|^~\\&|MON|ICU|ENGINE|HOSP|2026||ORU^R01|9|P|2.6||||||UNICODE UTF-8"]);
    let outcome = run(&[(B, &ack("AA", "X")), (A, &sent), (B, &ack("AA", "9"))]);
    let (_, activity) = link(&outcome);
    assert_eq!((counts(&activity.acknowledgements), activity.unacknowledged), (vec![("AA", 2)], 0));
}

#[test]
fn an_acknowledgement_without_an_id_answers_nothing() {
    // Its own control id is that of the message, which must not be taken for MSA-2.
    let outcome =
        run(&[(A, &admission(1)), (B, &block(&["MSH|^~\\&|||||||ACK|ADT1|P|2.5", "MSA|AA"])), (B, &ack("AA", ""))]);
    assert_eq!(links(&outcome).iter().map(|(_, activity)| activity.unacknowledged).sum::<u64>(), 1);
    assert_eq!(outcome.messages, 3);
}

#[test]
fn the_client_is_who_asks() {
    assert_eq!(feed(&[(B, &admission(1)), (A, &ack("AA", "ADT1"))]).client(), Some(B));
    assert_eq!(feed(&[(A, &ack("AA", "ADT1"))]).client(), Some(B));
    assert_eq!(feed(&[(A, &ack("AA", "ADT0")), (A, &admission(1))]).client(), Some(A));
    assert_eq!(feed(&[(A, b"")]).client(), None);
}

#[test]
fn a_gap_costs_the_message_it_is_in_and_no_other() {
    let bytes = [admission(1), admission(2)].concat();
    let first = admission(1).len();
    let header = bytes.iter().position(|b| *b == b'\r').unwrap();
    for cut in 1..first - 1 {
        let mut parser = feed(&[(A, &bytes[..cut])]);
        parser.gap(A);
        parser.feed(A, PacketTime(9), &bytes[first - 1..]);
        let outcome = parser.finish();
        let complete = cut > header;
        assert_eq!(types(&outcome), [("ADT^A01", 1 + u64::from(complete))], "{cut}");
        // Cut off after its type, the message counts, though its link is not known.
        let typed = cut >= header - "ADT1|P|2.5".len();
        assert_eq!(outcome.messages, 1 + u64::from(typed), "{cut}");
        let in_header = cut >= "\x0bMSH|^~\\&|".len();
        assert_eq!(outcome.faults, u64::from(in_header && !typed), "{cut}");
    }
}

#[test]
fn too_many_links_and_kinds_are_counted_as_dropped() {
    let mut bytes = Vec::new();
    for n in 0..2000 {
        bytes.extend(block(&[&format!("MSH|^~\\&|APP{n}|FAC|||2026||ADT^A01|{n}|P|2.5")]));
    }
    let outcome = one(&bytes);
    let Detail::Hl7(links) = &outcome.detail else { panic!() };
    assert_eq!((links.entries.len(), outcome.messages), (256, 2000));
    assert_eq!(links.dropped, 2000 - 256);
    assert!(outcome.descriptions.len() <= 256);
}
