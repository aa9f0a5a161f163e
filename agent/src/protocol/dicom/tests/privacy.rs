//! Nothing leaves the parser but what the allow-list names.

use super::{build::*, data_sets::SYNTAXES, drive::*};
use crate::protocol::dicom::element::Syntax;
use wardwatch_model::Attribute;

/// The allow-list at the top level of a data set, as reference/privacy.md and the model give it. Not taken from the
/// code, so that neither changes alone.
const ALLOWED: [(u32, &[u8; 2], Attribute); 25] = [
    (0x0008_0055, b"AE", Attribute::AeTitle),
    (0x0008_0060, b"CS", Attribute::Modality),
    (0x0008_0070, b"LO", Attribute::Manufacturer),
    (0x0008_1010, b"SH", Attribute::DeviceName),
    (0x0008_1090, b"LO", Attribute::Model),
    (0x0018_0087, b"DS", Attribute::MagneticFieldStrength),
    (0x0018_1000, b"LO", Attribute::SerialNumber),
    (0x0018_1002, b"UI", Attribute::DeviceUid),
    (0x0018_1003, b"LO", Attribute::DeviceUid),
    (0x0018_1004, b"LO", Attribute::PlateId),
    (0x0018_1005, b"LO", Attribute::GeneratorId),
    (0x0018_1007, b"LO", Attribute::CassetteId),
    (0x0018_1008, b"LO", Attribute::GantryId),
    (0x0018_1010, b"LO", Attribute::DeviceUid),
    (0x0018_1016, b"LO", Attribute::Manufacturer),
    (0x0018_1018, b"LO", Attribute::Model),
    (0x0018_1019, b"LO", Attribute::SoftwareVersion),
    (0x0018_1020, b"LO", Attribute::SoftwareVersion),
    (0x0018_1200, b"DA", Attribute::CalibrationDate),
    (0x0018_1204, b"DA", Attribute::ManufactureDate),
    (0x0018_1205, b"DA", Attribute::InstallationDate),
    (0x0018_700a, b"SH", Attribute::DetectorId),
    (0x0018_9371, b"UC", Attribute::DetectorId),
    (0x0040_0241, b"AE", Attribute::AeTitle),
    (0x0040_0242, b"SH", Attribute::DeviceName),
];

/// Whether any of the planted values is in what leaves the parser.
fn shows_planted(outcome: &crate::protocol::Outcome) -> bool {
    format!("{outcome:?}").contains("PHI-")
}

#[test]
fn each_attribute_of_the_list_is_found_alone_and_together_in_every_syntax() {
    for (syntax, uid) in SYNTAXES {
        for (tag, vr, attribute) in ALLOWED {
            let set = Set::new(syntax).put(tag, vr, b"VALUE ");
            let outcome = outcome(&stored(uid, &set.0));
            assert_eq!((said(&outcome), outcome.faults), (vec![(attribute, "VALUE".to_owned())], 0), "{tag:08x}");
        }
        let all = ALLOWED.iter().fold(Set::new(syntax), |set, (tag, vr, _)| set.put(*tag, *vr, b"VALUE "));
        assert_eq!(said(&outcome(&stored(uid, &all.0))).len(), ALLOWED.len());
    }
}

#[test]
fn no_other_attribute_is_ever_shown() {
    const GROUPS: [u32; 12] =
        [0x0002, 0x0008, 0x0009, 0x0010, 0x0011, 0x0012, 0x0018, 0x0019, 0x0020, 0x0028, 0x0032, 0x0038];
    let is_allowed = |tag| tag == 0x0008_0005 || ALLOWED.iter().any(|(allowed, ..)| *allowed == tag);
    let plant = |set: Set, tag: u32| if is_allowed(tag) { set } else { set.put(tag, b"LO", b"PHI-1 ") };
    // One data set reaches 64 KiB: about 3,000 elements.
    for (syntax, uid) in SYNTAXES {
        // The rules are the same in each; all elements in one, and those around the list in the others.
        let end = if syntax == Syntax::ImplicitLittle { 0x1_0000 } else { 0x1300 };
        for group in GROUPS.into_iter().chain([0x0040]) {
            for start in (0..end).step_by(3000) {
                let elements = (start..end.min(start + 3000)).filter(|element| *element != 0x100a);
                let set = elements.fold(Set::new(syntax), |set, element| plant(set, group << 16 | element));
                let outcome = outcome(&stored(uid, &set.0));
                assert_eq!(said(&outcome), [], "{syntax:?} {group:04x} {start:04x}");
                assert!(!shows_planted(&outcome));
            }
        }
    }
}

