//! Connections as clients and servers begin them.

use super::{Tls, flight::HANDSHAKE};
use crate::protocol::{
    Outcome, Probe, Side, Spoken, Step, StreamParser,
    battery::{MARK, Sample},
    ber,
};
use wardwatch_model::{Attribute, PacketTime, Source};

fn short(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

fn longer(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &long(body)].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &longer(body)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &long(body)].concat()
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Random and session: neither is to be told.
fn beginning() -> Vec<u8> {
    [&[0x5a; 26][..], MARK.as_bytes(), &short(MARK.as_bytes())].concat()
}

fn client_hello(name: &str, suites: &[u16], more: &[Vec<u8>]) -> Vec<u8> {
    let named = extension(0, &long(&[&[0][..], &long(name.as_bytes())].concat()));
    let protocols = extension(16, &long(&[short(b"\x2a\x2a"), short(MARK.as_bytes()), short(b"dicom")].concat()));
    let extensions = [named, protocols, more.concat()].concat();
    let body = [&[3, 3][..], &beginning(), &long(&numbers(suites)), &[1, 0], &long(&extensions)];
    message(1, &body.concat())
}

fn old_client_hello() -> Vec<u8> {
    let more = [
        extension(0x4a4a, b""),
        extension(10, &long(&numbers(&[0x1a1a, 29, 23]))),
        extension(11, &short(&[0])),
        extension(13, &long(&numbers(&[0x0403, 0x0804]))),
    ];
    client_hello("PACS.hospital.example", &[0x0a0a, 0xc02f, 0x0005], &more)
}

fn server_hello(suite: u16, extensions: &[Vec<u8>]) -> Vec<u8> {
    let body = [&[3, 3][..], &beginning(), &suite.to_be_bytes(), &[0], &long(&extensions.concat())];
    message(2, &body.concat())
}

fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, contents].concat()
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    der(ber::SEQUENCE, &elements.concat())
}

/// A name of parts of 2.5.4.
fn name(parts: &[(u8, &str)]) -> Vec<u8> {
    let part = |(number, text): &(u8, &str)| {
        der(0x31, &sequence(&[der(ber::OBJECT_IDENTIFIER, &[0x55, 4, *number]), der(0x0c, text.as_bytes())]))
    };
    sequence(&parts.iter().map(part).collect::<Vec<_>>())
}

/// A certificate with a key of RSA.
fn certificate(subject: &[(u8, &str)]) -> Vec<u8> {
    let rsa = |number: u8| {
        let kind = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, number];
        sequence(&[der(ber::OBJECT_IDENTIFIER, &kind), vec![5, 0]])
    };
    let modulus = der(ber::INTEGER, &[&[0, 0x80][..], &[7; 127]].concat());
    let key = [&[0][..], &sequence(&[modulus, der(ber::INTEGER, &[1, 0, 1])])].concat();
    let signed = sequence(&[
        der(0xa0, &der(ber::INTEGER, &[2])),
        der(ber::INTEGER, &[9]),
        rsa(11),
        name(&[(6, "DE"), (10, "Example, Inc."), (3, "Example CA")]),
        sequence(&[der(0x17, b"490102030405Z"), der(0x18, b"20991231235959Z")]),
        name(subject),
        sequence(&[rsa(1), der(3, &key)]),
    ]);
    sequence(&[signed, rsa(11), der(3, &[0; 16])])
}

fn certificates(list: &[Vec<u8>]) -> Vec<u8> {
    let list: Vec<Vec<u8>> = list.iter().map(|certificate| longer(certificate)).collect();
    message(11, &longer(&list.concat()))
}

/// Subject of a server, with an address of mail in it.
const SERVER: [(u8, &str); 4] = [(10, "Example"), (3, "pacs.hospital.example"), (3, "ZQXVPH@example"), (7, MARK)];
/// Of a person, who has a surname.
const PERSON: [(u8, &str); 3] = [(10, "Example"), (3, MARK), (4, "Jones")];

fn encrypted() -> Vec<u8> {
    record(23, &[&[9; 20][..], MARK.as_bytes()].concat())
}

