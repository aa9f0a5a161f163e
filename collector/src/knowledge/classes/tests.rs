//! That the file's classes are the closed list's and that its examples hold is checked by reading it.

use super::*;
use crate::knowledge::CLASSES;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
const PET: &str = "1.2.840.10008.5.1.4.1.1.128";
const WORKLIST: &str = "1.2.840.10008.5.1.4.31";

fn embedded() -> Classes {
    Classes::read(&CLASSES).unwrap_or_else(|error| panic!("{error}"))
}

fn clues<'a>(clues: &[(Clue, &[&'a str])], sure: f64) -> Clues<'a> {
    let known = Known { sure, seen: Seen::once(PacketTime(7)) };
    let mut all = Clues::default();
    for (clue, value) in clues.iter().flat_map(|(clue, values)| values.iter().map(|value| (*clue, *value))) {
        all.note(clue, value, known);
    }
    all.settle();
    all
}

fn class(told: &[(Clue, &[&str])]) -> &'static str {
    embedded().judge(&clues(told, 1.0)).first().map_or("unknown", |verdict| verdict.class.name())
}

fn refusal(from: &str, to: &str) -> String {
    let text = CLASSES.text.replacen(from, to, 1);
    assert_ne!(text, CLASSES.text, "{from} is not in the file");
    Classes::read(&File::ours("classes", text.leak())).err().map(|error| error.to_string()).unwrap()
}

#[test]
fn the_classes_of_the_file_are_those_of_the_closed_list() {
    let refused = refusal("[[class]]\nname = \"unknown\"\n", "[[class]]\nname = \"camera\"\n");
    assert!(refused.contains("camera") || refused.contains("closed list"), "{refused}");
    assert!(refusal("name = \"unknown\"", "name = \"toaster\"").contains("not a class of the closed list"));
}

#[test]
fn an_example_that_does_not_hold_is_refused() {
    let refused = refusal("examples = [{ modality = [\"BMD\"] }]", "examples = [{ modality = [\"CT\"] }]");
    assert_eq!(refused, r#"classes: entry "bone-densitometer", key examples: {Modality: ["CT"]} gives ct-scanner"#);
}

#[test]
fn an_unknown_clue_is_refused() {
    assert!(refusal("when = { speaks-for = 2 }", "when = { sings-for = 2 }").contains("sings-for"));
}

#[test]
fn a_modality_shows_by_what_it_stores_and_asks() {
    assert_eq!(class(&[(Clue::Stores, &[CT]), (Clue::Requests, &[WORKLIST])]), "ct-scanner");
    assert_eq!(class(&[(Clue::Stores, &[CT, PET]), (Clue::Requests, &[WORKLIST])]), "pet-scanner", "a hybrid");
    assert_eq!(class(&[(Clue::Stores, &[CT, MR, PET]), (Clue::Requests, &[WORKLIST])]), "pet-scanner", "PET-MR-CT");
    let ultrasound = "1.2.840.10008.5.1.4.1.1.6.1";
    assert_eq!(class(&[(Clue::Stores, &[CT, ultrasound])]), "unknown", "of two kinds, which no modality makes");
}

#[test]
fn medical_evidence_outranks_dhcp_and_ports() {
    let printer: (Clue, &[&str]) = (Clue::DhcpVendorClass, &["Mfg=Xerox;Typ=MFP"]);
    assert_eq!(class(&[printer]), "printer");
    // Less sure, and of a medical protocol.
    assert_eq!(class(&[printer, (Clue::Stores, &[CT])]), "ct-scanner");
    assert_eq!(class(&[(Clue::DhcpVendorClass, &["MSFT 5.0"]), (Clue::Modality, &["MR"])]), "mr-scanner");
}

#[test]
fn an_archive_that_asks_another_is_no_viewer() {
    let move_ = "1.2.840.10008.5.1.4.1.2.2.2";
    assert_eq!(class(&[(Clue::Requests, &[move_])]), "viewer");
    assert_eq!(
        class(&[(Clue::Requests, &[move_]), (Clue::Provides, &[CT, move_]), (Clue::Receives, &[CT])]),
        "archive"
    );
}

#[test]
fn a_class_is_no_surer_than_its_evidence() {
    let judged = |sure| embedded().judge(&clues(&[(Clue::Modality, &["US"])], sure));
    assert_eq!(judged(0.6).first().map(|verdict| verdict.confidence), Some(0.6));
    assert_eq!(judged(1.0).first().map(|verdict| verdict.confidence), Some(0.95));
    assert!(judged(0.39).is_empty(), "below the threshold it is unknown");
}

#[test]
fn words_count_whole_and_codes_by_component() {
    let fits = |clue: Clue, value, wanted| clue.fits(&clue.form(value), &clue.form(wanted));
    assert!(fits(Clue::SendsAs, "PIC iX^ICU", "pic ix"));
    assert!(!fits(Clue::SendsAs, "EPIC IX", "pic ix"));
    assert!(fits(Clue::DeviceType, "69985^MDC_DEV_PUMP_INFUS_MDS", "69985"));
    assert!(!fits(Clue::DeviceType, "169985^X", "69985"));
    assert!(fits(Clue::Sends, "ORU^R01^ORU_R01", "ORU^R01") && fits(Clue::Sends, "ADT^A08", "ADT"));
    assert!(!fits(Clue::Sends, "ORUX^R01", "ORU"));
    assert!(fits(Clue::DhcpVendorClass, "CISCO AP c1840i", "cisco ap"));
    assert!(!fits(Clue::DhcpVendorClass, "né", "né msft"));
}

#[test]
fn every_class_concluded_is_told_once() {
    let told = embedded().judge(&clues(
        &[(Clue::DeviceType, &["69985", "MDC_DEV_PUMP_INFUS_MDS"]), (Clue::SpeaksFor, &["a", "b"])],
        1.0,
    ));
    let names: Vec<&str> = told.iter().map(|verdict| verdict.class.name()).collect();
    assert_eq!(names, ["infusion-pump", "gateway"]);
}
