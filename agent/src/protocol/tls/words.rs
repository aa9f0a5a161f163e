//! What the two hellos say, in words.

use super::{
    fingerprint,
    hello::{ClientHello, ServerHello, TLS_1_3},
};
use crate::protocol::words::Words;
use wardwatch_model::{Attribute, DeviceText};

/// Longest name of a host (RFC 1035, 2.3.4), and of one of its labels.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Names of application protocols that IANA has registered (RFC 7301, 6); others are free text, and not told.
const PROTOCOLS: &[&str] = &[
    "acme-tls/1",
    "c-webrtc",
    "co",
    "coap",
    "dicom",
    "doq",
    "dot",
    "ftp",
    "h2",
    "h2c",
    "h3",
    "http/0.9",
    "http/1.0",
    "http/1.1",
    "imap",
    "irc",
    "managesieve",
    "mqtt",
    "nnsp",
    "nntp",
    "ntske/1",
    "pop3",
    "postgresql",
    "radius/1.0",
    "radius/1.1",
    "sip/2",
    "smb",
    "spdy/1",
    "spdy/2",
    "spdy/3",
    "stun.nat-discovery",
    "stun.turn",
    "sunrpc",
    "tds/8.0",
    "webrtc",
    "xmpp-client",
    "xmpp-server",
];

/// What a client offers.
pub(super) fn of_client(hello: &ClientHello<'_>) -> Words {
    let protocols: Vec<&str> = hello.protocols().filter_map(protocol).collect();
    let versions: Vec<&str> = hello.versions().filter_map(version).collect();
    let told = [
        (Attribute::Alpn, DeviceText::new(&protocols.join(","))),
        (Attribute::Ja3, fingerprint::ja3(hello)),
        (Attribute::Ja4, fingerprint::ja4(hello)),
        (Attribute::TlsCipherSuites, DeviceText::new(&fingerprint::words(hello.suites().take(MAX_SUITES)))),
        (Attribute::TlsVersions, DeviceText::new(&versions.join(","))),
    ];
    all(told)
}

/// As many as fit in a text.
const MAX_SUITES: usize = DeviceText::MAX_CHARS / 5;

/// What a server chose.
pub(super) fn of_server(hello: &ServerHello<'_>) -> Words {
    let told = [
        (Attribute::Alpn, hello.protocol().and_then(protocol).and_then(DeviceText::new)),
        (Attribute::TlsCipherSuite, DeviceText::new(&suite(hello.suite))),
        (Attribute::TlsVersion, version(hello.version()).and_then(DeviceText::new)),
    ];
    all(told)
}

fn all<const N: usize>(told: [(Attribute, Option<DeviceText>); N]) -> Words {
    let mut words = Words::default();
    for (attribute, text) in told {
        if let Some(text) = text {
            words.add(attribute, text);
        }
    }
    words
}

/// The name of a host, in small letters; none where it is an address or no name at all.
pub(super) fn host_name(name: &[u8]) -> Option<DeviceText> {
    let is_label = |label: &[u8]| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let mut labels = name.split(|byte| *byte == b'.');
    let is_name = name.len() <= LONGEST_NAME && labels.clone().all(is_label);
    // The last label of an address is a number.
    let is_address = labels.next_back().is_some_and(|label| label.iter().all(u8::is_ascii_digit));
    let name = std::str::from_utf8(name).ok().filter(|_| is_name && !is_address)?;
    DeviceText::new(&name.to_ascii_lowercase())
}

fn protocol(name: &[u8]) -> Option<&'static str> {
    PROTOCOLS.iter().find(|known| known.as_bytes() == name).copied()
}

/// The name of a version; none of those to come.
fn version(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0002 => "SSL 2.0",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        TLS_1_3 => "TLS 1.3",
        // Drafts, and those that Facebook and Google tried out.
        0x7f00..=0x7fff | 0xfb00..=0xfbff | 0x7e00..=0x7eff => "TLS 1.3 draft",
        _ => return None,
    })
}

