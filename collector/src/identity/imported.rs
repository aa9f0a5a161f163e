//! What imported files say of devices: each entry is joined by the MAC address that is a device's own, else by the IP address that
//! a device had at the time, else by the network it is in.

use super::Workshop;
use crate::import::{Import, Imports, Record};
use foldhash::{HashMap, HashSet};
use ipnet::IpNet;
use wardwatch_model::{
    Attribute, ImportReport, JoinedBy, Location, PacketTime, Seen, Source, Spot, Tunnels, analysis::Device,
};

/// Most places kept of a device.
const MAX_LOCATIONS: usize = 8;

/// Most pieces of software that a device has before files add no more.
const MAX_SOFTWARE: usize = 64;

/// Lines that no device fits are told of so many entries.
const MAX_UNMATCHED: usize = 20;

/// Joins all entries to devices, and tells what became of each file.
pub(super) fn imports(workshop: &mut Workshop<'_>) -> Vec<ImportReport> {
    let imports: Imports = workshop.catalogue.imports().clone();
    let mut reports = Vec::new();
    if imports.files().is_empty() {
        return reports;
    }
    for import in imports.files() {
        let mut tally = Tally::default();
        for record in import.records.iter().filter(|record| record.said.net.is_none()) {
            let device = device(workshop, record, import.report.as_of);
            if let Some((device, joined_by)) = device {
                tell(workshop, device, joined_by, record, import, &imports);
            }
            tally.count(record, device.is_some());
        }
        networks(workshop, import, &imports, &mut tally);
        tally.unmatched_lines.sort_unstable();
        reports.push(ImportReport {
            matched: Some(tally.matched),
            unmatched: Some(tally.unmatched),
            unmatched_lines: tally.unmatched_lines,
            ..import.report.clone()
        });
    }
    for draft in &mut workshop.drafts {
        // The most exact first: at a port with few others, then at any place of its own; then the latest.
        let rank = |place: &Location| {
            let is_exact = place.spot.port.is_some() || place.spot.access_point.is_some();
            (!is_exact, place.port_macs, place.joined_by, std::cmp::Reverse(place.as_of), place.source, place.line)
        };
        draft.locations.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.file.cmp(&b.file)));
        draft.locations.truncate(MAX_LOCATIONS);
        let named = || draft.locations.iter().find_map(|place| place.spot.segment.as_ref());
        if draft.segment.is_none() {
            draft.segment = named().map(ToString::to_string);
        }
    }
    reports
}

/// How many entries found a device.
#[derive(Default)]
struct Tally {
    matched: u64,
    unmatched: u64,
    unmatched_lines: Vec<u64>,
}

impl Tally {
    fn count(&mut self, record: &Record, is_matched: bool) {
        if is_matched {
            self.matched += 1;
        } else {
            self.unmatched += 1;
            if self.unmatched_lines.len() < MAX_UNMATCHED {
                self.unmatched_lines.push(record.line);
            }
        }
    }
}

/// The device that an entry is about.
fn device(workshop: &Workshop<'_>, record: &Record, written: PacketTime) -> Option<(usize, JoinedBy)> {
    let said = &record.said;
    if let Some(device) = said.mac.and_then(|mac| workshop.holders.with_mac(mac, Tunnels::none())) {
        return Some((device, JoinedBy::Mac));
    }
    let ip = said.ip?;
    let at = record.seen.map_or(written, |(_, last)| last);
    let device = workshop.holders.owner((ip, Tunnels::none()), None, at)?;
    let draft = workshop.drafts.get(device)?;
    // The entry was about another one, who had the address before or after.
    let is_other = said.mac.is_some() && draft.mac.is_some();
    let came = draft.addresses.iter().filter(|address| address.ip == ip).map(|address| address.first_seen).min();
    let is_over = record.until.zip(came).is_some_and(|(until, came)| until < came);
    (!is_other && !is_over).then_some((device, JoinedBy::Ip))
}

