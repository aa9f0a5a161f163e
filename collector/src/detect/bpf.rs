//! The packets of a finding, as a filter that tcpdump, tshark and capture systems take (pcap-filter(7)).

mod carriers;

use super::scene::Talk;
use std::{collections::BTreeSet, iter, net::IpAddr};
use wardwatch_model::{ConversationKey, End, Transport, Tunnel};

/// Most services that are selected one by one; fewer where each takes a long filter.
const MAX_SERVICES: usize = 16;
const MAX_LONG_SERVICES: usize = 4;

/// Bytes of a link header before the tags: of Ethernet, of cooked captures version 1 and 2.
const LINK_HEADERS: [usize; 3] = [14, 16, 20];

/// Bytes of a tag.
const TAG: usize = 4;

/// The links that packets came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// Ethernet alone.
    Ethernet,
    /// Others too.
    Any,
}

/// One kind of packets to select.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// Of a service.
    Service { client: IpAddr, server: IpAddr, transport: Transport, port: u16 },
    /// Everything of a host.
    Host(IpAddr),
    /// Everything in a tunnel, of which a filter cannot see the inside.
    Tunnel(Tunnel),
}

impl Wanted {
    /// What selects a conversation, or what `otherwise` does; the outermost tunnel where it is in some.
    fn new(talk: &Talk<'_>, otherwise: impl FnOnce() -> Self) -> Self {
        talk.key.tunnels.iter().next().map_or_else(otherwise, Self::Tunnel)
    }
}

/// Tags of the frames of a conversation; of those that carry a tunnel they are not told, and one is seen often.
fn tags(talk: &Talk<'_>) -> usize {
    let own = talk.conversation.vlans.iter().map(|vlans| vlans.iter().count()).max().unwrap_or(0);
    if talk.key.tunnels.is_empty() { own } else { 1 }
}

/// The filter for conversations, each with the end where the device of the finding is. Beyond so many services it takes the
/// whole traffic of the device, and never misses a packet.
pub(super) fn filter(talks: &[(&Talk<'_>, End)], links: Links) -> String {
    let services = talks.iter().map(|(talk, _)| {
        let ConversationKey { client, server, transport, port, .. } = *talk.key;
        Wanted::new(talk, || Wanted::Service { client, server, transport, port })
    });
    let services: BTreeSet<Wanted> = services.collect();
    let tags = talks.iter().map(|(talk, _)| tags(talk)).max().unwrap_or(0);
    let most = if links == Links::Any && tags > 0 { MAX_LONG_SERVICES } else { MAX_SERVICES };
    let wanted = if services.len() <= most {
        services
    } else {
        talks.iter().map(|(talk, end)| Wanted::new(talk, || Wanted::Host(talk.end(*end).ip))).collect()
    };
    let untagged = any(wanted.iter().map(Wanted::filter));
    // Frames without MAC addresses are of links that have neither these nor tags.
    if tags == 0 && !talks.iter().any(|(talk, _)| talk.key.client_mac.or(talk.key.server_mac).is_some()) {
        return untagged;
    }
    match links {
        // A filter looks at untagged frames until `vlan` moves it past a tag, for all that follows. Once more than tags were
        // seen: a priority tag is no VLAN and not among them.
        Links::Ethernet => {
            (0..=tags).fold(untagged.clone(), |inner, _| format!("({untagged}) or (vlan and ({inner}))"))
        }
        // Links that carry no tags refuse the word, even where frames on them have tags all the same.
        Links::Any => {
            let starts: BTreeSet<usize> =
                LINK_HEADERS.iter().flat_map(|header| (1..=tags).map(move |tags| header + TAG * tags)).collect();
            let tagged = starts.iter().flat_map(|ip| wanted.iter().map(|wanted| wanted.filter_at(*ip)));
            any(iter::once(untagged).chain(tagged))
        }
    }
}

impl Wanted {
    /// In untagged frames.
    fn filter(&self) -> String {
        match self {
            Self::Service { client, server, transport, port } => {
                let other = if client == server { String::new() } else { format!(" and host {server}") };
                match transport {
                    Transport::Ip => format!("host {client}{other}"),
                    _ => format!("host {client}{other} and {} port {port}", transport.name()),
                }
            }
            Self::Host(ip) => format!("host {ip}"),
            Self::Tunnel(tunnel) => carriers::filter(tunnel),
        }
    }

    /// In frames whose IP header begins at an offset, by the bytes themselves (RFC 791, 3.1; RFC 8200, 3).
    fn filter_at(&self, ip: usize) -> String {
        let host = match self {
            Self::Service { client: host, .. } | Self::Host(host) => host,
            Self::Tunnel(tunnel) => return carriers::filter_at(tunnel, ip),
        };
        let (ether_type, protocol, source, destination, ports) = match host {
            IpAddr::V4(_) => ("0x0800", ip + 9, ip + 12, ip + 16, format!("{ip} + 4 * (ether[{ip}] & 15)")),
            IpAddr::V6(_) => ("0x86dd", ip + 6, ip + 8, ip + 24, format!("{}", ip + 40)),
        };
        let from_to = |from, to| format!("({} and {})", has(source, from), has(destination, to));
        let rest = match self {
            Self::Service { client, server, transport, port } => {
                let (there, back) = (from_to(*client, *server), from_to(*server, *client));
                let number = match transport {
                    Transport::Tcp => 6,
                    Transport::Udp => 17,
                    Transport::Ip => return format!("ether[{}:2] = {ether_type} and ({there} or {back})", ip - 2),
                };
                let port = format!("(ether[{ports}:2] = {port} or ether[{ports} + 2:2] = {port})");
                format!("ether[{protocol}] = {number} and ({there} or {back}) and {port}")
            }
            Self::Host(_) | Self::Tunnel(_) => format!("({} or {})", has(source, *host), has(destination, *host)),
        };
        format!("ether[{}:2] = {ether_type} and {rest}", ip - 2)
    }
}

/// An address stands at an offset.
fn has(offset: usize, ip: IpAddr) -> String {
    let bytes = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let words = bytes.as_chunks().0.iter().zip((offset..).step_by(4));
    let words: Vec<String> =
        words.map(|(word, at)| format!("ether[{at}:4] = {:#x}", u32::from_be_bytes(*word))).collect();
    words.join(" and ")
}

fn any(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [one] => one.clone(),
        _ => parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests;
