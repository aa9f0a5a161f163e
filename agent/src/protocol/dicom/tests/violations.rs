//! Which rules are broken, and by whom; and what is no one's fault.

use super::{build::*, ct_image, drive::*};
use crate::protocol::{Outcome, Side, dicom::element::Syntax};
use wardwatch_model::{PacketTime, Seen, Violation, dicom::AssociationResult};

fn broken(outcome: &Outcome) -> Vec<(Side, Violation, u64)> {
    outcome.violations.iter().map(|(side, violation, seen)| (*side, *violation, seen.count)).collect()
}

/// An association of one context on which the client says something.
fn after_association(said: Vec<u8>) -> Connection {
    let mut connection = associated(1, CT_STORAGE, EXPLICIT);
    connection.push((CLIENT, said));
    connection
}

#[test]
fn each_kind_of_malformed_pdu_has_its_name() {
    let data = |pdu: u32, pdv: u32| [&[4, 0][..], &pdu.to_be_bytes(), &pdv.to_be_bytes(), &[1, 3, 9, 9, 9, 9]].concat();
    for (said, expected) in [
        (pdu(8, &[0; 4]), Violation::DicomPduType),
        (pdu(0, &[0; 4]), Violation::DicomPduType),
        (pdu(5, &[]), Violation::DicomPduLength),
        (pdu(1, &[0; 67]), Violation::DicomPduLength),
        (pdu(4, &[]), Violation::DicomPduLength),
        (pdu(4, &[0; 5]), Violation::DicomPdvLength),
        (data(10, 0), Violation::DicomPdvLength),
        (data(10, 1), Violation::DicomPdvLength),
        (data(10, 7), Violation::DicomPdvLength),
        (p_data(&[(1, LAST_COMMAND, &[0, 0, 0, 1, 0xff, 0, 0, 0, 1, 0])]), Violation::DicomDataSet),
        (message(1, 0x7777, false, &[]), Violation::DicomDataSet),
        (associate(1, CALLED, CALLING, &[application_context(), vec![0x20, 0, 0, 9]]), Violation::DicomItemOverrun),
        (
            associate(1, CALLED, CALLING, &[application_context(), user_information(&[vec![0x51, 0, 0, 9, 0]])]),
            Violation::DicomItemOverrun,
        ),
    ] {
        let outcome = outcome(&after_association(said.clone()));
        assert_eq!(broken(&outcome), [(CLIENT, expected, 1)], "{said:?}");
        assert_eq!(outcome.faults, 1, "{said:?}");
    }
}

#[test]
fn a_data_set_that_ends_inside_an_element_is_told_only_where_its_syntax_was_negotiated() {
    let nonsense = [8, 0, 0x70, 0, 4, 0, 0, 0];
    for (syntax, expected) in [(EXPLICIT, 1), ("1.2.840.113619.5.2", 0)] {
        let mut connection = associated(1, CT_STORAGE, syntax);
        connection.push((CLIENT, message(1, 1, true, &[])));
        let known = Set::new(Syntax::ExplicitLittle).put(0x0008_0060, b"CS", b"CT").0;
        connection.push((CLIENT, p_data(&[(1, LAST_DATA, &[&known[..], &nonsense].concat())])));
        let outcome = outcome(&connection);
        assert_eq!((outcome.faults, outcome.violations.len()), (1, expected), "{syntax}");
    }
}

#[test]
fn deep_sequences_are_our_limit_and_not_their_fault() {
    let mut image = Set::new(Syntax::ExplicitLittle);
    for _ in 0..12 {
        image = image.header(0x0008_1140, b"SQ", u32::MAX).header(0xfffe_e000, b"", u32::MAX);
    }
    let outcome = outcome(&stored(EXPLICIT, &image.0));
    assert_eq!((outcome.faults, broken(&outcome)), (1, vec![]));
}

#[test]
fn titles_hold_printable_ascii_without_backslash() {
    for (title, is_sound) in [
        (b"CT01            ", true),
        (b"CT 01_a-z~      ", true),
        (b"CT01\0\0\0\0\0\0\0\0\0\0\0\0", true),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", true),
        (b"CT01\0           ", false),
        (b"CT\\01           ", false),
        (b"CT\x0a01           ", false),
        (b"R\xd6NTGEN         ", false),
        (b"CT\x7f01           ", false),
    ] {
        let connection = vec![(CLIENT, associate(1, CALLED, title, &[application_context()]))];
        let outcome = outcome(&connection);
        let expected = if is_sound { vec![] } else { vec![(CLIENT, Violation::DicomAeTitle, 1)] };
        assert_eq!((broken(&outcome), outcome.faults), (expected, 0), "{}", title.escape_ascii());
    }
}

