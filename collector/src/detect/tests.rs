//! What holds for every detection.

use super::{testing::*, *};
use proptest::prelude::*;
use std::collections::BTreeSet;
use wardwatch_model::{End, Violation, dicom::AssociationResult};

#[test]
fn ids_and_kinds_are_sorted_and_unique_and_every_rule_has_its_texts() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert_eq!(RULES.iter().map(|rule| rule.kind).collect::<BTreeSet<_>>().len(), RULES.len());
    let catalogue = Catalogue::embedded().unwrap();
    assert_eq!(catalogue.detection_ids().collect::<Vec<_>>(), ids);
    for rule in RULES {
        assert!(!rule.severities.is_empty() && rule.severities.is_sorted_by(|a, b| a < b), "{}", rule.id);
    }
}

/// A row for each rule and for each of its settings.
#[test]
fn the_page_of_detections_has_every_rule_and_setting() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/detections.md"));
    let catalogue = Catalogue::embedded().unwrap();
    for rule in RULES {
        let row = rule.row(&catalogue);
        assert!(page.contains(&row), "docs/detections.md lacks\n{row}");
        for row in rule.setting_rows() {
            assert!(page.contains(&row), "docs/detections.md lacks\n{row}");
        }
    }
}

/// A network on which every rule finds something.
fn bad() -> Network {
    let (a, b, c) = ("10.0.0.1", "10.0.0.2", "10.0.0.3");
    let mut login = association("CT01", "ANY-SCP", AssociationResult::Accepted);
    login.0.user_identity_type = Some(2);
    ["T1", "T2", "T3", "T4", "T5"]
        .iter()
        .zip(0..)
        .fold(Network::of(&[a, b, c]), |network, (title, at)| network.associates(a, b, rejected("ME", title, 7, &[at])))
        .associates(c, b, login)
        .breaks(a, c, "dicom", End::Client, &[(Violation::DicomPduType, 1)])
        .breaks(a, c, "hl7", End::Server, &[(Violation::MllpStart, 9)])
        .talk(b, "8.8.8.8", "dicom", |_| {})
        .talk("8.8.4.4", c, "hl7", |_| {})
}

#[test]
fn every_rule_finds_something_in_a_bad_network_within_its_severities() {
    let found = bad().all();
    for rule in RULES {
        let mut own = found.iter().filter(|finding| finding.rule == rule.id).peekable();
        assert!(own.peek().is_some(), "{}", rule.id);
        for finding in own {
            assert_eq!(finding.kind, rule.kind);
            assert!(rule.severities.contains(&finding.severity), "{finding:?}");
            assert!(finding.first_seen <= finding.last_seen && finding.count > 0, "{finding:?}");
            assert!((0.0..=1.0).contains(&finding.confidence), "{finding:?}");
            assert_eq!(finding.community_ids.len(), 1, "{finding:?}");
        }
    }
}

#[test]
fn every_rule_can_be_turned_off() {
    for rule in RULES {
        let network = bad().configured(&format!("[detect.{}]\nenabled = false\n", rule.id));
        assert_eq!(network.found(rule), []);
        assert!(!network.all().is_empty());
    }
}

#[test]
fn findings_are_sorted_and_no_two_have_the_same_rule_device_and_key() {
    let found = bad().all();
    let keys: BTreeSet<_> = found.iter().map(|finding| (finding.rule, &finding.device, &finding.key)).collect();
    assert_eq!(keys.len(), found.len());
    assert!(found.is_sorted_by(|a, b| (a.rule, &a.device, &a.peer, &a.key) < (b.rule, &b.device, &b.peer, &b.key)));
}

#[test]
fn evidence_says_how_many_it_leaves_out() {
    let network = (1..=20).fold(Network::of(&["10.0.0.1"]), |network, host| {
        network.talk("10.0.0.1", &format!("8.8.8.{host}"), "dicom", |_| {})
    });
    let found = network.one(&d22_clear_text_across_boundary::RULE);
    assert!(found.evidence["outside_addresses"].ends_with(" and 4 more"), "{found:?}");
    assert_eq!(found.bpf_filter, "host 10.0.0.1");
    assert_eq!(found.community_ids.len(), 16);
}

proptest! {
    #[test]
    fn the_order_in_which_facts_come_does_not_matter(order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle()) {
        let whole = bad();
        let conversations: Vec<_> = whole.facts.conversations.clone().into_iter().collect();
        let mut shuffled = Network { facts: Facts { conversations: [].into(), ..whole.facts.clone() }, ..Network::default() };
        for place in order {
            if let Some((key, conversation)) = conversations.get(place) {
                let mut part = Facts::default();
                part.add_conversation(*key, conversation.clone());
                shuffled.facts.merge(part);
            }
        }
        prop_assert_eq!(shuffled.all(), whole.all());
    }
}
