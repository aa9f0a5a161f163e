//! Tunnels that keep the addresses in them apart from those of the network around them.

use crate::attribute::closed_list;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{
    fmt,
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv4Addr},
};

closed_list! {
    /// A kind of tunnel with addresses of its own. What only carries copies of a network's frames, or is one direction's
    /// label, is none: docs/tunnels.md.
    TunnelKind {
        /// Geneve (RFC 8926), known by its VNI.
        Geneve = "geneve",
        /// GRE (RFC 2784, RFC 2890), known by its ends and its key.
        Gre = "gre",
        /// User plane of GTP (3GPP TS 29.281), known by its ends.
        GtpU = "gtp-u",
        /// IPv4 or IPv6 in either of them (RFC 2003, RFC 2473, RFC 4213), known by its ends.
        IpInIp = "ip-in-ip",
        /// Provider backbone bridging (IEEE 802.1ah), known by its service.
        Pbb = "pbb",
        /// PPP over Ethernet (RFC 2516), known by its session and the MAC addresses of its ends.
        Pppoe = "pppoe",
        /// IPv6 in UDP (RFC 4380), known by its ends.
        Teredo = "teredo",
        /// VXLAN (RFC 7348), known by its VNI.
        Vxlan = "vxlan",
    }
}

/// One tunnel: its kind and what tells it from others of its kind, the same in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tunnel {
    kind: TunnelKind,
    /// Of network, key, session or service; big-endian, so that a place with it takes no more room than it must.
    number: Option<[u8; 4]>,
    ends: Ends,
}

/// Between whom a tunnel is; those of some kinds are between many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Ends {
    Any,
    /// The smaller one first.
    V4([Ipv4Addr; 2]),
    /// Of longer addresses, and of tunnels within others, their fingerprint.
    Print([u8; 8]),
}

impl Tunnel {
    /// One that its number alone tells from others.
    pub const fn numbered(kind: TunnelKind, number: u32) -> Self {
        Self { kind, number: Some(number.to_be_bytes()), ends: Ends::Any }
    }

    /// One between two ends, whichever of them sends, with a number where it has one.
    pub fn between(kind: TunnelKind, number: Option<u32>, a: IpAddr, b: IpAddr) -> Self {
        let ends = match (a, b) {
            (IpAddr::V4(a), IpAddr::V4(b)) => Ends::V4([a.min(b), a.max(b)]),
            _ => {
                let [a, b] = [a.min(b), a.max(b)].map(|ip| match ip {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                    IpAddr::V6(ip) => ip.octets(),
                });
                Ends::Print(fingerprint(&[a, b].concat()).to_be_bytes())
            }
        };
        Self { kind, number: number.map(u32::to_be_bytes), ends }
    }

    /// One between two stations of a link, whichever of them sends.
    pub fn on_link(kind: TunnelKind, number: u32, a: [u8; 6], b: [u8; 6]) -> Self {
        let ends = Ends::Print(fingerprint(&[a.min(b), a.max(b)].concat()).to_be_bytes());
        Self { kind, number: Some(number.to_be_bytes()), ends }
    }

    /// Its kind.
    pub const fn kind(&self) -> TunnelKind {
        self.kind
    }

    /// Number of network, key, session or service.
    pub fn number(&self) -> Option<u32> {
        self.number.map(u32::from_be_bytes)
    }

    /// The two ends, where they are known by their IPv4 addresses.
    pub const fn ends(&self) -> Option<[Ipv4Addr; 2]> {
        match self.ends {
            Ends::V4(ends) => Some(ends),
            _ => None,
        }
    }

    /// All of it in bytes.
    fn bytes(&self) -> [u8; 15] {
        let [n1, n2, n3, n4] = self.number.unwrap_or_default();
        let form = u8::from(self.number.is_some()) << 2;
        let (form, [e1, e2, e3, e4, e5, e6, e7, e8]) = match self.ends {
            Ends::Any => (form, [0; 8]),
            Ends::V4([a, b]) => (form | 1, (u64::from(a.to_bits()) << 32 | u64::from(b.to_bits())).to_be_bytes()),
            Ends::Print(print) => (form | 2, print),
        };
        [0xff, self.kind as u8, form, n1, n2, n3, n4, e1, e2, e3, e4, e5, e6, e7, e8]
    }

