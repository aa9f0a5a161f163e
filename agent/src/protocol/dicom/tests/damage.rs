//! Captures that begin in the middle, lose bytes, or hold nonsense.

use super::{build::*, ct_image, drive::*};
use crate::protocol::{Side, dicom::element::Syntax};
use wardwatch_model::{Detail, dicom::*};

/// An association with an echo, a stored object over several PDUs and a query, one PDU in each part.
fn realistic() -> Connection {
    let mut connection = vec![
        (
            CLIENT,
            request(&[(1, VERIFICATION, &[IMPLICIT]), (3, CT_STORAGE, &[EXPLICIT]), (5, STUDY_FIND, &[IMPLICIT])]),
        ),
        (SERVER, acceptance(&[(1, 0, IMPLICIT), (3, 0, EXPLICIT), (5, 0, IMPLICIT)])),
        (CLIENT, message(1, 0x0030, false, &[(2, VERIFICATION.as_bytes())])),
        (SERVER, response(1, 0x0030, 0)),
        (CLIENT, message(3, 0x0001, true, &[(2, CT_STORAGE.as_bytes())])),
    ];
    let image = ct_image(Syntax::ExplicitLittle);
    connection.extend(image.chunks(200).map(|chunk| (CLIENT, p_data(&[(3, DATA, chunk)]))));
    connection.push((CLIENT, p_data(&[(3, LAST_DATA, b"")])));
    connection.extend([
        (SERVER, response(3, 0x0001, 0)),
        (CLIENT, message(5, 0x0020, true, &[])),
        (CLIENT, p_data(&[(5, LAST_DATA, &[1; 40])])),
        (SERVER, message(5, 0x8020, true, &[(0x0900, &[0, 0xff])])),
        (SERVER, p_data(&[(5, LAST_DATA, &[1; 60])])),
        (SERVER, response(5, 0x0020, 0)),
    ]);
    connection.extend(release());
    connection
}

fn is_command(pdu: &[u8]) -> bool {
    pdu[0] == 4 && pdu[11] & COMMAND != 0
}

fn counted(outcome: &crate::protocol::Outcome) -> Vec<(Dimse, Operations)> {
    associations(outcome).into_iter().flat_map(|(_, activity)| activity.operations.0).collect()
}

#[test]
fn joined_at_any_byte_everything_from_the_next_whole_pdu_on_is_counted() {
    let connection = realistic();
    // The last command is the one before the release.
    for part in 0..connection.len() - 3 {
        // Joined exactly at a PDU.
        let rest = connection[part..].to_vec();
        let clean = joined(&rest);
        assert_eq!(clean.messages, rest.iter().filter(|(_, pdu)| is_command(pdu)).count() as u64, "{part}");
        for cut in 1..connection[part].1.len() {
            let mut damaged = connection[part..].to_vec();
            damaged[0].1.drain(..cut);
            let outcome = joined(&damaged);
            let later = joined(&connection[part + 1..].to_vec());
            assert_eq!(outcome.messages, later.messages, "{part} {cut}");
            assert_eq!(counted(&outcome), counted(&later), "{part} {cut}");
            assert_eq!(associations(&outcome)[0].0.end, AssociationEnd::Released, "{part} {cut}");
        }
    }
}

#[test]
fn after_a_gap_anywhere_the_next_pdu_is_found() {
    let connection = realistic();
    let whole = outcome(&connection);
    for part in 0..connection.len() {
        let length = connection[part].1.len();
        for start in 0..length {
            for missing in [1, length - start] {
                let mut driver = Driver::new(false);
                for (number, (side, bytes)) in connection.iter().enumerate() {
                    if number == part {
                        driver.data(*side, &bytes[..start]);
                        driver.gap(*side, missing as u64);
                        driver.data(*side, &bytes[start + missing.min(length - start)..]);
                    } else {
                        driver.data(*side, bytes);
                    }
                }
                let outcome = driver.finish();
                let lost = whole.messages - outcome.messages;
                assert!(lost <= u64::from(is_command(&connection[part].1)), "{part} {start} {missing}: {lost} lost");
                let all = associations(&outcome);
                let ends = all.iter().filter(|(one, _)| one.end == AssociationEnd::Released).count();
                assert_eq!(ends, 1, "{part} {start} {missing}");
            }
        }
    }
}

#[test]
fn an_object_is_known_by_its_beginning_though_its_pixels_get_lost() {
    let connection = realistic();
    let whole = outcome(&connection);
    let pixels = connection.iter().rposition(|(_, pdu)| pdu.len() == 212).unwrap();
    let mut driver = Driver::new(false);
    for (number, (side, bytes)) in connection.iter().enumerate() {
        if number == pixels { driver.gap(*side, bytes.len() as u64) } else { driver.data(*side, bytes) }
    }
    let outcome = driver.finish();
    assert_eq!(outcome.descriptions, whole.descriptions);
    assert_eq!(outcome.messages, whole.messages);
}

