//! Messages and their fragments (PS3.7 6.3, 9.3, 10.3; PS3.8 annex E).

use super::{build::*, ct_image, drive::*};
use crate::protocol::{Side, StreamParser, dicom::element::Syntax};
use wardwatch_model::{Attribute, dicom::*};

const FIELDS: [(u16, Dimse); 11] = [
    (0x0001, Dimse::CStore),
    (0x0010, Dimse::CGet),
    (0x0020, Dimse::CFind),
    (0x0021, Dimse::CMove),
    (0x0030, Dimse::CEcho),
    (0x0100, Dimse::NEventReport),
    (0x0110, Dimse::NGet),
    (0x0120, Dimse::NSet),
    (0x0130, Dimse::NAction),
    (0x0140, Dimse::NCreate),
    (0x0150, Dimse::NDelete),
];

/// One association with these messages.
fn exchange(messages: &[(Side, Vec<u8>)]) -> Connection {
    [associated(1, CT_STORAGE, IMPLICIT), messages.to_vec()].concat()
}

#[test]
fn every_service_is_counted_by_requests_and_responses() {
    for (field, service) in FIELDS {
        let outcome = outcome(&exchange(&[
            (CLIENT, message(1, field, true, &[])),
            (CLIENT, p_data(&[(1, LAST_DATA, &[0; 20])])),
            (SERVER, message(1, field | 0x8000, true, &[(0x0900, &[0, 0])])),
            (SERVER, p_data(&[(1, LAST_DATA, &[0; 10])])),
            (CLIENT, message(1, field, false, &[])),
        ]));
        let expected = Operations { requests: 2, success: 1, bytes: 30, ..Operations::default() };
        assert_eq!(operations(&outcome, service), expected, "{service:?}");
        assert_eq!(outcome.messages, 3);
    }
}

#[test]
fn statuses_are_counted_by_their_class() {
    // PS3.7 annex C, PS3.4 annexes of the services.
    type Class = fn(&Operations) -> u64;
    let cases: [(&[u16], Class); 5] = [
        (&[0x0000], |counts| counts.success),
        (&[0x0001, 0x0107, 0x0116, 0xb000, 0xb007, 0xbfff], |counts| counts.warning),
        (
            &[0x0105, 0x0106, 0x0110, 0x0117, 0x0119, 0x0122, 0x0124, 0x0210, 0x0213, 0xa700, 0xa900, 0xc000, 0xcfff],
            |counts| counts.failure,
        ),
        (&[0xfe00], |counts| counts.cancel),
        (&[0xff00, 0xff01], |counts| counts.pending),
    ];
    for (statuses, class) in cases {
        for status in statuses {
            let outcome = outcome(&exchange(&[(SERVER, response(1, 0x0020, *status))]));
            assert_eq!(class(&operations(&outcome, Dimse::CFind)), 1, "{status:04x}");
        }
    }
    let without_status = outcome(&exchange(&[(SERVER, message(1, 0x8020, false, &[]))]));
    assert_eq!(operations(&without_status, Dimse::CFind).failure, 1, "what is not told is no success");
}

#[test]
fn a_query_counts_its_matches_and_its_cancellation() {
    let pending =
        [(SERVER, message(1, 0x8020, true, &[(0x0900, &[0, 0xff])])), (SERVER, p_data(&[(1, LAST_DATA, &[1; 50])]))];
    let outcome = outcome(&exchange(&[
        (CLIENT, message(1, 0x0020, true, &[])),
        (CLIENT, p_data(&[(1, LAST_DATA, &[1; 10])])),
        pending[0].clone(),
        pending[1].clone(),
        (CLIENT, message(1, 0x0fff, false, &[(0x0120, &[7, 0])])),
        pending[0].clone(),
        pending[1].clone(),
        (SERVER, response(1, 0x0020, 0xfe00)),
    ]));
    let find = Operations { requests: 1, pending: 2, cancel: 1, bytes: 110, ..Operations::default() };
    assert_eq!(operations(&outcome, Dimse::CFind), find);
    assert_eq!(operations(&outcome, Dimse::CCancel), Operations { requests: 1, ..Operations::default() });
    assert_eq!((outcome.messages, outcome.faults), (5, 0));
}

#[test]
fn moves_tell_where_to_and_stores_on_whose_behalf() {
    let (_, activity) = association(&exchange(&[
        (CLIENT, message(1, 0x0021, false, &[(0x0600, b"WS1 ")])),
        (CLIENT, message(1, 0x0021, false, &[(0x0600, b"WS2\0")])),
        (CLIENT, message(1, 0x0001, false, &[(0x1030, b"RIS "), (0x1000, b"9.9.9.9")])),
    ]));
    assert!(activity.move_destinations.iter().eq([&text("WS1"), &text("WS2")]));
    assert!(activity.move_originators.iter().eq([&text("RIS")]));
    assert!(!format!("{activity:?}").contains("9.9.9.9"), "instance UIDs are not kept");
}