    /// Reads one as it is written: kind, number, ends.
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let name = words.next()?;
        let kind = *TunnelKind::ALL.iter().find(|kind| kind.name() == name)?;
        let mut rest: Vec<&str> = words.collect();
        let number = rest.first().and_then(|word| word.parse::<u32>().ok());
        if number.is_some() {
            rest.remove(0);
        }
        let ends = match rest.as_slice() {
            [] => Ends::Any,
            [print] => Ends::Print(u64::from_str_radix(print.strip_prefix('#')?, 16).ok()?.to_be_bytes()),
            [a, b] => Ends::V4([a.parse().ok()?, b.parse().ok()?]),
            _ => return None,
        };
        Some(Self { kind, number: number.map(u32::to_be_bytes), ends })
    }
}

impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if let Some(number) = self.number() {
            write!(f, " {number}")?;
        }
        match self.ends {
            Ends::Any => Ok(()),
            Ends::V4([a, b]) => write!(f, " {a} {b}"),
            Ends::Print(print) => write!(f, " #{:016x}", u64::from_be_bytes(print)),
        }
    }
}

/// The tunnels that a packet came through, one in another, outermost first; none on the network itself. Of more than
/// [`Self::MAX`] the last one stands for itself and those around it that are not listed, by their fingerprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tunnels([Option<Tunnel>; Self::MAX]);

impl Tunnels {
    /// Most that are listed.
    pub const MAX: usize = 2;

    /// None.
    pub const fn none() -> Self {
        Self([None; Self::MAX])
    }

    /// Adds the next inner one.
    pub fn push(&mut self, tunnel: Tunnel) {
        let [first, last] = &mut self.0;
        match (&first, &last) {
            (None, _) => *first = Some(tunnel),
            (_, None) => *last = Some(tunnel),
            (_, Some(around)) => {
                let print = fingerprint(&[around.bytes(), tunnel.bytes()].concat());
                *last = Some(Tunnel { ends: Ends::Print(print.to_be_bytes()), ..tunnel });
            }
        }
    }

    /// Outermost first.
    pub fn iter(&self) -> impl Iterator<Item = Tunnel> + '_ {
        self.0.iter().flatten().copied()
    }

    /// Whether it was the network itself.
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, [None, _])
    }

    /// 64 bits that tell these from all others, the same everywhere; 0 for none.
    #[inline]
    pub fn fingerprint(&self) -> u64 {
        if self.is_empty() { 0 } else { self.print() }
    }

    #[cold]
    fn print(&self) -> u64 {
        match self.0 {
            [None, _] => 0,
            [Some(one), None] => fingerprint(&one.bytes()).max(1),
            [Some(one), Some(other)] => fingerprint(&[one.bytes(), other.bytes()].concat()).max(1),
        }
    }
}

impl Hash for Tunnels {
    /// Next to nothing of what most addresses are in: none.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.fingerprint());
    }
}

impl fmt::Display for Tunnels {
    /// Outermost first, with ` / ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, tunnel) in self.iter().enumerate() {
            let between = if place == 0 { "" } else { " / " };
            write!(f, "{between}{tunnel}")?;
        }
        Ok(())
    }
}

impl Serialize for Tunnels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|tunnel| tunnel.to_string()))
    }
}

impl<'de> Deserialize<'de> for Tunnels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let mut tunnels = Self::default();
        if texts.len() > Self::MAX {
            return Err(D::Error::custom("more tunnels than are listed"));
        }
        for text in texts {
            tunnels.push(Tunnel::parse(&text).ok_or_else(|| D::Error::custom("no tunnel"))?);
        }
        Ok(tunnels)
    }
}

