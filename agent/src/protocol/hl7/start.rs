//! Where a message begins: MLLP framing and the header that no other protocol has.

/// Start of a block, `<SB>` (MLLP release 1 and 2).
pub(super) const BLOCK_START: u8 = 0x0b;
/// End of a block, `<EB>`; a carriage return follows.
pub(super) const BLOCK_END: u8 = 0x1c;
/// Positive and negative commit acknowledgement of MLLP release 2, alone in a block.
pub(super) const COMMIT: [u8; 2] = [0x06, 0x15];
/// Bytes that some senders put between the start of a block and its header: padding and byte order marks.
const FILLER: [u8; 8] = [0x00, b'\r', b'\n', 0xef, 0xbb, 0xbf, 0xff, 0xfe];

/// Most bytes of a header up to the separator after MSH-2: `MSH`, MSH-1, MSH-2 with its truncation character
/// (v2.7, 2.15.9.2), MSH-1 again.
pub(super) const LONGEST_HEAD: usize = 3 + 1 + MAX_ENCODING + 1;
/// Fewest and most characters of MSH-2 that count as a header.
const MIN_ENCODING: usize = 3;
const MAX_ENCODING: usize = 5;
/// How far in front of a header filler is looked for.
const MAX_FILLER: usize = 32;

/// The delimiters a message declares for itself (v2.5.1, 2.5.4). Always ASCII, never letters, digits or blanks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Delimiters {
    /// MSH-1.
    pub(super) field: u8,
    /// MSH-2, first.
    pub(super) component: u8,
    /// MSH-2, second.
    pub(super) repetition: u8,
    /// MSH-2, third.
    pub(super) escape: u8,
    /// MSH-2, fourth; `&` where it was left out.
    pub(super) subcomponent: u8,
}

/// What a line that may be a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// MSH (2.15.9): a message begins.
    Message(Delimiters),
    /// FHS or BHS (2.15.7, 2.15.2): a batch begins, which is no message.
    Batch,
    /// Cannot be told yet.
    NeedMore,
    /// Something else.
    No,
}

/// Whether a segment id begins a message or a batch.
pub(super) fn begins_message(id: [u8; 3]) -> bool {
    matches!(&id, b"MSH" | b"FHS" | b"BHS")
}

/// The head that nearly all messages have.
pub(super) const USUAL: &[u8; 9] = b"MSH|^~\\&|";

/// Its delimiters.
pub(super) const USUAL_DELIMITERS: Delimiters =
    Delimiters { field: b'|', component: b'^', repetition: b'~', escape: b'\\', subcomponent: b'&' };

/// Judges the beginning of a line, up to [`LONGEST_HEAD`] bytes of it.
pub(super) fn judge(line: &[u8]) -> Head {
    if line == USUAL {
        return Head::Message(USUAL_DELIMITERS);
    }
    let Some((id, rest)) = line.split_at_checked(3) else {
        let begins = [b"MSH", b"FHS", b"BHS"].iter().any(|id| id.starts_with(line));
        return if begins { Head::NeedMore } else { Head::No };
    };
    if !matches!(id, b"MSH" | b"FHS" | b"BHS") {
        return Head::No;
    }
    let Some((&field, encoding)) = rest.split_first() else { return Head::NeedMore };
    if !field.is_ascii_punctuation() {
        return Head::No;
    }
    for (count, byte) in encoding.iter().enumerate() {
        let before = encoding.get(..count).unwrap_or_default();
        if *byte == field {
            return match before {
                _ if count < MIN_ENCODING => Head::No,
                _ if id != b"MSH" => Head::Batch,
                [component, repetition, escape, rest @ ..] => Head::Message(Delimiters {
                    field,
                    component: *component,
                    repetition: *repetition,
                    escape: *escape,
                    subcomponent: rest.first().copied().unwrap_or(b'&'),
                }),
                _ => Head::No,
            };
        }
        // Only the first three must differ: senders are known that write the escape character twice.
        let repeated = count < MIN_ENCODING && before.contains(byte);
        if count == MAX_ENCODING || !byte.is_ascii_punctuation() || repeated {
            return Head::No;
        }
    }
    Head::NeedMore
}

