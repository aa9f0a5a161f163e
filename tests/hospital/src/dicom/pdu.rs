//! Protocol data units of the upper layer (PS3.8, 9.3).

use super::{Command, uid};
use crate::length;

/// A proposed presentation context.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Odd.
    pub id: u8,
    /// UID.
    pub abstract_syntax: &'a str,
    /// UIDs, the preferred first.
    pub transfer_syntaxes: &'a [&'a str],
}

/// The answer to a presentation context.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// Accepted with a transfer syntax UID.
    Accept(&'a str),
    /// 1 by the user, 2 without reason, 3 abstract syntax not supported, 4 transfer syntaxes not supported.
    Refuse(u8),
}

/// User identity (PS3.7, D.3.3.7).
#[derive(Clone, Copy, Debug)]
pub struct UserIdentity<'a> {
    /// 1 user name, 2 with pass code, 3 Kerberos, 4 SAML, 5 JWT.
    pub kind: u8,
    /// User name or ticket.
    pub primary: &'a [u8],
    /// Pass code.
    pub secondary: &'a [u8],
}

/// User information item (PS3.7, annex D.3.3).
#[derive(Clone, Copy, Debug, Default)]
pub struct User<'a> {
    /// Longest P-DATA-TF PDU received, bytes; 0 = unlimited.
    pub max_pdu: u32,
    /// Implementation class UID; left out where empty.
    pub implementation_uid: &'a str,
    /// Implementation version name; left out where empty.
    pub implementation_version: &'a str,
    /// Asynchronous operations window: invoked, performed.
    pub async_operations: Option<(u16, u16)>,
    /// Role selection: SOP class, SCU, SCP.
    pub roles: &'a [(&'a str, bool, bool)],
    /// SOP class extended negotiation: SOP class, information.
    pub extended: &'a [(&'a str, &'a [u8])],
    /// User identity, in a request.
    pub identity: Option<UserIdentity<'a>>,
}

/// A-ASSOCIATE-RQ.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Called AE title, 16 bytes at most.
    pub called: &'a str,
    /// Calling AE title.
    pub calling: &'a str,
    /// Presentation contexts.
    pub contexts: &'a [Context<'a>],
    /// User information.
    pub user: User<'a>,
}

/// The bytes of an A-ASSOCIATE-RQ (9.3.2).
pub fn associate_rq(request: &Request<'_>) -> Vec<u8> {
    let contexts = request.contexts.iter().flat_map(|context| {
        let syntaxes = context.transfer_syntaxes.iter().flat_map(|syntax| item(0x40, syntax.as_bytes()));
        let body = [id_and(context.id, 0), item(0x30, context.abstract_syntax.as_bytes()), syntaxes.collect()];
        item(0x20, &body.concat())
    });
    associate(1, request, contexts.collect(), &request.user)
}

/// The bytes of an A-ASSOCIATE-AC (9.3.3) that answers a request.
pub fn associate_ac(request: &Request<'_>, answers: &[(u8, Answer<'_>)], user: &User<'_>) -> Vec<u8> {
    let contexts = answers.iter().flat_map(|(id, answer)| {
        let (result, syntax) = match answer {
            Answer::Accept(syntax) => (0, *syntax),
            // There is always a transfer syntax; it is not significant here (9.3.3.2).
            Answer::Refuse(reason) => (*reason, uid::IMPLICIT_LITTLE),
        };
        item(0x21, &[id_and(*id, result), item(0x40, syntax.as_bytes())].concat())
    });
    associate(2, request, contexts.collect(), user)
}

/// The bytes of an A-ASSOCIATE-RJ (9.3.4).
pub fn associate_rj(result: u8, source: u8, reason: u8) -> Vec<u8> {
    pdu(3, &[0, result, source, reason])
}

/// The bytes of an A-RELEASE-RQ (9.3.6).
pub fn release_rq() -> Vec<u8> {
    pdu(5, &[0; 4])
}

/// The bytes of an A-RELEASE-RP (9.3.7).
pub fn release_rp() -> Vec<u8> {
    pdu(6, &[0; 4])
}

/// The bytes of an A-ABORT (9.3.8).
pub fn abort(source: u8, reason: u8) -> Vec<u8> {
    pdu(7, &[0, 0, source, reason])
}

