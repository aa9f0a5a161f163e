//! Where messages begin and end, and how lines do.

use super::super::samples::{admission, block};
use super::*;
use Side::{A, B};

const ONE: &str = "MSH|^~\\&|APP|FAC|||2026||ADT^A01|1|P|2.5\rEVN|A01\r";
const TWO: &str = "MSH|^~\\&|APP|FAC|||2026||ORU^R01|2|P|2.5\rOBX|1\r";
const BOTH: [(&str, u64); 2] = [("ADT^A01", 1), ("ORU^R01", 1)];

/// Both messages are found and nothing else is.
fn finds_both(bytes: &[u8]) {
    let outcome = one(bytes);
    let shown = bytes.escape_ascii();
    assert_eq!(types(&outcome), BOTH, "{shown}");
    assert_eq!((outcome.messages, outcome.faults), (2, 0), "{shown}");
}

#[test]
fn blocks_are_read_whole_or_with_a_missing_end() {
    finds_both(format!("\x0b{ONE}\x1c\r\x0b{TWO}\x1c\r").as_bytes());
    finds_both(format!("\x0b{ONE}\x1c\x0b{TWO}\x1c").as_bytes());
    finds_both(format!("\x0b{ONE}\x0b{TWO}").as_bytes());
    finds_both(format!("{ONE}\x1c\r{TWO}\x1c\r").as_bytes());
    finds_both(format!("{ONE}{TWO}").as_bytes());
    finds_both(format!("\r\n\0\x0b\r\n{ONE}\x1c\r\n\n\n\x0b{TWO}\x1c\r\n").as_bytes());
    finds_both(format!("\x0b{}\x1c\r\x0b{}\x1c\r", ONE.trim_end(), TWO.trim_end()).as_bytes());
    finds_both(format!("\x0b\u{feff}{ONE}\x1c\r\x0b\u{feff}{TWO}\x1c\r").as_bytes());
}

#[test]
fn a_header_may_be_the_whole_message() {
    let outcome = one(b"\x0bMSH|^~\\&|APP|FAC|||2026||ADT^A01\x1c\r");
    assert_eq!(types(&outcome), [("ADT^A01", 1)]);
}

#[test]
fn lines_end_as_the_header_does() {
    for ending in ["\r\n", "\n"] {
        finds_both(format!("\x0b{ONE}\x1c\r\x0b{TWO}\x1c\r").replace('\r', ending).as_bytes());
    }
    // A line feed within a field is content where lines end with a carriage return, and so is a start of block.
    let outcome = one(b"\x0bMSH|^~\\&|A|F|||2026||ADT^A01|1|P|2.5\rEQU|UNIT\n7\x0bMSH|^~\\&|X\rEVN|\nEQU|NO\r\x1c\r");
    assert_eq!(said(&outcome, Source::Hl7Equipment), [[(Attribute::DeviceName, "UNIT\u{fffd}7\u{fffd}MSH")]]);
    assert_eq!(outcome.messages, 1);
}

#[test]
fn commit_acknowledgements_are_no_messages_and_no_fault() {
    let outcome = run(&[(A, &admission(1)), (B, b"\x0b\x06\x1c\r"), (A, &admission(2)), (B, b"\x0b\x15\x1c\r")]);
    assert_eq!((outcome.messages, outcome.faults), (2, 0));
}

#[test]
fn garbage_is_one_fault_and_ends_at_the_next_header() {
    let outcome = one(format!("\x0b{ONE}\x1c\rgarbage\rmore\rPID|1\r\x0b\x0bx\r\x0b{TWO}\x1c\r").as_bytes());
    assert_eq!((types(&outcome), outcome.faults), (BOTH.to_vec(), 1));
    let outcome = one(format!("hello\r{ONE}\x1c\rhello\r{TWO}\x1c\r").as_bytes());
    assert_eq!((types(&outcome), outcome.faults), (BOTH.to_vec(), 2));
}

#[test]
fn a_header_that_cannot_be_read_is_a_fault_and_no_message() {
    for header in ["MSH|^^^^|A|B|||2026||ADT^A01|1", "MSHX^~\\&|A|B", "MSH|^~\\&|A|B|C|D|2026|"] {
        let outcome = one(format!("\x0b{ONE}{header}\rEQU|NO\r\x1c\r\x0b{TWO}\x1c\r").as_bytes());
        assert_eq!((types(&outcome), outcome.faults, outcome.messages), (BOTH.to_vec(), 1, 2), "{header}");
        assert!(said(&outcome, Source::Hl7Equipment).is_empty());
    }
}

