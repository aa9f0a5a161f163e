//! What is known before any packet: the reviewed files of `catalogue/`, compiled in.
//!
//! Knowledge is data. This module only looks things up; an entry is corrected in the catalogue, not here.

mod classes;
mod detections;
mod fingerprints;
mod implementations;
mod lifecycle;
mod registry;
mod systems;
mod titles;
mod vendors;

pub use classes::{ClassReason, Clue, Clues, Known, Verdict};
pub use detections::Detection;
pub use fingerprints::{Fingerprint, Origin, OwnRules};
pub use implementations::{Implementation, Kind};
pub use lifecycle::{Authority, Dates, Day, End, Record};
pub use systems::System;
pub use titles::DefaultTitle;

use crate::import::Imports;
use serde::de::DeserializeOwned;
use std::sync::LazyLock;
use thiserror::Error;
use wardwatch_model::Attribute;

use classes::Classes;
use detections::Detections;
use fingerprints::Shelf;
use implementations::Implementations;
use lifecycle::Lifecycles;
use systems::Systems;
use titles::Titles;
use vendors::Vendors;

const VENDORS: File<'static> = File::ours(
    "catalogue/vendors.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/vendors.toml")),
);
const IMPLEMENTATIONS: File<'static> = File::ours(
    "catalogue/dicom-implementations.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/dicom-implementations.toml")),
);
const CLASSES: File<'static> = File::ours(
    "catalogue/device-classes.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/device-classes.toml")),
);
const LIFECYCLE: File<'static> = File::ours(
    "catalogue/lifecycle.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/lifecycle.toml")),
);
const SYSTEMS: File<'static> = File::ours(
    "catalogue/operating-systems.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/operating-systems.toml")),
);

const TITLES: File<'static> = File::ours(
    "catalogue/default-ae-titles.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/default-ae-titles.toml")),
);
const DETECTIONS: File<'static> = File::ours(
    "catalogue/detections.toml",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/detections.toml")),
);

/// What devices say of themselves, a file for each way of saying it.
macro_rules! fingerprint_files {
    ($($name:literal,)*) => {
        [$(File::ours(
            concat!("catalogue/fingerprints/", $name, ".toml"),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/fingerprints/", $name, ".toml")),
        ),)*]
    };
}
static FINGERPRINTS: &[File<'static>] = &fingerprint_files![
    "astm-senders",
    "capabilities",
    "device-types",
    "dhcp",
    "enterprises",
    "greetings",
    "hassh",
    "hl7-applications",
    "hostnames",
    "http-servers",
    "medical-models",
    "native-lan-managers",
    "native-systems",
    "ntp",
    "platforms",
    "products",
    "rdp",
    "services",
    "sip",
    "ssh",
    "system-descriptions",
    "telnet",
    "upnp",
    "upnp-types",
    "user-agents",
    "windows",
];

/// The files compiled in, by name, and how many entries each has.
pub(crate) static CONTENTS: LazyLock<Vec<(&'static str, usize)>> = LazyLock::new(|| {
    let count = |file: &File<'static>| (file.stem(), file.text.lines().filter(|line| line.starts_with("[[")).count());
    let files = [&TITLES, &DETECTIONS, &CLASSES, &IMPLEMENTATIONS, &LIFECYCLE, &SYSTEMS, &VENDORS];
    files.into_iter().chain(FINGERPRINTS).map(count).chain([("ieee-registry", registry::rows())]).collect()
});

/// The reviewed knowledge, ready for look-ups.
#[derive(Debug)]
pub struct Catalogue {
    vendors: Vendors,
    implementations: Implementations,
    classes: Classes,
    lifecycles: Lifecycles,
    systems: Systems,
    titles: Titles,
    detections: Detections,
    fingerprints: Shelf,
    own: OwnRules,
    imports: Imports,
}