/// A command or a data set in as many P-DATA-TF PDUs (9.3.5) as the receiver's longest one needs.
pub fn p_data(context: u8, is_command: bool, bytes: &[u8], max_pdu: u32) -> Vec<u8> {
    /// Length, context and control of the one PDV in a PDU.
    const PDV: usize = 6;
    let longest = usize::try_from(max_pdu).expect("a length");
    let room = if longest == 0 { usize::MAX } else { longest.saturating_sub(PDV).max(2) };
    // An empty data set is one empty fragment.
    let empty = bytes.is_empty().then_some(bytes);
    let mut fragments = bytes.chunks(room).chain(empty).peekable();
    let mut pdus = Vec::new();
    while let Some(fragment) = fragments.next() {
        let control = u8::from(is_command) | if fragments.peek().is_none() { 2 } else { 0 };
        let size: u32 = length(fragment.len() + 2);
        pdus.extend(pdu(4, &[&size.to_be_bytes()[..], &[context, control], fragment].concat()));
    }
    pdus
}

/// A DIMSE message: the command, and its data set where there is one.
pub fn message(context: u8, command: &Command, data_set: Option<&[u8]>, max_pdu: u32) -> Vec<u8> {
    let mut pdus = p_data(context, true, &command.bytes(data_set.is_some()), max_pdu);
    if let Some(data_set) = data_set {
        pdus.extend(p_data(context, false, data_set, max_pdu));
    }
    pdus
}

fn associate(kind: u8, request: &Request<'_>, contexts: Vec<u8>, user: &User<'_>) -> Vec<u8> {
    // Protocol version 1, reserved.
    let mut body = vec![0, 1, 0, 0];
    for title in [request.called, request.calling] {
        assert!(title.len() <= 16, "{title} is too long for an AE title");
        body.extend(format!("{title:<16}").into_bytes());
    }
    body.extend([0; 32]);
    body.extend(item(0x10, uid::APPLICATION_CONTEXT.as_bytes()));
    body.extend(contexts);
    body.extend(item(0x50, &user_information(user)));
    pdu(kind, &body)
}

fn user_information(user: &User<'_>) -> Vec<u8> {
    let mut items = item(0x51, &user.max_pdu.to_be_bytes());
    if !user.implementation_uid.is_empty() {
        items.extend(item(0x52, user.implementation_uid.as_bytes()));
    }
    if let Some((invoked, performed)) = user.async_operations {
        items.extend(item(0x53, &[invoked.to_be_bytes(), performed.to_be_bytes()].concat()));
    }
    for (class, scu, scp) in user.roles {
        items.extend(item(0x54, &[prefixed(class.as_bytes()), vec![u8::from(*scu), u8::from(*scp)]].concat()));
    }
    if !user.implementation_version.is_empty() {
        items.extend(item(0x55, user.implementation_version.as_bytes()));
    }
    for (class, information) in user.extended {
        items.extend(item(0x56, &[&prefixed(class.as_bytes()), *information].concat()));
    }
    if let Some(identity) = user.identity {
        let body = [vec![identity.kind, 0], prefixed(identity.primary), prefixed(identity.secondary)];
        items.extend(item(0x58, &body.concat()));
    }
    items
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &length::<u32>(body.len()).to_be_bytes(), body].concat()
}

fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &prefixed(body)].concat()
}

fn prefixed(body: &[u8]) -> Vec<u8> {
    [&length::<u16>(body.len()).to_be_bytes()[..], body].concat()
}

fn id_and(id: u8, result: u8) -> Vec<u8> {
    vec![id, 0, result, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_longer_than_the_receivers_pdu_is_fragmented() {
        let pdus = p_data(3, false, &[7; 25], 16);
        // Ten bytes in each, the last one marked.
        assert_eq!(pdus[..12], [4, 0, 0, 0, 0, 16, 0, 0, 0, 12, 3, 0]);
        assert_eq!(pdus[22..34], [4, 0, 0, 0, 0, 16, 0, 0, 0, 12, 3, 0]);
        assert_eq!(pdus[44..56], [4, 0, 0, 0, 0, 11, 0, 0, 0, 7, 3, 2]);
        assert_eq!(pdus.len(), 61);
    }

    #[test]
    fn sub_items_are_written_as_in_the_examples_of_the_standard() {
        let user = User {
            max_pdu: 16_382,
            async_operations: Some((5, 5)),
            roles: &[("1.2.840.10008.5.1.4.1.1.2", false, true)],
            identity: Some(UserIdentity { kind: 1, primary: b"synthetic", secondary: b"" }),
            ..User::default()
        };
        let items = user_information(&user);
        assert_eq!(items[..16], [0x51, 0, 0, 4, 0, 0, 0x3f, 0xfe, 0x53, 0, 0, 4, 0, 5, 0, 5]);
        assert_eq!(items[16..22], [0x54, 0, 0, 29, 0, 25]);
        assert_eq!(items[47..49], [0, 1]);
        assert_eq!(items[49..], *b"\x58\x00\x00\x0f\x01\x00\x00\x09synthetic\x00\x00");
    }
}
