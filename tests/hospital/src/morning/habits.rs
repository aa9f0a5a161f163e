//! What every host does now and then: names, time, web pages, files.

use super::{
    site::Host,
    stage::{SECOND, Stage},
};
use crate::{
    dns, smb,
    tcp::{Conversation, Side},
    tls,
};
use std::net::Ipv4Addr;

const NTP: u16 = 123;

/// Asks a server for the address of a name.
pub(super) fn name(stage: &mut Stage, [host, server]: [&Host; 2], name: &str, address: Ipv4Addr, at: u64) {
    let (id, port) = (stage.dice.between(1, 65_535), stage.port(host));
    let (question, answer) = (dns::question(id, name), dns::answer(id, name, address));
    stage.ask([host, server], [port, dns::PORT], at, [&question, &answer]);
}

/// A question and an answer of NTP (RFC 5905): mode, stratum, and times that nobody looks at.
pub(super) fn time(stage: &mut Stage, host: &Host, server: &Host, at: u64) {
    let message = |mode: u8, stratum| {
        let mut bytes = [0; 48];
        let head = [0x20 | mode, stratum, 6, 0xec];
        bytes.iter_mut().zip(head).for_each(|(byte, value)| *byte = value);
        bytes
    };
    stage.ask([host, server], [NTP, NTP], at, [&message(3, 0), &message(4, 2)]);
}

/// Something encrypted: so many questions and answers.
pub(super) fn secure(
    stage: &mut Stage,
    [client, server]: [&Host; 2],
    port: u16,
    server_name: &str,
    exchanges: u64,
    at: u64,
) -> Conversation {
    // Whoever answers to a name has it.
    if let Some(truth) = stage.truth(server) {
        truth.hostnames.insert(server_name.to_owned());
    }
    let mut tcp = stage.connect(client, server, port, at);
    let seed = stage.dice.roll();
    tcp.client(&tls::client_hello(server_name, seed));
    tcp.server(&tls::server_hello(seed));
    tcp.client(&[tls::change_cipher_spec(), tls::application_data(seed ^ 1, 53)].concat());
    for number in 0..exchanges {
        tcp.client(&tls::application_data(seed ^ (2 + number), stage.dice.between(90, 700)));
        tcp.server(&tls::application_data(seed ^ (900 + number), stage.dice.between(200, 2_400)));
        tcp.wait(stage.dice.between::<u64>(0, 2 * SECOND));
    }
    tcp.close(Side::Client)
}

/// A web page in the clear.
pub(super) fn page(stage: &mut Stage, [client, server]: [&Host; 2], port: u16, path: &str, at: u64) {
    let mut tcp = stage.connect(client, server, port, at);
    let host = server.ip;
    tcp.client(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Browser/1.0\r\n\r\n").as_bytes());
    let page = "<html><body>Nothing to see here.</body></html>";
    let head = "HTTP/1.1 200 OK\r\nServer: Portal/2.4\r\nContent-Type: text/html";
    tcp.server(format!("{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len()).as_bytes());
    stage.keep(tcp.close(Side::Server));
}

/// Files of a share.
pub(super) fn files(stage: &mut Stage, client: &Host, server: &Host, at: u64) -> Conversation {
    let mut tcp = stage.connect(client, server, smb::PORT, at);
    let seed = stage.dice.roll();
    tcp.client(&smb::negotiate_request(seed));
    tcp.server(&smb::negotiate_response(seed ^ 1));
    for number in 0..stage.dice.between::<u64>(1, 4) {
        tcp.client(&smb::encrypted(seed ^ (10 + number), stage.dice.between(90, 300)));
        tcp.server(&smb::encrypted(seed ^ (50 + number), stage.dice.between(100, 1_800)));
    }
    tcp.close(Side::Client)
}
