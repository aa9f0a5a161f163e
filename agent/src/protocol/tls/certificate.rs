//! What a server's certificate says of it (RFC 5280, 4.1). A certificate of a person is told apart by its subject, and then its
//! subject is not told; of all others only what names organisations and machines.

use crate::protocol::{ber, words::Words};
use std::borrow::Cow;
use wardwatch_model::{Attribute, DeviceText};

/// Tags (X.690, 8; X.680, 8.4).
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// Most parts of a name that are looked at.
const MAX_PARTS: usize = 32;

/// Longest part of a name, in bytes (the upper bound of RFC 5280, A.1, is 64 characters for most).
const LONGEST_PART: usize = 256;

/// Parts of a name that are told (X.520): 2.5.4 and the last number.
const TOLD: [(u8, &str); 5] = [(3, "CN"), (5, "serialNumber"), (6, "C"), (10, "O"), (11, "OU")];

/// Parts that only a person has: surname, title, given name, initials, generation qualifier, pseudonym.
const OF_PERSON: [u8; 6] = [4, 12, 42, 43, 44, 65];

/// 2.5.4, the attributes of X.520.
const X520: [u8; 2] = [0x55, 4];

/// Identifier of a user (RFC 4519, 2.39): 0.9.2342.19200300.100.1.1.
const USER_ID: &[u8] = &[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1];

/// Reads a certificate; none where it is malformed.
pub(super) fn read(bytes: &[u8]) -> Option<Words> {
    let (certificate, _) = ber::expect(ber::SEQUENCE, bytes)?;
    let (signed, after) = ber::expect(ber::SEQUENCE, certificate)?;
    let (algorithm, _) = ber::expect(ber::SEQUENCE, after)?;
    let rest = ber::expect(VERSION, signed).map_or(signed, |(_, rest)| rest);
    let (_serial, rest) = ber::expect(ber::INTEGER, rest)?;
    let (_algorithm, rest) = ber::expect(ber::SEQUENCE, rest)?;
    let (issuer, rest) = ber::expect(ber::SEQUENCE, rest)?;
    let (validity, rest) = ber::expect(ber::SEQUENCE, rest)?;
    let (subject, rest) = ber::expect(ber::SEQUENCE, rest)?;
    let (key, _) = ber::expect(ber::SEQUENCE, rest)?;
    let mut days = ber::elements(validity).map(|(tag, contents)| time(tag, contents));
    let told = [
        (Attribute::CertificateIssuer, name(issuer)),
        (Attribute::CertificateKey, public_key(key)),
        (Attribute::CertificateSignature, signature(algorithm)),
        (Attribute::CertificateSubject, name(subject)),
        (Attribute::CertificateValidFrom, days.next().flatten()),
        (Attribute::CertificateValidUntil, days.next().flatten()),
    ];
    let mut words = Words::default();
    for (attribute, text) in told {
        if let Some(text) = text {
            words.add(attribute, text);
        }
    }
    Some(words)
}

/// A name as it is written, `C=US, O=Example, CN=pacs.example`; none of a person.
fn name(parts: &[u8]) -> Option<DeviceText> {
    let mut told: Vec<String> = Vec::new();
    let sets = ber::elements(parts).filter(|(tag, _)| *tag == SET);
    for (_, part) in sets.flat_map(|(_, set)| ber::elements(set)).take(MAX_PARTS) {
        let Some((kind, value)) = ber::expect(ber::OBJECT_IDENTIFIER, part) else { continue };
        if kind == USER_ID {
            return None;
        }
        let Some([number]) = kind.strip_prefix(&X520) else { continue };
        if OF_PERSON.contains(number) {
            return None;
        }
        let Some((_, label)) = TOLD.iter().find(|(known, _)| known == number) else { continue };
        // An address of mail is a person's.
        if let Some(value) = text(value).filter(|value| !value.contains('@')) {
            told.push([label, "=", &value.replace(',', "\\,")].concat());
        }
    }
    DeviceText::new(&told.join(", "))
}

/// A string of one of the kinds that names are written in (RFC 5280, 4.1.2.4).
fn text(element: &[u8]) -> Option<Cow<'_, str>> {
    let (tag, contents, _) = ber::element(element)?;
    let contents = contents.get(..LONGEST_PART).unwrap_or(contents);
    match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING | TELETEX_STRING => {
            Some(crate::text::Charset::Undeclared.text(contents))
        }
        BMP_STRING => {
            let units = contents.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

/// A time in universal time, to the second (RFC 5280, 4.1.2.5): `2026-11-24T17:30:00Z`.
fn time(tag: u8, contents: &[u8]) -> Option<DeviceText> {
    let digits = std::str::from_utf8(contents).ok()?.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (century, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) if digits < "5" => ("20", digits),
        (UTC_TIME, 12) => ("19", digits),
        (GENERALIZED_TIME, 14) => digits.split_at_checked(2)?,
        _ => return None,
    };
    let two = |place: usize| rest.get(place * 2..place * 2 + 2);
    let [year, month, day, hour, minute, second] = [two(0)?, two(1)?, two(2)?, two(3)?, two(4)?, two(5)?];
    DeviceText::new(&format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// Kind and size of a key (RFC 3279, 2.3; RFC 5480, 2.1; RFC 8410, 3).
fn public_key(info: &[u8]) -> Option<DeviceText> {
    let (algorithm, rest) = ber::expect(ber::SEQUENCE, info)?;
    let (kind, parameters) = ber::expect(ber::OBJECT_IDENTIFIER, algorithm)?;
    let dotted = ber::dotted(kind)?;
    let size = |bytes: &[u8]| {
        let bytes = bytes.iter().position(|byte| *byte != 0).and_then(|from| bytes.get(from..)).unwrap_or_default();
        bytes.len() * 8 - bytes.first().map_or(0, |first| usize::try_from(first.leading_zeros()).unwrap_or(0))
    };
    let known = match dotted.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let (bits, _) = ber::expect(BIT_STRING, rest)?;
            let (numbers, _) = ber::expect(ber::SEQUENCE, bits.get(1..)?)?;
            let (modulus, _) = ber::expect(ber::INTEGER, numbers)?;
            format!("RSA {}", size(modulus))
        }
        "1.2.840.10040.4.1" => {
            let prime =
                ber::expect(ber::SEQUENCE, parameters).and_then(|(numbers, _)| ber::expect(ber::INTEGER, numbers));
            prime.map_or_else(|| "DSA".to_owned(), |(prime, _)| format!("DSA {}", size(prime)))
        }
        "1.2.840.10045.2.1" => {
            let curve = ber::expect(ber::OBJECT_IDENTIFIER, parameters).and_then(|(curve, _)| ber::dotted(curve));
            let curve = curve.map(|curve| [" ", curve_name(&curve)].concat());
            ["EC", curve.as_deref().unwrap_or_default()].concat()
        }
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        _ => return Some(dotted),
    };
    DeviceText::new(&known)
}

fn curve_name(curve: &str) -> &str {
    match curve {
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "secp256k1",
        other => other,
    }
}

/// The algorithm that the certificate is signed with (RFC 3279, 2.2; RFC 4055, 5; RFC 5758, 3; RFC 8410, 3).
fn signature(algorithm: &[u8]) -> Option<DeviceText> {
    let (kind, _) = ber::expect(ber::OBJECT_IDENTIFIER, algorithm)?;
    let dotted = ber::dotted(kind)?;
    let known = match dotted.as_str() {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsa-with-sha1",
        "2.16.840.1.101.3.4.3.2" => "dsa-with-sha256",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return Some(dotted),
    };
    DeviceText::new(known)
}
