//! DHCP: clients with the habits of their systems, the server, and the router as relay agent.

use super::{
    site::{Host, gateway},
    stage::{SECOND, Stage},
    truth::Os,
};
use crate::{
    capture::Packet,
    dhcp::{CLIENT, Kind, Message, SERVER},
    end::End,
};
use std::net::{Ipv4Addr, SocketAddr};

/// Seconds of a lease. After half of it clients renew (RFC 2131, 4.4.5).
const LEASE: u32 = 3_600;
/// Seconds the scenario lasts.
const MORNING: u64 = 2_400;

/// A version of Windows as its DHCP client shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Windows {
    /// What it asks for, option 55, in its own order.
    parameters: &'static [u8],
    /// Clients that ask like this; servers of the same age do, too.
    versions: &'static [&'static str],
    /// None of them, and no server like them, is supported any more.
    pub(super) has_ended: bool,
}

pub(super) const WINDOWS_XP: Windows =
    Windows { parameters: &[1, 15, 3, 6, 44, 46, 47, 31, 33, 249, 43], versions: &["XP"], has_ended: true };
pub(super) const WINDOWS_7: Windows = Windows {
    parameters: &[1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43],
    versions: &["Vista", "7"],
    has_ended: true,
};
pub(super) const WINDOWS_8: Windows = Windows {
    parameters: &[1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 252, 43],
    // Some of the first releases of 10 still asked in the old order, and of these some are supported.
    versions: &["8", "8.1", "10"],
    has_ended: false,
};
pub(super) const WINDOWS_10: Windows = Windows {
    parameters: &[1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
    versions: &["10", "11"],
    has_ended: false,
};

/// What a client says of itself.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Option 12; none where empty.
    pub(super) hostname: String,
    /// Option 60; none where empty.
    pub(super) vendor_class: String,
    /// Option 55.
    pub(super) parameters: &'static [u8],
    /// It asks to be entered in the DNS, option 81.
    pub(super) wants_name: bool,
    pub(super) os: Option<Os>,
}

impl Client {
    /// A Windows client.
    pub(super) fn windows(windows: &Windows, hostname: &str) -> Self {
        Self {
            hostname: hostname.to_owned(),
            vendor_class: "MSFT 5.0".to_owned(),
            parameters: windows.parameters,
            wants_name: true,
            os: Some(Os { name: "Windows", versions: windows.versions }),
        }
    }

    /// A client of some other make.
    pub(super) fn other(hostname: &str, vendor_class: &str, parameters: &'static [u8]) -> Self {
        let (hostname, vendor_class) = (hostname.to_owned(), vendor_class.to_owned());
        Self { hostname, vendor_class, parameters, wants_name: false, os: None }
    }

    /// Gets an address and stays.
    pub(super) fn lease(&self, stage: &mut Stage, host: &Host, at: u64) {
        self.keep_until(stage, host, at, super::BEGIN + MORNING * SECOND);
    }

    /// Gets an address and gives it back.
    pub(super) fn visit(&self, stage: &mut Stage, host: &Host, [comes, goes]: [u64; 2]) {
        self.keep_until(stage, host, comes, goes);
        release(stage, host, goes);
    }

    /// Gets an address, and renews it when half of the lease is over.
    fn keep_until(&self, stage: &mut Stage, host: &Host, at: u64, until: u64) {
        self.obtain(stage, host, at);
        let renewal = at + u64::from(LEASE) / 2 * SECOND;
        if renewal < until {
            self.renew(stage, host, renewal);
        }
    }

    /// Asks whether there is a server, takes what it offers, and announces it.
    fn obtain(&self, stage: &mut Stage, host: &Host, at: u64) {
        self.name(stage, host);
        let transaction = stage.dice.between(1, u64::from(u32::MAX));
        let new = |kind| Message::new(kind, transaction, host.mac);
        let server = stage.services.ip;
        let discover = self.describe(new(Kind::Discover).option(61, &client_id(host)).address(50, host.ip));
        let offer = granted(Message { yiaddr: host.ip, ..new(Kind::Offer) }, server, host);
        let request = new(Kind::Request).option(61, &client_id(host)).address(50, host.ip).address(54, server);
        let request = self.describe(request);
        let ack = granted(Message { yiaddr: host.ip, ..new(Kind::Ack) }, server, host);
        for (later, asked, answered) in [(0, discover, offer), (12_000_000, request, ack)] {
            let packets = exchange(stage, host, asked, answered, at + later);
            stage.keep_packets(packets);
        }
        stage.announce(host, at + 40_000_000);
    }

