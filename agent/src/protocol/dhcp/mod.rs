//! DHCP for IPv4 (RFC 2131, RFC 2132): who is given which address, and what clients say of themselves.
//!
//! Whatever a message says is bound to `chaddr`, the client's hardware address, never to the frame it came in: all clients
//! without an address send from the same one, and a relay agent (`giaddr`) passes on the words of others.

mod message;
mod options;
#[cfg(test)]
mod tests;
mod words;

pub(super) use words::labels;

use super::{Claim, Datagram, DatagramParser, Reading, Remark, Speaker};
use message::{Message, Operation};
use options::MessageType;
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Detail, Source, dhcp::Dhcp as Activity};

/// Ports of server and client (RFC 2131, 4.1). A relay agent may send from others, but not to others.
const SERVER: u16 = 67;
const CLIENT: u16 = 68;

/// The parser.
pub(crate) struct Dhcp;

impl DatagramParser for Dhcp {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        matches!(datagram.destination.1, SERVER | CLIENT) && message::is_message(datagram.payload)
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = message::parse(datagram.payload)?;
        let is_request = message.operation == Operation::Request;
        let words = if is_request { words::words(&message.options) } else { Vec::new() };
        // Words that lead to no one are of no use.
        let is_bound = message.chaddr.is_some() || message.ciaddr.is_some();
        Some(Reading {
            is_from_client: is_request,
            is_malformed: message.is_malformed,
            detail: Detail::Dhcp(activity(&message, datagram.source.0)),
            claim: claim(&message),
            remark: (!words.is_empty() && is_bound).then(|| Remark {
                speaker: Speaker::Host {
                    ip: message.ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED).into(),
                    mac: message.chaddr,
                },
                source: Source::Dhcp,
                attributes: words,
            }),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

/// Whose an address is: what a server gives, and what a client says it has. An offer gives nothing yet.
fn claim(message: &Message<'_>) -> Option<Claim> {
    let ip = match (message.operation, message.options.message_type?) {
        // RFC 2131, 4.3.1; yiaddr is 0 in the answer to a DHCPINFORM (4.3.5), where the client has its own.
        (Operation::Reply, MessageType::Ack) => message.yiaddr?,
        // RFC 2131, 4.4.1 and 4.4.3: ciaddr is set only by a client that can answer for it.
        (Operation::Request, MessageType::Request | MessageType::Inform) => message.ciaddr?,
        _ => return None,
    };
    // A client that has its address is answered through routers, too.
    Some(Claim { ip: ip.into(), mac: message.chaddr?, is_here: message.giaddr.is_none() && message.ciaddr.is_none() })
}

/// Who answered: a relay agent's packets have its address as their source, and a server's own have the one by which it
/// identifies itself.
fn activity(message: &Message<'_>, source: IpAddr) -> Activity {
    let is_own =
        message.giaddr.is_none() || message.options.server.is_some_and(|server| IpAddr::from(server) == source);
    match message.operation {
        Operation::Request => Activity { requests: 1, ..Activity::default() },
        Operation::Reply if is_own => Activity { replies: 1, ..Activity::default() },
        Operation::Reply => Activity { relayed_replies: 1, ..Activity::default() },
    }
}
