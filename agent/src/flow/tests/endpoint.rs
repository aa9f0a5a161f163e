//! What the ends of a connection see, to hold the engine to: HL7 messages one way, acknowledgements the other. Whatever becomes
//! of the packets, the same messages are told, or a counter says that something is missing; a message that nobody sent, never.

use super::*;

/// Sequence numbers of the first bytes of client and server.
pub(super) const FIRST: u32 = 100;
pub(super) const ANSWER: u32 = 500;

/// Reasons for which bytes may be missing.
const MISSING: [&str; 7] = [
    "truncated_frames",
    "ip_fragments",
    "stream_gap_bytes",
    "stray_bytes",
    "overlap_conflicts",
    "fragment_conflicts",
    "reset_payload_bytes",
];

pub(super) fn ends() -> (End, End) {
    (end(1, 50_000), end(2, 2575))
}

/// A message in its frame.
pub(super) fn message(n: usize) -> Vec<u8> {
    format!("\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|{n}|P|2.5\rPID|1||4711\r\x1c\r").into_bytes()
}

/// Messages one after the other.
pub(super) fn messages(count: usize) -> Vec<u8> {
    (0..count).flat_map(message).collect()
}

/// A segment of the client, so many bytes after the first.
pub(super) fn sent(offset: usize, bytes: &[u8]) -> Tcp {
    let (client, server) = ends();
    tcp(client, server, FIRST.wrapping_add(u32::try_from(offset).unwrap())).ack(ANSWER).data(bytes)
}

/// The client's bytes cut at some places.
pub(super) fn segments(stream: &[u8], cuts: &[usize]) -> Vec<Captured> {
    let mut bounds = vec![0];
    bounds.extend(cuts);
    bounds.push(stream.len());
    bounds.windows(2).zip(1..).map(|(part, at)| sent(part[0], &stream[part[0]..part[1]]).at(at)).collect()
}

/// After the three segments that open the connection.
pub(super) fn opened(rest: impl IntoIterator<Item = Captured>) -> Vec<Captured> {
    let (client, server) = ends();
    handshake(client, server, 0).into_iter().chain(rest).collect()
}

/// Messages of HL7 that were told.
pub(super) fn told(facts: &Facts) -> u64 {
    facts.capture.protocols["hl7"].messages
}

/// Whether a counter says that something is missing.
pub(super) fn is_missing(facts: &Facts) -> bool {
    MISSING.iter().any(|reason| loss(facts, reason) > 0)
}

/// Holds that exactly these messages are told, in one connection of so many bytes, and that nothing is missing.
#[track_caller]
pub(super) fn assert_whole(frames: &[Captured], count: usize) -> Facts {
    let facts = run(frames);
    assert_eq!((told(&facts), only(&facts).1.bytes_to_server), (count as u64, messages(count).len() as u64));
    assert_eq!((only(&facts).0.client, only(&facts).0.protocol.as_str()), (ends().0.ip, "hl7"));
    let missing: Vec<_> = facts.capture.losses.iter().filter(|(_, count)| **count > 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(facts.capture.protocols["hl7"].parse_failures, 0);
    facts
}

/// Holds that no message is told that was not sent, and that messages which are not told are missed by a counter.
#[track_caller]
pub(super) fn assert_honest(frames: &[Captured], count: usize) -> Facts {
    let facts = run(frames);
    assert!(told(&facts) <= count as u64, "{} messages of {count}", told(&facts));
    let failures: u64 = facts.capture.protocols.values().map(|protocol| protocol.parse_failures).sum();
    assert!(
        told(&facts) == count as u64 || is_missing(&facts) || failures > 0 || condition(&facts, "joined_flows") > 0,
        "{} messages of {count}, and nothing is missing",
        told(&facts)
    );
    facts
}
