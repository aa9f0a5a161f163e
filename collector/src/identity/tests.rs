//! Addresses that pass from one device to another, and devices that pass from one address to another.

use super::{IdKey, Inventory, resolve};
use crate::knowledge::Catalogue;
use proptest::prelude::*;
use std::{net::IpAddr, sync::LazyLock};
use wardwatch_model::{
    Attribute, Bounded, Conversation, ConversationKey, Description, Detail, DeviceText, Facts, Mac, PacketTime, Place,
    Seen, Sighting, Source, Transport, Tunnel, TunnelKind, Tunnels, Vlans,
    analysis::{Device, Role},
    config::{Config, Names},
    dhcp::Dhcp,
};

const A: Mac = Mac([2, 0, 0, 0, 0, 0xa]);
const B: Mac = Mac([2, 0, 0, 0, 0, 0xb]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 0xf]);
const SHARED: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));
const NOWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// When the second device is given the address of the first.
const CHANGE: u64 = 1000;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn text(text: &str) -> DeviceText {
    DeviceText::new(text).unwrap()
}

fn seen(at: u64) -> Seen {
    Seen::once(PacketTime(at))
}

/// Facts in the making.
#[derive(Clone, Default)]
struct Network(Facts);

impl Network {
    /// A lease: `mac` is given `ip`.
    fn leases(mut self, ip: IpAddr, mac: Mac, at: u64) -> Self {
        let place = Place { ip, tunnels: Tunnels::default(), mac: Some(mac), vlans: Vlans::default() };
        self.0.add_sighting(place, &Sighting::claim(PacketTime(at)));
        self
    }

    /// Packets of `ip` in frames of `mac`.
    fn sends(mut self, ip: IpAddr, mac: Mac, first: u64, last: u64) -> Self {
        let seen = Seen { first: PacketTime(first), last: PacketTime(last), count: 2 };
        let sighting = Sighting { seen, payload: true, claimed: false, routed: mac == ROUTER };
        self.0.add_sighting(
            Place { ip, tunnels: Tunnels::default(), mac: Some(mac), vlans: Vlans::default() },
            &sighting,
        );
        self
    }

    fn says(mut self, speaker: IpAddr, mac: Option<Mac>, source: Source, said: (Attribute, &str), at: u64) -> Self {
        let attributes = vec![(said.0, text(said.1))];
        let description =
            Description { speaker, tunnels: Tunnels::default(), speaker_mac: mac, source, speaks_as: None, attributes };
        self.0.add_description(description, &seen(at));
        self
    }

    /// A conversation of `client` with a server at a port of its own.
    fn talks(mut self, client: IpAddr, mac: Option<Mac>, port: u16, at: u64) -> Self {
        let key = ConversationKey {
            client,
            server: ip("10.0.0.2"),
            protocol: "dhcp".into(),
            transport: Transport::Udp,
            port,
            tunnels: Tunnels::default(),
            client_mac: mac,
            server_mac: None,
        };
        let conversation = Conversation {
            seen: seen(at),
            encrypted: false,
            vlans: Default::default(),
            client_ports: Default::default(),
            messages: 1,
            bytes_to_server: 1,
            bytes_to_client: 1,
            detail: Detail::None,
            violations: Bounded::default(),
        };
        self.0.add_conversation(key, Box::new(conversation));
        self
    }

    fn resolve(&self) -> Inventory {
        resolve(&self.0, &Config::default(), &CATALOGUE, IdKey::of_site("main"))
    }
}

/// A network in which `B` is given the address of `A`, with a router that passes on the packets of both.
fn reused() -> Network {
    Network::default().leases(ip("10.0.0.254"), ROUTER, 0).leases(SHARED, A, 10).leases(SHARED, B, CHANGE).sends(
        SHARED,
        ROUTER,
        20,
        2 * CHANGE,
    )
}

fn with_mac(inventory: &Inventory, mac: Mac) -> &Device {
    inventory.devices.iter().find(|device| device.addresses.iter().any(|address| address.mac == Some(mac))).unwrap()
}

fn hostnames(device: &Device) -> Vec<&str> {
    device.hostnames.iter().map(DeviceText::as_str).collect()
}

#[test]
fn an_address_given_anew_starts_a_new_device() {
    let inventory = reused().resolve();
    assert_eq!(inventory.devices.len(), 3);
    let (first, second) = (with_mac(&inventory, A), with_mac(&inventory, B));
    assert!(inventory.holders(SHARED).eq([first.id.as_str(), second.id.as_str()]));
    for device in [first, second] {
        assert_eq!(device.addresses.len(), 1, "what the router passed on is no third place");
    }
}

