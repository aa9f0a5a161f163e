//! The stage: who is there, what happens, and what must be found of it. Packets and truth come from the same calls.

use super::{
    BEGIN,
    dice::Dice,
    site::{Host, Network, SERVERS, VLANS, address, gateway, routed},
    truth::{Device, Finding},
};
use crate::{
    capture::Packet,
    end::End,
    frame::Mac,
    tcp::{Conversation, Setup, Tcp},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
};

/// Nanoseconds of a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// Everything that comes together in a scenario.
pub(super) struct Stage {
    pub(super) dice: Dice,
    /// MAC address of the router.
    pub(super) router: Mac,
    /// The server for addresses and names, DHCP and DNS.
    pub(super) services: Host,
    pub(super) conversations: Vec<Vec<Packet>>,
    pub(super) devices: Vec<Device>,
    pub(super) findings: Vec<Finding>,
    /// Number of the latest message, instance, transaction.
    counter: u32,
    known: BTreeMap<(Ipv4Addr, Mac), usize>,
    taken: BTreeSet<Ipv4Addr>,
    ports: BTreeMap<Mac, u16>,
    resolved: BTreeSet<(Mac, Mac, u16)>,
}

impl Stage {
    /// An empty hospital: there is only the router.
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let router = dice.mac([0x00, 0xde, 0xfb]);
        let mut stage = Self {
            dice,
            router,
            services: gateway(SERVERS, router),
            conversations: Vec::new(),
            devices: vec![Device { mac: Some(text(router)), ..Device::of("network-gear") }],
            findings: Vec::new(),
            counter: 0,
            known: BTreeMap::new(),
            taken: BTreeSet::new(),
            ports: BTreeMap::new(),
            resolved: BTreeSet::new(),
        };
        for vlan in VLANS {
            let host = gateway(vlan, router);
            stage.taken.insert(host.ip);
            stage.known.insert((host.ip, router), 0);
        }
        let services = stage.fixed(SERVERS, [0xb8, 0xca, 0x3a], 128);
        stage.services = stage.device(services, Device::of("server"));
        stage
    }

    /// A time: minutes into the scenario, and up to so many seconds later.
    pub(super) fn moment(&mut self, minutes: u64, within: u64) -> u64 {
        BEGIN + minutes * 60 * SECOND + self.dice.between::<u64>(0, within * SECOND)
    }

    /// A number that no other has.
    pub(super) const fn number(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    /// A place for a host with a fixed address, in a block of MAC addresses.
    pub(super) fn fixed(&mut self, vlan: u16, block: [u8; 3], ttl: u8) -> Host {
        self.host(vlan, [2, 99], block, ttl)
    }

    /// The same with an address that DHCP gives.
    pub(super) fn pooled(&mut self, vlan: u16, block: [u8; 3], ttl: u8) -> Host {
        self.host(vlan, [100, 250], block, ttl)
    }

    /// A host somewhere behind the router, in a network of 256 addresses.
    pub(super) fn elsewhere(&mut self, [a, b, c]: [u8; 3], ttl: u8) -> Host {
        let mac = self.dice.mac([2, 0, 0]);
        let ip = self.free([2, 250], |tail| Ipv4Addr::new(a, b, c, tail));
        Host { mac, ip, network: Network::Elsewhere, ttl }
    }

    fn host(&mut self, vlan: u16, tails: [u64; 2], block: [u8; 3], ttl: u8) -> Host {
        let mac = self.dice.mac(block);
        let ip = self.free(tails, |tail| address(vlan, tail));
        Host { mac, ip, network: Network::Vlan(vlan), ttl }
    }

    /// An address that nobody has, with a last octet in these bounds.
    fn free(&mut self, [low, high]: [u64; 2], address: impl Fn(u8) -> Ipv4Addr) -> Ipv4Addr {
        loop {
            let ip = address(self.dice.between(low, high));
            if self.taken.insert(ip) {
                return ip;
            }
        }
    }

    /// A device that is at a host. It is told what the truth about it is.
    pub(super) fn device(&mut self, host: Host, truth: Device) -> Host {
        let mac = host.vlan().map(|_| text(host.mac));
        self.known.insert((host.ip, host.mac), self.devices.len());
        self.devices.push(Device { mac, ..truth });
        host
    }

    /// A device of which only another one speaks.
    pub(super) fn behind(&mut self, speaker: &Host, truth: Device) {
        self.devices.push(Device { behind: Some(speaker.ip), ..truth });
    }

    /// The truth about the device at a host; hosts of the Internet are no devices.
    pub(super) fn truth(&mut self, host: &Host) -> Option<&mut Device> {
        let index = self.known.get(&(host.ip, host.mac))?;
        self.devices.get_mut(*index)
    }

    /// Something that is wrong.
    pub(super) fn found(&mut self, rule: &'static str, severity: &'static str, device: &Host, peer: Option<&Host>) {
        let kind = match rule {
            "D05" => "dicom-ae-title-enumeration",
            "D17" => "dicom-malformed-pdu",
            "D19" => "dicom-credentials-in-clear",
            "D22" => "dicom-clear-text-across-boundary",
            "H07" => "hl7-framing-violation",
            "H09" => "hl7-clear-text-across-boundary",
            other => panic!("{other}: no such rule"),
        };
        let peer = peer.map(|peer| peer.ip);
        self.findings.push(Finding { rule, kind, severity, device: device.ip, peer, title: None });
    }

    /// A title that a tool brings along.
    pub(super) fn found_title(&mut self, severity: &'static str, device: &Host, title: &str) {
        let (rule, kind, title) = ("D04", "dicom-default-ae-title", Some(title.to_owned()));
        self.findings.push(Finding { rule, kind, severity, device: device.ip, peer: None, title });
    }

    /// A port for the next connection of a client.
    pub(super) fn port(&mut self, host: &Host) -> u16 {
        let step = self.dice.between::<u16>(1, 9);
        let first = self.dice.between::<u16>(49_200, 52_000);
        let port = self.ports.entry(host.mac).or_insert(first);
        *port += step;
        *port
    }

    /// One end of a conversation with a peer.
    pub(super) fn end(&mut self, host: &Host, port: u16, peer: &Host) -> End {
        self.present(host, host.seen_in(peer));
        host.end(port, peer, self.router)
    }

    /// A host shows itself in a VLAN.
    fn present(&mut self, host: &Host, vlan: u16) {
        if let Some(truth) = self.truth(host) {
            truth.ips.insert(host.ip);
            truth.vlans.insert(vlan);
        }
    }

    /// Both ends know whom to send their frames to, or ask.
    fn resolve(&mut self, one: &Host, other: &Host, at: u64) {
        let pairs = [(one, other), (other, one)].map(|(asks, peer)| (*asks, asks.neighbour(peer, self.router)));
        for (asks, neighbour) in pairs {
            let Some(neighbour) = neighbour else { continue };
            let vlan = asks.seen_in(&neighbour);
            if self.resolved.insert((asks.mac, neighbour.mac, vlan)) {
                self.resolved.insert((neighbour.mac, asks.mac, vlan));
                self.present(&asks, vlan);
                self.present(&neighbour, vlan);
                self.conversations.push(asks.resolve(&neighbour, at - 400_000));
            }
        }
    }

    /// Announces an address.
    pub(super) fn announce(&mut self, host: &Host, at: u64) {
        self.present(host, host.seen_in(host));
        self.conversations.push(host.announce(at));
    }

    /// Opens a connection.
    pub(super) fn connect(&mut self, client: &Host, server: &Host, port: u16, at: u64) -> Tcp {
        self.resolve(client, server, at);
        let from = self.port(client);
        let ends = (self.end(client, from, server), self.end(server, port, client));
        let sequences = [0, 1].map(|_| self.dice.between(1, u64::from(u32::MAX)));
        let setup = Setup { sequences, pace: self.dice.between(60_000, 220_000), ..Setup::default() };
        Tcp::open_with(setup, ends.0, ends.1, at)
    }

    /// Takes what was said.
    pub(super) fn keep(&mut self, conversation: Conversation) {
        self.conversations.push(conversation.packets());
    }

    /// The same, where the mirror also shows what the router sends on: each packet twice.
    pub(super) fn keep_with_far_side(&mut self, conversation: Conversation, client: &Host, server: &Host) {
        for (host, peer) in [(client, server), (server, client)] {
            self.present(host, peer.seen_in(peer));
        }
        let router = self.router;
        let packets = conversation.0.into_iter().flat_map(|sent| {
            let to = if sent.from == crate::tcp::Side::Client { server } else { client };
            [routed(&sent.packet, to, router), sent.packet]
        });
        self.conversations.push(packets.collect());
    }

    /// Sends a datagram that nobody answers.
    pub(super) fn send(&mut self, [from, to]: [&Host; 2], ports: [u16; 2], at: u64, bytes: &[u8]) {
        let id = self.dice.between(1, 65_535);
        let end = self.end(from, ports[0], to);
        let to = SocketAddr::new(to.ip.into(), ports[1]);
        self.conversations.push(vec![end.datagram(at, to, id, bytes)]);
    }

    /// Asks for the MAC address of somebody who is not there.
    pub(super) fn look_for(&mut self, host: &Host, missing: &Host, at: u64) {
        self.present(host, host.seen_in(host));
        self.conversations.push(host.resolve(missing, at).into_iter().take(1).collect());
    }

    /// Asks by a datagram and is answered in about a millisecond.
    pub(super) fn ask(&mut self, [client, server]: [&Host; 2], ports: [u16; 2], at: u64, said: [&[u8]; 2]) {
        self.resolve(client, server, at);
        let [from, to] = ports;
        let ends = (self.end(client, from, server), self.end(server, to, client));
        let answered = at + self.dice.between::<u64>(300_000, 2_500_000);
        let [id, other_id] = [0, 1].map(|_| self.dice.between(1, 65_535));
        let [question, answer] = said;
        let question = ends.0.datagram(at, ends.1.address, id, question);
        let answer = ends.1.datagram(answered, ends.0.address, other_id, answer);
        self.conversations.push(vec![question, answer]);
    }

    /// Speaks to every host of its network.
    pub(super) fn broadcast(&mut self, host: &Host, port: u16, at: u64, bytes: &[u8]) {
        self.present(host, host.seen_in(host));
        let id = self.dice.between(1, 65_535);
        let to = SocketAddr::new(Ipv4Addr::BROADCAST.into(), port);
        self.conversations.push(vec![host.broadcast(port).datagram(at, to, id, bytes)]);
    }

    /// Takes packets made elsewhere.
    pub(super) fn keep_packets(&mut self, packets: Vec<Packet>) {
        self.conversations.push(packets);
    }
}

/// A MAC address as it is written.
pub(super) fn text(mac: Mac) -> String {
    mac.map(|octet| format!("{octet:02x}")).join(":")
}
