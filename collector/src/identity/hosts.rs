//! From source addresses to hosts: which addresses are one device's, and which MAC addresses are routers'.

use foldhash::HashMap;
use std::{collections::BTreeMap, net::IpAddr};
use wardwatch_model::{Mac, Place, Sighting, Tunnels, analysis::Address, config::Config};

/// A MAC address with this many IPv4 sources that never claimed it is a router's.
const ROUTER_SOURCES: usize = 3;

/// A device as the network shows it.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The MAC address that is its own.
    pub(super) mac: Option<Mac>,
    /// The tunnels it is in.
    pub(super) tunnels: Tunnels,
    /// Its addresses, sorted.
    pub(super) addresses: Vec<Address>,
    /// Its MAC address carries the packets of others.
    pub(super) is_router: bool,
    /// Some of its addresses were claimed by ARP or neighbour discovery.
    pub(super) claimed: bool,
}

impl Host {
    /// The key that was seen first: where MAC and IP came together, the MAC, which lasts longer.
    pub(super) fn key(&self) -> String {
        // All are in the same tunnels.
        let first = |address: &&Address| (address.first_seen, address.ip, address.mac);
        match self.addresses.iter().min_by_key(first) {
            Some(Address { mac: Some(mac), tunnel, .. }) => mac_key(*mac, tunnel),
            Some(Address { ip, tunnel, .. }) => ip_key(*ip, tunnel),
            None => String::new(),
        }
    }
}

pub(super) fn mac_key(mac: Mac, tunnels: &Tunnels) -> String {
    format!("mac {mac}{}", within(tunnels))
}

pub(super) fn ip_key(ip: IpAddr, tunnels: &Tunnels) -> String {
    format!("ip {ip}{}", within(tunnels))
}

fn within(tunnels: &Tunnels) -> String {
    if tunnels.is_empty() { String::new() } else { format!(" in {tunnels}") }
}

/// What is known of a MAC address.
#[derive(Default)]
struct MacFacts {
    /// Addresses it claimed, sorted.
    claimed: Vec<IpAddr>,
    /// IPv4 sources it carried without claiming them, up to [`ROUTER_SOURCES`].
    carried: Vec<IpAddr>,
    /// IPv6 networks (64 bits) of global sources it carried without claiming them, up to [`ROUTER_SOURCES`].
    networks: Vec<u64>,
    /// It carried packets that had crossed a router, or came from outside.
    forwards: bool,
}

/// Adds what is not there yet, until there are as many as tell a router.
fn add<T: PartialEq>(known: &mut Vec<T>, one: T) {
    if known.len() < ROUTER_SOURCES && !known.contains(&one) {
        known.push(one);
    }
}

impl MacFacts {
    fn is_router(&self) -> bool {
        self.forwards || self.carried.len() >= ROUTER_SOURCES || self.networks.len() >= ROUTER_SOURCES
    }

    fn has_claimed(&self, ip: IpAddr) -> bool {
        self.claimed.binary_search(&ip).is_ok()
    }

    /// Whether a source it never claimed can be taken for its own: only where there is no choice.
    fn owns_unclaimed(&self, ip: IpAddr) -> bool {
        let claims_others = ip.is_ipv4() && self.claimed.iter().any(IpAddr::is_ipv4);
        !self.is_router() && self.carried.len() <= 1 && !claims_others
    }
}

