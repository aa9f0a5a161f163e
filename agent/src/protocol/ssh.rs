//! SSH up to where it is encrypted: the identification strings (RFC 4253, 4.2), and the algorithms both sides offer
//! (RFC 4253, 7.1) as their HASSH, which tells one implementation from another.

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser};
use crate::text::Charset;
use md5::{Digest, Md5};
use wardwatch_model::{Attribute, Detail, DeviceText, PacketTime, Seen, Source, heap::texts};

/// How an identification string begins.
const BEGIN: &[u8] = b"SSH-";

/// Longest line before or with the identification (RFC 4253, 4.2 says 255), and most of them.
const LONGEST_LINE: usize = 1024;
const MAX_LINES: u8 = 32;

/// Longest packet (RFC 4253, 6.1).
const LONGEST_PACKET: usize = 35_000;

/// Messages that mean the same on both sides: disconnect, ignore, unimplemented, debug (RFC 4253, 12).
const COMMON: std::ops::RangeInclusive<u8> = 1..=4;
const KEXINIT: u8 = 20;
/// What only a client sends after it (KEXDH_INIT, GEX_INIT, GEX_REQUEST), and what only a server does (KEXDH_REPLY, GEX_GROUP,
/// GEX_REPLY): RFC 4253, 8; RFC 4419, 5. 31 is the server's answer in both.
const OF_CLIENT: [u8; 3] = [30, 32, 34];
const OF_SERVER: [u8; 2] = [31, 33];

/// Name lists of KEXINIT (RFC 4253, 7.1): key exchange; then of each direction encryption, authentication, compression.
const LISTS: usize = 8;
const CLIENT_LISTS: [usize; 4] = [0, 2, 4, 6];
const SERVER_LISTS: [usize; 4] = [0, 3, 5, 7];

/// An SSH connection.
#[derive(Clone, Default)]
pub(crate) struct Ssh {
    sides: PerSide<Sender>,
    client: Option<Side>,
    messages: u64,
    faults: u64,
}

/// What one side said.
#[derive(Clone, Default)]
struct Sender {
    stage: Stage,
    lines: u8,
    software: Option<(DeviceText, Seen)>,
    /// As of a client, and as of a server.
    hassh: Option<[DeviceText; 2]>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Lines, up to the identification.
    #[default]
    Lines,
    /// Packets in clear.
    Packets,
    /// Encrypted, or of no more interest.
    Over,
}

impl StreamParser for Ssh {
    fn probe(head: &[u8]) -> Probe {
        match head.len().min(BEGIN.len()) {
            length if head.get(..length) != BEGIN.get(..length) => Probe::No,
            length if length < BEGIN.len() => Probe::NeedMore,
            // A version of the protocol: 2.0, 1.99, 1.5.
            _ => match head.get(BEGIN.len()..) {
                Some([b'1' | b'2', b'.', b'0'..=b'9', ..]) => Probe::Certain,
                Some([] | [b'1' | b'2'] | [b'1' | b'2', b'.']) => Probe::NeedMore,
                _ => Probe::No,
            },
        }
    }

