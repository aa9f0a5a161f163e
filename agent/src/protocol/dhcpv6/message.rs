//! A DHCPv6 message (RFC 8415, 8): from bytes to the options that are read; every other is passed over by its length. Pure.

/// Of a client and of a server (RFC 8415, 7.3).
const OF_CLIENT: [u8; 8] = [1, 3, 4, 5, 6, 8, 9, 11];
const OF_SERVER: [u8; 3] = [2, 7, 10];
/// Passed on to a server, and back (RFC 8415, 9).
const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;

/// Bytes before the options: type and transaction (RFC 8415, 8); type, hops and two addresses (RFC 8415, 9).
const DIRECT: usize = 4;
const RELAYED: usize = 34;

/// Greatest code of an option that IANA has given, with room for more.
const LAST_OPTION: u16 = 255;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
    /// A relay agent, for a client.
    RelayForward,
    /// A server, to a relay agent.
    RelayReply,
}

/// The options that are read, of each the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Options<'a> {
    /// 1, client identifier (RFC 8415, 21.2).
    pub(super) client: Option<&'a [u8]>,
    /// 6, option request (RFC 8415, 21.7).
    pub(super) requested: Option<&'a [u8]>,
    /// 16, vendor class (RFC 8415, 21.16).
    pub(super) vendor_class: Option<&'a [u8]>,
    /// 39, client FQDN (RFC 4704, 4): flags, then the name as labels.
    pub(super) fqdn: Option<&'a [u8]>,
}

/// What is read of a message.
#[derive(Debug, PartialEq)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    pub(super) options: Options<'a>,
    /// An option ends beyond the message.
    pub(super) is_malformed: bool,
}

/// Reads a message; none where it is not one. Messages of relay agents are not opened.
pub(super) fn parse(payload: &[u8]) -> Option<Message<'_>> {
    let (role, options_at) = match *payload.first()? {
        kind if OF_CLIENT.contains(&kind) => (Role::Client, DIRECT),
        kind if OF_SERVER.contains(&kind) => (Role::Server, DIRECT),
        RELAY_FORWARD => (Role::RelayForward, RELAYED),
        RELAY_REPLY => (Role::RelayReply, RELAYED),
        _ => return None,
    };
    let mut rest = payload.get(options_at..)?;
    // Every message has an option, if only the identifier of who speaks; its code tells a message from other bytes.
    option(rest).filter(|(code, ..)| (1..=LAST_OPTION).contains(code))?;
    let mut options = Options::default();
    while let Some((code, value, after)) = option(rest) {
        let slot = match code {
            1 => &mut options.client,
            6 => &mut options.requested,
            16 => &mut options.vendor_class,
            39 => &mut options.fqdn,
            _ => &mut None,
        };
        slot.get_or_insert(value);
        rest = after;
    }
    Some(Message { role, options, is_malformed: !rest.is_empty() })
}

/// Code, length, value (RFC 8415, 21.1), and what follows.
fn option(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    let [c1, c2, l1, l2] = *head;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([l1, l2])))?;
    Some((u16::from_be_bytes([c1, c2]), value, rest))
}
