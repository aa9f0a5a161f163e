//! Equipment attributes in every way data sets are written (PS3.5 7, 10, annex A).

use super::{build::*, ct_image, drive::*, worklist_keys};
use crate::protocol::{Outcome, dicom::element::Syntax};
use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use wardwatch_model::{Attribute, Source, dicom::Dimse};

pub(super) const SYNTAXES: [(Syntax, &str); 3] =
    [(Syntax::ImplicitLittle, IMPLICIT), (Syntax::ExplicitLittle, EXPLICIT), (Syntax::ExplicitBig, BIG)];

/// What [`ct_image`] says.
fn ct_says() -> Vec<(Attribute, String)> {
    [
        (Attribute::Modality, "CT"),
        (Attribute::Manufacturer, "Röntgen AG"),
        (Attribute::DeviceName, "CT-ROOM-1"),
        (Attribute::Model, "Cutter 64"),
        (Attribute::SerialNumber, "SN12345"),
        (Attribute::SoftwareVersion, "VA40A"),
        (Attribute::SoftwareVersion, "P02"),
    ]
    .map(|(attribute, text)| (attribute, text.to_owned()))
    .to_vec()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What is said by a stored data set.
pub(super) fn store(syntax: &str, data_set: &[u8]) -> Outcome {
    outcome(&stored(syntax, data_set))
}

#[test]
fn an_image_is_read_in_every_transfer_syntax() {
    for (syntax, uid) in SYNTAXES {
        let outcome = store(uid, &ct_image(syntax));
        assert_eq!((said(&outcome), outcome.faults), (ct_says(), 0), "{syntax:?}");
        assert_eq!(outcome.descriptions[0].source, Source::DicomDataset);
        assert_eq!(outcome.descriptions[0].speaks_as.as_deref(), Some("CT01"));
    }
    let image = ct_image(Syntax::ExplicitLittle);
    // Encapsulated pixels, and a syntax nobody knows yet.
    for uid in [JPEG, "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.99"] {
        assert_eq!(said(&store(uid, &image)), ct_says(), "{uid}");
    }
    // Private ones are written either way: one of GE's is implicit VR little endian but for its pixels.
    for (syntax, _) in SYNTAXES {
        assert_eq!(said(&store("1.2.840.113619.5.2", &ct_image(syntax))), ct_says(), "{syntax:?}");
    }
    for uid in [DEFLATED, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"] {
        assert_eq!(said(&store(uid, &deflate(&image))), ct_says(), "{uid}");
    }
}

#[test]
fn the_syntax_is_guessed_where_its_negotiation_was_missed() {
    for (syntax, uid) in SYNTAXES {
        let outcome = joined(&stored(uid, &ct_image(syntax))[2..].to_vec());
        assert_eq!((said(&outcome), outcome.faults), (ct_says(), 0), "{syntax:?}");
        assert_eq!(outcome.descriptions[0].speaks_as, None);
    }
}

#[test]
fn a_deflated_data_set_may_be_cut_short() {
    let deflated = deflate(&ct_image(Syntax::ExplicitLittle));
    assert_eq!(said(&store(DEFLATED, &deflated[..deflated.len() - 4])), ct_says());
    for cut in 0..deflated.len() {
        let outcome = store(DEFLATED, &deflated[..cut]);
        assert!(said(&outcome).len() <= ct_says().len());
        assert_eq!((outcome.messages, outcome.faults), (2, 0), "{cut}");
    }
    let damaged: Vec<u8> = deflated.iter().map(|byte| !byte).collect();
    assert_eq!(store(DEFLATED, &damaged).faults, 1);
}

#[test]
fn a_worklist_query_tells_the_station_it_asks_for_and_nothing_else() {
    for (syntax, uid) in SYNTAXES {
        for defined in [false, true] {
            let mut connection = associated(1, WORKLIST, uid);
            // Blanks behind a UID are not allowed, and met.
            for class in [format!("{WORKLIST}\0"), format!("{WORKLIST} "), WORKLIST.to_owned()] {
                connection.push((CLIENT, message(1, 0x0020, true, &[(0x0002, class.as_bytes())])));
                connection.push((CLIENT, p_data(&[(1, LAST_DATA, &worklist_keys(syntax, defined))])));
            }
            let outcome = outcome(&connection);
            let expected =
                [(Attribute::Modality, "CT"), (Attribute::AeTitle, "CT01"), (Attribute::DeviceName, "ROOM 1")];
            assert_eq!(said(&outcome), expected.map(|(attribute, text)| (attribute, text.to_owned())));
            assert_eq!(outcome.descriptions[0].source, Source::DicomWorklist);
            assert_eq!(outcome.descriptions[0].seen.count, 3);
        }
    }
    let mut other = associated(1, STUDY_FIND, IMPLICIT);
    other.push((CLIENT, message(1, 0x0020, true, &[(0x0002, STUDY_FIND.as_bytes())])));
    other.push((CLIENT, p_data(&[(1, LAST_DATA, &worklist_keys(Syntax::ImplicitLittle, true))])));
    assert_eq!(said(&outcome(&other)), [], "other queries are not read");
}

#[test]
fn a_performed_step_tells_the_station_that_performed_it() {
    let step = Set::new(Syntax::ImplicitLittle)
        .put(0x0008_0060, b"CS", b"MR")
        .put(0x0010_0010, b"PN", b"DOE^JANE")
        .put(0x0040_0241, b"AE", b"MR02")
        .put(0x0040_0242, b"SH", b"MAGNET 2")
        .put(0x0040_0243, b"SH", b"WARD 9")
        .0;
    for (field, class_element) in [(0x0140, 0x0002), (0x0120, 0x0003)] {
        let mut connection = associated(1, PERFORMED_STEP, IMPLICIT);
        connection.push((CLIENT, message(1, field, true, &[(class_element, PERFORMED_STEP.as_bytes())])));
        connection.push((CLIENT, p_data(&[(1, LAST_DATA, &step)])));
        let expected = [(Attribute::Modality, "MR"), (Attribute::AeTitle, "MR02"), (Attribute::DeviceName, "MAGNET 2")];
        assert_eq!(said(&outcome(&connection)), expected.map(|(attribute, text)| (attribute, text.to_owned())));
    }
    let mut other = associated(1, "1.2.840.10008.1.20.1", IMPLICIT);
    other.push((CLIENT, message(1, 0x0140, true, &[(0x0002, b"1.2.840.10008.1.20.1")])));
    other.push((CLIENT, p_data(&[(1, LAST_DATA, &step)])));
    assert_eq!(said(&outcome(&other)), []);
}

#[test]
fn texts_are_read_in_their_repertoire_value_by_value() {
    let versions: Vec<String> = (0..60).map(|number| format!("component {number:03}")).collect();
    let set = Set::new(Syntax::ExplicitLittle)
        .put(0x0008_0005, b"CS", b"\\ISO 2022 IR 87")
        .put(0x0008_0070, b"LO", b"\x1b$B;38}\x1b(B")
        .put(0x0018_1002, b"UI", b"1.2.3\0")
        .put(0x0018_1010, b"LO", b"SCANNER-7")
        .put(0x0018_1016, b"LO", b"Scan Co")
        .put(0x0018_1020, b"LO", versions.join("\\").as_bytes());
    let outcome = store(EXPLICIT, &set.0);
    let [image, capture] = &outcome.descriptions[..] else { panic!("{:?}", outcome.descriptions) };
    assert_eq!(image.attributes[0], (Attribute::Manufacturer, text("山口")));
    assert_eq!(image.attributes[1], (Attribute::DeviceUid, text("1.2.3")));
    let told: Vec<String> = image.attributes[2..].iter().map(|(_, text)| text.to_string()).collect();
    assert_eq!(told, versions, "none is cut or left out");
    // The device that captured it is another one.
    let expected = [(Attribute::DeviceUid, text("SCANNER-7")), (Attribute::Manufacturer, text("Scan Co"))];
    assert_eq!(capture.attributes, expected);
}

#[test]
fn a_device_named_again_is_counted_and_those_beyond_the_limit_are_not_kept() {
    let mut connection = associated(1, CT_STORAGE, IMPLICIT);
    for number in (0..300).chain(0..10) {
        let set = Set::new(Syntax::ImplicitLittle).put(0x0018_1000, b"LO", format!("SN{number:03}").as_bytes());
        connection.push((CLIENT, message(1, 1, true, &[])));
        connection.push((CLIENT, p_data(&[(1, LAST_DATA, &set.0)])));
    }
    let outcome = outcome(&connection);
    assert_eq!((outcome.descriptions.len(), outcome.descriptions_dropped), (256, 44));
    assert_eq!(outcome.descriptions[9].seen.count, 2);
    assert_eq!(outcome.descriptions[10].seen.count, 1);
    assert_eq!(operations(&outcome, Dimse::CStore).requests, 310);
}
