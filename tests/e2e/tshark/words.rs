//! What devices say of themselves, as tshark reads it: how many messages there are, and every word of the fields that we
//! tell.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::TSHARK;
use crate::support::command::analyze;
use crate::support::process::{run, text};
use crate::support::{programs, shared};

/// A field whose words we tell, all of them and no others.
struct Field {
    source: &'static str,
    attribute: &'static str,
    /// tshark's name of the protocol, and of the field.
    protocol: &'static str,
    name: &'static str,
    /// A field that must be there, too, with one of some values if there are any.
    with: Option<(&'static str, &'static [&'static str])>,
    agrees: Agrees,
}

/// Which words must be the same.
#[derive(Clone, Copy)]
enum Agrees {
    All,
    /// Ours: we read the first message of each side only, tshark all of them.
    Ours,
    /// tshark's: it knows the protocol by its port only, we on any.
    Theirs,
}

const fn field(source: &'static str, attribute: &'static str, protocol: &'static str, name: &'static str) -> Field {
    Field { source, attribute, protocol, name, with: None, agrees: Agrees::All }
}

impl Field {
    const fn with(self, field: &'static str, values: &'static [&'static str]) -> Self {
        Self { with: Some((field, values)), ..self }
    }

    const fn agrees(self, agrees: Agrees) -> Self {
        Self { agrees, ..self }
    }
}

/// The address at which an announcer is managed: without one it is known by its MAC address alone, and not listed.
const MANAGED: &str = "lldp.mgn.addr.ip4";

/// Messages of DHCPv6 that a client sends (RFC 8415, 7.3).
const OF_CLIENTS: &[&str] = &["1", "3", "4", "5", "6", "8", "9", "11"];

const FIELDS: &[Field] = &[
    field("browser", "os_build", "browser", "browser.os_major").with("browser.command", &["0x01", "0x0f"]),
    field("cdp", "hostname", "cdp", "cdp.deviceid").with("cdp.nrgyz.ip_address", &[]),
    field("http", "http_server", "http", "http.server").agrees(Agrees::Ours),
    field("http", "http_user_agent", "http", "http.user_agent").agrees(Agrees::Ours),
    field("lldp", "hostname", "lldp", "lldp.tlv.system.name").with(MANAGED, &[]),
    field("lldp", "system_description", "lldp", "lldp.tlv.system.desc").with(MANAGED, &[]),
    field("dhcpv6", "dhcp_vendor_class", "dhcpv6", "dhcpv6.vendorclass.data").with("dhcpv6.msgtype", OF_CLIENTS),
    field("dhcpv6", "hostname", "dhcpv6", "dhcpv6.client_domain").with("dhcpv6.msgtype", OF_CLIENTS),
    // We tell it of those that no router of BACnet passed on.
    field("bacnet", "bacnet_vendor_id", "bacapp", "bacapp.vendor_identifier")
        .with("bacapp.unconfirmed_service", &["0"])
        .agrees(Agrees::Ours),
    field("ftp", "ftp_server", "ftp", "ftp.response.arg").with("ftp.response.code", &["220"]).agrees(Agrees::Ours),
    field("ntp", "ntp_stratum", "ntp", "ntp.stratum").with("ntp.flags.mode", &["4", "5"]).agrees(Agrees::Ours),
    field("vnc", "vnc_client_version", "vnc", "vnc.client_proto_ver"),
    field("vnc", "vnc_server_version", "vnc", "vnc.server_proto_ver"),
    field("ssdp", "upnp_software", "ssdp", "http.server"),
    field("ssdp", "upnp_software", "ssdp", "http.user_agent"),
    field("llmnr", "hostname", "llmnr", "dns.resp.name").with("dns.flags.response", &["1"]),
    field("ssh", "hassh", "ssh", "ssh.kex.hassh").agrees(Agrees::Theirs),
    field("ssh", "hassh_server", "ssh", "ssh.kex.hasshserver").agrees(Agrees::Theirs),
    field("smb", "native_os", "smb", "smb.native_os").agrees(Agrees::Ours),
    field("smb", "native_lan_manager", "smb", "smb.native_lanman").agrees(Agrees::Ours),
    // We tell it of clients that do not offer TLS 1.3.
    field("tls", "ja3", "tls", "tls.handshake.ja3").agrees(Agrees::Ours),
    field("tls.server-name", "hostname", "tls", "tls.handshake.extensions_server_name").agrees(Agrees::Ours),
    // A host asks for all there is of its own name.
    field("llmnr", "hostname", "llmnr", "dns.qry.name").with("dns.qry.type", &["255"]),
];

/// Protocols whose messages both count, and tshark's name for them.
const MESSAGES: &[(&str, &str)] = &[
    ("bacnet", "bvlc"),
    ("browser", "nbdgm"),
    ("cdp", "cdp"),
    ("dhcpv6", "dhcpv6"),
    ("lldp", "lldp"),
    ("llmnr", "llmnr"),
    ("mdns", "mdns"),
    ("nbns", "nbns"),
    ("snmp", "snmp"),
    ("ssdp", "ssdp"),
];

/// Everything that is compared of a capture's frames: each one's protocols, then the columns by name.
struct Frames {
    names: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Frames {
    fn of(capture: &Path) -> Self {
        let fields = FIELDS.iter().flat_map(|field| [Some(field.name), field.with.map(|(name, _)| name)]).flatten();
        let names: BTreeSet<&str> = fields.collect();
        let names: Vec<&str> = ["frame.protocols"].into_iter().chain(names).collect();
        let any = MESSAGES.iter().map(|(_, name)| *name).chain(FIELDS.iter().map(|field| field.protocol));
        let any: Vec<&str> = any.collect::<BTreeSet<_>>().into_iter().collect();
        let mut command = programs::command("tshark");
        command.arg("-r").arg(capture).args(["-n", "-Y", &any.join("||"), "-T", "fields"]);
        // Of TLS behind the negotiation of RDP it knows only so.
        command.args(["-d", "tcp.port==3389,tls"]);
        command.args(["-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|"]);
        names.iter().for_each(|name| _ = command.args(["-e", name]));
        let output = run(&mut command).stdout;
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        Self { names, rows: text(&output).lines().map(row).collect() }
    }

    fn column<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        let place = self.names.iter().position(|known| *known == name).unwrap();
        row.get(place).map_or("", String::as_str)
    }

    fn count(&self, protocol: &str) -> u64 {
        self.rows.iter().filter(|row| is_of(row, protocol)).count() as u64
    }

    fn words(&self, field: &Field) -> BTreeSet<String> {
        let fits = |row: &&Vec<String>| match field.with {
            Some((name, values)) => {
                let mut told = self.column(row, name).split('|').filter(|value| !["", "0.0.0.0"].contains(value));
                told.any(|value| values.is_empty() || values.contains(&value))
            }
            None => true,
        };
        let rows = self.rows.iter().filter(|row| is_of(row, field.protocol)).filter(fits);
        let words = rows.flat_map(|row| self.column(row, field.name).split('|'));
        words.map(plain).filter(|words| !words.is_empty()).collect()
    }
}

fn is_of(row: &[String], protocol: &str) -> bool {
    row[0].split(':').any(|known| known == protocol)
}

/// Words as both can tell them: the beginning, up to what is no printable character.
fn plain(words: &str) -> String {
    let end = words.find(['\\', '\u{fffd}', '\n', '\r']).unwrap_or(words.len());
    words[..end].trim().chars().take(200).collect()
}

fn told(document: &Value, field: &Field) -> BTreeSet<String> {
    let devices = document["devices"].as_array().into_iter().flatten();
    devices
        .flat_map(|device| device["evidence"].as_array().into_iter().flatten())
        .filter(|evidence| evidence["source"] == field.source && evidence["attribute"] == field.attribute)
        .filter_map(|evidence| evidence["value"].as_str())
        // Of a version tshark tells the parts.
        .map(|value| if field.attribute == "os_build" { value.split('.').next().unwrap_or_default() } else { value })
        .map(plain)
        .collect()
}

#[test]
fn agrees_on_every_word_that_devices_say_of_themselves() {
    let test = "agrees_on_every_word_that_devices_say_of_themselves";
    if !programs::available(test, TSHARK) {
        return;
    }
    let (mut lines, mut agreed) = (Vec::new(), BTreeSet::new());
    for capture in shared::captures(test, "identity") {
        let document = analyze(&[&capture], &["--internal-net", "0.0.0.0/0", "--internal-net", "::/0"]).document();
        let frames = Frames::of(&capture);
        let name = capture.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A packet that was captured twice counts once.
        let copies = document["capture"]["conditions"]["duplicate_packets"].as_u64().unwrap();
        for (protocol, theirs) in MESSAGES {
            let ours = document["capture"]["protocols"][*protocol]["messages"].as_u64().unwrap();
            let theirs = frames.count(theirs);
            if !(ours..=ours + copies).contains(&theirs) {
                lines.push(format!("{name}: {protocol}: ours {ours}, tshark {theirs} messages"));
            }
            if theirs > 0 {
                agreed.insert(*protocol);
            }
        }
        for field in FIELDS {
            let is_same = |other: &&Field| (other.source, other.attribute) == (field.source, field.attribute);
            let theirs: BTreeSet<_> = FIELDS.iter().filter(is_same).flat_map(|field| frames.words(field)).collect();
            let ours = told(&document, field);
            let agrees = match field.agrees {
                Agrees::All => ours == theirs,
                Agrees::Ours => ours.is_subset(&theirs),
                Agrees::Theirs => theirs.is_subset(&ours),
            };
            if !agrees {
                lines.push(format!("{name}: {} {}: ours {ours:?}, tshark {theirs:?}", field.source, field.attribute));
            }
        }
    }
    assert!(lines.is_empty(), "{} disagreements\n{}", lines.len(), lines.join("\n"));
    let all: BTreeSet<&str> = MESSAGES.iter().map(|(protocol, _)| *protocol).collect();
    assert!(agreed.is_empty() || agreed == all, "no capture has {:?}", all.difference(&agreed));
}