/// A catalogue file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CatalogueError {
    /// Not TOML, an unknown key, a key that is missing or of the wrong type.
    #[error("{file}: line {line}: {problem}")]
    Form {
        /// The file: of ours by its name in the repository.
        file: String,
        /// Where in the file.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// An entry of the right form whose content does not hold.
    #[error("{file}: {}entry {entry:?}, key {key}: {problem}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
    Content {
        /// The file: of ours by its name in the repository.
        file: String,
        /// Where the entry begins, if that is known.
        line: Option<usize>,
        /// The name of the entry.
        entry: String,
        /// The key within the entry.
        key: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

impl CatalogueError {
    /// Says where the entry begins.
    fn at_line(mut self, at: usize) -> Self {
        if let Self::Content { line, .. } = &mut self {
            *line = Some(at);
        }
        self
    }
}

impl Catalogue {
    /// The catalogue compiled into the binary.
    ///
    /// # Errors
    /// When an entry is not of the documented form or contradicts another; a test holds that none does.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::read(&VENDORS, &IMPLEMENTATIONS)
    }

    fn read(vendors: &File<'_>, implementations: &File<'_>) -> Result<Self, CatalogueError> {
        let vendors = Vendors::read(vendors)?;
        let implementations = Implementations::read(implementations, &vendors)?;
        let classes = Classes::read(&CLASSES)?;
        let lifecycles = Lifecycles::read(&LIFECYCLE)?;
        let systems = Systems::read(&SYSTEMS, |name| lifecycles.knows(name))?;
        let (titles, detections) = (Titles::read(&TITLES)?, Detections::read(&DETECTIONS)?);
        let (fingerprints, own) = (Shelf::of_files(FINGERPRINTS), OwnRules::default());
        let imports = Imports::default();
        Ok(Self {
            vendors,
            implementations,
            classes,
            lifecycles,
            systems,
            titles,
            detections,
            fingerprints,
            own,
            imports,
        })
    }

    /// Organisation that a MAC address block is assigned to, by the longest of 36, 28 and 24 bits.
    ///
    /// None for group and locally administered addresses, and for blocks not assigned or not named. The weakest of
    /// evidence: it names whoever made the network adapter, and says nothing of a model.
    #[must_use]
    pub fn organisation(&self, mac: [u8; 6]) -> Option<&'static str> {
        registry::organisation(mac)
    }

    /// Canonical manufacturer for words from the wire.
    ///
    /// Meant for fields in which clinical devices and systems name their maker: (0008,0070), SFT-1, MSH-3, PCD and
    /// LIS2 names. Elsewhere a bare "Siemens" or "Philips" may well be a controller or a lamp.
    #[must_use]
    pub fn vendor(&self, wire: &str) -> Option<&str> {
        self.vendors.find(wire)
    }

    /// The same, or the words as they are where the catalogue does not know them.
    pub fn maker<'a>(&'a self, wire: &'a str) -> &'a str {
        self.vendor(wire).unwrap_or(wire)
    }

    /// Software behind a DICOM implementation class UID and version name.
    ///
    /// The UID decides; a version name decides only where the UID tells nothing.
    #[must_use]
    pub fn implementation(&self, uid: &str, version_name: Option<&str>) -> Option<Implementation<'_>> {
        self.implementations.find(uid, version_name)
    }

    /// The classes that clues about a device lead to, the one to believe first; none where it is unknown.
    #[must_use]
    pub fn classes(&self, clues: &Clues<'_>) -> Vec<Verdict> {
        self.classes.judge(clues)
    }

    /// Each rule by which clues about a device lead to a class.
    #[must_use]
    pub fn class_reasons(&self, clues: &Clues<'_>) -> Vec<ClassReason> {
        self.classes.reasons(clues)
    }

    /// Operating system of a DHCP client, by its vendor class and the list of parameters it asks for.
    #[must_use]
    pub fn operating_system(&self, vendor_class: Option<&str>, parameters: Option<&str>) -> Option<System> {
        self.systems.find(vendor_class, parameters)
    }

    /// What words that a device said of itself tell of it, by every rule that fits, ours and the hospital's own.
    #[must_use]
    pub fn fingerprints(&self, attribute: Attribute, words: &str) -> Vec<Fingerprint> {
        self.fingerprints.of(attribute, words).chain(self.own.of(attribute, words)).collect()
    }

    /// Whether some rule is about an attribute's words.
    #[must_use]
    pub fn reads(&self, attribute: Attribute) -> bool {
        self.fingerprints.reads(attribute) || self.own.reads(attribute)
    }

    /// Puts a hospital's own rules in the place of those it had.
    pub fn set_own(&mut self, own: OwnRules) {
        self.own = own;
    }

    /// Puts the files that tell where devices are in the place of those it had.
    pub fn set_imports(&mut self, imports: Imports) {
        self.imports = imports;
    }

    /// The files that tell where devices are.
    #[must_use]
    pub const fn imports(&self) -> &Imports {
        &self.imports
    }

    /// How many rules are the hospital's own.
    #[must_use]
    pub fn own_rules(&self) -> usize {
        self.own.len()
    }

    /// Name and version of an operating system that is told in one: `Windows XP or Server 2003`.
    #[must_use]
    pub fn split_system<'a>(&self, title: &'a str) -> (&'a str, Option<&'a str>) {
        self.systems.split(title)
    }

    /// Records of every release that the title of an operating system may mean; none where it is not known.
    #[must_use]
    pub fn system_records(&self, title: &str) -> Vec<Record<'_>> {
        if let Some(releases) = self.systems.releases(title) {
            return releases.iter().flat_map(|name| self.lifecycles.named(name)).collect();
        }
        let named = self.lifecycles.named(title);
        match title.strip_prefix("Windows ") {
            Some(build) if named.is_empty() => self.lifecycles.with_build(build),
            _ => named,
        }
    }

    /// Record of a version of software that is no operating system.
    #[must_use]
    pub fn software_record(&self, name: &str, version: &str) -> Option<Record<'_>> {
        self.lifecycles.version(name, version)
    }

    /// Whether only one kind of device stores objects of a SOP class of its own: not so presentation states, reports,
    /// secondary captures.
    #[must_use]
    pub fn is_telling(&self, sop_class: &str) -> bool {
        self.classes.is_telling(sop_class)
    }

    /// A DICOM application entity title that a tool or product comes with. Case counts, as it does on the wire.
    #[must_use]
    pub fn default_ae_title(&self, title: &str) -> Option<&DefaultTitle> {
        self.titles.find(title)
    }

    /// What a detection means to people, by the id of its rule.
    #[must_use]
    pub fn detection(&self, id: &str) -> Option<&Detection> {
        self.detections.find(id)
    }

    /// Ids of all detections, sorted.
    pub fn detection_ids(&self) -> impl Iterator<Item = &str> {
        self.detections.ids()
    }
}

