//! What switches learnt: the text of Cisco's `show mac address-table`, in the forms of IOS, IOS XE and NX-OS, or CSV.

use super::{Lines, Record, Said, csv, text};
use wardwatch_model::{DeviceText, Mac, Spot};

/// Ports that are the switch itself, or nowhere.
const NO_PORTS: [&str; 8] = ["cpu", "router", "switch", "drop", "self", "igmp", "sup-eth1(r)", "vpc"];

/// Reads a table. In text, the switch is named by the prompt in front of the command, else by the name of the file.
pub(super) fn read(bytes: &[u8], named: Option<DeviceText>, lines: &mut Lines) {
    if !is_text(bytes) {
        return csv::read(bytes, csv::MAC_TABLE, lines);
    }
    let mut switch = named;
    for (number, line) in text::lines(bytes) {
        match line {
            Err(reason) => lines.refuse(number, reason),
            Ok(line) => match entry(line) {
                Entry::Of(mac, port, vlan) => {
                    let spot = Spot { switch: switch.clone(), port: Some(port), vlan, ..Spot::default() };
                    let said = Said { mac: Some(mac), spot, ..Said::default() };
                    lines.take(Record { line: number, said, ..Record::default() });
                }
                Entry::Prompt(name) => {
                    switch = Some(name);
                    lines.skip();
                }
                Entry::Wrong(reason) => lines.refuse(number, reason),
                Entry::Nothing => lines.skip(),
            },
        }
    }
}

/// Whether it is the text of a switch: some line has an address in its form.
fn is_text(bytes: &[u8]) -> bool {
    let lines = text::lines(bytes).filter_map(|(_, line)| line.ok());
    lines.flat_map(str::split_ascii_whitespace).any(is_dotted)
}

/// Whether a word has the form of a MAC address of Cisco, right or wrong: `0000.5e00.5301`.
fn is_dotted(word: &str) -> bool {
    let is_group = |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    word.len() == 14 && word.split('.').count() == 3 && word.split('.').all(is_group)
}

enum Entry {
    /// An address at a port, in a VLAN.
    Of(Mac, DeviceText, Option<u16>),
    Prompt(DeviceText),
    Wrong(&'static str),
    Nothing,
}

fn entry(line: &str) -> Entry {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let Some(place) = words.iter().position(|word| is_dotted(word)) else {
        // `ward-sw-3#show mac address-table`
        let prompt = line.split_once(['#', '>']).filter(|(_, command)| command.trim_start().starts_with("sh"));
        let name = prompt.map(|(name, _)| name.trim()).filter(|name| !name.contains(char::is_whitespace));
        return name.and_then(DeviceText::new).map_or(Entry::Nothing, Entry::Prompt);
    };
    let (before, after) = words.split_at(place);
    let mac = match after.first().map(|word| text::mac(word)) {
        Some(Ok(Some(mac))) => mac,
        Some(Err(reason)) => return Entry::Wrong(reason),
        Some(Ok(None)) | None => return Entry::Nothing,
    };
    let port = match after {
        [_, .., port] => *port,
        _ => return Entry::Wrong("no port"),
    };
    if NO_PORTS.iter().any(|none| port.to_ascii_lowercase().starts_with(none)) {
        return Entry::Nothing;
    }
    if !port.bytes().any(|byte| byte.is_ascii_digit()) || port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Entry::Wrong("no port");
    }
    // In front of the address, or, in old releases, behind the type.
    let number = |word: &&str| word.parse().ok().filter(|vlan| (1..=4094).contains(vlan));
    let old = || after.get(2).filter(|_| before.is_empty()).and_then(number);
    match DeviceText::new(port) {
        Some(port) => Entry::Of(mac, port, before.iter().rev().find_map(number).or_else(old)),
        None => Entry::Wrong("no port"),
    }
}