/// The name of a cipher suite in the registry of IANA, of those that are common or weak; of the others the number.
fn suite(number: u16) -> String {
    let name = match number {
        0x0000 => "NULL_WITH_NULL_NULL",
        0x0001 => "RSA_WITH_NULL_MD5",
        0x0002 => "RSA_WITH_NULL_SHA",
        0x0003 => "RSA_EXPORT_WITH_RC4_40_MD5",
        0x0004 => "RSA_WITH_RC4_128_MD5",
        0x0005 => "RSA_WITH_RC4_128_SHA",
        0x0006 => "RSA_EXPORT_WITH_RC2_CBC_40_MD5",
        0x0007 => "RSA_WITH_IDEA_CBC_SHA",
        0x0008 => "RSA_EXPORT_WITH_DES40_CBC_SHA",
        0x0009 => "RSA_WITH_DES_CBC_SHA",
        0x000a => "RSA_WITH_3DES_EDE_CBC_SHA",
        0x0013 => "DHE_DSS_WITH_3DES_EDE_CBC_SHA",
        0x0015 => "DHE_RSA_WITH_DES_CBC_SHA",
        0x0016 => "DHE_RSA_WITH_3DES_EDE_CBC_SHA",
        0x0017 => "DH_anon_EXPORT_WITH_RC4_40_MD5",
        0x0018 => "DH_anon_WITH_RC4_128_MD5",
        0x001b => "DH_anon_WITH_3DES_EDE_CBC_SHA",
        0x002f => "RSA_WITH_AES_128_CBC_SHA",
        0x0032 => "DHE_DSS_WITH_AES_128_CBC_SHA",
        0x0033 => "DHE_RSA_WITH_AES_128_CBC_SHA",
        0x0034 => "DH_anon_WITH_AES_128_CBC_SHA",
        0x0035 => "RSA_WITH_AES_256_CBC_SHA",
        0x0038 => "DHE_DSS_WITH_AES_256_CBC_SHA",
        0x0039 => "DHE_RSA_WITH_AES_256_CBC_SHA",
        0x003a => "DH_anon_WITH_AES_256_CBC_SHA",
        0x003b => "RSA_WITH_NULL_SHA256",
        0x003c => "RSA_WITH_AES_128_CBC_SHA256",
        0x003d => "RSA_WITH_AES_256_CBC_SHA256",
        0x0067 => "DHE_RSA_WITH_AES_128_CBC_SHA256",
        0x006b => "DHE_RSA_WITH_AES_256_CBC_SHA256",
        0x009c => "RSA_WITH_AES_128_GCM_SHA256",
        0x009d => "RSA_WITH_AES_256_GCM_SHA384",
        0x009e => "DHE_RSA_WITH_AES_128_GCM_SHA256",
        0x009f => "DHE_RSA_WITH_AES_256_GCM_SHA384",
        0x1301 => "AES_128_GCM_SHA256",
        0x1302 => "AES_256_GCM_SHA384",
        0x1303 => "CHACHA20_POLY1305_SHA256",
        0x1304 => "AES_128_CCM_SHA256",
        0x1305 => "AES_128_CCM_8_SHA256",
        0xc007 => "ECDHE_ECDSA_WITH_RC4_128_SHA",
        0xc008 => "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
        0xc009 => "ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        0xc00a => "ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        0xc011 => "ECDHE_RSA_WITH_RC4_128_SHA",
        0xc012 => "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
        0xc013 => "ECDHE_RSA_WITH_AES_128_CBC_SHA",
        0xc014 => "ECDHE_RSA_WITH_AES_256_CBC_SHA",
        0xc023 => "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        0xc024 => "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
        0xc027 => "ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        0xc028 => "ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        0xc02b => "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        0xc02c => "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xc02f => "ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        0xc030 => "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xcca8 => "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xcca9 => "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        0xccaa => "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        _ => return format!("{number:04x}"),
    };
    ["TLS_", name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_hosts_are_names() {
        for (name, expected) in [
            ("PACS.hospital.example", Some("pacs.hospital.example")),
            ("pacs", Some("pacs")),
            ("10.0.0.1", None),
            ("fe80::1", None),
            ("", None),
            ("a..b", None),
            ("a.b.", None),
            ("smith john", None),
            ("r\u{f6}ntgen.example", None),
        ] {
            assert_eq!(host_name(name.as_bytes()).as_deref(), expected, "{name}");
        }
        assert_eq!(host_name(&[b'a'; 64]), None);
        assert_eq!(host_name("a.".repeat(127).as_bytes()), None);
    }

    #[test]
    fn a_protocol_that_nobody_registered_is_not_told() {
        assert_eq!(protocol(b"dicom"), Some("dicom"));
        assert_eq!(protocol(b"smith"), None);
        assert!(PROTOCOLS.is_sorted());
    }

    #[test]
    fn suites_and_versions_have_names_or_keep_their_numbers() {
        assert_eq!(suite(0x0005), "TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(suite(0xffff), "ffff");
        assert_eq!((version(0x0300), version(0x0305)), (Some("SSL 3.0"), None));
    }
}
