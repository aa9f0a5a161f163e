//! That a device is found by what people know it by, and that every claim of a rule has its reason.

use super::*;
use crate::export::write_explanation;
use std::sync::LazyLock;
use wardwatch_model::{
    Description, DeviceText, Mac, PacketTime, Place, Seen, Sighting, Source, Tunnels, Vlans, config::Names,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// Two hosts that say this of themselves.
fn facts(said: [&[(Attribute, &str)]; 2]) -> Facts {
    let mut facts = Facts::default();
    for (host, said) in (1..).zip(said) {
        let (ip, mac) = (format!("10.0.0.{host}").parse().unwrap(), Some(Mac([0, 9, 0xfb, 0, 0, host])));
        let seen = Seen { first: PacketTime(0), last: PacketTime(2_000_000_000), count: 3 };
        let (tunnels, vlans) = (Tunnels::default(), Vlans::default());
        let sighting = Sighting { seen, payload: true, claimed: true, routed: false };
        facts.add_sighting(Place { ip, tunnels, mac, vlans }, &sighting);
        let attributes = said.iter().map(|(attribute, value)| (*attribute, DeviceText::new(value).unwrap())).collect();
        let (source, speaks_as) = (Source::Mdns, None);
        facts
            .descriptions
            .insert(Description { speaker: ip, tunnels, speaker_mac: mac, source, speaks_as, attributes }, seen);
    }
    facts
}

const MONITOR: &[(Attribute, &str)] = &[
    (Attribute::Hostname, "bed-12"),
    (Attribute::Model, "IntelliVue MX500"),
    (Attribute::Manufacturer, "GE Healthcare"),
];
const OTHER: &[(Attribute, &str)] = &[(Attribute::Hostname, "bed-13"), (Attribute::DeviceName, "bed-12")];

fn ask(wanted: &str) -> Result<String, ExplainError> {
    let config = Config::default();
    explain(&facts([MONITOR, OTHER]), &config, &CATALOGUE, wanted).map(|explanation| told(&explanation))
}

fn told(explanation: &Explanation) -> String {
    let mut out = Vec::new();
    write_explanation(explanation, &CATALOGUE, &mut out).unwrap();
    std::str::from_utf8(&out).unwrap().to_owned()
}

#[test]
fn a_device_is_found_by_address_mac_and_name() {
    for wanted in ["10.0.0.1", "00:09:FB:00:00:01", "00:09:fb:00:00:01"] {
        assert!(ask(wanted).unwrap().contains("IntelliVue"), "{wanted}");
    }
    assert!(ask("BED-13").unwrap().contains("bed-13"));
    assert_eq!(ask("10.0.0.9"), Err(ExplainError::Unknown("10.0.0.9".to_owned())));
    assert_eq!(ask(""), Err(ExplainError::Unknown(String::new())));
}

#[test]
fn several_devices_of_a_name_are_listed_with_their_ids_and_each_is_found_by_its_own() {
    let Err(ExplainError::Several { devices, .. }) = ask("bed-12") else { panic!("one was taken") };
    assert_eq!(devices.len(), 2);
    for (id, _) in devices {
        assert!(ask(&id).unwrap().contains(&format!("id {id}")));
        assert!(ask(id.get(..8).unwrap()).unwrap().contains(&format!("id {id}")));
    }
}

#[test]
fn a_claim_leads_over_its_rule_to_where_the_words_were_read() {
    let told = ask("10.0.0.1").unwrap();
    let at = |line: &str| told.find(line).unwrap_or_else(|| panic!("no {line:?} in\n{told}"));
    let class = at("believed \"bedside-monitor\", 0.90");
    let rule =
        class + told.get(class..).unwrap().find("concluded by catalogue/fingerprints/medical-models.toml:").unwrap();
    let words = rule + told.get(rule..).unwrap().find("from model \"IntelliVue MX500\", read in mdns: ").unwrap();
    assert!(told.get(words..).unwrap().contains("3 times, 1970-01-01T00:00:00.000000000Z to 1970-01-01T00:00:02"));
}

#[test]
fn what_agrees_and_what_contradicts_is_said() {
    let both = ask("10.0.0.1").unwrap();
    assert!(both.contains("contradicts \"GE Healthcare\"") || both.contains("contradicts \"Philips\""), "{both}");
    assert!(both.contains("The evidence for manufacturer does not agree: \"GE HealthCare\" and \"Philips\""), "{both}");
    let agreeing: &[(Attribute, &str)] =
        &[(Attribute::Model, "IntelliVue MX500"), (Attribute::Manufacturer, "Philips Medical Systems")];
    let explanation = explain(&facts([agreeing, OTHER]), &Config::default(), &CATALOGUE, "10.0.0.1").unwrap();
    assert!(told(&explanation).contains("agrees \"Philips"), "{}", told(&explanation));
}

#[test]
fn every_claim_of_the_catalogue_has_a_reason() {
    let (config, facts) = (Config::default(), facts([MONITOR, OTHER]));
    let explanation = explain(&facts, &config, &CATALOGUE, "10.0.0.1").unwrap();
    let claims = explanation.device.evidence.iter().filter(|told| told.source == Source::Catalogue);
    for claim in claims {
        let is_of = |reason: &&Reason| (reason.attribute, &reason.value) == (claim.attribute, &claim.value);
        let reason = explanation.reasons.iter().find(is_of).unwrap_or_else(|| panic!("{claim:?} has none"));
        assert!(!reason.premises.is_empty() && reason.origin.line > 0, "{reason:?}");
    }
}

#[test]
fn names_that_are_hidden_are_hidden_here_too() {
    let config = Config { hostnames: Names::Hash, ..Config::default() };
    let named: &[(Attribute, &str)] = &[(Attribute::Hostname, "BRW008077310107"), (Attribute::Domain, "jones")];
    let explanation = explain(&facts([named, OTHER]), &config, &CATALOGUE, "10.0.0.1").unwrap();
    let told = told(&explanation);
    assert!(told.contains("Brother printer, wireless"), "{told}");
    assert!(!told.contains("008077310107") && !told.contains("jones"), "{told}");
}