#[test]
fn a_request_may_propose_so_many_transfer_syntaxes_and_is_told_once_from_one_more_on() {
    for (contexts, extra, expected) in [(64, 0, vec![]), (64, 1, vec![1]), (127, 0, vec![1])] {
        let syntaxes = [EXPLICIT; 128];
        let mut items = vec![application_context()];
        items.extend((0..contexts).map(|number| proposed(2 * number + 1, CT_STORAGE, &syntaxes)));
        items.push(proposed(255, CT_STORAGE, &syntaxes[..extra]));
        let outcome = outcome(&vec![(CLIENT, associate(1, CALLED, CALLING, &items))]);
        assert_eq!(outcome.faults, 0);
        let told: Vec<u64> = broken(&outcome)
            .into_iter()
            .map(|(side, violation, count)| {
                assert_eq!((side, violation), (CLIENT, Violation::DicomTransferSyntaxes));
                count
            })
            .collect();
        assert_eq!(told, expected, "{contexts} {extra}");
    }
}

#[test]
fn many_requests_of_one_connection_are_not_added_up() {
    let contexts = (0..60).map(|number| proposed(2 * number + 1, CT_STORAGE, &[EXPLICIT; 128]));
    let items: Vec<_> = [application_context()].into_iter().chain(contexts).collect();
    let request = associate(1, CALLED, CALLING, &items);
    assert_eq!(broken(&outcome(&vec![(CLIENT, request.clone()), (CLIENT, request)])), []);
}

#[test]
fn the_titles_of_an_acceptance_are_not_tested() {
    let connection = vec![
        (CLIENT, request(&[(1, CT_STORAGE, &[EXPLICIT])])),
        (SERVER, associate(2, &[0xff; 16], &[0xff; 16], &[application_context(), answered(1, 0, EXPLICIT)])),
    ];
    assert_eq!(broken(&outcome(&connection)), []);
}

/// An association in which each side announced a maximum, and then sent a PDU with a variable field so long.
fn sends(by: Side, length: usize, of_client: u32, of_server: u32) -> Outcome {
    let user = |maximum| user_information(&identity(maximum, "1.2.3", "X"));
    let proposal = [application_context(), proposed(1, CT_STORAGE, &[EXPLICIT]), user(of_client)];
    let answer = [application_context(), answered(1, 0, EXPLICIT), user(of_server)];
    outcome(&vec![
        (CLIENT, associate(1, CALLED, CALLING, &proposal)),
        (SERVER, associate(2, CALLED, CALLING, &answer)),
        (by, p_data(&[(1, DATA, &vec![0; length - 6])])),
    ])
}

#[test]
fn a_pdu_may_be_as_long_as_its_receiver_said_and_its_header_longer() {
    for by in [CLIENT, SERVER] {
        let (of_client, of_server) = if by == CLIENT { (100, 4096) } else { (4096, 100) };
        for (length, expected) in [(4096, 0), (4096 + 6, 0), (4096 + 7, 1), (20_000, 1)] {
            let outcome = sends(by, length, of_client, of_server);
            let broken = broken(&outcome);
            assert_eq!(broken.len(), expected, "{by:?} {length}");
            assert!(broken.iter().all(|one| *one == (by, Violation::DicomPduExceedsMaximum, 1)));
            assert_eq!(outcome.faults, 0);
        }
    }
    assert_eq!(broken(&sends(CLIENT, 60_000, 100, 0)), [], "0 is no limit (PS3.8 D.1.1)");
}

#[test]
fn nothing_is_held_against_a_side_that_lost_bytes_until_it_begins_another_association() {
    let wrong = pdu(8, &[0; 4]);
    let mut driver = Driver::new(false);
    let mut said = associated(1, CT_STORAGE, EXPLICIT);
    said.push((CLIENT, message(1, 0x0030, false, &[])));
    said.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
    driver.gap(CLIENT, 20);
    driver.data(CLIENT, &message(1, 0x0030, false, &[]));
    driver.data(CLIENT, &wrong);
    driver.data(SERVER, &wrong);
    driver.data(CLIENT, &request(&[(1, CT_STORAGE, &[EXPLICIT])]));
    driver.at = PacketTime(9);
    driver.data(CLIENT, &wrong);
    let told = driver.finish().violations;
    let expected = |side, at| (side, Violation::DicomPduType, Seen::once(PacketTime(at)));
    assert_eq!(told, [expected(SERVER, 1), expected(CLIENT, 9)]);
}

#[test]
fn a_connection_joined_in_the_middle_of_a_message_accuses_no_one() {
    let image = ct_image(Syntax::ExplicitLittle);
    let mut connection = stored(EXPLICIT, &image);
    connection.drain(..2);
    connection.push((CLIENT, pdu(9, &[1; 10])));
    let outcome = joined(&connection);
    assert!(outcome.faults > 0);
    assert_eq!(broken(&outcome), []);
}

#[test]
fn rejections_have_their_times() {
    let mut driver = Driver::new(false);
    for at in [5, 9] {
        driver.at = PacketTime(at);
        driver.data(CLIENT, &request(&[(1, CT_STORAGE, &[EXPLICIT])]));
        driver.data(SERVER, &rejection(1, 1, 7));
    }
    let all = associations(&driver.finish());
    let [(association, activity)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((association.result, activity.count), (AssociationResult::Rejected, 2));
    assert_eq!(activity.rejected_at.iter().collect::<Vec<_>>(), [PacketTime(5), PacketTime(9)]);
}