/// Judges the first bytes of a direction: framing and filler, then a header.
pub(super) fn judge_opening(bytes: &[u8]) -> Head {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [BLOCK_START, byte, BLOCK_END, b'\r', tail @ ..] if COMMIT.contains(byte) => tail,
            [BLOCK_START, byte] | [BLOCK_START, byte, BLOCK_END] if COMMIT.contains(byte) => return Head::NeedMore,
            [BLOCK_START, tail @ ..] => tail,
            [byte, tail @ ..] if is_filler(*byte) => tail,
            _ => break,
        };
        if bytes.len() - rest.len() > MAX_FILLER {
            return Head::No;
        }
    }
    // UTF-16 has a zero byte beside each of these characters.
    let mut head = [0; LONGEST_HEAD];
    let mut length = 0;
    for (slot, byte) in head.iter_mut().zip(rest.iter().filter(|b| **b != 0)) {
        *slot = *byte;
        length += 1;
    }
    judge(head.get(..length).unwrap_or_default())
}

/// Finds the first block that holds a header. A header without a block could be text about HL7 and does not count.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(BLOCK_START, bytes).find(|at| {
        let window = bytes.get(*at..).unwrap_or_default();
        let window = window.get(..2 * LONGEST_HEAD + MAX_FILLER).unwrap_or(window);
        matches!(judge_opening(window), Head::Message(_) | Head::Batch)
    })
}

/// Whether a byte in front of a header means nothing.
pub(super) fn is_filler(byte: u8) -> bool {
    FILLER.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certain(bytes: &[u8]) -> bool {
        matches!(judge_opening(bytes), Head::Message(_) | Head::Batch)
    }

    #[test]
    fn headers_are_recognised_with_any_declared_delimiters() {
        for head in
            ["\x0bMSH|^~\\&|", "MSH|^~\\&|A", "\r\n\0MSH|^~\\&|", "\x0bFHS|^~\\&|", "BHS|^~\\&|", "\x0bMSH|^~\\&#|"]
        {
            assert!(certain(head.as_bytes()), "{head}");
        }
        assert!(certain(b"\x0bMSH^~|\\&^") && certain(b"MSH#*+\\$#") && certain(b"MSH|^~\\|"));
        assert!(certain(b"\x0b\xef\xbb\xbfMSH|^~\\&|"));
        assert!(certain(b"\x0b\x06\x1c\r\x0bMSH|^~\\&|"));
        let wide: Vec<u8> = "\x0bMSH|^~\\&|".bytes().flat_map(|b| [b, 0]).collect();
        assert!(certain(&wide) && certain(wide.get(1..).unwrap()));
    }

    #[test]
    fn every_shorter_part_of_a_header_asks_for_more() {
        let head = b"\x0b\r\nMSH|^~\\&";
        for cut in 0..=head.len() {
            assert_eq!(judge_opening(&head[..cut]), Head::NeedMore, "{cut}");
        }
        assert_eq!(judge_opening(b"\x0b\x06\x1c\r"), Head::NeedMore);
        assert_eq!(judge_opening(&[0; 100]), Head::No);
    }

    #[test]
    fn look_alikes_are_refused() {
        for text in [
            "220 mail.example ESMTP\r\n",
            "INVITE sip:ward@example SIP/2.0\r\n",
            "GET / HTTP/1.1\r\n",
            "MSH is a header",
            "MSHA^~\\&|",
            "MSH|||||",
            "MSH|^^\\&|",
            "MSH|^~|",
            "MSH|^~\\&#$|",
            "MSH |^~\\&|",
            "MSH|^a\\&|",
            "\x16\x03\x01\x02",
            "\x01\0\0\0\0",
            "PID|1||x",
        ] {
            assert_eq!(judge_opening(text.as_bytes()), Head::No, "{text}");
        }
    }

    #[test]
    fn only_a_block_with_a_header_is_found_mid_stream() {
        assert_eq!(find(b"ORY\rOBX|1\r\x1c\r\x0bMSH|^~\\&|A"), Some(12));
        assert_eq!(find(b"...\x0b...\x0b\r\nFHS|^~\\&|"), Some(7));
        assert_eq!(find(b"Subject: x\r\n\r\nMSH|^~\\&|A|B|C\r\n"), None);
        assert_eq!(find(b"\x0bMSH|^~"), None);
        assert_eq!(find(&[BLOCK_START; 4096]), None);
    }
}
