//! A DHCP message (RFC 2131, 2): from bytes to the fields that are read. Pure.
//!
//! `sname` and `file` are read only where option 52 says that they hold options.

use super::options::{Options, Read};
use std::net::Ipv4Addr;
use wardwatch_model::Mac;

/// Bytes before the options: the message of BOOTP (RFC 951, 3) with 64 bytes of `sname` and 128 of `file`.
pub(super) const FIXED: usize = 236;

/// What the options begin with (RFC 2131, 3).
pub(super) const MAGIC_COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];

/// Longest hardware address (`chaddr` has sixteen bytes).
const LONGEST_HARDWARE_ADDRESS: u8 = 16;

/// Option overload (RFC 2132, 9.3): bits of the fields that hold options too.
const FILE_HOLDS_OPTIONS: u8 = 1;
const SNAME_HOLDS_OPTIONS: u8 = 2;

/// `op` (RFC 2131, 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// BOOTREQUEST, 1: from a client.
    Request,
    /// BOOTREPLY, 2: from a server.
    Reply,
}

/// What is read of a message.
#[derive(Debug, PartialEq)]
pub(super) struct Message<'a> {
    pub(super) operation: Operation,
    /// Address of a client that has one; none where it is 0.0.0.0.
    pub(super) ciaddr: Option<Ipv4Addr>,
    /// "Your" address: the one a server gives to the client.
    pub(super) yiaddr: Option<Ipv4Addr>,
    /// Address of the relay agent that passed the message on.
    pub(super) giaddr: Option<Ipv4Addr>,
    /// Hardware address of the client, where it is an Ethernet one.
    pub(super) chaddr: Option<Mac>,
    pub(super) options: Options<'a>,
    /// An option ends beyond what holds it.
    pub(super) is_malformed: bool,
}

/// Whether a payload is a message with options: operation, hardware type and length that can be, and the magic cookie,
/// which stands at the same place in all of them.
pub(super) fn is_message(payload: &[u8]) -> bool {
    matches!(payload, [1 | 2, 1..=255, 0..=LONGEST_HARDWARE_ADDRESS, ..])
        && payload.get(FIXED..).is_some_and(|options| options.starts_with(&MAGIC_COOKIE))
}

/// Reads a message; none where it is not one.
pub(super) fn parse(payload: &[u8]) -> Option<Message<'_>> {
    if !is_message(payload) {
        return None;
    }
    // 0 op, 1 htype, 2 hlen, 3 hops, 4 xid, 8 secs, 10 flags
    let (op, kind, length) = (payload.first()?, payload.get(1)?, payload.get(2)?);
    // 12 ciaddr, 16 yiaddr, 20 siaddr, 24 giaddr
    let address = |at: usize| {
        let octets: [u8; 4] = *payload.get(at..)?.first_chunk()?;
        Some(Ipv4Addr::from(octets)).filter(|address| !address.is_unspecified())
    };
    // 28 chaddr; hardware type 1 is Ethernet (RFC 1700)
    let chaddr = if (*kind, *length) == (1, 6) { Mac::known(*payload.get(28..)?.first_chunk()?) } else { None };
    let mut options = Options::default();
    let mut is_malformed = options.read(payload.get(FIXED + MAGIC_COOKIE.len()..)?) == Read::Malformed;
    // 44 sname, 108 file; `file` comes first (RFC 2131, 4.1)
    let overload = options.overload;
    for (bit, field) in [(FILE_HOLDS_OPTIONS, 108..FIXED), (SNAME_HOLDS_OPTIONS, 44..108)] {
        if overload & bit != 0 {
            is_malformed |= options.read(payload.get(field)?) == Read::Malformed;
        }
    }
    Some(Message {
        operation: if *op == 1 { Operation::Request } else { Operation::Reply },
        ciaddr: address(12),
        yiaddr: address(16),
        giaddr: address(24),
        chaddr,
        options,
        is_malformed,
    })
}