/// 64 bits of bytes, each of which depends on all of them.
fn fingerprint(bytes: &[u8]) -> u64 {
    // The finaliser of SplitMix64, for each eight bytes.
    let mix = |word: u64| {
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    bytes.chunks(8).fold(0x9e37_79b9_7f4a_7c15, |state: u64, chunk| {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        mix(state.rotate_left(23) ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, Vlans};
    use std::collections::BTreeSet;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Tunnels that differ in one thing each.
    fn different() -> Vec<Tunnels> {
        let (a, b, c) = (ip("10.0.0.1"), ip("10.0.0.2"), ip("10.0.0.3"));
        let tunnels = [
            Tunnel::numbered(TunnelKind::Vxlan, 7),
            Tunnel::numbered(TunnelKind::Vxlan, 8),
            Tunnel::numbered(TunnelKind::Geneve, 7),
            Tunnel::between(TunnelKind::Gre, None, a, b),
            Tunnel::between(TunnelKind::Gre, Some(0), a, b),
            Tunnel::between(TunnelKind::Gre, Some(7), a, b),
            Tunnel::between(TunnelKind::Gre, Some(7), a, c),
            Tunnel::between(TunnelKind::IpInIp, None, ip("2001:db8::1"), ip("2001:db8::2")),
            Tunnel::between(TunnelKind::IpInIp, None, ip("2001:db8::1"), ip("2001:db8::3")),
            Tunnel::on_link(TunnelKind::Pppoe, 1, [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]),
            Tunnel::on_link(TunnelKind::Pppoe, 1, [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 3]),
        ];
        let mut all = vec![Tunnels::default()];
        for depth in 0..4 {
            for around in all.clone().into_iter().skip(depth) {
                for tunnel in tunnels.into_iter().skip(depth * 3) {
                    let mut inner = around;
                    inner.push(tunnel);
                    if !all.contains(&inner) {
                        all.push(inner);
                    }
                }
            }
        }
        all
    }

    #[test]
    fn no_two_tunnels_are_taken_for_one_however_deep() {
        let all = different();
        assert!(all.len() > 500, "{}", all.len());
        let prints: BTreeSet<u64> = all.iter().map(Tunnels::fingerprint).collect();
        assert_eq!(prints.len(), all.len());
        let texts: BTreeSet<String> = all.iter().map(Tunnels::to_string).collect();
        assert_eq!(texts.len(), all.len());
    }

    #[test]
    fn tunnels_one_in_another_are_told_by_their_order_and_number() {
        let (a, b) = (Tunnel::numbered(TunnelKind::Vxlan, 1), Tunnel::numbered(TunnelKind::Vxlan, 2));
        let nested = |all: &[Tunnel]| {
            let mut tunnels = Tunnels::default();
            all.iter().for_each(|one| tunnels.push(*one));
            tunnels
        };
        let ways: Vec<Tunnels> =
            [&[a, b][..], &[b, a], &[a, a, b], &[a, b, b], &[a, b, a], &[a, b, a, b], &[a, b, b, a]]
                .iter()
                .map(|all| nested(all))
                .collect();
        assert_eq!(ways.iter().collect::<BTreeSet<_>>().len(), ways.len(), "{ways:?}");
        assert_eq!(nested(&[a, b]).to_string(), "vxlan 1 / vxlan 2");
    }

    #[test]
    fn both_directions_are_one_tunnel() {
        for (a, b) in [("10.0.0.9", "10.0.0.2"), ("2001:db8::9", "2001:db8::2"), ("10.0.0.9", "2001:db8::2")] {
            let there = Tunnel::between(TunnelKind::Gre, Some(3), ip(a), ip(b));
            assert_eq!(there, Tunnel::between(TunnelKind::Gre, Some(3), ip(b), ip(a)));
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for tunnels in different() {
            let value = toml::Value::try_from(tunnels).unwrap();
            assert_eq!(value.try_into::<Tunnels>().unwrap(), tunnels, "{tunnels}");
        }
        for text in ["", "vxlan 1 2 3 4", "vlan 7", "gre #", "gre 1.2.3.4"] {
            assert_eq!(Tunnel::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_place_in_no_tunnel_is_stored_as_it_was_before_there_were_any() {
        let mac = crate::Mac::known([2, 0, 0, 0, 0, 1]);
        let mut place = Place { ip: ip("10.0.0.1"), tunnels: Tunnels::none(), mac, vlans: Vlans::new() };
        let written = toml::Table::try_from(place).unwrap();
        assert_eq!(written.keys().collect::<Vec<_>>(), ["ip", "mac", "vlans"]);
        assert_eq!(written.try_into::<Place>().unwrap(), place);
        place.tunnels.push(Tunnel::numbered(TunnelKind::Vxlan, 5));
        assert_eq!(toml::Table::try_from(place).unwrap().try_into::<Place>().unwrap(), place);
    }

    #[test]
    fn a_tunnel_is_small() {
        assert!(size_of::<Tunnels>() <= 32, "{}", size_of::<Tunnels>());
    }
}
