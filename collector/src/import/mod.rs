//! Files that other systems wrote: leases, tables of switches, lists of wireless controllers, plans of addresses, logs of
//! Zeek. Each kind has a pure parser from bytes to [`Record`]s; `identity/imported.rs` joins them to devices.
//!
//! A parser reads the fields it needs and no others: such files hold users' names, too. A bad entry is refused with its line
//! and a reason that quotes nothing of it; what was good before and after it stays.

mod csv;
mod isc;
mod lines;
mod mac_table;
mod moment;
mod text;
mod zeek;

use ipnet::IpNet;
use lines::Lines;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};
use wardwatch_model::{
    Attribute, DeviceText, ImportFile, ImportReport, Mac, PacketTime, Source, Spot, analysis::Software,
};

/// All files together, bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// Most entries of all files together; those beyond are refused.
const MAX_RECORDS: usize = 250_000;

/// Memory that files may take, bytes: their words and records, those of a reload as well, the files while they are read, and
/// what is said of devices by them.
pub(crate) const MAX_MEMORY: u64 = 640 << 20;

/// What one entry says of a device, or of the devices in a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it is; of equal ones the last.
    pub(crate) line: u64,
    /// When that was so, the earliest and the latest; none where only the file says when.
    pub(crate) seen: Option<(PacketTime, PacketTime)>,
    /// When it ends; none where it does not say.
    pub(crate) until: Option<PacketTime>,
    /// What it says.
    pub(crate) said: Said,
}

/// The words of an entry. What is equal in two entries of a file is said once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    pub(crate) mac: Option<Mac>,
    pub(crate) ip: Option<IpAddr>,
    /// It is about all in this network.
    pub(crate) net: Option<IpNet>,
    pub(crate) spot: Spot,
    pub(crate) attributes: Vec<(Attribute, DeviceText)>,
    pub(crate) software: Option<Software>,
}

impl Said {
    /// Whether it is about something.
    const fn names_one(&self) -> bool {
        self.mac.is_some() || self.ip.is_some() || self.net.is_some()
    }
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct Import {
    /// Not compared with devices yet.
    pub(crate) report: ImportReport,
    pub(crate) records: Vec<Record>,
}

/// All files that were read. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct Imports(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    files: Vec<Import>,
    /// MAC addresses at each port of a switch.
    port_macs: BTreeMap<(Option<DeviceText>, DeviceText), u64>,
}

impl Imports {
    /// Reads the bytes of files, each with the time at which it was written.
    pub fn read(files: impl IntoIterator<Item = (ImportFile, Vec<u8>, PacketTime)>) -> Self {
        let mut room = MAX_RECORDS;
        let mut read = Vec::new();
        for (file, bytes, written) in files {
            let import = import(&file, &bytes, written, room);
            room -= import.records.len().min(room);
            read.push(import);
        }
        Self(Arc::new(Files { port_macs: port_macs(&read), files: read }))
    }

    /// What became of each file, compared with no devices.
    pub fn reports(&self) -> Vec<ImportReport> {
        self.0.files.iter().map(|file| file.report.clone()).collect()
    }

    pub(crate) fn files(&self) -> &[Import] {
        &self.0.files
    }

    /// How many MAC addresses are at the port of a spot, by the tables of switches.
    pub(crate) fn port_macs(&self, spot: &Spot) -> Option<u64> {
        self.0.port_macs.get(&(spot.switch.clone(), spot.port.clone()?)).copied()
    }
}

fn port_macs(files: &[Import]) -> BTreeMap<(Option<DeviceText>, DeviceText), u64> {
    let tables = files.iter().filter(|file| file.report.source == Source::ImportMacTable);
    let at = |said: &Said| Some(((said.spot.switch.clone(), said.spot.port.clone()?), said.mac?));
    let all: BTreeSet<_> = tables.flat_map(|file| &file.records).filter_map(|record| at(&record.said)).collect();
    let mut counts = BTreeMap::new();
    for (port, _) in all {
        *counts.entry(port).or_default() += 1;
    }
    counts
}

fn import(file: &ImportFile, bytes: &[u8], written: PacketTime, room: usize) -> Import {
    let mut lines = Lines::new(room);
    let bytes = text::utf8(bytes);
    let named = file.path.file_stem().and_then(|stem| stem.to_str()).and_then(DeviceText::new);
    match file.source {
        Source::ImportDhcpIsc => isc::read(&bytes, &mut lines),
        Source::ImportDhcpKea => csv::read(&bytes, csv::KEA, &mut lines),
        Source::ImportDhcpWindows => csv::read(&bytes, csv::WINDOWS, &mut lines),
        Source::ImportIpam => csv::read(&bytes, csv::IPAM, &mut lines),
        Source::ImportMacTable => mac_table::read(&bytes, named, &mut lines),
        Source::ImportWireless => csv::read(&bytes, csv::WIRELESS, &mut lines),
        Source::ImportZeekDhcp => zeek::read::<zeek::Dhcp>(&bytes, &mut lines),
        Source::ImportZeekKnownHosts => zeek::read::<zeek::KnownHost>(&bytes, &mut lines),
        Source::ImportZeekSoftware => zeek::read::<zeek::Software>(&bytes, &mut lines),
        Source::ImportZeekSsl => zeek::read::<zeek::Ssl>(&bytes, &mut lines),
        // No file has another source.
        _ => {}
    }
    let count = bytes.iter().filter(|byte| **byte == b'\n').count() + usize::from(!matches!(*bytes, [] | [.., b'\n']));
    let read = lines.finish();
    Import {
        report: ImportReport {
            source: file.source,
            file: file.path.display().to_string().into(),
            as_of: written,
            lines: count as u64,
            entries: read.records.len() as u64,
            matched: None,
            unmatched: None,
            unmatched_lines: Vec::new(),
            skipped: read.skipped,
            refused: read.refused,
            problems: read.problems,
        },
        records: read.records,
    }
}

#[cfg(test)]
mod tests;
