//! What every network has: address resolution, time, a web page.

use super::{
    at,
    hosts::{
        CT, ENGINE, GATEWAY, HIS, Host, LAB, OFFICE, PACS, PRINTER, PUMP, RIS, ROUTER_IMAGING, ROUTER_WARDS,
        STRAY_WORKSTATION, TIME_SERVER, ULTRASOUND, WORKSTATION,
    },
};
use crate::{
    capture::Packet,
    tcp::{Side, Tcp},
};

/// Everything that is not medical.
pub(super) fn conversations() -> Vec<Vec<Packet>> {
    let mut all = address_resolution();
    all.extend([time(&CT, 0), time(&GATEWAY, 1), web_page()]);
    all
}

fn address_resolution() -> Vec<Vec<Packet>> {
    let pairs: [(&Host, &Host); 12] = [
        (&PACS, &ROUTER_IMAGING),
        (&RIS, &ROUTER_IMAGING),
        (&CT, &ROUTER_IMAGING),
        (&CT, &PACS),
        (&CT, &RIS),
        (&ULTRASOUND, &PACS),
        (&GATEWAY, &ENGINE),
        (&PUMP, &ENGINE),
        (&LAB, &ENGINE),
        (&HIS, &ENGINE),
        (&WORKSTATION, &ROUTER_WARDS),
        (&STRAY_WORKSTATION, &ROUTER_WARDS),
    ];
    let mut all: Vec<Vec<Packet>> =
        (0..).zip(pairs).map(|(index, (host, neighbour))| host.resolve(neighbour, at(40 * index))).collect();
    all.push(PRINTER.announce(at(700)));
    all
}

/// A question and an answer of NTP (RFC 5905): mode, stratum, and times that nobody looks at.
fn time(host: &Host, index: u16) -> Vec<Packet> {
    const NTP: u16 = 123;
    let (client, server) = (host.end(NTP, &TIME_SERVER), TIME_SERVER.end(NTP, host));
    let message = |mode: u8, stratum| {
        let mut bytes = [0; 48];
        let head = [0x20 | mode, stratum, 6, 0xec];
        bytes.iter_mut().zip(head).for_each(|(byte, value)| *byte = value);
        bytes
    };
    let asked = at(1_000 + 100 * u64::from(index));
    let (to_server, to_client) = (server.address, client.address);
    vec![
        client.datagram(asked, to_server, 100 + index, &message(3, 0)),
        server.datagram(asked + 900_000, to_client, 200 + index, &message(4, 2)),
    ]
}

/// Somebody in an office looks at the RIS.
fn web_page() -> Vec<Packet> {
    let mut tcp = Tcp::open(OFFICE.end(60_123, &RIS), RIS.end(8080, &OFFICE), at(28_000));
    tcp.client(b"GET /worklist HTTP/1.1\r\nHost: ris.hospital.test\r\nUser-Agent: Browser/1.0\r\n\r\n");
    let page = "<html><body>Nothing to see here.</body></html>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: Portal/2.4\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    tcp.server(answer.as_bytes());
    tcp.close(Side::Server).packets()
}