/// Puts addresses together.
pub(super) fn hosts(sightings: &BTreeMap<Place, Sighting>, config: &Config) -> Vec<Host> {
    let macs = mac_facts(sightings, config);
    let all: Vec<(&Place, &Sighting)> = sightings.iter().collect();
    let mut hosts: BTreeMap<Key, Builder> = BTreeMap::new();
    // Sorted by address and tunnels. What has the same address in another tunnel is another.
    for same in all.chunk_by(|(a, _), (b, _)| (a.ip, a.tunnels) == (b.ip, b.tunnels)) {
        let sent = same.iter().any(|(_, sighting)| sighting.payload || sighting.claimed);
        let is_present = |ip| sent && config.is_internal(ip) && is_unicast(ip);
        if !same.first().is_some_and(|(place, _)| is_present(place.ip)) {
            continue;
        }
        // Who owns an address: the MACs that claimed it, else the one that carried it and nothing else.
        let claimed_by_any = same.iter().any(|(place, sighting)| place.mac.is_some() && sighting.claimed);
        let owner = |place: &Place, sighting: &Sighting| {
            let mac = place.mac?;
            let facts = macs.get(&(place.tunnels, mac))?;
            let own =
                facts.has_claimed(place.ip) || (!claimed_by_any && !sighting.routed && facts.owns_unclaimed(place.ip));
            own.then_some(mac)
        };
        let first = same.iter().find_map(|(place, sighting)| owner(place, sighting));
        let mut owners = same.iter().filter_map(|(place, sighting)| owner(place, sighting));
        let only = first.filter(|first| owners.all(|other| other == *first));
        for (place, sighting) in same {
            let mac = owner(place, sighting).or(only);
            let key = match (mac, first) {
                (Some(mac), _) => Key::Mac(mac, place.tunnels),
                (None, None) => Key::Ip(place.ip, place.tunnels),
                // Forwarded, and of several who had the address one after the other: each is known by its own place.
                (None, Some(_)) => continue,
            };
            hosts.entry(key).or_default().add(place, mac, sighting);
        }
    }
    let host = |(key, builder): (Key, Builder)| {
        let (mac, tunnels) = match key {
            Key::Mac(mac, tunnels) => (Some(mac), tunnels),
            Key::Ip(_, tunnels) => (None, tunnels),
        };
        let is_router = mac.and_then(|mac| macs.get(&(tunnels, mac))).is_some_and(MacFacts::is_router);
        Host { mac, tunnels, is_router, claimed: builder.claimed, addresses: builder.addresses() }
    };
    hosts.into_iter().map(host).collect()
}

/// By MAC address, in each tunnel for itself.
fn mac_facts(sightings: &BTreeMap<Place, Sighting>, config: &Config) -> HashMap<(Tunnels, Mac), MacFacts> {
    let mut macs: HashMap<(Tunnels, Mac), MacFacts> = HashMap::default();
    for (place, sighting) in sightings {
        if let (Some(mac), true) = (place.mac, sighting.claimed) {
            let claimed = &mut macs.entry((place.tunnels, mac)).or_default().claimed;
            if claimed.last() != Some(&place.ip) {
                claimed.push(place.ip);
            }
        }
    }
    for (place, sighting) in sightings {
        let Some(mac) = place.mac else { continue };
        let facts = macs.entry((place.tunnels, mac)).or_default();
        if facts.has_claimed(place.ip) {
            continue;
        }
        facts.forwards |= sighting.routed || !config.is_internal(place.ip);
        match place.ip {
            IpAddr::V4(_) => add(&mut facts.carried, place.ip),
            IpAddr::V6(ip) if !ip.is_unicast_link_local() => {
                let [a, b, c, d, ..] = ip.segments().map(u64::from);
                add(&mut facts.networks, a << 48 | b << 32 | c << 16 | d);
            }
            IpAddr::V6(_) => {}
        }
    }
    macs
}

/// What a host is known by while it is put together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Mac(Mac, Tunnels),
    Ip(IpAddr, Tunnels),
}

#[derive(Default)]
struct Builder {
    addresses: Vec<Address>,
    claimed: bool,
}

impl Builder {
    fn add(&mut self, place: &Place, mac: Option<Mac>, sighting: &Sighting) {
        self.claimed |= sighting.claimed;
        let (first_seen, last_seen) = (sighting.seen.first, sighting.seen.last);
        let (vlan, tunnel) = (place.vlans, place.tunnels);
        // Most have one, and a list begins with room for four.
        if self.addresses.len() < 4 {
            self.addresses.reserve_exact(1);
        }
        self.addresses.push(Address { ip: place.ip, mac, vlan, tunnel, first_seen, last_seen });
    }

