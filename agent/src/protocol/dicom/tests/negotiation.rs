//! What is negotiated (PS3.8 9.3.2, 9.3.3; PS3.7 annex D).

use super::{build::*, drive::*};
use wardwatch_model::dicom::*;

/// An association of these items in request and acceptance.
fn negotiated(request: &[Vec<u8>], acceptance: &[Vec<u8>]) -> Connection {
    vec![(CLIENT, associate(1, CALLED, CALLING, request)), (SERVER, associate(2, CALLED, CALLING, acceptance))]
}

/// One with these sub-items of the user information.
fn with_user(request: &[Vec<u8>], acceptance: &[Vec<u8>]) -> Connection {
    negotiated(
        &[application_context(), proposed(1, CT_STORAGE, &[IMPLICIT]), user_information(request)],
        &[application_context(), answered(1, 0, IMPLICIT), user_information(acceptance)],
    )
}

fn role(class: &str, scu: u8, scp: u8) -> Vec<u8> {
    item(0x54, &[counted(class.as_bytes()), vec![scu, scp]].concat())
}

fn user_identity(kind: u8, primary: &[u8], secondary: &[u8]) -> Vec<u8> {
    item(0x58, &[vec![kind, 1], counted(primary), counted(secondary)].concat())
}

#[test]
fn every_answer_to_a_context_is_told() {
    let results = [
        (0, ContextResult::Accepted),
        (1, ContextResult::UserRejection),
        (2, ContextResult::NoReason),
        (3, ContextResult::AbstractSyntaxNotSupported),
        (4, ContextResult::TransferSyntaxesNotSupported),
        (9, ContextResult::NoReason),
    ];
    for (code, expected) in results {
        let connection = vec![
            (CLIENT, request(&[(1, CT_STORAGE, &[JPEG, IMPLICIT]), (3, VERIFICATION, &[IMPLICIT])])),
            (SERVER, acceptance(&[(1, code, IMPLICIT)])),
        ];
        let contexts = association(&connection).0.contexts;
        assert_eq!(contexts[0].result, expected);
        assert_eq!(contexts[0].proposed_transfer_syntaxes, [text(JPEG), text(IMPLICIT)]);
        // The transfer syntax of a refused context is not significant (PS3.8 9.3.3.2).
        assert_eq!(contexts[0].transfer_syntax.is_some(), code == 0);
        assert_eq!(contexts[1].result, ContextResult::Unanswered);
    }
}

#[test]
fn the_answer_to_a_role_selection_replaces_the_proposal() {
    for (proposal, answer, expected) in [
        (None, None, (None, None)),
        (Some((1, 1)), None, (Some(true), Some(true))),
        (Some((1, 1)), Some((1, 0)), (Some(true), Some(false))),
        (Some((0, 1)), Some((0, 1)), (Some(false), Some(true))),
    ] {
        let role = |roles: Option<(u8, u8)>| roles.map(|(scu, scp)| role(CT_STORAGE, scu, scp)).into_iter();
        let connection = with_user(&role(proposal).collect::<Vec<_>>(), &role(answer).collect::<Vec<_>>());
        let context = &association(&connection).0.contexts[0];
        assert_eq!((context.scu_role, context.scp_role), expected);
    }
    let other = association(&with_user(&[role(VERIFICATION, 0, 1)], &[])).0;
    assert_eq!(other.contexts[0].scp_role, None, "a role is one SOP class's");
}

#[test]
fn windows_and_extended_negotiation_are_told() {
    let window = |invoked, performed| item(0x53, &[0, invoked, 0, performed]);
    let extended = item(0x56, &[counted(STUDY_FIND.as_bytes()), vec![1, 1, 0]].concat());
    let service_class = counted(b"1.2.840.10008.4.2");
    let common = item(0x57, &[counted(CT_STORAGE.as_bytes()), service_class, counted(&counted(b"1.2.3.9"))].concat());
    let both = association(&with_user(&[window(5, 6), extended, common], &[window(1, 2)])).0;
    assert_eq!(both.async_operations, Some(AsyncOperations { invoked: 1, performed: 2 }));
    assert!(both.extended_negotiation.iter().eq([&text(CT_STORAGE), &text(STUDY_FIND)]));
    let proposal = association(&with_user(&[window(0, 0)], &[])).0;
    assert_eq!(proposal.async_operations, Some(AsyncOperations { invoked: 0, performed: 0 }));
}