    /// What comes later is encrypted.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        match self.sides.get(side).stage {
            Stage::Lines => self.line(side, at, bytes),
            Stage::Packets => self.packet(side, bytes),
            Stage::Over => Step::Opaque,
        }
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).stage = Stage::Over;
    }

    fn held(&self) -> usize {
        let held = |sender: &Sender| {
            let hassh = sender.hassh.iter().flatten();
            texts(hassh.chain(sender.software.as_ref().map(|(software, _)| software)))
        };
        held(&self.sides.a) + held(&self.sides.b)
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        Outcome {
            messages: self.messages,
            faults: self.faults,
            encrypted: true,
            detail: Detail::None,
            descriptions: Side::BOTH.into_iter().filter_map(|side| self.spoken(side)).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Ssh {
    /// A line that ends with a line feed. A server may send others before its identification.
    fn line(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let sender = self.sides.get_mut(side);
        let Some(end) = memchr::memchr(b'\n', bytes.get(..LONGEST_LINE).unwrap_or(bytes)) else {
            if bytes.len() < LONGEST_LINE {
                return Step::NeedMore;
            }
            self.faults += 1;
            return self.over(side);
        };
        let line = bytes.get(..end).unwrap_or_default();
        if let Some(rest) = line.strip_prefix(BEGIN) {
            self.messages += 1;
            // Version of the protocol, software version and comments.
            let mut parts = rest.splitn(2, |byte| *byte == b'-');
            let (version, software) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            sender.software = Charset::Undeclared.decode(software).map(|text| (text, Seen::once(at)));
            let is_current = matches!(version, b"2.0" | b"1.99");
            sender.stage = if is_current { Stage::Packets } else { Stage::Over };
        } else {
            sender.lines += 1;
            if sender.lines > MAX_LINES {
                return self.over(side);
            }
        }
        Step::Advance(end as u64 + 1)
    }

    /// Length, length of the padding, then the message (RFC 4253, 6).
    fn packet(&mut self, side: Side, bytes: &[u8]) -> Step {
        let [l1, l2, l3, l4, _, kind, ..] = *bytes else { return Step::NeedMore };
        let length = usize::try_from(u32::from_be_bytes([l1, l2, l3, l4])).unwrap_or(usize::MAX);
        if !(2..=LONGEST_PACKET).contains(&length) {
            self.faults += 1;
            return self.over(side);
        }
        if kind == KEXINIT {
            let Some(packet) = bytes.get(6..4 + length) else { return Step::NeedMore };
            self.sides.get_mut(side).hassh = hassh(packet);
        } else if OF_CLIENT.contains(&kind) {
            self.client = Some(side);
            return self.over(side);
        } else if OF_SERVER.contains(&kind) {
            self.client = Some(side.other());
            return self.over(side);
        } else if !COMMON.contains(&kind) {
            return self.over(side);
        }
        self.messages += 1;
        Step::Advance(4 + length as u64)
    }

    fn over(&mut self, side: Side) -> Step {
        self.sides.get_mut(side).stage = Stage::Over;
        Step::Opaque
    }

    /// Whether a side is the client. Where neither began the exchange of keys, whoever speaks alone is a server.
    fn is_client(&self, side: Side) -> Option<bool> {
        if let Some(client) = self.client {
            return Some(client == side);
        }
        self.sides.get(side.other()).software.is_none().then_some(false)
    }

    fn spoken(&self, side: Side) -> Option<Spoken> {
        let sender = self.sides.get(side);
        let (software, seen) = sender.software.clone()?;
        let is_client = self.is_client(side)?;
        let attribute = if is_client { Attribute::SshClient } else { Attribute::SshServer };
        let hassh = sender.hassh.clone().map(|[client, server]| {
            if is_client { (Attribute::Hassh, client) } else { (Attribute::HasshServer, server) }
        });
        let attributes = hassh.into_iter().chain([(attribute, software)]).collect();
        Some(Spoken { side, source: Source::Ssh, speaks_as: None, attributes, seen })
    }
}

/// The digest of the lists that the one side offers, as of a client and as of a server. Behind a cookie of 16 bytes, each list
/// stands behind its length.
fn hassh(message: &[u8]) -> Option<[DeviceText; 2]> {
    let mut rest = message.get(16..)?;
    let mut lists: [&[u8]; LISTS] = [&[]; LISTS];
    for list in &mut lists {
        let (length, after) = rest.split_first_chunk()?;
        (*list, rest) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    }
    let digest = |chosen: [usize; 4]| {
        let chosen: Vec<&[u8]> = chosen.iter().filter_map(|index| lists.get(*index).copied()).collect();
        DeviceText::new(&super::digest::hex(&Md5::digest(chosen.join(&b';'))))
    };
    Some([digest(CLIENT_LISTS)?, digest(SERVER_LISTS)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample};

    fn kexinit(encryption: &str) -> Vec<u8> {
        let lists =
            ["curve25519-sha256", "ssh-ed25519", encryption, "aes128-ctr", "mac-c", "mac-s", "none", "zlib", "", ""];
        let lists: Vec<u8> = lists
            .iter()
            .flat_map(|list| [&u32::try_from(list.len()).unwrap().to_be_bytes()[..], list.as_bytes()].concat())
            .collect();
        packet(KEXINIT, &[&[0x5a; 16][..], &lists, &[0; 5]].concat())
    }

    fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 2 + 4).unwrap().to_be_bytes();
        [&length[..], &[4, kind], body, &[0; 4]].concat()
    }

    fn encrypted() -> Vec<u8> {
        [&[0xa5; 40][..], MARK.as_bytes()].concat()
    }

    pub(super) fn samples() -> Vec<Sample> {
        vec![vec![
            (Side::B, b"SSH-2.0-OpenSSH_7.4p1 Debian-10\r\n".to_vec()),
            (Side::A, b"SSH-2.0-Example_1.0\r\n".to_vec()),
            (Side::A, kexinit("aes256-ctr")),
            (Side::B, kexinit("aes256-gcm")),
            (Side::A, packet(30, &[7; 32])),
            (Side::B, packet(31, &[7; 64])),
            (Side::B, encrypted()),
            (Side::A, encrypted()),
        ]]
    }

    fn told(sample: &[(Side, Vec<u8>)]) -> Vec<(Side, Attribute, String)> {
        let mut ssh = Ssh::default();
        for (side, bytes) in sample {
            let mut rest = &bytes[..];
            while let (Step::Advance(count), false) = (ssh.feed(*side, PacketTime(0), rest), rest.is_empty()) {
                rest = &rest[usize::try_from(count).unwrap()..];
                if rest.is_empty() {
                    break;
                }
            }
        }
        let spoken = ssh.finish().descriptions;
        let words = spoken.into_iter().map(|spoken| (spoken.side, spoken.attributes));
        words
            .flat_map(|(side, words)| words.into_iter().map(move |(what, text)| (side, what, text.to_string())))
            .collect()
    }

    #[test]
    fn both_sides_tell_their_software_and_their_algorithms() {
        // The digests of "curve25519-sha256;aes256-ctr;mac-c;none" and "curve25519-sha256;aes128-ctr;mac-s;zlib" by md5sum.
        let expected = [
            (Side::A, Attribute::Hassh, "f364bbb0d59b3bcc75aca2c6434738de"),
            (Side::A, Attribute::SshClient, "Example_1.0"),
            (Side::B, Attribute::HasshServer, "e6d60f4f0971781d457732de03fd8194"),
            (Side::B, Attribute::SshServer, "OpenSSH_7.4p1 Debian-10"),
        ];
        let expected = expected.map(|(side, what, text)| (side, what, text.to_owned()));
        assert_eq!(told(&samples()[0]), expected);
    }

    #[test]
    fn whoever_speaks_alone_is_a_server_and_of_two_nobody_knows() {
        let alone = [(Side::A, b"SSH-1.5-1.2.26\n".to_vec())];
        assert_eq!(told(&alone), [(Side::A, Attribute::SshServer, "1.2.26".to_owned())]);
        let both = [alone[0].clone(), (Side::B, b"SSH-2.0-x\n".to_vec())];
        assert_eq!(told(&both), []);
    }

    #[test]
    fn once_keys_are_exchanged_nothing_is_looked_at() {
        let mut ssh = Ssh::default();
        for (side, bytes) in samples().remove(0).into_iter().take(6) {
            ssh.feed(side, PacketTime(0), &bytes);
        }
        assert!(Side::BOTH.iter().all(|side| ssh.feed(*side, PacketTime(0), &encrypted()) == Step::Opaque));
    }

    #[test]
    fn other_first_bytes_are_not_ssh() {
        for other in [&b"SSX-2.0"[..], b"GET / HTTP/1.1", b"SSH-x", b"\x00"] {
            assert_eq!(Ssh::probe(other), Probe::No);
        }
        for (head, probe) in
            [(&b"SS"[..], Probe::NeedMore), (b"SSH-2", Probe::NeedMore), (b"SSH-2.0-a", Probe::Certain)]
        {
            assert_eq!(Ssh::probe(head), probe);
        }
    }
}
