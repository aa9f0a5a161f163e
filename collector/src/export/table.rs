//! A table for a person at a terminal: the devices that speak medical protocols first, then the others, then what is wrong
//! and what was lost.

use super::{joined, write_imports_table};
use crate::reading;
use comfy_table::{ContentArrangement, Table, presets};
use std::{
    cmp::Reverse,
    io::{self, Write},
};
use wardwatch_model::{
    Detail, DeviceClass, Location, Tunnels,
    analysis::{Analysis, ConversationEntry, Device, Finding, Role, SoftwareRole},
};

/// Writes the devices, the medical conversations, the findings and the state of the capture. `width`: columns of the terminal, none
/// where it is no terminal.
pub fn write_table(analysis: &Analysis, width: Option<u16>, out: &mut impl Write) -> io::Result<()> {
    let capture = &analysis.capture;
    let window = match (capture.first_packet, capture.last_packet) {
        (Some(first), Some(last)) => format!(", {} to {}", second(&first.to_string()), second(&last.to_string())),
        _ => String::new(),
    };
    writeln!(out, "{} packets, {} bytes{window}", capture.packets, capture.bytes)?;
    let mut order: Vec<&Device> = analysis.devices.iter().collect();
    order.sort_by_cached_key(|device| rank(analysis, device));
    let medical = analysis.devices.iter().filter(|device| speaks_medical(device)).count();
    writeln!(out, "{} devices, {medical} of them speak or are named in DICOM or HL7\n", order.len())?;
    if !order.is_empty() {
        let mut header =
            vec!["Address", "Class", "Manufacturer", "Model", "Serial", "Software", "Known as", "Roles", "How we know"];
        // Nobody needs a column in which there can be nothing.
        let has_places = !analysis.imports.is_empty();
        if has_places {
            header.push("Where");
        }
        let mut table = table(width, &header);
        for device in order {
            table.add_row(row(device).into_iter().chain(has_places.then(|| place(device))));
        }
        writeln!(out, "{table}\n")?;
    }
    conversations(analysis, width, out)?;
    findings(analysis, width, out)?;
    if !analysis.imports.is_empty() {
        write_imports_table(&analysis.imports, out)?;
        writeln!(out)?;
    }
    losses(analysis, out)
}

fn table(width: Option<u16>, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(header.iter().copied());
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// A time without its fraction.
fn second(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(second, _)| format!("{second}Z"))
}

fn speaks_medical(device: &Device) -> bool {
    device.behind.is_some() || device.roles.iter().any(|role| *role != Role::Router)
}

/// Medical devices first, by address, each followed by what is behind it.
fn rank(analysis: &Analysis, device: &Device) -> impl Ord + use<> {
    let speaker = device.behind.as_ref().and_then(|id| find(analysis, id)).unwrap_or(device);
    let address = speaker.addresses.iter().map(|address| address.ip).min();
    (!speaks_medical(speaker), address, device.behind.is_some(), device.id.clone())
}

/// The device with an id.
fn find<'a>(analysis: &'a Analysis, id: &str) -> Option<&'a Device> {
    let place = analysis.devices.binary_search_by(|device| device.id.as_str().cmp(id)).ok()?;
    analysis.devices.get(place)
}

fn row(device: &Device) -> [String; 9] {
    let text = |value: Option<&str>| value.unwrap_or("").to_owned();
    let mut addresses: Vec<String> =
        device.addresses.iter().map(|address| within(address.ip.to_string(), &address.tunnel)).collect();
    addresses.dedup();
    // The device's own software goes by the name of its model, which stands beside it.
    let software = device.software.iter().map(|software| match (software.role, &software.version) {
        (SoftwareRole::Application, Some(version)) => version.clone(),
        _ => joined([&software.name, &software.version].into_iter().flatten(), " "),
    });
    let names = device.device_name.iter().chain(&device.ae_titles).chain(&device.hl7_applications);
    let sources = device.evidence.iter().map(|evidence| evidence.source.name());
    let mut kinds: Vec<&str> = sources.map(|name| name.split_once('.').map_or(name, |(kind, _)| kind)).collect();
    kinds.sort_unstable();
    [
        if device.behind.is_some() { "  └ behind".to_owned() } else { addresses.join("\n") },
        sure(known(device.class), device.confidence.class),
        sure(device.manufacturer.as_deref(), device.confidence.manufacturer),
        sure(device.model.as_deref(), device.confidence.model),
        text(device.serial_number.as_deref()),
        joined(software, "\n"),
        joined(names, "\n"),
        joined(device.roles.iter().map(|role| role.name()), "\n"),
        joined(kinds, "\n"),
    ]
}

/// Where a device is, by the two most exact entries, with the kind of file and how old that is: its port, and its site.
fn place(device: &Device) -> String {
    let shown = |place: &Location| {
        let kind = place.source.import_kind().unwrap_or_default();
        let said = joined([kind, &reading::age(place.age_days)].into_iter().filter(|word| !word.is_empty()), ", ");
        format!("{} ({said})", joined(reading::place(&place.spot), ", "))
    };
    joined(device.locations.iter().take(2).map(shown), "\n")
}

/// The name of a class, where it is one.
fn known(class: DeviceClass) -> Option<&'static str> {
    (class != DeviceClass::Unknown).then_some(class.name())
}

/// The same, with the tunnels it is in.
fn within(what: String, tunnels: &Tunnels) -> String {
    if tunnels.is_empty() { what } else { format!("{what} in {tunnels}") }
}