#[test]
fn of_a_user_identity_nothing_is_kept_but_its_type() {
    for kind in 1..=5 {
        let identity = user_identity(kind, b"anna.admin", b"correct horse");
        let connection = with_user(&[identity], &[item(0x59, &counted(b"server token"))]);
        let outcome = outcome(&connection);
        assert_eq!(association(&connection).0.user_identity_type, Some(kind));
        assert_eq!(outcome.faults, 0);
        let shown = format!("{outcome:?}");
        for secret in ["anna", "horse", "token"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn implementations_may_say_nothing_of_themselves() {
    let (association, _) = association(&with_user(&[], &[]));
    assert_eq!(association.client_implementation_uid, None);
    assert_eq!(association.server_implementation_version, None);
    assert_eq!(association.server_max_pdu, None);
    let bare = negotiated(&[application_context()], &[application_context()]);
    assert_eq!(outcome(&bare).faults, 0);
}

#[test]
fn items_and_sub_items_may_come_in_any_order() {
    let mut user = identity(16384, "1.2.3", "CT_1");
    user.push(role(CT_STORAGE, 1, 1));
    let mut items = vec![
        application_context(),
        proposed(1, CT_STORAGE, &[IMPLICIT]),
        proposed(3, VERIFICATION, &[IMPLICIT]),
        user_information(&user),
    ];
    let usual = outcome(&negotiated(&items, &[application_context(), answered(1, 0, IMPLICIT)]));
    user.reverse();
    items[3] = user_information(&user);
    items.reverse();
    let answer = [answered(1, 0, IMPLICIT), application_context()];
    assert_eq!(outcome(&negotiated(&items, &answer)), usual);
    assert_eq!(outcome(&negotiated(&items, &answer)[1..].to_vec()).faults, 0);
}

#[test]
fn a_full_house_of_contexts_is_read() {
    let syntaxes: Vec<String> = (0..60).map(|number| format!("1.2.840.10008.1.2.4.{number}")).collect();
    let syntaxes: Vec<&str> = syntaxes.iter().map(String::as_str).collect();
    let (ask, answer): (Vec<_>, Vec<_>) =
        (0..128).map(|n| ((2 * n + 1, CT_STORAGE, &syntaxes[..]), (2 * n + 1, 0, syntaxes[59]))).unzip();
    let connection = vec![(CLIENT, request(&ask)), (SERVER, acceptance(&answer))];
    assert!(connection[0].1.len() > 200_000);
    let (association, _) = association(&connection);
    assert_eq!(association.contexts.len(), 128);
    for context in association.contexts {
        assert_eq!(context.proposed_transfer_syntaxes.len(), 60);
        assert_eq!(context.transfer_syntax, Some(text(syntaxes[59])));
    }
}

#[test]
fn private_classes_are_told_and_what_is_no_uid_is_not() {
    let mut connection = associated(1, "1.3.12.2.1107.5.9.1", "1.2.840.113619.5.2");
    assert_eq!(association(&connection).0.contexts[0].abstract_syntax, Some(text("1.3.12.2.1107.5.9.1")));
    connection[0].1 = request(&[(1, "1.2.3\0\0", &["1.2.4 "]), (3, "DOE^JANE", &[])]);
    let contexts = association(&connection).0.contexts;
    assert_eq!(contexts[0].abstract_syntax, Some(text("1.2.3")));
    assert_eq!(contexts[0].proposed_transfer_syntaxes, [text("1.2.4")]);
    assert_eq!(contexts[1].abstract_syntax, None);
}

#[test]
fn a_malformed_item_is_a_fault_and_spoils_nothing_else() {
    let mut spoilt = proposed(3, VERIFICATION, &[IMPLICIT]);
    spoilt[11] = 0xff;
    let items = [
        application_context(),
        spoilt,
        proposed(1, CT_STORAGE, &[IMPLICIT]),
        item(0x99, b"to come"),
        user_information(&[item(0x51, b"\0"), item(0x52, b"1.2.3"), item(0x58, b""), item(0x5a, b"to come")]),
    ];
    let connection = negotiated(&items, &[application_context()]);
    let (association, _) = association(&connection);
    assert_eq!(association.contexts.len(), 1);
    assert_eq!(association.client_implementation_uid, Some(text("1.2.3")));
    assert_eq!(outcome(&connection).faults, 2);
}
