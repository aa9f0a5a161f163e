//! Nothing but the allow-list comes out.

use super::super::samples::block;
use super::*;

/// A segment with `count` fields, each with four components and two repetitions of a token that tells where it stood.
fn segment(id: &str, first: usize, count: usize) -> String {
    let field = |n: usize| {
        let component = |c: usize| format!("{id}x{n}x{c}x");
        let all = |c: usize| (1..=4).map(|k| component(c + k)).collect::<Vec<_>>().join("^");
        format!("{}~{}", all(0), all(4))
    };
    let fields: Vec<_> = (first..=count).map(field).collect();
    if id == "MSH" { format!("MSH|^~\\&|{}", fields.join("|")) } else { format!("{id}|{}", fields.join("|")) }
}

#[test]
fn only_fields_of_the_allow_list_come_out() {
    let ids = ["PID", "PD1", "NK1", "PV1", "PV2", "ORC", "OBR", "NTE", "ROL", "AL1", "DG1", "IN1", "GT1", "ERR", "UAC"];
    let more = ["ZPD", "ZZZ", "SFT", "MSA", "OBX", "PRT", "EQU", "DEV", "TXA", "QPD", "EVN", "SPM", "STF"];
    let mut lines = vec![segment("MSH", 3, 30)];
    lines.extend(ids.iter().chain(&more).map(|id| segment(id, 1, 30)));
    // A device attribute: its value is read, and the same number of another system is not.
    lines.push("OBX|1|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.1|VALx1||||||R".into());
    lines.push("OBX|1|ST|531972^Haemoglobin^L|1.0.0.1|VALx2||||||R".into());
    lines.push("OBX|1|ST|67881^MDC_OTHER^MDC|1.0.0.1|VALx3||||||R".into());
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let shown = format!("{:?}", run(&[(Side::A, &block(&lines)), (Side::B, &block(&lines))]));

    let allowed = |token: &str| {
        let mut parts = token.split('x');
        let id = parts.next().unwrap_or_default();
        let mut number = || parts.next().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        let (field, component) = (number(), number());
        match id {
            "MSH" => match field {
                3..=6 => component <= 3,
                // Types, processing ids and versions are told only where they look like that.
                18 => true,
                21 => true,
                _ => false,
            },
            "SFT" => field <= 3 && component == 1,
            "OBX" => field == 18,
            "PRT" => matches!(field, 10 | 16..=20 | 22),
            "EQU" => field == 1,
            "DEV" => matches!(field, 2 | 3 | 5..=11 | 16),
            "VAL" => field == 1,
            _ => false,
        }
    };
    let mut found = 0;
    for token in shown.split(|c: char| !c.is_ascii_alphanumeric()).filter(|t| t.contains('x')) {
        if token.len() > 4 && token.as_bytes()[3] == b'x' {
            assert!(allowed(token), "{token} in {shown}");
            found += 1;
        }
    }
    assert!(found > 30, "{found} in {shown}");
}

#[test]
fn a_character_that_holds_a_separator_shifts_no_secret_into_a_code() {
    // The second byte of this character of BIG-5 is the separator: MSH-8 stands where the type is looked for.
    let head = [&b"MSH|^~\\&|"[..], &[0xa8, b'|'], b"|H|C|D|2026|SECRET|ADT^A01|CONTROL|P|2.5||||||BIG-5"].concat();
    let shown = format!("{:?}", run(&[(Side::A, &[b"\x0b", &head[..], b"\r\x1c\r"].concat())]));
    assert!(!shown.contains("SECRET") && !shown.contains("CONTROL"), "{shown}");
    let answer = block(&["MSH|^~\\&|C|D|A|B|2026||ACK|1|P|2.5", "MSA|DOE^JANE|7"]);
    assert!(!format!("{:?}", run(&[(Side::A, &answer)])).contains("DOE"));
}

#[test]
fn an_observation_in_an_undeclared_two_byte_repertoire_is_not_read_beyond_it() {
    let line = [&b"OBX|1|ST|"[..], &[0xa8, b'|', 0xa8, b'|'], b"|||||||||||||OBSERVER|||EQ"].concat();
    let message = [&b"\x0bMSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\r"[..], &line, b"\r\x1c\r"].concat();
    assert!(!format!("{:?}", run(&[(Side::A, &message)])).contains("OBSERVER"));
}

#[test]
fn control_ids_never_come_out() {
    let message = block(&["MSH|^~\\&|A|B|C|D|2026||ADT^A01|CONTROLID|P|2.5"]);
    let answer = block(&["MSH|^~\\&|C|D|A|B|2026||ACK|OTHERID|P|2.5", "MSA|AA|CONTROLID"]);
    let parser = feed(&[(Side::A, &message), (Side::B, &answer)]);
    assert!(!format!("{parser:?}").contains("CONTROLID"));
    assert!(!format!("{:?}", parser.finish()).contains("ID"));
}

#[test]
fn what_is_passed_over_is_never_stored() {
    let secret = "NAMESAKE";
    let message = block(&[
        "MSH|^~\\&|A|B|C|D|2026|NAMESAKE|ADT^A01|1|P|2.5",
        "PID|1||NAMESAKE",
        "OBX|1|NAMESAKE|147842^MDC_RATE^MDC|1.1.1.1|NAMESAKE|NAMESAKE|||||||||||NAMESAKE",
        "SFT|V|1|P|NAMESAKE|NAMESAKE",
    ]);
    for cut in 0..message.len() {
        let parser = feed(&[(Side::A, &message[..cut])]);
        let held = format!("{parser:?}");
        let bytes: Vec<String> = secret.bytes().map(|b| b.to_string()).collect();
        assert!(!held.contains(&bytes.join(", ")), "{cut}");
    }
}
