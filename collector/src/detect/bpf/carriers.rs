//! The packets of a tunnel. Filters cannot look into most tunnels, so all of a kind are taken, between its ends where these are
//! known.

use wardwatch_model::{Tunnel, TunnelKind};

/// How packets of a kind of tunnel are known: by ether type, by IP protocol number, by port of UDP.
struct Marks {
    ether_types: &'static [u16],
    protocols: &'static [u8],
    ports: &'static [u16],
}

const fn marks(kind: TunnelKind) -> Marks {
    let (ether_types, protocols, ports): (&[u16], &[u8], &[u16]) = match kind {
        TunnelKind::Geneve => (&[], &[], &[6081]),
        TunnelKind::Gre => (&[], &[47], &[4754]),
        TunnelKind::GtpU => (&[], &[], &[2152]),
        TunnelKind::IpInIp => (&[], &[4, 41], &[]),
        TunnelKind::Pbb => (&[0x88e7], &[], &[]),
        TunnelKind::Pppoe => (&[0x8864], &[], &[]),
        // On any port of UDP.
        TunnelKind::Teredo => (&[], &[17], &[]),
        TunnelKind::Vxlan => (&[], &[], &[4789, 4790, 8472]),
    };
    Marks { ether_types, protocols, ports }
}

/// In untagged frames.
pub(super) fn filter(tunnel: &Tunnel) -> String {
    let Marks { ether_types, protocols, ports } = marks(tunnel.kind());
    let by_type = ether_types.iter().map(|kind| format!("ether proto {kind:#06x}"));
    let protocols = protocols.iter().map(|number| format!("ip proto {number} or ip6 proto {number}"));
    let ports = ports.iter().map(|port| format!("udp port {port}"));
    let all = by_type.chain(protocols).chain(ports).collect::<Vec<_>>().join(" or ");
    match tunnel.ends() {
        Some([a, b]) if ether_types.is_empty() => format!("host {a} and host {b} and ({all})"),
        _ => all,
    }
}

/// In frames whose IP header begins at an offset, by the bytes themselves (RFC 791, 3.1; RFC 8200, 3). Of UDP all is taken.
pub(super) fn filter_at(tunnel: &Tunnel, ip: usize) -> String {
    let Marks { ether_types, protocols, ports } = marks(tunnel.kind());
    let ether_type = ip - 2;
    let numbers = protocols.iter().copied().chain((!ports.is_empty()).then_some(17));
    let by_protocol = numbers.map(|number| {
        let (v4, v6) = (ip + 9, ip + 6);
        format!(
            "(ether[{ether_type}:2] = 0x0800 and ether[{v4}] = {number}) or \
             (ether[{ether_type}:2] = 0x86dd and ether[{v6}] = {number})"
        )
    });
    let by_type = ether_types.iter().map(|kind| format!("ether[{ether_type}:2] = {kind:#06x}"));
    by_type.chain(by_protocol).collect::<Vec<_>>().join(" or ")
}
