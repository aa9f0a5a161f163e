//! Which format a file is, by its first bytes.

use super::Fault;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pcap,
    Pcapng,
}

pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

const CAPTURES: [(&[u8], Kind); 5] = [
    (b"\xa1\xb2\xc3\xd4", Kind::Pcap),
    (b"\xd4\xc3\xb2\xa1", Kind::Pcap),
    (b"\xa1\xb2\x3c\x4d", Kind::Pcap),
    (b"\x4d\x3c\xb2\xa1", Kind::Pcap),
    (b"\x0a\x0d\x0d\x0a", Kind::Pcapng),
];

const EDITCAP: &str = "convert it with `editcap -F pcapng`";
const UNPACK: &str = "unpack it first";

/// Formats worth a name, since people have them and tools convert them.
const UNSUPPORTED: [(&[u8], &str, &str); 12] = [
    (b"\xa1\xb2\xcd\x34", "modified pcap (\"kuznetzov\")", EDITCAP),
    (b"\x34\xcd\xb2\xa1", "modified pcap (\"kuznetzov\")", EDITCAP),
    (b"snoop\0\0\0", "snoop", EDITCAP),
    (b"GMBU", "Network Monitor 2", EDITCAP),
    (b"RTSS", "Network Monitor 1", EDITCAP),
    (b"\x28\xb5\x2f\xfd", "zstd", UNPACK),
    (b"\xfd7zXZ\0", "xz", UNPACK),
    (b"BZh", "bzip2", UNPACK),
    (b"\x04\x22\x4d\x18", "lz4", UNPACK),
    (b"PK\x03\x04", "zip", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7z", UNPACK),
    (&GZIP, "gzip inside gzip", UNPACK),
];

/// Decides by the start of the (decompressed) data; 8 bytes suffice, fewer only where there are no more.
pub(super) fn detect(start: &[u8]) -> Result<Kind, Fault> {
    if start.is_empty() {
        return Err(Fault::Empty);
    }
    if let Some((_, kind)) = CAPTURES.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Ok(*kind);
    }
    if let Some((_, format, remedy)) = UNSUPPORTED.iter().find(|(magic, _, _)| start.starts_with(magic)) {
        return Err(Fault::Unsupported { format, remedy });
    }
    if CAPTURES.iter().any(|(magic, _)| magic.starts_with(start)) {
        return Err(Fault::Cut("file header"));
    }
    Err(Fault::NotACapture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_formats_that_are_not_read_are_named() {
        for (start, name) in [
            (&b"snoop\0\0\0\0\0\0\x02"[..], "snoop"),
            (b"GMBU\x00\x02", "Network Monitor 2"),
            (b"\x34\xcd\xb2\xa1\x02\0\x04\0", "modified pcap (\"kuznetzov\")"),
            (b"\x28\xb5\x2f\xfd\x04\x88", "zstd"),
            (b"\xfd7zXZ\0\0", "xz"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\x04\x22\x4d\x18", "lz4"),
        ] {
            let told = detect(start).unwrap_err().to_string();
            assert!(told.starts_with(&format!("format not supported: {name}; ")), "{told}");
        }
    }

    #[test]
    fn anything_else_is_no_capture() {
        assert!(matches!(detect(b"\x7fELF\x02\x01"), Err(Fault::NotACapture)));
        assert!(matches!(detect(b"a"), Err(Fault::NotACapture)));
        assert!(matches!(detect(b"\xa1\xb2"), Err(Fault::Cut("file header"))));
        assert!(matches!(detect(b""), Err(Fault::Empty)));
    }
}
