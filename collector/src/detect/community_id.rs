//! Community ID version 1, seed 0: one name for a flow in Zeek, Suricata and Arkime (the specification of corelight).

use super::{draft::MAX_LISTED, scene::Talk};
use sha1::{Digest, Sha1};
use std::{collections::BTreeSet, net::IpAddr};
use wardwatch_model::Transport;

const SEED: [u8; 2] = [0, 0];

/// The ids of the flows whose client port is known, sorted.
pub(super) fn of_talks<'a>(talks: impl Iterator<Item = &'a Talk<'a>>) -> Vec<String> {
    let flows = talks.flat_map(|talk| {
        let key = talk.key;
        let ports = talk.conversation.client_ports.iter();
        ports.map(|port| community_id(key.transport, (key.client, *port), (key.server, key.port)))
    });
    flows.take(MAX_LISTED).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The id of a flow, the same for both directions.
fn community_id(transport: Transport, one: (IpAddr, u16), other: (IpAddr, u16)) -> String {
    let protocol = match transport {
        Transport::Tcp => 6u8,
        Transport::Udp => 17,
        // Of tunnels, of which no port of a client is known.
        Transport::Ip => 0,
    };
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    let mut hash = Sha1::new();
    hash.update(SEED);
    for (ip, _) in [low, high] {
        match ip {
            IpAddr::V4(ip) => hash.update(ip.octets()),
            IpAddr::V6(ip) => hash.update(ip.octets()),
        }
    }
    hash.update([protocol, 0]);
    hash.update(low.1.to_be_bytes());
    hash.update(high.1.to_be_bytes());
    format!("1:{}", base64(&hash.finalize()))
}

/// RFC 4648, 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let word = (0..3).fold(0u32, |word, place| word << 8 | u32::from(chunk.get(place).copied().unwrap_or(0)));
        (0..4).map(move |place| (place <= chunk.len()).then_some(word >> (18 - 6 * place) & 0x3f))
    });
    digits
        .map(|digit| digit.and_then(|digit| ALPHABET.get(digit as usize)).map_or('=', |byte| char::from(*byte)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the specification.
    #[test]
    fn ids_are_those_of_the_specification() {
        for (transport, one, other, id) in [
            (Transport::Tcp, ("128.232.110.120", 34855), ("66.35.250.204", 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
            (Transport::Tcp, ("66.35.250.204", 80), ("128.232.110.120", 34855), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
            (Transport::Udp, ("192.168.1.52", 54585), ("8.8.8.8", 53), "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
            (
                Transport::Tcp,
                ("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943),
                ("2607:f8b0:400c:c03::1a", 25),
                "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=",
            ),
        ] {
            let end = |(ip, port): (&str, u16)| (ip.parse().unwrap(), port);
            assert_eq!(community_id(transport, end(one), end(other)), id);
        }
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
