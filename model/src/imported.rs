//! What files that were imported tell of a device: where it is, since when that is known, and what became of each file.

use crate::{DeviceText, PacketTime, Source, attribute::closed_list};
use serde::Serialize;
use std::{fmt, path::PathBuf, str::FromStr, sync::Arc};

/// A file to import, as the configuration or a flag names it: `KIND=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    /// What it is; an item of [`Source::imports`].
    pub source: Source,
    /// Where it is.
    pub path: PathBuf,
}

/// Beginning of the names of sources that are files.
const PREFIX: &str = "import.";

impl Source {
    /// The kind of file that this source is: `dhcp-kea` of `import.dhcp-kea`; none where it is none.
    pub fn import_kind(self) -> Option<&'static str> {
        self.name().strip_prefix(PREFIX)
    }

    /// The sources that are files, in order.
    pub fn imports() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|source| source.import_kind().is_some())
    }
}

impl FromStr for ImportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, path) =
            text.split_once('=').ok_or("not KIND=FILE, such as dhcp-kea=/var/lib/kea/kea-leases4.csv")?;
        let Some(source) = Source::imports().find(|source| source.import_kind() == Some(kind)) else {
            let kinds: Vec<&str> = Source::imports().filter_map(Source::import_kind).collect();
            return Err(format!("`{kind}` is no kind of file; there are {}", kinds.join(", ")));
        };
        if path.is_empty() {
            return Err(format!("`{text}` names no file"));
        }
        Ok(Self { source, path: path.into() })
    }
}

impl fmt::Display for ImportFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.source.import_kind().unwrap_or_default(), self.path.display())
    }
}

closed_list! {
    /// How an entry of a file was joined to a device.
    JoinedBy {
        /// By the MAC address that is the device's own.
        Mac = "mac",
        /// By the IP address that the device had at the time.
        Ip = "ip",
        /// By the network that one of its addresses is in; the longest range wins.
        Network = "network",
    }
}

/// Where a device is, as one entry of a file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// What it says.
    #[serde(flatten)]
    pub spot: Spot,
    /// MAC addresses that tables of switches have at the same port. Of many, the port leads to another switch.
    pub port_macs: Option<u64>,
    /// How the entry was joined to the device.
    pub joined_by: JoinedBy,
    /// Kind of file.
    pub source: Source,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line of the entry.
    pub line: u64,
    /// When it was so: as the entry says, else when the file was written.
    pub as_of: PacketTime,
    /// Whole days from then to the date of the evaluation; null where nothing was judged.
    pub age_days: Option<u64>,
}

/// A place in the building and in the network. What is not known is null.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Spot {
    pub site: Option<DeviceText>,
    pub segment: Option<DeviceText>,
    pub switch: Option<DeviceText>,
    pub port: Option<DeviceText>,
    pub access_point: Option<DeviceText>,
    pub vlan: Option<u16>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Kind of file.
    pub source: Source,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// When it was written.
    pub as_of: PacketTime,
    /// Lines in it.
    pub lines: u64,
    /// Entries that could be read; equal ones count once.
    pub entries: u64,
    /// Entries joined to a device; null where there were no devices to join them to.
    pub matched: Option<u64>,
    /// Entries that no device here fits: null as before.
    pub unmatched: Option<u64>,
    /// Lines of the first entries that no device fits.
    pub unmatched_lines: Vec<u64>,
    /// Headings, comments, and entries that say nothing of a device.
    pub skipped: u64,
    /// Entries that could not be read.
    pub refused: u64,
    /// The first of them.
    pub problems: Vec<ImportProblem>,
}

/// An entry that could not be read. Never a word of it: it may hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ImportProblem {
    pub line: u64,
    pub reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_with_its_kind_and_read_back() {
        for source in Source::imports() {
            let named = format!("{}=/var/a=b.csv", source.import_kind().unwrap());
            let file: ImportFile = named.parse().unwrap();
            assert_eq!((file.source, file.to_string()), (source, named));
        }
        for (wrong, told) in [("x.csv", "KIND=FILE"), ("floppy=x", "there are dhcp-isc"), ("ipam=", "names no file")] {
            assert!(wrong.parse::<ImportFile>().unwrap_err().contains(told), "{wrong}");
        }
    }
}
