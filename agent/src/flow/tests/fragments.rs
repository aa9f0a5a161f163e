//! Packets that came in fragments are read as if they had come whole.

use super::*;

/// A frame of IPv4 without options in fragments of `size` bytes.
pub(super) fn in_fragments(captured: &Captured, id: u8, size: usize) -> Vec<Captured> {
    let (head, payload) = captured.bytes.split_at(14 + 20);
    let count = payload.len().div_ceil(size);
    let fragment = |(n, part): (usize, &[u8])| {
        let mut bytes = [head, part].concat();
        let units = u16::try_from(n * size / 8).unwrap() | if n + 1 < count { 0x2000 } else { 0 };
        let length = u16::try_from(20 + part.len()).unwrap();
        bytes[16..18].copy_from_slice(&length.to_be_bytes());
        bytes[18..20].copy_from_slice(&[0, id]);
        bytes[20..22].copy_from_slice(&units.to_be_bytes());
        Captured { at: captured.at, ..Captured::new(captured.link, bytes) }
    };
    payload.chunks(size).enumerate().map(fragment).collect()
}

/// A connection with a message that does not fit a frame.
fn connection() -> Vec<Captured> {
    let (client, server) = (end(1, 50_000), end(2, 2575));
    let message = format!("\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|1|P|2.5\rNTE|1||{}\r\x1c\r", "x".repeat(3000));
    let mut packets = handshake(client, server, 0);
    packets.push(tcp(client, server, 100).ack(500).data(message).at(1));
    packets.push(tcp(server, client, 500).ack(200).at(2));
    packets
}

fn fragmented(size: usize) -> Vec<Captured> {
    let packets = connection();
    let split = |(n, packet): (usize, &Captured)| {
        let mut fragments = in_fragments(packet, u8::try_from(n).unwrap(), size);
        fragments.rotate_left(n % 2);
        fragments
    };
    packets.iter().enumerate().flat_map(split).collect()
}

#[test]
fn a_message_in_fragments_is_the_message() {
    let whole = run(&connection());
    assert_eq!(whole.capture.protocols["hl7"].messages, 1);
    for size in [8, 16, 1480] {
        let frames = fragmented(size);
        for workers in [1, 3, 64] {
            let pieces = report(&frames, &Limits::default(), workers);
            assert_eq!(pieces.conversations, whole.conversations, "{size}");
            assert_eq!((pieces.capture.packets, loss(&pieces, "ip_fragments")), (frames.len() as u64, 0));
        }
    }
}

#[test]
fn fragments_that_never_became_a_datagram_are_counted_once_by_however_many_workers() {
    let frames = fragmented(1480);
    let lost: Vec<Captured> = frames.iter().filter(|frame| frame.bytes[20] != 0x20).cloned().collect();
    assert!(lost.len() < frames.len());
    for workers in [1, 3, 64] {
        let report = report(&lost, &Limits::default(), workers);
        assert_eq!(loss(&report, "ip_fragments"), 1, "the last of three");
        assert_eq!(report.capture.packets, lost.len() as u64);
    }
}

#[test]
fn a_fragment_that_says_otherwise_than_one_before_is_a_conflict() {
    let mut frames = fragmented(1480);
    let first = frames.iter().position(|frame| frame.bytes[20] == 0x20).unwrap();
    let mut other = frames[first].clone();
    *other.bytes.last_mut().unwrap() ^= 1;
    frames.insert(first + 1, other);
    let report = report(&frames, &Limits::default(), 2);
    assert_eq!((loss(&report, "fragment_conflicts"), loss(&report, "ip_fragments")), (1, 0));
}