/// A value with a question mark where it is no more than likely.
fn sure(value: Option<&str>, confidence: Option<f64>) -> String {
    match (value, confidence) {
        (Some(value), Some(confidence)) if confidence < 0.8 => format!("{value} ?"),
        (Some(value), _) => value.to_owned(),
        (None, _) => String::new(),
    }
}

fn conversations(analysis: &Analysis, width: Option<u16>, out: &mut impl Write) -> io::Result<()> {
    let mut table = table(width, &["Client", "Server", "Protocol", "Messages", "What"]);
    for entry in &analysis.conversations {
        let ConversationEntry { key, conversation, .. } = entry;
        let what = match &conversation.detail {
            detail @ (Detail::Dicom(_) | Detail::Hl7(_) | Detail::Notes(_)) => what(detail),
            Detail::Tls { hint: Some(hint) } => hint.to_string(),
            Detail::Tls { hint: None } | Detail::Dhcp(_) | Detail::Snmp(_) | Detail::None => continue,
        };
        let protocol =
            if conversation.encrypted { format!("{}, encrypted", key.protocol) } else { key.protocol.to_string() };
        table.add_row([
            key.client.to_string(),
            format!("{} port {}", key.server, key.port),
            within(protocol, &key.tunnels),
            conversation.messages.to_string(),
            what,
        ]);
    }
    if !table.is_empty() {
        writeln!(out, "{table}")?;
    }
    let others = analysis.conversations.len() - table.row_count();
    if others > 0 {
        let others_are = if others == 1 { "conversation is" } else { "conversations are" };
        writeln!(out, "{others} other {others_are} in the JSON document")?;
    }
    writeln!(out)
}

fn what(detail: &Detail) -> String {
    let blank = "(blank)";
    let lines: Vec<String> = match detail {
        Detail::Dicom(associations) => associations
            .entries
            .iter()
            .map(|(association, activity)| {
                let title = |title: &Option<_>| title.as_ref().map_or_else(|| blank.to_owned(), ToString::to_string);
                let services = activity.operations.0.iter();
                let done = services.map(|(service, counts)| format!("{} x {}", counts.requests, service.name()));
                format!(
                    "{} to {}: {} {}{}",
                    title(&association.calling_ae),
                    title(&association.called_ae),
                    activity.count,
                    association.result.name(),
                    done.fold(String::new(), |all, one| all + ", " + &one)
                )
            })
            .collect(),
        Detail::Hl7(links) => links
            .entries
            .iter()
            .map(|(link, activity)| {
                let name = link.sending_application.as_ref().map_or(blank, |name| name.as_str());
                let types = activity.message_types.iter().map(|(kind, count)| format!("{count} x {kind}"));
                let acknowledged = activity.acknowledgements.sum();
                format!("{name}: {}, {acknowledged} acknowledged", joined(types, ", "))
            })
            .collect(),
        Detail::Notes(notes) => notes.iter().map(|(note, count)| format!("{count} x {}", note.name())).collect(),
        Detail::Tls { .. } | Detail::Dhcp(_) | Detail::Snmp(_) | Detail::None => Vec::new(),
    };
    lines.join("\n")
}

/// What is wrong, the worst first.
fn findings(analysis: &Analysis, width: Option<u16>, out: &mut impl Write) -> io::Result<()> {
    if analysis.findings.is_empty() {
        return Ok(());
    }
    let mut order: Vec<&Finding> = analysis.findings.iter().collect();
    order.sort_by_key(|finding| Reverse(finding.severity));
    let mut table = table(width, &["Severity", "Rule", "Finding", "Device", "Peer", "When", "Count"]);
    for finding in order {
        let address = |id: &str| {
            let addresses = find(analysis, id).map_or(&[][..], |device| &device.addresses);
            addresses.first().map_or_else(|| id.to_owned(), |address| address.ip.to_string())
        };
        let (first, last) = (second(&finding.first_seen.to_string()), second(&finding.last_seen.to_string()));
        table.add_row([
            finding.severity.name().to_owned(),
            finding.rule.to_string(),
            finding.kind.to_string(),
            address(&finding.device),
            finding.peer.as_deref().map(address).unwrap_or_default(),
            if first == last { first } else { format!("{first}\n{last}") },
            finding.count.to_string(),
        ]);
    }
    let some = if analysis.findings.len() == 1 { "finding" } else { "findings" };
    writeln!(out, "{} {some}\n{table}\n", analysis.findings.len())
}

fn losses(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let loss = &analysis.capture.loss;
    let reasons =
        loss.reasons.iter().filter(|(_, count)| **count > 0).map(|(reason, count)| format!("{count} {reason}"));
    let faults = loss
        .parse_failures
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(protocol, count)| format!("{count} {protocol} parse failures"));
    let all: Vec<String> = reasons.chain(faults).collect();
    let lost = if all.is_empty() { "nothing that we know of".to_owned() } else { all.join(", ").replace('_', " ") };
    writeln!(out, "Lost: {lost}")?;
    let conditions = analysis.capture.conditions.iter().filter(|(_, count)| **count > 0);
    let conditions: Vec<String> = conditions.map(|(condition, count)| format!("{count} {condition}")).collect();
    if conditions.is_empty() { Ok(()) } else { writeln!(out, "Captured: {}", conditions.join(", ").replace('_', " ")) }
}
