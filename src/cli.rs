//! Flags and subcommands.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::IpAddr, path::PathBuf};

/// The release, and what exactly it was built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (revision ", env!("WARDWATCH_REVISION"), ")");

/// Wardwatch listens on hospital networks, sends nothing, and tells what devices are there and how it knows.
#[derive(Debug, Parser)]
#[command(name = "wardwatch", version = VERSION, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) logging: Logging,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is logged, on standard error.
#[derive(Debug, Args)]
pub(crate) struct Logging {
    /// Least severe events to log.
    #[arg(long = "log.level", global = true, value_enum, default_value_t = LogLevel::Warn)]
    pub(crate) log_level: LogLevel,
    /// How they are written.
    #[arg(long = "log.format", global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what devices are in captures: pcap or pcapng, plain or gzip.
    Analyze(Analyze),
    /// Watch a network, or replay captures as if it were one: inventory, findings, page and metrics.
    Watch(Watch),
    /// Check this machine, its interfaces and what they bring, and say what to type.
    Doctor(Doctor),
    /// Explain how we know what a device is, from what was read to what is said; or the words of documents and metrics.
    Explain(Explain),
    /// Tell what files of leases, switches, wireless controllers, addresses or Zeek would bring; nothing is changed.
    Import(Import),
    /// Check a configuration file; every error is told with its key.
    CheckConfig {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check files of a hospital's own rules, or all in a folder; what is wrong is told with its line.
    CheckCatalogue {
        /// Files of rules, or folders with them.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Print the configuration in force: the file, the environment, and the defaults for the rest.
    PrintConfig {
        /// Configuration file.
        #[arg(long = "config.file", value_name = "FILE")]
        config_file: Option<PathBuf>,
    },
    /// Print what a shell needs to complete this command's arguments.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Captures, merged by time.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the result is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Date, YYYY-MM-DD in UTC, for which life cycles are judged [default: today].
    #[arg(long, value_name = "DATE", value_parser = crate::clock::parse_date)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) imports: Imports,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command that judges understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Name of the site; in `analyze`, the ids of devices depend on it [default: main].
    #[arg(long, value_name = "SITE", value_parser = site)]
    pub(crate) site: Option<String>,
    /// Worker threads, 0 for one on each processor; the result does not depend on it [default: 0].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=64))]
    pub(crate) workers: Option<u8>,
    /// Address range that devices are in, instead of the configured ones; may be given more than once.
    #[arg(long = "internal-net", value_name = "CIDR", value_parser = net)]
    pub(crate) internal_nets: Vec<wardwatch_model::config::IpNet>,
    /// Configuration file.
    #[arg(long = "config.file", value_name = "FILE")]
    pub(crate) config_file: Option<PathBuf>,
}

/// What every command that lists devices understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Imports {
    /// File that tells where devices are, besides the configured ones: docs/imports.md lists the kinds; may be given more than once.
    #[arg(long = "import", value_name = "KIND=FILE")]
    pub(crate) imports: Vec<wardwatch_model::ImportFile>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Watch {
    /// Interface to listen on, instead of the configured ones; may be given more than once.
    #[arg(long = "interface", value_name = "IF", conflicts_with = "replay")]
    pub(crate) interfaces: Vec<String>,
    /// Capture to replay instead of listening, merged by time with the others.
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Vec<PathBuf>,
    /// How many seconds of a replay pass in one second; as fast as can be where it is not given.
    #[arg(long = "replay-speed", value_name = "FACTOR", value_parser = speed, requires = "replay")]
    pub(crate) replay_speed: Option<f64>,
    /// Folder for what must survive a restart [default: nothing does].
    #[arg(long = "data-dir", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where to serve the page and the metrics [default: 127.0.0.1:9847].
    #[arg(long = "web.listen-address", value_name = "ADDRESS:PORT")]
    pub(crate) listen_address: Option<std::net::SocketAddr>,
    /// Authentication and TLS for them, in the format of the Prometheus exporters.
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub(crate) web_config_file: Option<PathBuf>,
    /// Let a POST to /-/reload reload the configuration, as SIGHUP does.
    #[arg(long = "web.enable-lifecycle")]
    pub(crate) enable_lifecycle: bool,
    #[command(flatten)]
    pub(crate) imports: Imports,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Captures of which to tell what they lack, and why.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Interface to check, instead of the configured ones; may be given more than once.
    #[arg(long = "interface", value_name = "IF")]
    pub(crate) interfaces: Vec<String>,
    /// Listen on them for so many seconds, and tell what is wrong with what came.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) listen: Option<u64>,
    /// Folder for data whose disk to check [default: that of the configuration].
    #[arg(long = "data-dir", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal.
    Table,
    /// One document of the schema wardwatch.analysis/1.
    Json,
    /// One line for each device.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Device: its id or the beginning of it, an address, MAC address, name, AE title or serial number.
    #[arg(value_name = "DEVICE", required_unless_present = "lists")]
    pub(crate) device: Option<String>,
    /// Captures that it was seen in [default: what a watch keeps].
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder of a watch, of which the latest snapshot is read [default: that of the configuration].
    #[arg(long = "data-dir", value_name = "DIR", conflicts_with = "files")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print the closed lists: protocols, roles, attributes, sources, loss reasons.
    #[arg(long, conflicts_with_all = ["device", "files", "data_dir"])]
    pub(crate) lists: bool,
    #[command(flatten)]
    pub(crate) imports: Imports,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files, besides the configured ones.
    #[arg(value_name = "KIND=FILE")]
    pub(crate) files: Vec<wardwatch_model::ImportFile>,
    /// Capture with the devices to compare them with; may be given more than once [default: what a watch keeps, if anything].
    #[arg(long = "capture", value_name = "FILE", conflicts_with = "data_dir")]
    pub(crate) captures: Vec<PathBuf>,
    /// Folder of a watch, of which the latest snapshot is read [default: that of the configuration].
    #[arg(long = "data-dir", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// How the report is written to standard output.
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a person at a terminal.
    Table,
    /// One document of the schema wardwatch.imports/1.
    Json,
}

fn site(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > 64 {
        return Err("a site has a name of 1 to 64 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// An address range, or one address.
fn net(text: &str) -> Result<wardwatch_model::config::IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(Into::into))
        .map_err(|_| "not an address range such as 10.20.0.0/16 or fd00::/8".to_owned())
}

/// A factor of time.
fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.001..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("not a factor from 0.001 to 1000000".to_owned()),
    }
}