    /// One entry for each VLAN, sorted. Mirror ports often tag one direction only, so an address seen with a tag and
    /// without is taken to be in that VLAN.
    fn addresses(mut self) -> Vec<Address> {
        self.addresses.sort_unstable();
        let joins = |is_same_vlan: bool, next: &Address, kept: &mut Address| {
            let is_same = is_same_vlan && (next.ip, next.mac) == (kept.ip, kept.mac);
            if is_same {
                kept.first_seen = kept.first_seen.min(next.first_seen);
                kept.last_seen = kept.last_seen.max(next.last_seen);
                kept.vlan = next.vlan;
            }
            is_same
        };
        self.addresses.dedup_by(|next, kept| joins(next.vlan == kept.vlan, next, kept));
        // No tag sorts before any.
        self.addresses.dedup_by(|next, kept| joins(kept.vlan.is_empty(), next, kept));
        self.addresses
    }
}

/// Whether an address can be one device's.
fn is_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !(ip.is_multicast() || ip.is_broadcast() || ip.is_unspecified()),
        IpAddr::V6(ip) => !(ip.is_multicast() || ip.is_unspecified()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardwatch_model::{PacketTime, Seen, Vlans};

    const A: Mac = Mac([2, 0, 0, 0, 0, 0xa]);
    const B: Mac = Mac([2, 0, 0, 0, 0, 0xb]);

    fn sight(places: &[(&str, Option<Mac>, Sighting)]) -> Vec<Host> {
        let place = |(ip, mac, sighting): &(&str, Option<Mac>, Sighting)| {
            (
                Place { ip: ip.parse().unwrap(), tunnels: Tunnels::default(), mac: *mac, vlans: Vlans::default() },
                *sighting,
            )
        };
        hosts(&places.iter().map(place).collect(), &Config::default())
    }

    fn payload() -> Sighting {
        Sighting { seen: Seen::once(PacketTime(5)), payload: true, claimed: false, routed: false }
    }

    fn claim() -> Sighting {
        Sighting::claim(PacketTime(5))
    }

    #[test]
    fn one_address_on_one_mac_is_one_device_known_by_its_mac() {
        let found = sight(&[("10.0.0.1", Some(A), payload()), ("fe80::1", Some(A), payload())]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].addresses.len(), 2);
        assert_eq!(found[0].key(), "mac 02:00:00:00:00:0a");
    }

    #[test]
    fn many_sources_on_one_mac_are_devices_behind_a_router_and_not_one_device() {
        let found = sight(&[
            ("10.0.0.1", Some(A), claim()),
            ("10.1.0.1", Some(A), payload()),
            ("10.1.0.2", Some(A), payload()),
            ("10.1.0.3", Some(A), payload()),
        ]);
        assert_eq!(found.len(), 4);
        let router = found.iter().find(|host| host.is_router).unwrap();
        assert_eq!(router.addresses[0].ip.to_string(), "10.0.0.1");
        assert!(found.iter().filter(|host| !host.is_router).all(|host| host.addresses[0].mac.is_none()));
    }

    #[test]
    fn a_decremented_time_to_live_or_a_source_from_outside_shows_a_router() {
        let routed = Sighting { routed: true, ..payload() };
        let found = sight(&[("10.0.0.1", Some(A), claim()), ("10.1.0.1", Some(A), routed)]);
        assert!(found.iter().any(|host| host.is_router && host.mac == Some(A)));
        let found = sight(&[("10.0.0.1", Some(A), claim()), ("8.8.8.8", Some(A), payload())]);
        assert_eq!(found.len(), 1, "addresses outside are no devices");
        assert!(found[0].is_router);
    }

    #[test]
    fn addresses_claimed_by_one_mac_are_one_device() {
        let found =
            sight(&[("10.0.0.1", Some(A), claim()), ("10.0.0.2", Some(A), claim()), ("10.0.0.2", Some(B), payload())]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].addresses.len(), 2, "a packet forwarded by another MAC is still its owner's");
    }

    #[test]
    fn two_unclaimed_sources_on_a_mac_are_not_merged() {
        let found = sight(&[("10.0.0.1", Some(A), payload()), ("10.0.0.2", Some(A), payload())]);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_silent_address_is_no_device() {
        let silent = Sighting { payload: false, ..payload() };
        assert!(sight(&[("10.0.0.1", Some(A), silent)]).is_empty());
    }

    #[test]
    fn without_a_mac_the_address_is_the_key() {
        let found = sight(&[("127.0.0.1", None, payload()), ("127.0.0.2", None, payload())]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].key(), "ip 127.0.0.1");
    }
}
