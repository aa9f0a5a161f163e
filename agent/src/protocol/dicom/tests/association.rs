//! How associations begin and end (PS3.8 7, 9.3).

use super::{build::*, drive::*};
use crate::protocol::{Side, Step, StreamParser, dicom::Dicom};
use std::collections::BTreeMap;
use wardwatch_model::{Detail, PacketTime, dicom::*};

#[test]
fn request_and_acceptance_are_read_in_full() {
    let mut connection = associated(1, CT_STORAGE, EXPLICIT);
    connection.extend(release());
    let (association, activity) = association(&connection);
    assert_eq!(association.calling_ae, Some(text("CT01")));
    assert_eq!(association.called_ae, Some(text("ARCHIVE")));
    assert_eq!(association.result, AssociationResult::Accepted);
    assert_eq!(association.end, AssociationEnd::Released);
    assert_eq!((association.rejection, association.abort), (None, None));
    assert_eq!(association.client_implementation_uid, Some(text("1.2.3")));
    assert_eq!(association.client_implementation_version, Some(text("CT_1")));
    assert_eq!(association.client_max_pdu, Some(16384));
    assert_eq!(association.server_implementation_uid, Some(text("1.2.4")));
    assert_eq!(association.server_implementation_version, Some(text("PACS_1")));
    assert_eq!(association.server_max_pdu, Some(65536));
    assert_eq!(
        association.contexts,
        [PresentationContext {
            abstract_syntax: Some(text(CT_STORAGE)),
            proposed_transfer_syntaxes: vec![text(EXPLICIT)],
            transfer_syntax: Some(text(EXPLICIT)),
            scu_role: None,
            scp_role: None,
            result: ContextResult::Accepted,
        }]
    );
    let window = activity.window;
    assert!(window.is_some());
    assert_eq!(activity, AssociationActivity { count: 1, window, ..AssociationActivity::default() });
    let outcome = outcome(&connection);
    assert_eq!((outcome.faults, outcome.messages, outcome.encrypted), (0, 0, false));
}

#[test]
fn each_association_of_a_connection_has_its_own_time() {
    let mut parser = Dicom::default();
    let mut feed = |at: u64, (side, bytes): &(Side, Vec<u8>)| {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let Step::Advance(count) = parser.feed(*side, PacketTime(at), rest) else { panic!("whole PDUs") };
            rest = rest.get(usize::try_from(count).unwrap()..).unwrap_or_default();
        }
    };
    let rejected = [(CLIENT, request(&[])), (SERVER, rejection(1, 1, 7))];
    let whole: Vec<_> = associated(1, VERIFICATION, IMPLICIT).into_iter().chain(release()).collect();
    rejected.iter().zip(10..).for_each(|(pdu, at)| feed(at, pdu));
    whole.iter().zip(20..).for_each(|(pdu, at)| feed(at, pdu));
    let Detail::Dicom(associations) = parser.finish().detail else { panic!("DICOM") };
    let windows: BTreeMap<_, _> =
        associations.entries.iter().map(|(association, activity)| (association.result, activity.window)).collect();
    assert_eq!(windows[&AssociationResult::Rejected], Some((PacketTime(10), PacketTime(11))));
    assert_eq!(windows[&AssociationResult::Accepted], Some((PacketTime(20), PacketTime(19 + whole.len() as u64))));
}

#[test]
fn the_requestor_is_the_client_whoever_is_seen_first() {
    for (connection, client) in [
        (vec![(Side::A, request(&[]))], Side::A),
        (vec![(Side::B, request(&[]))], Side::B),
        (vec![(Side::A, acceptance(&[]))], Side::B),
        (vec![(Side::A, rejection(1, 1, 7))], Side::B),
    ] {
        let mut driver = Driver::new(false);
        connection.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
        assert_eq!(driver.parser.unwrap().client(), Some(client));
    }
}

#[test]
fn a_rejection_tells_its_three_codes() {
    // PS3.8 table 9-21, reserved reasons included.
    for result in 1..=2 {
        for (source, reasons) in [(1, 1..=10), (2, 1..=2), (3, 0..=7)] {
            for reason in reasons {
                let connection = vec![(CLIENT, request(&[])), (SERVER, rejection(result, source, reason))];
                let (association, _) = association(&connection);
                assert_eq!(association.result, AssociationResult::Rejected);
                assert_eq!(association.end, AssociationEnd::Open);
                assert_eq!(association.rejection, Some(Rejection { result, source, reason }));
            }
        }
    }
}

#[test]
fn an_abort_by_either_side_tells_its_codes_and_the_first_counts() {
    for side in Side::BOTH {
        for (source, reason) in [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (2, 4), (2, 5), (2, 6)] {
            let mut connection = associated(1, VERIFICATION, IMPLICIT);
            connection.push((side, abort(source, reason)));
            connection.push((side.other(), abort(2, 2)));
            let (association, _) = association(&connection);
            assert_eq!(association.end, AssociationEnd::Aborted);
            assert_eq!(association.abort, Some(Abort { source, reason }));
        }
    }
}

#[test]
fn a_release_is_known_from_either_half() {
    for half in release() {
        let mut connection = associated(1, VERIFICATION, IMPLICIT);
        connection.push(half);
        assert_eq!(association(&connection).0.end, AssociationEnd::Released);
    }
    assert_eq!(association(&associated(1, VERIFICATION, IMPLICIT)).0.end, AssociationEnd::Open);
}

