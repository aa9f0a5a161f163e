//! Names that clients of TLS ask for.

use super::*;
use wardwatch_hospital::tls;
use wardwatch_model::{Attribute, Source};

/// The names told of a server at this address.
fn names(server: IpAddr) -> Vec<String> {
    let (client, server) = (end(1, 50_000), End { ip: server, ..end(2, 443) });
    let mut frames = handshake(client, server, 0);
    frames.push(tcp(client, server, 100).data(tls::client_hello("records.example", 1)).at(1));
    frames.push(tcp(server, client, 500).data(tls::server_hello(1)).at(2));
    let descriptions = run(&frames).descriptions;
    let told = descriptions.keys().filter(|told| told.source == Source::TlsServerName);
    told.inspect(|told| assert_eq!(told.speaker, server.ip))
        .filter_map(|told| told.get(Attribute::Hostname).map(ToString::to_string))
        .collect()
}

#[test]
fn names_are_told_of_servers_that_are_not_in_the_internet() {
    for private in ["10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.0.1"] {
        assert_eq!(names(private.parse().unwrap()), ["records.example"], "{private}");
    }
    for public in ["9.9.9.9", "172.32.0.1", "100.128.0.1"] {
        assert_eq!(names(public.parse().unwrap()), [""; 0], "{public}");
    }
}