#[test]
fn fragments_may_be_cut_anywhere() {
    let (command, image) = (command(1, true, &[(2, CT_STORAGE.as_bytes())]), ct_image(Syntax::ImplicitLittle));
    let whole = outcome(&exchange(&[
        (CLIENT, p_data(&[(1, LAST_COMMAND, &command)])),
        (CLIENT, p_data(&[(1, LAST_DATA, &image)])),
    ]));
    assert_eq!(said(&whole).len(), 7);
    let in_one = p_data(&[(1, LAST_COMMAND, &command), (1, LAST_DATA, &image)]);
    assert_eq!(outcome(&exchange(&[(CLIENT, in_one)])), whole);
    for size in [1, 2, 7, 64, 300] {
        let fragments = |bytes: &[u8], kind: u8| -> Vec<(u8, u8, Vec<u8>)> {
            let mut all: Vec<_> = bytes.chunks(size).map(|chunk| (1, kind, chunk.to_vec())).collect();
            // The last fragment may be empty.
            all.push((1, kind | 2, Vec::new()));
            all
        };
        let all = [fragments(&command, COMMAND), fragments(&image, DATA)].concat();
        let borrowed: Vec<(u8, u8, &[u8])> = all.iter().map(|(a, b, bytes)| (*a, *b, &bytes[..])).collect();
        assert_eq!(outcome(&exchange(&[(CLIENT, p_data(&borrowed))])), whole, "many in one PDU");
        let one_each: Connection = borrowed.iter().map(|pdv| (CLIENT, p_data(&[*pdv]))).collect();
        assert_eq!(outcome(&exchange(&one_each)), whole, "one in each PDU");
    }
}

#[test]
fn an_attribute_may_end_exactly_where_a_fragment_does() {
    let image = ct_image(Syntax::ImplicitLittle);
    let rq = (CLIENT, message(1, 1, true, &[]));
    let whole = outcome(&exchange(&[rq.clone(), (CLIENT, p_data(&[(1, LAST_DATA, &image)]))]));
    for cut in 1..image.len() {
        let (head, tail) = image.split_at(cut);
        let halves = [rq.clone(), (CLIENT, p_data(&[(1, DATA, head)])), (CLIENT, p_data(&[(1, LAST_DATA, tail)]))];
        assert_eq!(outcome(&exchange(&halves)), whole, "{cut}");
    }
}

#[test]
fn an_acceptor_speaks_under_the_called_title() {
    let image = ct_image(Syntax::ImplicitLittle);
    let outcome = outcome(&exchange(&[
        (CLIENT, message(1, 0x0010, true, &[])),
        (CLIENT, p_data(&[(1, LAST_DATA, &[0; 8])])),
        (SERVER, message(1, 0x0001, true, &[])),
        (SERVER, p_data(&[(1, LAST_DATA, &image)])),
        (CLIENT, response(1, 0x0001, 0)),
        (SERVER, response(1, 0x0010, 0)),
    ]));
    assert_eq!(operations(&outcome, Dimse::CStore).success, 1);
    let [spoken] = &outcome.descriptions[..] else { panic!("{:?}", outcome.descriptions) };
    assert_eq!((spoken.side, spoken.speaks_as.as_deref()), (SERVER, Some("ARCHIVE")));
    assert!(said(&outcome).contains(&(Attribute::Modality, "CT".into())));
}

#[test]
fn of_a_missed_start_the_messages_tell_the_client() {
    for (messages, client) in [
        (vec![(Side::A, message(1, 0x0030, false, &[]))], Side::A),
        (vec![(Side::A, response(1, 0x0030, 0))], Side::B),
        (vec![(Side::A, message(1, 0x0001, false, &[]))], Side::A),
        (vec![(Side::A, message(1, 0x0100, false, &[]))], Side::B),
        // A store and then the end of the C-GET that asked for it.
        (vec![(Side::A, message(1, 0x0001, false, &[])), (Side::A, response(1, 0x0010, 0))], Side::B),
        // What is certain stays so.
        (vec![(Side::A, response(1, 0x0010, 0xff00)), (Side::A, message(1, 0x0001, false, &[]))], Side::B),
    ] {
        let mut driver = Driver::new(true);
        messages.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
        assert_eq!(driver.parser.as_ref().unwrap().client(), Some(client), "{messages:?}");
        let all = associations(&driver.finish());
        assert_eq!(all[0].0.result, AssociationResult::StartMissed);
        assert!(all[0].0.contexts.is_empty());
    }
}

#[test]
fn what_is_no_command_is_a_fault_and_the_next_one_is_read() {
    let long = [&command(1, true, &[])[..], &[0; 9000]].concat();
    for bytes in [&[][..], &[1, 2, 3], &command(0x0002, false, &[]), &command(0x8fff, false, &[]), &long] {
        let connection =
            exchange(&[(CLIENT, p_data(&[(1, LAST_COMMAND, bytes)])), (CLIENT, message(1, 0x0030, false, &[]))]);
        let outcome = outcome(&connection);
        assert_eq!((outcome.messages, outcome.faults), (1, 1));
    }
}

#[test]
fn data_of_no_message_is_passed_over() {
    let image = ct_image(Syntax::ImplicitLittle);
    let stray = [(1, LAST_DATA, &image[..])];
    for connection in [
        exchange(&[(CLIENT, p_data(&stray))]),
        // A message without data set.
        exchange(&[(CLIENT, message(1, 1, false, &[])), (CLIENT, p_data(&stray))]),
        // A data set in another context than its command.
        exchange(&[(CLIENT, message(3, 1, true, &[])), (CLIENT, p_data(&stray))]),
        // A response that says it has a data set, which no one has to read.
        exchange(&[(CLIENT, message(1, 0x8001, true, &[])), (CLIENT, p_data(&stray))]),
    ] {
        let outcome = outcome(&connection);
        assert_eq!((said(&outcome), outcome.faults), (vec![], 0));
    }
}
