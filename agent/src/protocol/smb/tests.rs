//! Connections as Windows and Samba set them up.

use super::Smb;
use crate::protocol::{
    Side, Step, StreamParser,
    battery::{MARK, Sample},
};
use wardwatch_model::{Attribute, PacketTime, Source};

fn framed(message: &[u8]) -> Vec<u8> {
    [&u32::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Of Windows, with a build.
fn version(major: u8, minor: u8, build: u16) -> Vec<u8> {
    [&[major, minor][..], &build.to_le_bytes(), &[0, 0, 0, 15]].concat()
}

fn le(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

/// Length, most length, offset.
fn field(length: usize, offset: usize) -> Vec<u8> {
    let length = u16::try_from(length).unwrap().to_le_bytes();
    [&length[..], &length, &le(offset)].concat()
}

const FLAGS: [u8; 4] = 0x0200_0001u32.to_le_bytes();

fn ntlm(kind: u8) -> Vec<u8> {
    [&b"NTLMSSP\0"[..], &[kind, 0, 0, 0]].concat()
}

fn negotiate(version: &[u8]) -> Vec<u8> {
    [&ntlm(1)[..], &FLAGS, &[0; 16], version].concat()
}

fn challenge(version: &[u8]) -> Vec<u8> {
    let pair = |id: u8, text: &str| {
        let text = wide(text);
        [&[id, 0][..], &u16::try_from(text.len()).unwrap().to_le_bytes(), &text].concat()
    };
    let names = [pair(2, "RADIOLOGY"), pair(1, "PACS-1"), pair(3, "pacs-1.example"), vec![0; 4]].concat();
    [&ntlm(2)[..], &field(0, 56), &FLAGS, &[7; 8], &[0; 8], &field(names.len(), 56), version, &names].concat()
}

fn authenticate(version: &[u8]) -> Vec<u8> {
    let (user, workstation) = (wide(MARK), wide("CT-CONSOLE"));
    let data = 72;
    let fields = [
        field(0, data),
        field(0, data),
        field(user.len(), data),
        field(user.len(), data),
        field(workstation.len(), data + user.len()),
        field(0, data),
    ];
    [&ntlm(3)[..], &fields.concat(), &FLAGS, version, &user, &workstation].concat()
}

/// A message of version 2 with a body.
fn second(command: u8, is_answer: bool, body: &[u8]) -> Vec<u8> {
    let mut header = b"\xfeSMB\x40\0".to_vec();
    header.resize(64, 0);
    header[12] = command;
    header[16] = u8::from(is_answer);
    framed(&[&header[..], body].concat())
}

/// A message of version 1 with words and bytes.
fn first(command: u8, is_answer: bool, words: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut header = b"\xffSMB".to_vec();
    header.resize(32, 0);
    header[4] = command;
    header[9] = if is_answer { 0x80 } else { 0 };
    header[11] = 0x80;
    let count = u8::try_from(words.len() / 2).unwrap();
    let length = u16::try_from(bytes.len()).unwrap().to_le_bytes();
    framed(&[&header[..], &[count], words, &length, bytes].concat())
}

fn modern() -> Sample {
    let dialect = [65, 0, 0, 0, 0x11, 0x03];
    let setup = |blob: &[u8]| [&[25, 0, 0, 0][..], &[0; 20], blob].concat();
    vec![
        (Side::A, second(0, false, &[36, 0, 1, 0])),
        (Side::B, second(0, true, &dialect)),
        (Side::A, second(1, false, &setup(&negotiate(&version(10, 0, 17_763))))),
        (Side::B, second(1, true, &setup(&challenge(&version(6, 1, 7601))))),
        (Side::A, second(1, false, &setup(&authenticate(&version(10, 0, 17_763))))),
        (Side::B, second(1, true, &setup(&[]))),
        (Side::A, second(3, false, &wide(MARK))),
        (Side::B, second(3, true, &wide(MARK))),
    ]
}

fn old() -> Sample {
    let texts = |texts: &[&str]| texts.iter().flat_map(|text| [wide(text), vec![0, 0]].concat()).collect::<Vec<u8>>();
    // The words end at 32 + 1 + 26 + 2 = 61 with a password of three bytes, so the texts begin at an even offset.
    let mut words = vec![0; 26];
    words[14] = 3;
    let request = [&[1, 2, 3][..], &texts(&[MARK, "WORKGROUP", "Windows 2000 2195", "Windows 2000 5.0"])].concat();
    // 32 + 1 + 6 + 2 = 41: one byte fills up.
    let answer = [&[0][..], &texts(&["Unix", "Samba 3.6.3", MARK])].concat();
    vec![
        (Side::A, [&[0x81, 0, 0, 68][..], &name(), &name()].concat()),
        (Side::B, vec![0x82, 0, 0, 0]),
        (Side::A, first(0x72, false, &[], b"\x02NT LM 0.12\0")),
        (Side::B, first(0x72, true, &[0; 34], &[])),
        (Side::A, first(0x73, false, &words, &request)),
        (Side::B, first(0x73, true, &[0; 6], &answer)),
        (Side::A, first(0x75, false, &[0; 8], MARK.as_bytes())),
    ]
}

fn name() -> Vec<u8> {
    [&[32][..], &[b'C'; 32], &[0]].concat()
}

pub(super) fn samples() -> Vec<Sample> {
    vec![modern(), old()]
}

fn told(sample: &Sample) -> Vec<(Side, Source, Attribute, String)> {
    let mut smb = Smb::default();
    for (side, bytes) in sample {
        smb.feed(*side, PacketTime(0), bytes);
    }
    assert_eq!(smb.client(), Some(Side::A));
    let spoken = smb.finish().descriptions.into_iter();
    spoken
        .flat_map(|spoken| {
            let (side, source) = (spoken.side, spoken.source);
            spoken.attributes.into_iter().map(move |(what, text)| (side, source, what, text.to_string()))
        })
        .collect()
}

#[test]
fn ntlm_tells_build_and_names_of_both_ends_and_no_user() {
    let expected = [
        (Side::A, Source::Ntlm, Attribute::Hostname, "CT-CONSOLE"),
        (Side::A, Source::Ntlm, Attribute::OsBuild, "10.0.17763"),
        (Side::B, Source::Smb, Attribute::SmbDialect, "3.1.1"),
        (Side::B, Source::Ntlm, Attribute::Domain, "RADIOLOGY"),
        (Side::B, Source::Ntlm, Attribute::Hostname, "PACS-1"),
        (Side::B, Source::Ntlm, Attribute::Hostname, "pacs-1.example"),
        (Side::B, Source::Ntlm, Attribute::OsBuild, "6.1.7601"),
    ];
    assert_eq!(told(&modern()), expected.map(|(side, source, what, text)| (side, source, what, text.to_owned())));
}

#[test]
fn version_1_tells_the_systems_of_both_ends_and_no_account() {
    let expected = [
        (Side::A, Source::Smb, Attribute::NativeLanManager, "Windows 2000 5.0"),
        (Side::A, Source::Smb, Attribute::NativeOs, "Windows 2000 2195"),
        (Side::B, Source::Smb, Attribute::NativeLanManager, "Samba 3.6.3"),
        (Side::B, Source::Smb, Attribute::NativeOs, "Unix"),
        (Side::B, Source::Smb, Attribute::SmbDialect, "1.0"),
    ];
    assert_eq!(told(&old()), expected.map(|(side, source, what, text)| (side, source, what, text.to_owned())));
}

#[test]
fn a_version_without_a_build_is_made_up() {
    let mut sample = modern();
    sample[3].1 = second(1, true, &challenge(&version(6, 1, 0)));
    assert!(!told(&sample).iter().any(|(side, _, what, _)| (*side, *what) == (Side::B, Attribute::OsBuild)));
}

#[test]
fn once_the_session_is_set_up_nothing_is_looked_at() {
    for sample in samples() {
        let mut smb = Smb::default();
        let steps: Vec<_> = sample.iter().map(|(side, bytes)| smb.feed(*side, PacketTime(0), bytes)).collect();
        assert_eq!(steps.last(), Some(&Step::Opaque));
        assert_eq!(smb.feed(sample.last().unwrap().0, PacketTime(0), &[0; 100]), Step::Opaque);
    }
}
