//! `dhcpd.leases` of the DHCP server of the ISC (dhcpd.leases(5)): a journal of `lease ADDRESS { … }`, one statement a line, in
//! which the last entry for an address holds. Leases of IPv6 are known by DUIDs and are skipped.

use super::{Lines, Record, moment, text};
use wardwatch_model::Attribute;

/// Reads a file.
pub(super) fn read(bytes: &[u8], lines: &mut Lines) {
    let mut lease: Option<Lease> = None;
    for (number, line) in text::lines(bytes) {
        let line = match line {
            Ok(line) => line.trim(),
            Err(reason) => {
                lines.refuse(number, reason);
                continue;
            }
        };
        if let Some(address) = line.strip_prefix("lease ").and_then(|rest| rest.strip_suffix('{')) {
            // The server was stopped while it wrote.
            if let Some(cut) = lease.take() {
                lines.refuse(cut.record.line, CUT);
            }
            lease = Some(Lease::new(number, address.trim()));
        } else if line == "}" {
            match lease.take() {
                Some(Lease { problem: Some(problem), record, .. }) => lines.refuse(record.line, problem),
                Some(lease) if lease.is_held => lines.take(lease.record),
                Some(_) | None => lines.skip(),
            }
        } else if let Some(lease) = &mut lease {
            lease.statement(line);
        } else if !line.is_empty() {
            lines.skip();
        }
    }
    if let Some(cut) = lease {
        lines.refuse(cut.record.line, CUT);
    }
}

const CUT: &str = "a lease without its end";

struct Lease {
    record: Record,
    problem: Option<&'static str>,
    /// Somebody has it, or had.
    is_held: bool,
}

impl Lease {
    fn new(line: u64, address: &str) -> Self {
        let mut record = Record { line, ..Record::default() };
        record.said.ip = address.parse().ok();
        let problem = record.said.ip.is_none().then_some("not an IP address");
        Self { record, problem, is_held: true }
    }

    fn statement(&mut self, line: &str) {
        let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
        let value = rest.trim_end_matches(|c| c != ';' && c != '"').trim_end_matches(';').trim();
        match keyword {
            "starts" => self.record.seen = time(rest).map(|at| (at, at)),
            "ends" => self.record.until = time(rest),
            "binding" => {
                let state = value.strip_prefix("state ").unwrap_or(value).trim();
                self.is_held = !matches!(state, "abandoned" | "backup");
            }
            "hardware" => match value.split_once(' ') {
                Some(("ethernet", address)) => match text::mac(address) {
                    Ok(mac) => self.record.said.mac = mac,
                    Err(reason) => self.problem = Some(reason),
                },
                // Of another kind of network: known by its IP address alone.
                Some(_) => {}
                None => self.problem = Some("not a hardware address"),
            },
            "client-hostname" => {
                let name = value.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map(unescaped);
                let name = name.as_deref().and_then(text::hostname);
                self.record.said.attributes.extend(name.map(|name| (Attribute::Hostname, name)));
            }
            _ => {}
        }
    }
}

/// `2 2026/11/24 05:00:00;`, or `epoch 1795496400; # comment`; `never` is none.
fn time(rest: &str) -> Option<wardwatch_model::PacketTime> {
    let (time, _) = rest.split_once(';')?;
    let (kind, time) = time.trim().split_once(' ')?;
    if kind == "epoch" { moment::epoch(time) } else { moment::civil(time) }
}

/// A quoted text without its escapes: `\"`, and bytes in octal digits, of which none but ASCII are names.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, rest.clone().next()) {
            ('\\', Some('0'..='7')) => {
                let octal: String = rest.by_ref().take(3).collect();
                let byte = u8::from_str_radix(&octal, 8).ok().filter(u8::is_ascii);
                plain.push(byte.map_or(char::REPLACEMENT_CHARACTER, char::from));
            }
            ('\\', Some(next)) => {
                plain.push(next);
                rest.next();
            }
            _ => plain.push(c),
        }
    }
    plain
}