#[test]
fn a_batch_is_its_messages() {
    let head = "FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r";
    finds_both(format!("\x0b{head}{ONE}{TWO}BTS|2\rFTS|1\r\x1c\r").as_bytes());
    finds_both(format!("{head}\x0b{ONE}\x1c\r\x0b{TWO}\x1c\rBTS|2\rFTS|1\r").as_bytes());
}

#[test]
fn delimiters_are_those_of_each_message() {
    let odd = block(&["MSH!*+%@!APP*1.2*ISO!FAC!!!2026!!ORU*R01*ORU_R01!1!P*T!2.6*X", "EQU!UNIT%F%7*NS!x"]);
    let outcome = one(&[odd, block(&["MSH|^~\\&|APP^1.2^ISO|FAC|||2026||ORU^R01^ORU_R01|2|P^T|2.6^X"])].concat());
    let (link, activity) = link(&outcome);
    assert_eq!(link.sending_application, text("APP^1.2^ISO"));
    assert_eq!((&link.version, &link.processing_id), (&text("2.6"), &text("P")));
    assert_eq!(counts(&activity.message_types), [("ORU^R01^ORU_R01", 2)]);
    assert_eq!(said(&outcome, Source::Hl7Equipment), [[(Attribute::DeviceName, "UNIT!7")]]);
}

#[test]
fn the_truncation_character_and_a_missing_subcomponent_are_accepted() {
    for encoding in ["^~\\&#", "^~\\"] {
        let outcome = one(&block(&[&format!("MSH|{encoding}|APP|FAC|||2026||ADT^A01|1|P|2.7")]));
        assert_eq!(types(&outcome), [("ADT^A01", 1)]);
    }
}

#[test]
fn text_is_read_in_the_declared_character_set() {
    let sender = |bytes: &[u8]| {
        let outcome = one(bytes);
        let (link, _) = link(&outcome);
        (link.sending_facility.clone().unwrap().to_string(), link.charset.clone().unwrap().to_string())
    };
    let header = |facility: &[u8], set: &str| {
        let mut bytes = b"\x0bMSH|^~\\&|A|".to_vec();
        bytes.extend(facility);
        bytes.extend(format!("|||2026||ADT^A01|1|P|2.5||||||{set}\r\x1c\r").bytes());
        bytes
    };
    assert_eq!(sender(&header(b"LABOR S\xdcD", "8859/1")), ("LABOR SÜD".into(), "8859/1".into()));
    assert_eq!(sender(&header("ОРИТ".as_bytes(), "UNICODE UTF-8")).0, "ОРИТ");
    // 0x30 0x7c: the second byte of the character is the field separator, and 0x5e the component separator.
    assert_eq!(sender(&header(b"\x1b$B0|0^\x1b(B1", "~ISO IR87")), ("淫緯1".into(), "ISO IR87".into()));
}

#[test]
fn utf_16_is_read_as_far_as_it_is_ascii() {
    let wide = |little: bool| -> Vec<u8> {
        let text = "\x0bMSH|^~\\&|APP|FAC|||2026||ACK^A01|1|P|2.5||||||UNICODE\rMSA|AA|7\rEQU|č\r\x1c\r";
        text.encode_utf16().flat_map(|c| if little { c.to_le_bytes() } else { c.to_be_bytes() }).collect()
    };
    for little in [true, false] {
        let outcome = one(&wide(little));
        let (link, activity) = link(&outcome);
        assert_eq!(link.receiving_application, text("APP"));
        assert_eq!(counts(&activity.acknowledgements), [("AA", 1)]);
        assert_eq!(outcome.messages, 1);
    }
}

#[test]
fn a_character_with_a_separator_inside_ends_the_reading_of_its_line() {
    let mut bytes = b"\x0bMSH|^~\\&|A|F|||2026||ORU^R01|1|P|2.5||||||ISO IR14\r".to_vec();
    bytes.extend(b"OBX|1|ST|1^X^L||\x83||x|||||||||||UNIT1\r");
    bytes.extend(b"OBX|2|ST|1^X^L||plain|||||||||||||UNIT2\r\x1c\r");
    assert_eq!(said(&one(&bytes), Source::Hl7Observation), [[(Attribute::DeviceName, "UNIT2")]]);
    // The same in a repertoire without such characters.
    let plain: Vec<u8> = bytes.into_iter().map(|b| if b == 0x83 { b'x' } else { b }).collect();
    assert_eq!(
        said(&one(&plain), Source::Hl7Observation),
        [[(Attribute::DeviceName, "UNIT1")], [(Attribute::DeviceName, "UNIT2")]]
    );
}