#[test]
fn a_device_that_is_given_other_addresses_stays_one_device() {
    let inventory = Network::default()
        .leases(SHARED, A, 10)
        .leases(ip("10.0.0.8"), A, 20)
        .leases(ip("10.0.0.9"), A, 30)
        .says(NOWHERE, Some(A), Source::Dhcp, (Attribute::Hostname, "CART-3"), 5)
        .resolve();
    let [device] = &inventory.devices[..] else { panic!("{:?}", inventory.devices) };
    assert_eq!(device.addresses.len(), 3);
    assert_eq!(hostnames(device), ["CART-3"]);
    let told = device.evidence.iter().find(|evidence| evidence.attribute == Attribute::Hostname).unwrap();
    assert_eq!(told.source, Source::Dhcp);
}

#[test]
fn words_of_clients_without_an_address_go_to_their_macs() {
    let inventory = reused()
        .says(NOWHERE, Some(A), Source::Dhcp, (Attribute::Hostname, "A"), 9)
        .says(NOWHERE, Some(B), Source::Dhcp, (Attribute::Hostname, "B"), CHANGE - 1)
        .says(NOWHERE, Some(Mac([2, 0, 0, 0, 0, 0xc])), Source::Dhcp, (Attribute::Hostname, "C"), 3)
        .resolve();
    assert_eq!(hostnames(with_mac(&inventory, A)), ["A"]);
    assert_eq!(hostnames(with_mac(&inventory, B)), ["B"]);
    assert!(hostnames(with_mac(&inventory, ROUTER)).is_empty());
    assert_eq!(inventory.devices.len(), 3, "whoever never had an address is not listed");
}

#[test]
fn host_names_are_hidden_where_the_configuration_says_so() {
    let network = reused().says(NOWHERE, Some(A), Source::Dhcp, (Attribute::Hostname, "PC-OF-JANE-DOE"), 9);
    let config = Config { hostnames: Names::Hash, ..Config::default() };
    let inventory = resolve(&network.0, &config, &CATALOGUE, IdKey::of_site("main"));
    assert!(hostnames(with_mac(&inventory, A))[0].starts_with("hash:"));
    assert!(!format!("{:?}", inventory.devices).contains("JANE"));
}

#[test]
fn a_server_is_who_answers_for_itself_and_no_relay_agent() {
    let role = |told: Dhcp| {
        let mut network = Network::default().sends(ip("10.0.0.2"), A, 1, 9).talks(SHARED, None, 67, 5);
        network.0.conversations.values_mut().for_each(|conversation| conversation.detail = Detail::Dhcp(told));
        network.resolve().devices[0].roles.contains(&Role::DhcpServer)
    };
    assert!(role(Dhcp { replies: 1, ..Dhcp::default() }));
    assert!(!role(Dhcp { relayed_replies: 5, requests: 5, ..Dhcp::default() }));
}

#[test]
fn conversations_of_two_holders_are_two_entries_of_the_document() {
    let network = reused()
        .sends(ip("10.0.0.2"), Mac([2, 0, 0, 0, 0, 2]), 0, 9)
        .talks(SHARED, Some(A), 67, 20)
        .talks(SHARED, Some(ROUTER), 67, 30)
        .talks(SHARED, Some(B), 67, CHANGE + 5);
    let inventory = network.resolve();
    let document = crate::analyse(network.0.clone(), 1, &Config::default(), &CATALOGUE, "2026-01-01");
    let entries: Vec<_> =
        document.conversations.iter().map(|entry| (entry.client.as_deref(), entry.conversation.seen.count)).collect();
    let id = |mac| Some(with_mac(&inventory, mac).id.as_str());
    assert_eq!(entries, [(id(A), 2), (id(B), 1)]);
}