/// One file of the catalogue.
#[derive(Debug)]
struct File<'a> {
    name: &'a str,
    text: &'a str,
    /// It is one of ours, which many review: there is one place for everything in it.
    is_ours: bool,
}

impl<'a> File<'a> {
    const fn ours(name: &'a str, text: &'a str) -> Self {
        Self { name, text, is_ours: true }
    }

    /// `vendors` of `catalogue/vendors.toml`.
    fn stem(&self) -> &'a str {
        self.name.trim_start_matches("catalogue/").trim_end_matches(".toml")
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, CatalogueError> {
        toml::from_str(self.text).map_err(|error| CatalogueError::Form {
            file: self.name.to_owned(),
            line: self.line(error.span().map_or(0, |span| span.start)),
            problem: error.message().replace('\n', " "),
        })
    }

    /// Number of the line in which a byte stands, from 1 on.
    fn line(&self, at: usize) -> usize {
        1 + self.text.get(..at).unwrap_or_default().matches('\n').count()
    }

    fn wrong(&self, entry: &str, key: &'static str, problem: impl Into<String>) -> CatalogueError {
        let (file, entry) = (self.name.to_owned(), entry.to_owned());
        CatalogueError::Content { file, line: None, entry, key, problem: problem.into() }
    }

    /// Entries and the lists in them are sorted, so that two reviews never add the same thing in two places.
    fn require_sorted<K: Ord>(
        &self,
        entry: &str,
        key: &'static str,
        order: impl IntoIterator<Item = K>,
    ) -> Result<(), CatalogueError> {
        if !self.is_ours || order.into_iter().is_sorted_by(|a, b| a < b) {
            Ok(())
        } else {
            Err(self.wrong(entry, key, "not sorted, or the same thing twice"))
        }
    }

    /// Knowledge without a source cannot be reviewed, and without an example it cannot be checked.
    fn require_source<E>(&self, entry: &str, source: &str, examples: &[E]) -> Result<(), CatalogueError> {
        if source.trim().is_empty() {
            return Err(self.wrong(entry, "source", "empty"));
        }
        if examples.is_empty() {
            return Err(self.wrong(entry, "examples", "empty"));
        }
        Ok(())
    }
}

/// Lower case, each run of other characters than letters and digits as one space: `G.E. Medical` is `g e medical`.
fn fold(words: &str) -> String {
    let lower = words.to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// A UID has at most 64 characters (PS3.5, 9.1).
const UID_CHARACTERS: usize = 64;

/// PS3.5, 9.1: components of digits without leading zeros, two at least.
fn is_uid(text: &str) -> bool {
    let component = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    text.len() <= UID_CHARACTERS
        && text.starts_with(['0', '1', '2'])
        && text.split('.').count() >= 2
        && text.split('.').all(component)
}

#[cfg(test)]
mod tests;
