//! The configuration: TOML, environment and flags become a [`Config`] that cannot be wrong, or every error at once.

mod endpoint;
mod read;
mod rules;
mod write;

pub use endpoint::Endpoint;
pub use ipnet::IpNet;
pub use rules::{Form, RuleConfig, RuleKeys, Setting};
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use crate::{ImportFile, Vlans};

/// A valid configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Name of the site; device ids depend on it.
    pub site: String,
    /// Where devices are. Addresses outside are peers, never devices.
    pub internal_nets: Vec<IpNet>,
    /// Worker threads; 0: one for each processor.
    pub workers: usize,
    /// What may be kept.
    pub limits: Limits,
    /// How names of devices are shown.
    pub hostnames: Names,
    /// Names of network segments, each segment once, in order.
    pub segments: Vec<(Segment, String)>,
    /// Interfaces to listen on.
    pub interfaces: Vec<String>,
    /// How they are listened on.
    pub backend: Backend,
    /// Memory for the packets of an interface that wait to be read, MiB.
    pub ring_mib: usize,
    /// The page, the metrics.
    pub web: Web,
    /// What is said of rules, by their ids.
    pub detect: BTreeMap<&'static str, RuleConfig>,
    /// Days that rules which learn what is normal learn for, before they judge.
    pub learning_days: u64,
    /// Where a collector keeps what it knows.
    pub store: Store,
    /// Folders with a hospital's own rules.
    pub catalogue_dirs: Vec<PathBuf>,
    /// Files that tell where devices are.
    pub imports: Vec<ImportFile>,
    /// Where an agent sends its reports.
    pub uplink: Option<Endpoint>,
    /// Whether a process that watches gives up what it does not need.
    pub sandbox: Sandboxing,
}

/// Whether a process gives up the rights, files and system calls that it does not need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandboxing {
    /// It does, or does not start.
    Require,
    /// It does as far as the kernel can; the rest is told.
    Try,
    /// It does not.
    Off,
}

/// The section `[web]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Authentication and TLS, in the format of the Prometheus exporters.
    pub config_file: Option<PathBuf>,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9847)), config_file: None }
    }
}

/// The section `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The folder; none: where the command says.
    pub path: Option<PathBuf>,
    /// Memory for the facts that are over, MiB; what goes on may take as much again.
    pub facts_mib: usize,
}

/// The section `[limits]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "docs/configuration.md says it")]
pub struct Limits {
    pub flows: usize,
    pub reassembly_mib: usize,
    pub devices: usize,
    pub conversations: usize,
    pub descriptions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { flows: 1_000_000, reassembly_mib: 256, devices: 100_000, conversations: 262_144, descriptions: 131_072 }
    }
}

/// How interfaces are listened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// By a ring that is shared with the kernel; where there can be none, as by [`Self::Pnet`].
    Ring,
    /// Packet by packet.
    Pnet,
}

/// How station and host names are shown: they may be a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// As they are.
    Keep,
    /// As a keyed hash.
    Hash,
}

/// What a segment is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// An address range.
    Net(IpNet),
    /// A VLAN identifier.
    Vlan(u16),
}

/// Ranges that are no one's on the Internet: RFC 1918, RFC 6598, RFC 4193, link-local (RFC 3927, RFC 4291), loopback,
/// documentation (RFC 5737, RFC 3849).
const DEFAULT_INTERNAL_NETS: [&str; 13] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
    "2001:db8::/32",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            site: "main".to_owned(),
            internal_nets: DEFAULT_INTERNAL_NETS.iter().filter_map(|net| net.parse().ok()).collect(),
            workers: 0,
            limits: Limits::default(),
            hostnames: Names::Keep,
            segments: Vec::new(),
            interfaces: Vec::new(),
            backend: Backend::Ring,
            ring_mib: 64,
            web: Web::default(),
            detect: BTreeMap::new(),
            learning_days: 14,
            store: Store { path: None, facts_mib: 256 },
            catalogue_dirs: Vec::new(),
            imports: Vec::new(),
            uplink: None,
            sandbox: Sandboxing::Try,
        }
    }
}

impl Config {
    /// Reads a file's text, then the environment over it (`WARDWATCH__SECTION__KEY`). `origin` names the file in
    /// errors, `rules` the tables that `[detect]` may have.
    pub fn read(
        origin: &str,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
        rules: &[RuleKeys],
    ) -> Result<Self, ConfigErrors> {
        read::read(origin, text, environment, rules)
    }

    /// The same with more files to import.
    #[must_use]
    pub fn with_imports(mut self, files: &[ImportFile]) -> Self {
        self.imports.extend_from_slice(files);
        self
    }

    /// What is said of a rule.
    pub fn rule(&self, id: &str) -> &RuleConfig {
        self.detect.get(id).unwrap_or(RuleConfig::DEFAULT)
    }

    /// The configuration in force, as a file.
    pub fn to_toml(&self) -> String {
        write::write(self)
    }

    /// Whether an address can be a device's.
    pub fn is_internal(&self, ip: IpAddr) -> bool {
        self.internal_nets.iter().any(|net| net.contains(&ip))
    }

    /// The segment of an address: the longest range wins, then the innermost VLAN.
    pub fn segment(&self, ip: IpAddr, vlans: Vlans) -> Option<&str> {
        let by_net = self.segments.iter().filter_map(|(segment, name)| match segment {
            Segment::Net(net) if net.contains(&ip) => Some((net.prefix_len(), name)),
            _ => None,
        });
        let by_vlan = || {
            self.segments.iter().filter_map(|(segment, name)| match segment {
                Segment::Vlan(id) => vlans.iter().position(|vlan| vlan == *id).map(|depth| (depth, name)),
                Segment::Net(_) => None,
            })
        };
        let best = by_net.max_by_key(|(length, _)| *length).map(|(_, name)| name);
        best.or_else(|| by_vlan().max_by_key(|(depth, _)| *depth).map(|(_, name)| name)).map(String::as_str)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

#[cfg(test)]
mod tests;