#[test]
fn cut_anywhere_or_with_any_byte_flipped_it_ends_well() {
    let connection = realistic();
    for part in 0..connection.len() {
        for place in 0..connection[part].1.len() {
            let mut cut = connection[..=part].to_vec();
            cut[part].1.truncate(place);
            let outcome = outcome(&cut);
            assert_eq!(outcome.faults, 0, "what is cut off is no fault: {part} {place}");
            for flip in [0x01, 0x10, 0x80, 0xff] {
                let mut flipped = connection.clone();
                flipped[part].1[place] ^= flip;
                let outcome = super::drive::outcome(&flipped);
                assert!(outcome.messages <= 12);
            }
        }
    }
}

#[test]
fn lengths_that_cannot_be_are_faults_after_which_the_next_command_is_found() {
    let echo = message(1, 0x0030, false, &[]);
    let data = |pdu: u32, pdv: u32| [&[4, 0][..], &pdu.to_be_bytes(), &pdv.to_be_bytes(), &[1, 3, 9, 9, 9, 9]].concat();
    for (nonsense, what) in [
        (pdu(4, &[]), "an empty PDU"),
        (pdu(4, &[0]), "a PDU shorter than a PDV header"),
        (pdu(4, &[0; 5]), "a PDU shorter than a PDV header"),
        (data(u32::MAX, 6), "an endless PDU"),
        (data(10, 0), "an empty PDV"),
        (data(10, 1), "a PDV shorter than its header"),
        (data(10, 7), "a PDV longer than its PDU"),
        (data(10, u32::MAX), "an endless PDV"),
        (pdu(1, &[0; 67]), "an association request too short"),
        (pdu(5, &[]), "a release too short"),
        (pdu(8, &[0; 4]), "no PDU at all"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "another protocol"),
    ] {
        let mut connection = associated(1, VERIFICATION, IMPLICIT);
        connection.push((CLIENT, nonsense));
        connection.push((CLIENT, echo.clone()));
        connection.extend(release());
        let outcome = outcome(&connection);
        assert!(outcome.faults >= 1, "{what}");
        assert_eq!(operations(&outcome, Dimse::CEcho).requests, 1, "{what}");
        assert_eq!(associations(&outcome)[0].0.end, AssociationEnd::Released, "{what}");
    }
}

#[test]
fn a_very_long_pdu_is_skipped_not_kept() {
    let mut driver = Driver::new(false);
    let mut connection = associated(1, CT_STORAGE, EXPLICIT);
    connection.push((CLIENT, message(1, 1, true, &[])));
    let length = 1u32 << 30;
    let head = [&[4, 0][..], &length.to_be_bytes(), &(length - 4).to_be_bytes(), &[1, LAST_DATA]].concat();
    connection.push((CLIENT, [head, ct_image(Syntax::ExplicitLittle)].concat()));
    connection.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
    // Losing what nobody wants is no gap.
    let rest = u64::from(length) - 6 - ct_image(Syntax::ExplicitLittle).len() as u64;
    driver.gap(CLIENT, rest);
    driver.data(CLIENT, &message(1, 0x0030, false, &[]));
    let outcome = driver.finish();
    assert_eq!((outcome.messages, outcome.faults), (2, 0));
    assert_eq!(operations(&outcome, Dimse::CStore).bytes, u64::from(length) - 6);
    assert_eq!(outcome.descriptions.len(), 1);
}

#[test]
fn a_lost_thread_is_not_taken_up_in_pixels() {
    let mut connection = realistic();
    // Pixels that look like PDUs of other contexts, of other lengths, and like commands but for a byte.
    let mut pixels = Vec::new();
    for _ in 0..50 {
        pixels.extend(p_data(&[(7, LAST_DATA, &[4; 20])]));
        pixels.extend([&p_data(&[(3, LAST_DATA, &[4; 20])])[..11], &[9; 3]].concat());
        pixels.extend(message(2, 0x0030, false, &[]));
        pixels.extend([5, 0, 0, 0, 0, 4, 0, 0, 0, 1]);
    }
    connection.insert(5, (CLIENT, pixels));
    let mut driver = Driver::new(false);
    for (number, (side, bytes)) in connection.iter().enumerate() {
        if number == 5 {
            driver.gap(*side, 1);
        }
        driver.data(*side, bytes);
    }
    let outcome = driver.finish();
    assert_eq!(outcome.messages, 7);
    assert!(outcome.faults <= 100);
    assert!(matches!(outcome.detail, Detail::Dicom(_)));
}

#[test]
fn both_sides_may_be_lost_at_once_and_come_back() {
    let connection = realistic();
    let mut driver = Driver::new(false);
    for (number, (side, bytes)) in connection.iter().enumerate() {
        if number == 3 {
            Side::BOTH.iter().for_each(|side| driver.gap(*side, 10));
        }
        driver.data(*side, bytes);
    }
    assert_eq!(driver.finish().messages, 7);
}