fn of_version_1_2(subject: &[(u8, &str)]) -> Sample {
    let flight =
        [server_hello(0xc02f, &[extension(16, &long(&short(b"dicom")))]), certificates(&[certificate(subject)])];
    vec![
        (Side::A, record(HANDSHAKE, &old_client_hello())),
        (Side::B, record(HANDSHAKE, &[flight.concat(), message(14, b"")].concat())),
        (Side::A, record(HANDSHAKE, &certificates(&[certificate(&[(3, MARK)])]))),
        (Side::A, encrypted()),
        (Side::B, encrypted()),
    ]
}

fn of_version_1_3() -> Sample {
    let offer = [extension(43, &short(&numbers(&[0x6a6a, 0x0304, 0x0303])))];
    vec![
        (Side::B, record(HANDSHAKE, &client_hello("pacs", &[0x1301, 0x1302], &offer))),
        (Side::A, record(HANDSHAKE, &server_hello(0x1302, &[extension(43, &[3, 4])]))),
        (Side::A, encrypted()),
        (Side::B, encrypted()),
    ]
}

pub(super) fn samples() -> Vec<Sample> {
    vec![of_version_1_2(&SERVER), of_version_1_2(&PERSON), of_version_1_3()]
}

/// What is told once all of this is said, each portion in one piece.
fn outcome(sample: &Sample) -> Outcome {
    let mut tls = Tls::default();
    for (side, bytes) in sample {
        tls.feed(*side, PacketTime(0), bytes);
    }
    tls.finish()
}

fn told(sample: &Sample) -> Vec<(Side, Source, Attribute, String)> {
    let spoken = outcome(sample).descriptions.into_iter();
    spoken
        .flat_map(|Spoken { side, source, attributes, .. }| {
            attributes.into_iter().map(move |(what, text)| (side, source, what, text.to_string()))
        })
        .collect()
}

fn about(sample: &Sample, wanted: Attribute) -> Vec<String> {
    told(sample).into_iter().filter(|(_, _, attribute, _)| *attribute == wanted).map(|(.., text)| text).collect()
}