#[test]
fn neither_commands_nor_other_messages_nor_sequences_show_what_they_hold() {
    let planted: Vec<(u16, &[u8])> =
        [0x1000, 0x1001, 0x0902, 0x0901, 0x1002, 0x1005].iter().map(|element| (*element, &b"PHI-2 "[..])).collect();
    let set = Set::new(Syntax::ImplicitLittle).put(0x0008_0070, b"LO", b"PHI-3 ").put(0x0010_0010, b"PN", b"PHI-4 ").0;
    let nested = Set::new(Syntax::ImplicitLittle)
        .sequence(0x0008_1140, b"SQ", false, std::slice::from_ref(&set))
        .sequence(0x0018_100a, b"SQ", false, std::slice::from_ref(&set))
        .sequence(0x0040_0100, b"SQ", false, std::slice::from_ref(&set))
        .0;
    let mut connection = associated(1, CT_STORAGE, IMPLICIT);
    for (field, data_set) in [
        (0x8001, &set),
        (0x0001, &nested),
        (0x0010, &set),
        (0x0020, &set),
        (0x8020, &set),
        (0x0021, &set),
        (0x0100, &set),
        (0x8110, &set),
        (0x0120, &set),
        (0x0130, &set),
        (0x0140, &set),
    ] {
        connection.push((CLIENT, message(1, field, true, &planted)));
        connection.push((CLIENT, p_data(&[(1, LAST_DATA, data_set)])));
    }
    // In a worklist query only the step counts, and only its station.
    let step = Set::new(Syntax::ImplicitLittle).put(0x0008_0070, b"LO", b"PHI-5 ").put(0x0040_0006, b"PN", b"PHI-6 ");
    let query = Set::new(Syntax::ImplicitLittle)
        .put(0x0008_0070, b"LO", b"PHI-7 ")
        .put(0x0008_1010, b"SH", b"PHI-8 ")
        .sequence(0x0040_0100, b"SQ", true, &[step.0])
        .put(0x0040_0241, b"AE", b"PHI-9 ");
    connection.push((CLIENT, message(1, 0x0020, true, &[(0x0002, WORKLIST.as_bytes())])));
    connection.push((CLIENT, p_data(&[(1, LAST_DATA, &query.0)])));
    let outcome = outcome(&connection);
    assert_eq!(said(&outcome), []);
    assert!(!shows_planted(&outcome), "{outcome:?}");
    assert_eq!(outcome.messages, 12);
}

#[test]
fn a_wrong_length_does_not_make_a_neighbour_show() {
    for (syntax, uid) in SYNTAXES {
        let elements: [(u32, &[u8], &[u8]); 6] = [
            (0x0008_0060, b"CS", b"CT"),
            (0x0008_0070, b"LO", b"ACME"),
            (0x0008_0090, b"PN", b"PHI-1 "),
            (0x0010_0010, b"PN", b"PHI-2 "),
            (0x0018_1000, b"LO", b"SN1 "),
            (0x0020_0010, b"SH", b"PHI-3 "),
        ];
        let (mut set, mut tags) = (Set::new(syntax), Vec::new());
        for (tag, vr, value) in elements {
            tags.extend(set.0.len()..set.0.len() + 4);
            set = set.put(tag, vr, value);
        }
        // A damaged tag can be any tag; all else can be damaged.
        for place in (0..set.0.len()).filter(|place| !tags.contains(place)) {
            for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff] {
                let mut damaged = set.0.clone();
                damaged[place] ^= flip;
                let outcome = outcome(&stored(uid, &damaged));
                assert!(!shows_planted(&outcome), "{syntax:?} {place} {flip:02x}: {:?}", said(&outcome));
            }
        }
    }
}