proptest! {
    /// Whatever two holders of an address say, on their own links or behind a router, while they have it.
    #[test]
    fn two_leases_of_one_address_never_share_evidence(
        events in prop::collection::vec((any::<bool>(), 0usize..3, any::<bool>(), 0..CHANGE - 10), 1..30),
    ) {
        let mut network = reused();
        for (number, (is_second, by, is_named, after)) in events.iter().enumerate() {
            let (mac, at) = if *is_second { (B, CHANGE + after) } else { (A, 10 + after.min(&(CHANGE - 11))) };
            let word = format!("{}-{number}", if *is_second { "B" } else { "A" });
            network = if *is_named {
                network.says(NOWHERE, Some(mac), Source::Dhcp, (Attribute::Hostname, &word), at)
            } else {
                let by = [Some(mac), Some(ROUTER), None][*by];
                let network = network.talks(SHARED, by, 1000 + u16::try_from(number).unwrap(), at);
                network.says(SHARED, by, Source::Hl7Header, (Attribute::Hl7Application, &word), at)
            };
        }
        let inventory = network.resolve();
        let mut told = 0;
        for (mac, own) in [(A, "A-"), (B, "B-")] {
            let device = with_mac(&inventory, mac);
            let said = device.evidence.iter().filter(|e| matches!(e.source, Source::Dhcp | Source::Hl7Header));
            for evidence in said {
                prop_assert!(evidence.value.starts_with(own), "{mac}: {evidence:?}");
                told += 1;
            }
        }
        prop_assert_eq!(told, events.len(), "nothing is lost either");
        for (key, conversation) in &network.0.conversations {
            let (client, _) = inventory.ends(key, conversation);
            let expected = if conversation.seen.first.0 < CHANGE { A } else { B };
            prop_assert_eq!(client, Some(with_mac(&inventory, expected).id.as_str()));
        }
    }
}

/// The tunnels of one network.
fn within(number: u32) -> Tunnels {
    let mut tunnels = Tunnels::none();
    tunnels.push(Tunnel::numbered(TunnelKind::Vxlan, number));
    tunnels
}

/// What a network tells, in tunnels.
fn moved(network: Network, tunnels: Tunnels) -> Facts {
    let Facts { capture, sightings, conversations, descriptions } = network.0;
    let mut facts = Facts { capture, ..Facts::default() };
    for (place, sighting) in sightings {
        facts.add_sighting(Place { tunnels, ..place }, &sighting);
    }
    for (key, conversation) in conversations {
        facts.add_conversation(ConversationKey { tunnels, ..key }, conversation);
    }
    for (description, seen) in descriptions {
        facts.add_description(Description { tunnels, ..description }, &seen);
    }
    facts
}

#[test]
fn equal_addresses_in_two_tunnels_and_outside_are_three_devices() {
    let network = |name| {
        Network::default()
            .leases(SHARED, A, 1)
            .says(SHARED, Some(A), Source::Dhcp, (Attribute::Hostname, name), 5)
            .talks(SHARED, Some(A), 67, 6)
    };
    let mut facts = moved(network("outside"), Tunnels::none());
    facts.merge(moved(network("one"), within(1)));
    facts.merge(moved(network("two"), within(2)));
    let inventory = resolve(&facts, &Config::default(), &CATALOGUE, IdKey::of_site("test"));
    assert_eq!(inventory.devices.len(), 3);
    for (tunnels, name) in [(Tunnels::none(), "outside"), (within(1), "one"), (within(2), "two")] {
        let device = inventory.owner((SHARED, tunnels), None, PacketTime(5)).unwrap();
        assert_eq!(hostnames(device), [name]);
        assert!(device.addresses.iter().all(|address| address.tunnel == tunnels));
        let key = facts.conversations.keys().find(|key| key.tunnels == tunnels).unwrap();
        assert_eq!(inventory.ends(key, &facts.conversations[key]).0, Some(device.id.as_str()));
    }
    assert!(inventory.owner((SHARED, within(3)), Some(A), PacketTime(5)).is_none());
}

#[test]
fn a_device_that_is_in_no_tunnel_keeps_its_id() {
    let network = || Network::default().sends(SHARED, A, 1, 2);
    let id = |facts| resolve(&facts, &Config::default(), &CATALOGUE, IdKey::of_site("test")).devices[0].id.clone();
    assert_eq!(id(network().0), IdKey::of_site("test").id("mac 02:00:00:00:00:0a"));
    assert_ne!(id(network().0), id(moved(network(), within(1))));
}

#[test]
fn a_router_in_one_tunnel_is_not_one_in_another() {
    let carried = ["10.0.1.1", "10.0.1.2", "10.0.1.3"];
    let router = carried.iter().fold(Network::default(), |network, from| network.sends(ip(from), A, 1, 2));
    let mut facts = moved(router, within(1));
    facts.merge(moved(Network::default().sends(SHARED, A, 1, 2), within(2)));
    let inventory = resolve(&facts, &Config::default(), &CATALOGUE, IdKey::of_site("test"));
    assert_eq!(inventory.devices.len(), 4);
    let alone = inventory.owner((SHARED, within(2)), None, PacketTime(1)).unwrap();
    assert_eq!(alone.addresses[0].mac, Some(A));
}
