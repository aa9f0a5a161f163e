//! Options of DHCP (RFC 2132): the few that are read; every other is passed over by its length. Pure.
//!
//! Relay agent information (82), client identifier (61) and whatever else may name a person, a port or a place is never
//! looked at.

use std::net::Ipv4Addr;

/// Code, length, value of an option; pad and end are a code alone (RFC 2132, 2).
const PAD: u8 = 0;
const END: u8 = 255;

/// Type of a message (RFC 2132, 9.6), of those that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MessageType {
    /// 3: a client asks for an address, or to keep the one it has.
    Request,
    /// 5: a server says yes.
    Ack,
    /// 8: a client that has its address by other means asks for the rest.
    Inform,
    /// Whatever else.
    Other,
}

/// The options that are read, of each the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Options<'a> {
    /// 12, host name (RFC 2132, 3.14).
    pub(super) host_name: Option<&'a [u8]>,
    /// 52, option overload (RFC 2132, 9.3); 0 where it is not there.
    pub(super) overload: u8,
    /// 53, message type (RFC 2132, 9.6).
    pub(super) message_type: Option<MessageType>,
    /// 54, server identifier (RFC 2132, 9.7).
    pub(super) server: Option<Ipv4Addr>,
    /// 55, parameter request list (RFC 2132, 9.8).
    pub(super) parameters: Option<&'a [u8]>,
    /// 60, vendor class identifier (RFC 2132, 9.13).
    pub(super) vendor_class: Option<&'a [u8]>,
    /// 81, client FQDN: flags, then the name behind two unused codes (RFC 4702, 2).
    pub(super) fqdn: Option<(u8, &'a [u8])>,
}

/// How reading a field of options ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// At an end option, or where the field ends.
    Whole,
    /// In the middle of an option.
    Malformed,
}

impl<'a> Options<'a> {
    /// Reads a field of options. Each step takes a byte at least, so this ends with the field.
    pub(super) fn read(&mut self, mut field: &'a [u8]) -> Read {
        loop {
            field = match field {
                [] | [END, ..] => return Read::Whole,
                [PAD, rest @ ..] => rest,
                [code, length, rest @ ..] => match rest.split_at_checked(usize::from(*length)) {
                    Some((value, rest)) => {
                        if !self.take(*code, value) {
                            return Read::Malformed;
                        }
                        rest
                    }
                    None => return Read::Malformed,
                },
                [_] => return Read::Malformed,
            }
        }
    }

    /// Keeps an option that is read; answers whether it is long enough for what it must hold.
    fn take(&mut self, code: u8, value: &'a [u8]) -> bool {
        match (code, value) {
            (12, _) => keep(&mut self.host_name, value),
            (52, [overload, ..]) => self.overload |= overload,
            (53, [kind, ..]) => keep(&mut self.message_type, MessageType::of(*kind)),
            (54, [a, b, c, d, ..]) => keep(&mut self.server, Ipv4Addr::new(*a, *b, *c, *d)),
            (55, _) => keep(&mut self.parameters, value),
            (60, _) => keep(&mut self.vendor_class, value),
            (81, [flags, _, _, name @ ..]) => keep(&mut self.fqdn, (*flags, name)),
            (52 | 53 | 54 | 81, _) => return false,
            _ => {}
        }
        true
    }
}

impl MessageType {
    const fn of(kind: u8) -> Self {
        match kind {
            3 => Self::Request,
            5 => Self::Ack,
            8 => Self::Inform,
            _ => Self::Other,
        }
    }
}

fn keep<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}