#[test]
fn both_sides_tell_what_they_offer_and_choose_and_a_server_its_certificate() {
    use {Attribute as Is, Side::A, Side::B, Source as From};
    let expected = [
        (A, From::Tls, Is::Alpn, "dicom"),
        // md5sum of "771,49199-5,0-16-10-11-13,29-23,0".
        (A, From::Tls, Is::Ja3, "1e02152eaa8bfea17920812c3d1072a0"),
        // sha256sum of "0005,c02f" and "000a,000b,000d_0403,0804".
        (A, From::Tls, Is::Ja4, "t12d0205ZH_0c4df421b05e_876bcc86782c"),
        (A, From::Tls, Is::TlsCipherSuites, "c02f,0005"),
        (A, From::Tls, Is::TlsVersions, "TLS 1.2"),
        (B, From::Tls, Is::Alpn, "dicom"),
        (B, From::Tls, Is::TlsCipherSuite, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        (B, From::Tls, Is::TlsVersion, "TLS 1.2"),
        (B, From::TlsCertificate, Is::CertificateIssuer, "C=DE, O=Example\\, Inc., CN=Example CA"),
        (B, From::TlsCertificate, Is::CertificateKey, "RSA 1024"),
        (B, From::TlsCertificate, Is::CertificateSignature, "sha256WithRSAEncryption"),
        (B, From::TlsCertificate, Is::CertificateSubject, "O=Example, CN=pacs.hospital.example"),
        (B, From::TlsCertificate, Is::CertificateValidFrom, "2049-01-02T03:04:05Z"),
        (B, From::TlsCertificate, Is::CertificateValidUntil, "2099-12-31T23:59:59Z"),
        (B, From::TlsServerName, Is::Hostname, "pacs.hospital.example"),
    ];
    let expected = expected.map(|(side, source, what, text)| (side, source, what, text.to_owned()));
    assert_eq!(told(&samples()[0]), expected);
}

#[test]
fn of_version_1_3_there_is_no_certificate_and_no_fingerprint_that_changes_with_each_connection() {
    let sample = of_version_1_3();
    assert_eq!(about(&sample, Attribute::TlsVersion), ["TLS 1.3"]);
    assert_eq!(about(&sample, Attribute::TlsVersions), ["TLS 1.3,TLS 1.2"]);
    assert_eq!(about(&sample, Attribute::TlsCipherSuite), ["TLS_AES_256_GCM_SHA384"]);
    assert_eq!(about(&sample, Attribute::Ja3), [""; 0]);
    assert!(about(&sample, Attribute::Ja4)[0].starts_with("t13d0203ZH_"));
}

#[test]
fn the_subject_of_a_persons_certificate_is_not_told_and_the_rest_is() {
    let sample = of_version_1_2(&PERSON);
    assert_eq!(about(&sample, Attribute::CertificateSubject), [""; 0]);
    assert_eq!(about(&sample, Attribute::CertificateKey), ["RSA 1024"]);
}

#[test]
fn a_name_nobody_answered_to_is_no_name_of_the_server() {
    assert_eq!(about(&samples()[0][..1].to_vec(), Attribute::Hostname), [""; 0]);
}

#[test]
fn hellos_and_certificates_may_stand_in_many_records() {
    for size in [1000, 100, 33] {
        let mut sample = of_version_1_2(&SERVER);
        for (_, bytes) in &mut sample[..2] {
            *bytes = bytes[5..].chunks(size).flat_map(|part| record(HANDSHAKE, part)).collect();
        }
        assert_eq!(told(&sample), told(&samples()[0]), "{size}");
    }
}

#[test]
fn a_hello_with_large_keys_is_read_and_a_larger_one_is_malformed() {
    for (size, is_read) in [(16_000, true), (40_000, false)] {
        let hello = client_hello("pacs", &[0x1301], &[extension(51, &vec![7; size])]);
        let bytes: Vec<u8> = hello.chunks(1 << 14).flat_map(|part| record(HANDSHAKE, part)).collect();
        let sample = vec![(Side::A, bytes)];
        assert_eq!(about(&sample, Attribute::Ja4).len(), usize::from(is_read));
        assert_eq!(outcome(&sample).faults, u64::from(!is_read));
    }
}

#[test]
fn a_warning_before_the_hello_is_passed_over_and_an_end_is_not() {
    let mut sample = of_version_1_2(&SERVER);
    sample[1].1 = [&record(21, &[1, 112])[..], &sample[1].1].concat();
    assert_eq!(told(&sample), told(&samples()[0]));
    sample[1].1[5] = 2;
    assert_eq!(about(&sample, Attribute::TlsVersion), [""; 0]);
}

#[test]
fn once_it_is_encrypted_nothing_is_looked_at() {
    for sample in samples() {
        let mut tls = Tls::default();
        for (side, bytes) in &sample[..2] {
            assert_eq!(tls.feed(*side, PacketTime(0), bytes), Step::Opaque);
        }
        assert!(Side::BOTH.iter().all(|side| tls.feed(*side, PacketTime(0), &encrypted()) == Step::Opaque));
    }
}

#[test]
fn a_client_hello_is_certain_and_names_the_client() {
    let hello = [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
    assert_eq!(Tls::probe(&hello), Probe::Certain);
    assert_eq!(Tls::probe(&hello[..5]), Probe::NeedMore);
    let mut tls = Tls::default();
    assert_eq!(tls.feed(Side::B, PacketTime(0), &hello), Step::NeedMore);
    assert_eq!(tls.client(), Some(Side::B), "before all of it is here");
    assert!(tls.finish().encrypted);
}

#[test]
fn other_first_bytes_are_not_tls() {
    for other in
        [&b"GET / HTTP/1.1"[..], b"\x01\x00\x00\x00", &[22, 3, 1, 0, 200, 9], &[22, 2, 0], &[22, 3, 1, 0xff, 0xff, 1]]
    {
        assert_eq!(Tls::probe(other), Probe::No, "{other:?}");
    }
}

#[test]
fn a_connection_joined_later_is_known_by_its_records() {
    let record = [&[23, 3, 3, 0, 32][..], &[0xa5; 32]].concat();
    assert_eq!(Tls::find_start(&record), Some(0));
    assert_eq!(Tls::find_start(&[&record[..], &record[..7]].concat()), Some(0));
    assert_eq!(Tls::find_start(&record[..20]), None);
    assert_eq!(Tls::find_start(&[&record[..], b"GET / "].concat()), None);
    let mut tls = Tls::default();
    assert_eq!(tls.feed(Side::A, PacketTime(0), &record), Step::Opaque);
    assert!(tls.finish().encrypted);
}
