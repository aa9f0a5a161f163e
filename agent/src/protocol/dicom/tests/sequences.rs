//! Sequences, lengths and limits of data sets (PS3.5 7.5, 6.2.2).

use super::{build::*, data_sets::*, drive::*};
use crate::protocol::dicom::element::Syntax;
use wardwatch_model::Attribute;

const SERIAL: u32 = 0x0018_1000;
const UDI_SEQUENCE: u32 = 0x0018_100a;
const UDI: u32 = 0x0018_1009;

/// What must be found behind whatever stands before it.
fn then_serial(set: Set) -> Vec<u8> {
    set.put(SERIAL, b"LO", b"SN1").0
}

fn serial() -> Vec<(Attribute, String)> {
    vec![(Attribute::SerialNumber, "SN1".to_owned())]
}

#[test]
fn sequences_are_passed_over_whole() {
    for (syntax, uid) in SYNTAXES {
        for defined in [false, true] {
            let inner = Set::new(syntax).put(0x0008_0070, b"LO", b"OTHER").put(SERIAL, b"LO", b"OTHER").0;
            let nested = Set::new(syntax).sequence(0x0008_1140, b"SQ", defined, std::slice::from_ref(&inner)).0;
            let set = Set::new(syntax).sequence(0x0008_1111, b"SQ", defined, &[]).sequence(
                0x0008_1115,
                b"SQ",
                defined,
                &[inner, nested, Vec::new()],
            );
            let outcome = store(uid, &then_serial(set));
            assert_eq!((said(&outcome), outcome.faults), (serial(), 0), "{syntax:?} {defined}");
        }
    }
}

#[test]
fn the_unique_device_identifier_is_read_and_nothing_else_in_its_sequence() {
    let udi = "(01)04012345678901(21)SN1";
    for (syntax, uid) in SYNTAXES {
        for defined in [false, true] {
            let code = Set::new(syntax).put(UDI, b"UT", b"(01)NOT-THIS").0;
            let item = Set::new(syntax)
                .put(0x0008_0070, b"LO", b"OTHER")
                .sequence(0x0018_1008, b"SQ", defined, &[code])
                .put(UDI, b"UT", udi.as_bytes())
                .put(0x0050_0020, b"LO", b"a stent")
                .0;
            let set = Set::new(syntax).put(SERIAL, b"LO", b"SN1").sequence(UDI_SEQUENCE, b"SQ", defined, &[item]);
            let set = set.put(0x0018_1020, b"LO", b"V1");
            let outcome = store(uid, &set.0);
            let expected = [
                (Attribute::SerialNumber, "SN1".to_owned()),
                (Attribute::Udi, udi.to_owned()),
                (Attribute::SoftwareVersion, "V1".to_owned()),
            ];
            assert_eq!((&said(&outcome)[..], outcome.faults), (&expected[..], 0), "{syntax:?} {defined}");
        }
    }
    let elsewhere = Set::new(Syntax::ExplicitLittle).sequence(
        0x0008_1140,
        b"SQ",
        false,
        &[Set::new(Syntax::ExplicitLittle)
            .sequence(UDI_SEQUENCE, b"SQ", false, &[Set::new(Syntax::ExplicitLittle).put(UDI, b"UT", b"(01)9").0])
            .0],
    );
    assert_eq!(said(&store(EXPLICIT, &elsewhere.0)), [], "a device in a sequence is another device");
}

#[test]
fn sequences_of_unknown_vr_hold_implicit_elements() {
    let inner = Set::new(Syntax::ImplicitLittle)
        .put(UDI, b"", b"(01)1")
        .sequence(0x0009_1001, b"", false, &[Set::new(Syntax::ImplicitLittle).put(0x0009_1002, b"", b"x").0])
        .0;
    for (syntax, uid) in &SYNTAXES[1..] {
        for defined in [false, true] {
            let set = Set::new(*syntax).raw(&[]);
            // Lengths inside are little endian whatever is around (PS3.5 6.2.2).
            if *syntax == Syntax::ExplicitBig && !defined {
                continue;
            }
            let set = set.sequence(0x0009_1001, b"UN", defined, std::slice::from_ref(&inner)).sequence(
                UDI_SEQUENCE,
                b"UN",
                defined,
                std::slice::from_ref(&inner),
            );
            let outcome = store(uid, &set.put(0x0018_1020, b"LO", b"V1").0);
            let expected = [(Attribute::Udi, "(01)1".to_owned()), (Attribute::SoftwareVersion, "V1".to_owned())];
            assert_eq!((&said(&outcome)[..], outcome.faults), (&expected[..], 0), "{syntax:?} {defined}");
        }
    }
}

#[test]
fn sequences_nest_to_a_limit() {
    let nested = |levels: usize| {
        (0..levels).fold(Vec::new(), |inside, _| {
            Set::new(Syntax::ExplicitLittle).sequence(0x0008_1140, b"SQ", false, &[inside]).0
        })
    };
    for (levels, faults) in [(1, 0), (8, 0), (9, 1), (1000, 1)] {
        let outcome = store(EXPLICIT, &then_serial(Set::new(Syntax::ExplicitLittle).raw(&nested(levels))));
        assert_eq!((said(&outcome).len(), outcome.faults), (usize::from(faults == 0), faults), "{levels}");
    }
}