/// The networks of a file, each of which is told of all devices in it; of those in several, the smallest.
fn networks(workshop: &mut Workshop<'_>, import: &Import, imports: &Imports, tally: &mut Tally) {
    // The last line that names a network holds.
    let nets: HashMap<IpNet, &Record> =
        import.records.iter().filter_map(|record| Some((record.said.net?, record))).collect();
    if nets.is_empty() {
        return;
    }
    let mut lengths: Vec<u8> = nets.keys().map(IpNet::prefix_len).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut used: HashSet<u64> = HashSet::default();
    for device in 0..workshop.drafts.len() {
        let addresses = workshop.drafts.get(device).map_or(&[][..], |draft| &draft.addresses);
        let here = addresses.iter().filter(|address| address.tunnel.is_empty()).map(|address| address.ip);
        let smallest = |ip| {
            let of_length = |length: &u8| nets.get(&IpNet::new(ip, *length).ok()?.trunc()).copied();
            lengths.iter().rev().find_map(of_length)
        };
        let mut found: Vec<&Record> = here.filter_map(smallest).collect();
        found.sort_by_key(|record| record.line);
        found.dedup_by_key(|record| record.line);
        for record in found {
            used.insert(record.line);
            tell(workshop, device, JoinedBy::Network, record, import, imports);
        }
    }
    for record in import.records.iter().filter(|record| record.said.net.is_some()) {
        tally.count(record, used.contains(&record.line));
    }
}

/// Adds what an entry says to a device.
fn tell(
    workshop: &mut Workshop<'_>,
    device: usize,
    joined_by: JoinedBy,
    record: &Record,
    import: &Import,
    imports: &Imports,
) {
    let report = &import.report;
    let (first, last) = record.seen.unwrap_or((report.as_of, report.as_of));
    let seen = Seen { first, last, count: 1 };
    let said: Vec<_> = record.said.attributes.iter().map(|(a, value)| (*a, workshop.shown(*a, value))).collect();
    let Some(draft) = workshop.draft(device) else { return };
    for (attribute, value) in said {
        draft.add(attribute, &value, report.source, confidence(report.source, attribute), &seen);
    }
    if draft.software.len() < MAX_SOFTWARE {
        draft.software.extend(record.said.software.clone());
    }
    let spot = &record.said.spot;
    if *spot == Spot::default() {
        return;
    }
    let known = draft.locations.iter().position(|known| known.spot == *spot && known.source == report.source);
    let is_full = draft.locations.len() >= 2 * MAX_LOCATIONS;
    match known.and_then(|place| draft.locations.get_mut(place)) {
        Some(known) if (known.as_of, &known.file, known.line) >= (last, &report.file, record.line) => {}
        Some(known) => (known.as_of, known.line, known.file) = (last, record.line, report.file.clone()),
        // Sorted and cut when all is known; a file that has a device everywhere does not fill memory before.
        None if is_full => {}
        None => draft.locations.push(Location {
            spot: spot.clone(),
            port_macs: imports.port_macs(spot),
            joined_by,
            source: report.source,
            file: report.file.clone(),
            line: record.line,
            as_of: last,
            age_days: None,
        }),
    }
}

/// How sure it is: leases have the names that devices told the server, logs the words of servers.
const fn confidence(source: Source, attribute: Attribute) -> f64 {
    match (source, attribute) {
        // Whoever asks for a name may be wrong, and a server may have many.
        (Source::ImportZeekSsl, Attribute::Hostname) => 0.5,
        (Source::ImportZeekSsl | Source::ImportZeekSoftware, _) => 0.8,
        _ => 0.6,
    }
}

/// Tells how old each place of a device is on a date, `YYYY-MM-DD` in UTC.
pub(crate) fn age(devices: &mut [Device], date: &str) {
    const DAY: u64 = 86_400_000_000_000;
    let Some(today) = PacketTime::parse(&format!("{date}T00:00:00.000000000Z")) else { return };
    for place in devices.iter_mut().flat_map(|device| &mut device.locations) {
        place.age_days = Some((today.0 / DAY).saturating_sub(place.as_of.0 / DAY));
    }
}

#[cfg(test)]
mod tests;
