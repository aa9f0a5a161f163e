//! Logs of Zeek as JSON, one object a line (`LogAscii::use_json=T`): dhcp, known_hosts, software, ssl. What is not named here is
//! not read.

use super::{Lines, Record, Said, moment, text};
use serde::{Deserialize, de::DeserializeOwned};
use std::net::IpAddr;
use wardwatch_model::{
    Attribute, DeviceText, PacketTime,
    analysis::{self, SoftwareRole},
};

/// A line of a log.
pub(super) trait Log: DeserializeOwned {
    /// When it was written, and what it says; none where that is nothing of a device.
    fn said(self) -> Result<Option<(Option<Time>, Said)>, &'static str>;
}

/// Seconds since 1970, or the other form that Zeek can be told to write (`LogAscii::json_timestamps`).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Epoch(serde_json::Number),
    Civil(String),
}

impl Time {
    fn at(&self) -> Option<PacketTime> {
        match self {
            Self::Epoch(seconds) => moment::epoch(&seconds.to_string()),
            Self::Civil(text) => moment::civil(text),
        }
    }
}

/// Reads a log.
pub(super) fn read<L: Log>(bytes: &[u8], lines: &mut Lines) {
    for (line, content) in text::lines(bytes) {
        let said = match content.map(str::trim) {
            Ok("") => continue,
            Ok(text) if text.starts_with('#') => Err("not JSON: have Zeek write it with LogAscii::use_json=T"),
            Ok(text) => serde_json::from_str(text).map_err(|_| "not a JSON object of this log").and_then(L::said),
            Err(reason) => Err(reason),
        };
        match said {
            Ok(Some((time, said))) => {
                let at = time.and_then(|time| time.at());
                lines.take(Record { line, seen: at.map(|at| (at, at)), until: None, said });
            }
            Ok(None) => lines.skip(),
            Err(reason) => lines.refuse(line, reason),
        }
    }
}

/// dhcp.log.
#[derive(Deserialize)]
pub(super) struct Dhcp {
    ts: Option<Time>,
    mac: Option<String>,
    assigned_addr: Option<IpAddr>,
    client_addr: Option<IpAddr>,
    host_name: Option<String>,
    client_fqdn: Option<String>,
}

impl Log for Dhcp {
    fn said(self) -> Result<Option<(Option<Time>, Said)>, &'static str> {
        let ip = self.assigned_addr.or(self.client_addr).filter(|ip| !ip.is_unspecified());
        let mac = self.mac.as_deref().map(text::mac).transpose()?.flatten();
        if ip.is_none() && mac.is_none() {
            return Ok(None);
        }
        let name = self.client_fqdn.iter().chain(&self.host_name).find_map(|name| text::hostname(name));
        let attributes = name.into_iter().map(|name| (Attribute::Hostname, name)).collect();
        Ok(Some((self.ts, Said { mac, ip, attributes, ..Said::default() })))
    }
}

/// known_hosts.log: who was there, nothing more.
#[derive(Deserialize)]
pub(super) struct KnownHost {
    ts: Option<Time>,
    host: IpAddr,
}

impl Log for KnownHost {
    fn said(self) -> Result<Option<(Option<Time>, Said)>, &'static str> {
        Ok(Some((self.ts, Said { ip: Some(self.host), ..Said::default() })))
    }
}

/// software.log. Not its `unparsed_version`, in which there can be anything.
#[derive(Deserialize)]
pub(super) struct Software {
    ts: Option<Time>,
    host: IpAddr,
    software_type: Option<String>,
    name: Option<String>,
    #[serde(rename = "version.major")]
    major: Option<u64>,
    #[serde(rename = "version.minor")]
    minor: Option<u64>,
    #[serde(rename = "version.minor2")]
    minor2: Option<u64>,
    #[serde(rename = "version.minor3")]
    minor3: Option<u64>,
    #[serde(rename = "version.addl")]
    more: Option<String>,
}

impl Log for Software {
    fn said(self) -> Result<Option<(Option<Time>, Said)>, &'static str> {
        let Some(name) = self.name.as_deref().and_then(text::name) else { return Ok(None) };
        let numbers = [self.major, self.minor, self.minor2, self.minor3].into_iter().map_while(|number| number);
        let mut version = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(".");
        if let Some(more) = self.more.as_deref().and_then(text::name).filter(|_| !version.is_empty()) {
            version = format!("{version}-{more}");
        }
        let told = if version.is_empty() { name.to_string() } else { format!("{name} {version}") };
        let attributes = DeviceText::new(&told).into_iter().map(|told| (Attribute::Software, told)).collect();
        let role = match self.software_type.as_deref() {
            Some(kind) if kind.contains("SERVER") => SoftwareRole::Server,
            _ => SoftwareRole::Client,
        };
        let software = analysis::Software {
            name: Some(name.to_string()),
            version: (!version.is_empty()).then_some(version),
            role,
        };
        let said = Said { ip: Some(self.host), attributes, software: Some(software), ..Said::default() };
        Ok(Some((self.ts, said)))
    }
}

/// ssl.log: what servers chose. Not whom certificates name, which may be persons.
#[derive(Deserialize)]
pub(super) struct Ssl {
    ts: Option<Time>,
    #[serde(rename = "id.resp_h")]
    server: IpAddr,
    version: Option<String>,
    cipher: Option<String>,
    server_name: Option<String>,
    established: Option<bool>,
}

impl Log for Ssl {
    fn said(self) -> Result<Option<(Option<Time>, Said)>, &'static str> {
        let version = match self.version.as_deref() {
            Some("SSLv2") => Some("SSL 2.0"),
            Some("SSLv3") => Some("SSL 3.0"),
            Some("TLSv10") => Some("TLS 1.0"),
            Some("TLSv11") => Some("TLS 1.1"),
            Some("TLSv12") => Some("TLS 1.2"),
            Some("TLSv13") => Some("TLS 1.3"),
            _ => None,
        };
        // Where nothing was agreed, nothing was chosen.
        if self.established != Some(true) {
            return Ok(None);
        }
        let chosen = [
            (Attribute::Hostname, self.server_name.as_deref().and_then(text::hostname)),
            (Attribute::TlsVersion, version.and_then(DeviceText::new)),
            (Attribute::TlsCipherSuite, self.cipher.as_deref().and_then(text::name)),
        ];
        let attributes = chosen.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect();
        Ok(Some((self.ts, Said { ip: Some(self.server), attributes, ..Said::default() })))
    }
}