#[test]
fn a_sequence_that_ends_without_its_delimiters_ends_where_its_length_says() {
    let item = Set::new(Syntax::ExplicitLittle)
        .header(0xfffe_e000, b"", u32::MAX)
        .header(0x0009_1001, b"SQ", u32::MAX)
        .header(0xfffe_e000, b"", u32::MAX);
    let set = Set::new(Syntax::ExplicitLittle).put(UDI_SEQUENCE, b"SQ", &item.0).put(0x0018_1020, b"LO", b"V1");
    assert_eq!(said(&store(EXPLICIT, &set.0)), [(Attribute::SoftwareVersion, "V1".to_owned())]);
}

#[test]
fn stray_delimiters_do_no_harm_and_stray_items_end_the_reading() {
    let strays = Set::new(Syntax::ExplicitLittle).put(0xfffe_e00d, b"", b"").put(0xfffe_e0dd, b"", b"");
    assert_eq!(said(&store(EXPLICIT, &then_serial(strays))), serial());
    let item = Set::new(Syntax::ExplicitLittle).header(0xfffe_e000, b"", u32::MAX);
    let outcome = store(EXPLICIT, &then_serial(item));
    assert_eq!((said(&outcome), outcome.faults), (vec![], 1));
}

#[test]
fn lengths_may_be_odd_or_none_and_values_too_long_are_not_read() {
    let set = Set::new(Syntax::ExplicitLittle)
        .put(0x0008_0060, b"CS", b"CR ")
        .put(0x0008_0070, b"LO", b"")
        .put(0x0008_1010, b"SH", &[b'x'; 1025])
        .put(0x0008_1090, b"LO", &[b'y'; 1024])
        .put(0x0018_1000, b"LO", b"SN1")
        .put(0x0018_1020, b"LO", b"\\\\ \\V1\\");
    let outcome = store(EXPLICIT, &set.0);
    let expected = [
        (Attribute::Modality, "CR".to_owned()),
        (Attribute::Model, "y".repeat(256)),
        (Attribute::SerialNumber, "SN1".to_owned()),
        (Attribute::SoftwareVersion, "V1".to_owned()),
    ];
    assert_eq!((&said(&outcome)[..], outcome.faults), (&expected[..], 0));
}

#[test]
fn reading_ends_at_64_kib() {
    for (padding, found) in [(65_000, true), (65_503, true), (65_504, false), (70_000, false), (u32::MAX - 1, false)] {
        let set = Set::new(Syntax::ExplicitLittle).put(0x0008_0060, b"CS", b"CT").header(0x0009_1001, b"OB", padding);
        let set = set.raw(&vec![0; padding.min(80_000) as usize]).put(SERIAL, b"LO", b"SN1");
        let outcome = store(EXPLICIT, &set.0);
        assert_eq!(said(&outcome).len(), 1 + usize::from(found), "{padding}");
        assert_eq!(outcome.faults, 0);
        // Wherever the fragments end.
        let mut connection = associated(1, CT_STORAGE, EXPLICIT);
        connection.push((CLIENT, message(1, 1, true, &[])));
        connection.extend(set.0.chunks(1021).map(|chunk| (CLIENT, p_data(&[(1, DATA, chunk)]))));
        connection.push((CLIENT, p_data(&[(1, LAST_DATA, b"")])));
        assert_eq!(said(&super::drive::outcome(&connection)), said(&outcome), "{padding}");
    }
}

#[test]
fn what_is_not_in_its_syntax_ends_the_reading_and_leaves_what_was_read() {
    for spoilt in
        [&b"\x10\0\x10\0\x08\0\0\0DOE^JANE"[..], b"\x10\0\x10\0pn\x08\0DOE^JANE", b"\x10\0\x10\0\0\0\x08\0DOE^JANE"]
    {
        let set = Set::new(Syntax::ExplicitLittle).put(0x0008_0060, b"CS", b"CT").raw(spoilt);
        let outcome = store(EXPLICIT, &then_serial(set));
        assert_eq!((said(&outcome), outcome.faults), (vec![(Attribute::Modality, "CT".to_owned())], 1));
    }
    // Said to be implicit and written explicit, and the other way round.
    for (uid, syntax) in [(IMPLICIT, Syntax::ExplicitLittle), (EXPLICIT, Syntax::ImplicitLittle)] {
        assert_eq!(said(&store(uid, &super::ct_image(syntax))), []);
    }
}

#[test]
fn a_vr_to_come_has_a_long_length() {
    let set = Set::new(Syntax::ExplicitLittle).put(0x0009_1001, b"ZZ", b"whatever");
    assert_eq!(said(&store(EXPLICIT, &then_serial(set))), serial());
}

#[test]
fn order_is_not_insisted_on_up_to_the_end_of_the_list() {
    let set = Set::new(Syntax::ImplicitLittle).put(SERIAL, b"", b"SN1").put(0x0008_0070, b"", b"ACME");
    assert_eq!(said(&store(IMPLICIT, &set.0)).len(), 2);
    let behind = Set::new(Syntax::ImplicitLittle).put(0x0040_0243, b"", b"WARD").put(SERIAL, b"", b"SN1");
    assert_eq!(said(&store(IMPLICIT, &behind.0)), []);
}