#[test]
fn reserved_fields_are_not_tested() {
    let mut connection = associated(1, VERIFICATION, IMPLICIT);
    // The protocol version has bits to come, the titles of an acceptance may be anything.
    connection[0].1[6..10].fill(0xff);
    connection[1].1[6..74].fill(0xff);
    connection.push((CLIENT, pdu(5, &[0xff; 4])));
    connection.push((SERVER, pdu(6, &[0xff; 4])));
    for part in &mut connection[2..] {
        part.1[1] = 0xff;
    }
    let (association, _) = association(&connection);
    assert_eq!((association.result, association.end), (AssociationResult::Accepted, AssociationEnd::Released));
    assert_eq!(association.called_ae, Some(text("ARCHIVE")));
    assert_eq!(outcome(&connection).faults, 0);
}

#[test]
fn a_request_without_answer_is_unanswered() {
    let (association, _) = association(&vec![(CLIENT, request(&[(1, VERIFICATION, &[IMPLICIT])]))]);
    assert_eq!(association.result, AssociationResult::Unanswered);
    assert_eq!(association.contexts[0].result, ContextResult::Unanswered);
}

#[test]
fn an_acceptance_alone_tells_the_titles_and_that_the_start_was_missed() {
    let (association, _) = association(&associated(1, VERIFICATION, IMPLICIT)[1..].to_vec());
    assert_eq!(association.result, AssociationResult::StartMissed);
    assert_eq!(association.calling_ae, Some(text("CT01")));
    assert_eq!(association.contexts[0].abstract_syntax, None);
    assert_eq!(association.contexts[0].transfer_syntax, Some(text(IMPLICIT)));
}

#[test]
fn an_answer_captured_before_its_request_is_the_same_association() {
    let roles = |scp| item(0x54, &[counted(CT_STORAGE.as_bytes()), vec![1, scp]].concat());
    let window = |invoked| item(0x53, &[0, invoked, 0, 1]);
    let ask = [application_context(), proposed(1, CT_STORAGE, &[EXPLICIT]), user_information(&[roles(1), window(9)])];
    let answer = [application_context(), answered(1, 0, EXPLICIT), user_information(&[roles(0), window(2)])];
    let in_order =
        vec![(CLIENT, associate(1, CALLED, CALLING, &ask)), (SERVER, associate(2, &[0; 16], &[0; 16], &answer))];
    let swapped = vec![in_order[1].clone(), in_order[0].clone()];
    assert_eq!(outcome(&in_order), outcome(&swapped));
    assert_eq!(association(&in_order).0.contexts[0].scp_role, Some(false));
    let rejected = vec![(CLIENT, request(&[])), (SERVER, rejection(2, 3, 1))];
    let swapped = vec![rejected[1].clone(), rejected[0].clone()];
    assert_eq!(outcome(&rejected), outcome(&swapped));
}

#[test]
fn titles_are_read_however_they_are_padded() {
    for (bytes, expected) in [
        (b"CT01            ", Some("CT01")),
        (b"CT01\0\0\0\0\0\0\0\0\0\0\0\0", Some("CT01")),
        // What a C program left behind the terminator is not of the title.
        (b"CT01\0DOE^JANE\0\0\0", Some("CT01")),
        (b"     CT01       ", Some("CT01")),
        (b"R\xd6NTGEN         ", Some("RÖNTGEN")),
        (b"SIXTEEN_LETTERS_", Some("SIXTEEN_LETTERS_")),
        (b"                ", None),
        (&[0; 16], None),
    ] {
        let pdu = associate(1, bytes, bytes, &[application_context()]);
        let (association, _) = association(&vec![(CLIENT, pdu)]);
        assert_eq!(association.calling_ae.as_deref(), expected);
        assert_eq!(association.called_ae.as_deref(), expected);
    }
}

#[test]
fn associations_on_one_connection_are_told_apart_and_equal_ones_summed() {
    let mut once = associated(1, VERIFICATION, IMPLICIT);
    once.push((CLIENT, message(1, 0x0030, false, &[])));
    once.push((SERVER, response(1, 0x0030, 0)));
    once.extend(release());
    let mut connection = once.clone();
    connection.extend(once);
    connection.extend([(CLIENT, request(&[])), (SERVER, rejection(1, 1, 7))]);
    // A rejected requestor that asks again.
    connection.extend([(CLIENT, request(&[])), (SERVER, rejection(1, 1, 3))]);
    let all = associations(&outcome(&connection));
    let told: Vec<_> = all.iter().map(|(one, activity)| (one.result, one.rejection, activity.count)).collect();
    let rejected = |reason| Some(Rejection { result: 1, source: 1, reason });
    assert_eq!(told.len(), 3);
    assert!(told.contains(&(AssociationResult::Accepted, None, 2)));
    assert!(told.contains(&(AssociationResult::Rejected, rejected(7), 1)));
    assert!(told.contains(&(AssociationResult::Rejected, rejected(3), 1)));
    assert_eq!(operations(&outcome(&connection), Dimse::CEcho).requests, 2);
}

#[test]
fn more_associations_than_find_room_are_counted() {
    let mut connection = Connection::new();
    for number in 0..300 {
        let calling = format!("{number:<16}");
        let items = [application_context()];
        connection.push((CLIENT, associate(1, CALLED, calling.as_bytes().try_into().unwrap(), &items)));
    }
    match outcome(&connection).detail {
        wardwatch_model::Detail::Dicom(all) => assert_eq!((all.entries.len(), all.dropped), (256, 44)),
        other => panic!("{other:?}"),
    }
}
