//! The IEEE registry of address blocks, searched where it lies: no parsing, no memory, no time at start.

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/ieee-registry.tsv"));

/// Hex digits of the smallest block: there are MA-L, MA-M and MA-S with 6, 7 and 9. They never overlap: the table has no
/// row for a block that was divided into smaller ones.
const LONGEST: usize = 9;

/// The two low bits of the first octet (IEEE 802, clause 8.2): group and locally administered addresses, which no
/// registry assigns.
const GROUP_OR_LOCAL: u8 = 0b11;

pub(super) fn organisation(mac: [u8; 6]) -> Option<&'static str> {
    let [first, ..] = mac;
    if first & GROUP_OR_LOCAL != 0 {
        return None;
    }
    let mut digits = [0; 12];
    for (pair, octet) in digits.as_chunks_mut::<2>().0.iter_mut().zip(mac) {
        *pair = [octet >> 4, octet & 0xf].map(|digit| if digit < 10 { b'0' + digit } else { b'A' - 10 + digit });
    }
    find(TABLE, digits.get(..LONGEST)?)
}

/// How many blocks there are.
pub(super) fn rows() -> usize {
    TABLE.lines().filter(|line| !line.starts_with('#')).count()
}

/// Whether the name of an organisation begins so.
#[cfg(test)]
pub(super) fn has_beginning(name: &str) -> bool {
    let begins = |known: &str| known.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    TABLE.lines().filter_map(|line| line.split_once('\t')).any(|(_, known)| begins(known))
}

/// Who has the block that an address begins with: the last one that begins no later, if any. Binary search over lines
/// sorted by bytes, in which a block is followed by a tab, which sorts before every digit. The header needs no special
/// case: so does `#`.
fn find<'a>(table: &'a str, address: &[u8]) -> Option<&'a str> {
    let (mut rest, mut last) = (table.as_bytes(), None);
    while !rest.is_empty() {
        let (before, from) = around_the_middle(rest)?;
        if from.get(..address.len()).unwrap_or(from) <= address {
            let end = memchr::memchr(b'\n', from).unwrap_or(from.len());
            (last, rest) = (from.get(..end), from.get(end + 1..).unwrap_or_default());
        } else {
            rest = before;
        }
    }
    let line = last?;
    let block = line.get(..memchr::memchr(b'\t', line)?)?;
    let name = line.get(block.len() + 1..).filter(|_| address.starts_with(block))?;
    std::str::from_utf8(name).ok()
}

/// The lines before the one over the middle byte, and those from it on.
fn around_the_middle(lines: &[u8]) -> Option<(&[u8], &[u8])> {
    let left = lines.get(..lines.len() / 2)?;
    lines.split_at_checked(memchr::memrchr(b'\n', left).map_or(0, |newline| newline + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
        TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').expect("a tab"))
    }

    fn octets(prefix: &str) -> [u8; 6] {
        let digits = format!("{prefix:0<12}");
        std::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
    }

    /// As slow and as plain as can be.
    fn scan(mac: [u8; 6]) -> Option<&'static str> {
        if mac[0] & 1 != 0 || mac[0] & 2 != 0 {
            return None;
        }
        let digits = mac.map(|octet| format!("{octet:02X}")).concat();
        rows()
            .filter(|(prefix, _)| digits.starts_with(prefix))
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(_, name)| name)
    }

    #[test]
    fn the_table_is_sorted_and_well_formed() {
        let mut last = "";
        for line in TABLE.lines() {
            assert!(last < line || line.starts_with('#'), "{line} does not come after {last}");
            last = line;
        }
        for (prefix, name) in rows() {
            assert!([6, 7, LONGEST].contains(&prefix.len()), "{prefix}");
            assert!(prefix.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{prefix}");
            assert_eq!(octets(prefix)[0] & GROUP_OR_LOCAL, 0, "{prefix} can never be looked up");
            assert!(!name.is_empty() && name == name.split_whitespace().collect::<Vec<_>>().join(" "), "{name:?}");
            assert!(!["Private", "IEEE Registration Authority"].contains(&name), "{prefix} names nobody");
        }
        assert!(TABLE.ends_with('\n'));
    }

    #[test]
    fn no_block_lies_in_another() {
        let all: std::collections::HashSet<&str> = rows().map(|(prefix, _)| prefix).collect();
        for prefix in &all {
            assert!(
                [6, 7, LONGEST].iter().all(|length| *length >= prefix.len() || !all.contains(&prefix[..*length])),
                "{prefix}"
            );
        }
    }

    #[test]
    fn every_row_is_found() {
        for (prefix, name) in rows() {
            assert_eq!(find(TABLE, prefix.as_bytes()), Some(name), "{prefix}");
        }
    }

    #[test]
    fn medical_device_makers_are_found() {
        for (prefix, name) in [
            ("0009FB", "Philips Patient Monitoring"),
            ("00A037", "Mindray DS USA, Inc."),
            ("080019", "GENERAL ELECTRIC CORPORATION"),
            ("0000A1", "MARQUETTE ELECTRIC CO."),
            ("50A0308", "GE Medical System China Co. Ltd."),
            ("70B3D520C", "Siemens Healthcare Diagnostics"),
            ("F0E5C3", "Drägerwerk AG & Co. KG aA"),
        ] {
            assert_eq!(organisation(octets(prefix)), Some(name), "{prefix}");
        }
    }

    #[test]
    fn addresses_nobody_is_named_for_have_no_organisation() {
        for address in ["FFFFFFFFFFFF", "01005E000001", "020000000001", "02608C000001", "70B3D5000FFF", "000101000000"]
        {
            let organisation = organisation(octets(address));
            assert_eq!(organisation, scan(octets(address)), "{address}");
        }
        assert_eq!(organisation([0xFF; 6]), None);
        assert_eq!(organisation(octets("02608C000001")), None, "locally administered, whatever was sold before 1990");
        assert_eq!(organisation(octets("000101000000")), None, "a private block");
    }

    #[test]
    fn any_text_can_be_searched() {
        for table in ["", "\n", "\n\n\n", "#", "00", "00\tA", "00\tA\n", "00\tA\n01\tÄ\n02\tC"] {
            for prefix in ["", "00", "01", "02", "FF"] {
                let naive = table.lines().filter_map(|line| line.split_once('\t')).find(|(key, _)| *key == prefix);
                assert_eq!(
                    find(table, prefix.as_bytes()).unwrap_or(""),
                    naive.map_or("", |(_, name)| name),
                    "{table:?} {prefix:?}"
                );
            }
        }
    }

    proptest! {
        // A scan reads the whole table: half of the addresses are random, half begin with an assigned block.
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn organisation_equals_a_scan(mac: [u8; 6], row: prop::sample::Index, assigned: bool) {
            let mut mac = mac;
            if assigned {
                let all: Vec<_> = rows().collect();
                let block = octets(row.get(&all).0);
                mac[..4].copy_from_slice(&block[..4]);
            }
            prop_assert_eq!(organisation(mac), scan(mac));
        }
    }
}