    /// Renews an address it has, without a broadcast.
    pub(super) fn renew(&self, stage: &mut Stage, host: &Host, at: u64) {
        self.name(stage, host);
        let transaction = stage.dice.between(1, u64::from(u32::MAX));
        let server = stage.services;
        let new = |kind| Message { ciaddr: host.ip, ..Message::new(kind, transaction, host.mac) };
        let request = self.describe(new(Kind::Request).option(61, &client_id(host)));
        let ack = granted(Message { yiaddr: host.ip, ..new(Kind::Ack) }, server.ip, host);
        stage.ask([host, &server], [CLIENT, SERVER], at, [&request.bytes(), &ack.bytes()]);
    }

    fn name(&self, stage: &mut Stage, host: &Host) {
        if let Some(truth) = stage.truth(host) {
            truth.os.clone_from(&self.os);
            truth.hostnames.extend(Some(self.hostname.clone()).filter(|name| !name.is_empty()));
        }
    }

    fn describe(&self, mut message: Message) -> Message {
        if !self.hostname.is_empty() {
            message = message.option(12, self.hostname.as_bytes());
        }
        if self.wants_name {
            // No flags, two return codes of old, then the name (RFC 4702, 2).
            message = message.option(81, &[&[0, 0, 0][..], self.hostname.as_bytes()].concat());
        }
        if !self.vendor_class.is_empty() {
            message = message.option(60, self.vendor_class.as_bytes());
        }
        message.option(55, self.parameters)
    }
}

/// Gives an address back.
fn release(stage: &mut Stage, host: &Host, at: u64) {
    let transaction = stage.dice.between(1, u64::from(u32::MAX));
    let server = stage.services;
    let message = Message { ciaddr: host.ip, ..Message::new(Kind::Release, transaction, host.mac) };
    let message = message.address(54, server.ip).option(61, &client_id(host));
    let ends = (stage.end(host, CLIENT, &server), stage.end(&server, SERVER, host));
    let id = stage.dice.between(1, 65_535);
    stage.keep_packets(vec![ends.0.datagram(at, ends.1.address, id, &message.bytes())]);
}

/// Ethernet, and the hardware address.
fn client_id(host: &Host) -> Vec<u8> {
    [&[1][..], &host.mac].concat()
}

/// What the server grants: server, lease, mask, router, name server, domain.
fn granted(message: Message, server: Ipv4Addr, host: &Host) -> Message {
    let [a, b, c, _] = host.ip.octets();
    message
        .address(54, server)
        .option(51, &LEASE.to_be_bytes())
        .address(1, Ipv4Addr::new(255, 255, 255, 0))
        .address(3, Ipv4Addr::new(a, b, c, 1))
        .address(6, server)
        .option(15, b"hospital.test")
}

/// A broadcast of a client without an address, and its answer: by the server itself where it hears the client, else by
/// way of the router, which is the relay agent.
fn exchange(stage: &mut Stage, client: &Host, asked: Message, answered: Message, at: u64) -> Vec<Packet> {
    let (server, router) = (stage.services, stage.router);
    let vlan = client.vlan().expect("clients are attached");
    let relay = gateway(vlan, router);
    let all = SocketAddr::new(Ipv4Addr::BROADCAST.into(), SERVER);
    let to_client = SocketAddr::new(client.ip.into(), CLIENT);
    let nobody = Host { ip: Ipv4Addr::UNSPECIFIED, ..*client };
    let mut ids = [0; 4].map(|_| stage.dice.between::<u16>(1, 65_535)).into_iter();
    let mut next = || ids.next().unwrap_or(1);
    let mut packets = vec![nobody.broadcast(CLIENT).datagram(at, all, next(), &asked.bytes())];
    if client.network == server.network {
        let end = End { next_hop: client.mac, ..stage.end(&server, SERVER, client) };
        packets.push(end.datagram(at + 900_000, to_client, next(), &answered.bytes()));
        return packets;
    }
    let relayed = |message| Message { giaddr: relay.ip, ..message };
    // The relay agent speaks from its address in the client's network, also into that of the server.
    let up = End {
        source: router,
        next_hop: server.mac,
        vlans: vec![server.vlan().unwrap_or(vlan)],
        ..relay.broadcast(SERVER)
    };
    let down = stage.end(&server, SERVER, &relay);
    let last = stage.end(&relay, SERVER, client);
    let asked = relayed(asked).bytes();
    let answered = relayed(answered).bytes();
    packets.push(up.datagram(at + 150_000, down.address, next(), &asked));
    packets.push(down.datagram(at + 1_000_000, up.address, next(), &answered));
    packets.push(End { next_hop: client.mac, ..last }.datagram(at + 1_200_000, to_client, next(), &answered));
    packets
}
