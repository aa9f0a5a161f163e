//! The form of what must be found. It is filled in where the scenario lets something happen.

use serde::Serialize;
use std::{collections::BTreeSet, net::Ipv4Addr};

/// The truth about a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The seed of the capture.
    pub seed: u64,
    /// Day for which life-cycle stages are told.
    pub evaluated_at: &'static str,
    /// Everything that is a device, and nothing else is. Sorted.
    pub devices: Vec<Device>,
    /// Everything that is to be found, and nothing else is. Sorted.
    pub findings: Vec<Finding>,
    /// Pieces of text of which none may be in any output: patients, people, instances, secrets.
    pub untold: &'static [&'static str],
}

/// A device. What is `None` or empty must not be claimed; only of the life cycle `None` says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Device {
    /// Its addresses; none where only others speak of it.
    pub ips: BTreeSet<Ipv4Addr>,
    /// Its MAC address; none where it is only seen through a router. Two devices may have had one address: this tells
    /// them apart.
    pub mac: Option<String>,
    /// VLANs its frames carry, wherever they are seen.
    pub vlans: BTreeSet<u16>,
    /// Address of the device that spoke for it. With the serial number it tells which device is meant.
    pub behind: Option<Ipv4Addr>,
    /// One of the closed list of classes; `unknown` where nothing reveals it.
    pub class: &'static str,
    /// By its present trade name.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Serial number.
    pub serial_number: Option<String>,
    /// Operating system.
    pub os: Option<Os>,
    /// Names it gave itself in DHCP.
    pub hostnames: BTreeSet<String>,
    /// AE titles it called itself, or was called by and accepted.
    pub ae_titles: BTreeSet<String>,
    /// Applications it sent messages or acknowledgements for, `application^facility`.
    pub hl7_applications: BTreeSet<String>,
    /// Life cycle, where it is certain on the day of evaluation.
    pub lifecycle: Option<Lifecycle>,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            ips: BTreeSet::new(),
            mac: None,
            vlans: BTreeSet::new(),
            behind: None,
            class: "unknown",
            manufacturer: None,
            model: None,
            serial_number: None,
            os: None,
            hostnames: BTreeSet::new(),
            ae_titles: BTreeSet::new(),
            hl7_applications: BTreeSet::new(),
            lifecycle: None,
        }
    }
}

impl Device {
    /// A device of a class.
    pub(super) fn of(class: &'static str) -> Self {
        Self { class, ..Self::default() }
    }

    /// Adds manufacturer, model and serial number.
    #[must_use]
    pub(super) fn made(mut self, manufacturer: &str, model: &str, serial_number: &str) -> Self {
        self.manufacturer = Some(manufacturer.to_owned());
        self.model = Some(model.to_owned());
        self.serial_number = Some(serial_number.to_owned());
        self
    }
}

/// An operating system as far as it is revealed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Os {
    /// Its family.
    pub name: &'static str,
    /// Releases for clients that it may be, where it tells any: what is seen fits each of them, and servers of their age.
    pub versions: &'static [&'static str],
}

/// A stage of life on the day of evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lifecycle {
    /// Stage.
    pub stage: &'static str,
    /// It can no longer be protected reasonably.
    pub legacy: bool,
}

/// Something that is wrong, planted on purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// Severity.
    pub severity: &'static str,
    /// Address of the device it is about.
    pub device: Ipv4Addr,
    /// Address of the other one where the rule is about a pair, else none.
    pub peer: Option<Ipv4Addr>,
    /// The AE title where the rule is about one.
    pub title: Option<String>,
}
