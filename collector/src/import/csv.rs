//! CSV with a heading, by the names of its columns: leases of Kea and Windows, tables of switches, lists of wireless controllers,
//! plans of addresses. Separators may be commas, semicolons or tabs; lines in front of the heading are skipped.

use super::{Lines, Record, Said, moment, text};
use csv::ByteRecord;
use ipnet::IpNet;
use std::{iter, net::IpAddr};
use wardwatch_model::{Attribute, DeviceText, PacketTime};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Mac,
    Ip,
    /// A range, `10.20.0.0/16`, or its address with [`Self::Mask`] beside it.
    Net,
    /// Length of the prefix, or the mask.
    Mask,
    Hostname,
    Site,
    Segment,
    Switch,
    Port,
    AccessPoint,
    Vlan,
    /// When it was so.
    At,
    /// When it ends.
    Until,
    /// Seconds from the one to the other.
    Lifetime,
    /// Of a lease.
    State,
}

/// The columns of a kind of file, each with the names it goes by: small letters and digits only.
pub(super) type Columns = &'static [(Column, &'static [&'static str])];

/// The memfile of Kea, for both versions of IP: its columns are named in the heading.
pub(super) const KEA: Columns = &[
    (Column::Ip, &["address"]),
    (Column::Mac, &["hwaddr"]),
    (Column::Hostname, &["hostname"]),
    (Column::Until, &["expire"]),
    (Column::Lifetime, &["validlifetime"]),
    (Column::State, &["state"]),
];

/// `Get-DhcpServerv4Lease | Export-Csv`, and the list that the console exports.
pub(super) const WINDOWS: Columns = &[
    (Column::Ip, &["ipaddress", "clientipaddress"]),
    (Column::Mac, &["clientid", "uniqueid"]),
    (Column::Hostname, &["hostname", "name"]),
    (Column::Until, &["leaseexpirytime", "leaseexpiration"]),
    (Column::State, &["addressstate"]),
];

/// Addresses and networks of an address management.
pub(super) const IPAM: Columns = &[
    (Column::Net, &["network", "subnet", "prefix", "cidr", "range"]),
    (Column::Mask, &["mask", "bitmask", "netmask", "prefixlength"]),
    (Column::Ip, &["ip", "ipaddress", "ipaddr", "address"]),
    (Column::Mac, &["mac", "macaddress", "macaddr"]),
    (Column::Hostname, &["hostname", "dnsname", "fqdn"]),
    (Column::Site, &["site", "sitename", "location", "building"]),
    (Column::Segment, &["segment", "segmentname", "subnetname", "zone", "vlanname", "name"]),
    (Column::Switch, &["switch", "switchname"]),
    (Column::Port, &["port", "switchport"]),
    (Column::Vlan, &["vlan", "vlanid"]),
];

/// MAC addresses at ports of switches.
pub(super) const MAC_TABLE: Columns = &[
    (Column::Mac, &["mac", "macaddress", "macaddr", "address"]),
    (Column::Switch, &["switch", "switchname", "device", "devicename", "hostname"]),
    (Column::Port, &["port", "ports", "interface", "ifname", "switchport"]),
    (Column::Vlan, &["vlan", "vlanid"]),
    (Column::Site, &["site", "sitename", "location", "building"]),
    (Column::At, &["time", "timestamp", "lastseen"]),
];

/// Clients of wireless controllers. Their users have a column, too, which nobody reads.
pub(super) const WIRELESS: Columns = &[
    (Column::Mac, &["mac", "macaddress", "macaddr", "clientmac", "clientmacaddress"]),
    (Column::Ip, &["ip", "ipaddress", "ipaddr", "clientip", "clientipaddress", "ipv4address"]),
    (Column::Hostname, &["hostname", "clienthostname", "devicename", "clientname"]),
    (Column::AccessPoint, &["ap", "apname", "accesspoint", "accesspointname", "associatedap", "connectedap"]),
    (Column::Vlan, &["vlan", "vlanid"]),
    (Column::Site, &["site", "sitename", "location", "building"]),
    (Column::At, &["time", "timestamp", "lastseen"]),
];

/// Lines in which the heading is looked for.
const MAX_PREAMBLE: usize = 32;

/// Most lines that one cell in quotes goes over.
const MAX_CELL_LINES: usize = 16;

/// States of leases that nobody holds: of Kea (declined, reclaimed, released) and of Windows.
const UNHELD: [&str; 6] = ["1", "2", "3", "declined", "offered", "inactivereservation"];

/// Reads a file. One without a heading of this kind is refused as a whole.
pub(super) fn read(bytes: &[u8], columns: Columns, lines: &mut Lines) {
    let Some((separator, heading, last)) = heading(bytes, columns) else {
        return lines.refuse(1, "no heading with the columns of this kind; docs/imports.md names them");
    };
    for (line, row) in rows(bytes, separator) {
        let said = match &row {
            _ if line <= last => Ok(None),
            Ok(row) => heading.record(row, line),
            Err(reason) => Err(*reason),
        };
        match said {
            Ok(Some(record)) => lines.take(record),
            Ok(None) => lines.skip(),
            Err(reason) => lines.refuse(line, reason),
        }
    }
}

/// The separator with which there is a heading, the heading, and its line.
fn heading(bytes: &[u8], columns: Columns) -> Option<(u8, Heading, u64)> {
    [b',', b';', b'\t'].into_iter().find_map(|separator| {
        let rows = rows(bytes, separator).take(MAX_PREAMBLE).filter_map(|(line, row)| Some((line, row.ok()?)));
        let mut rows = rows.filter(|(_, row)| row.len() > 1);
        rows.find_map(|(line, row)| Some((separator, Heading::new(&row, columns)?, line)))
    })
}

/// Rows with the lines they begin in. A cell in quotes may go over several lines (RFC 4180 2.6); one whose quotes do not end
/// costs its own line alone.
fn rows(bytes: &[u8], separator: u8) -> impl Iterator<Item = (u64, Result<ByteRecord, &'static str>)> {
    let mut lines = text::lines(bytes);
    iter::from_fn(move || {
        loop {
            let (number, line) = lines.next()?;
            let line = match line {
                Err(reason) => return Some((number, Err(reason))),
                Ok(line) if line.trim().is_empty() || line.starts_with('#') => continue,
                Ok(line) => line,
            };
            if is_closed(line) {
                return Some((number, row(line, separator)));
            }
            let (mut whole, mut ahead) = (line.to_owned(), lines.clone());
            for _ in 1..MAX_CELL_LINES {
                let Some((_, Ok(next))) = ahead.next() else { break };
                whole.push('\n');
                whole.push_str(next);
                if is_closed(&whole) {
                    lines = ahead;
                    return Some((number, row(&whole, separator)));
                }
            }
            return Some((number, Err("quotes that do not end")));
        }
    })
}

/// Whether every quote has its end: a quote in a cell is written twice.
fn is_closed(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'"').count() % 2 == 0
}

fn row(text: &str, separator: u8) -> Result<ByteRecord, &'static str> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(separator).buffer_capacity(1 << 10);
    let mut row = ByteRecord::new();
    match reader.from_reader(text.as_bytes()).read_byte_record(&mut row) {
        Ok(true) => Ok(row),
        _ => Err("not a line of CSV"),
    }
}

/// Which column is where.
struct Heading(Vec<(Column, usize)>);

impl Heading {
    /// The first line that names who it is about.
    fn new(row: &ByteRecord, columns: Columns) -> Option<Self> {
        let plain = |cell: &[u8]| -> String {
            cell.iter()
                .filter(|byte| byte.is_ascii_alphanumeric())
                .map(|byte| char::from(byte.to_ascii_lowercase()))
                .collect()
        };
        let cells: Vec<String> = row.iter().map(plain).collect();
        // Of two columns with the same meaning the one whose name is first in our list.
        let place = |names: &[&str]| names.iter().find_map(|name| cells.iter().position(|cell| cell == name));
        let found = columns.iter().filter_map(|(column, names)| Some((*column, place(names)?))).collect();
        let heading = Self(found);
        let names_one = [Column::Mac, Column::Ip, Column::Net].iter().any(|column| heading.place(*column).is_some());
        names_one.then_some(heading)
    }

    fn place(&self, wanted: Column) -> Option<usize> {
        self.0.iter().find_map(|(column, place)| (*column == wanted).then_some(*place))
    }

    /// A cell, where there is something in it.
    fn cell<'r>(&self, row: &'r ByteRecord, column: Column) -> Result<Option<&'r str>, &'static str> {
        let Some(cell) = self.place(column).and_then(|place| row.get(place)) else { return Ok(None) };
        let cell = std::str::from_utf8(cell).map_err(|_| "not UTF-8")?.trim();
        Ok((!text::is_none(cell)).then_some(cell))
    }

    /// What a line says; none where it says nothing of a device.
    fn record(&self, row: &ByteRecord, line: u64) -> Result<Option<Record>, &'static str> {
        let cell = |column| self.cell(row, column);
        let is_unheld = |state: &str| UNHELD.iter().any(|unheld| state.eq_ignore_ascii_case(unheld));
        if cell(Column::State)?.is_some_and(is_unheld) {
            return Ok(None);
        }
        let mut said = Said { ip: cell(Column::Ip)?.map(address).transpose()?, ..Said::default() };
        if let Some(mac) = cell(Column::Mac)? {
            match text::mac(mac) {
                Ok(Some(mac)) => said.mac = Some(mac),
                // A table of a switch has groups, which are nobody's.
                Ok(None) if said.ip.is_none() => return Ok(None),
                Ok(None) => {}
                // A client may be known by something else than its MAC address (RFC 2132 9.14).
                Err(_) if said.ip.is_some() => {}
                Err(reason) => return Err(reason),
            }
        }
        said.net = cell(Column::Net)?.map(|net| network(net, cell(Column::Mask)?)).transpose()?;
        if said.ip.is_some() || said.mac.is_some() {
            said.net = None;
        }
        let name = |column| -> Result<Option<DeviceText>, &'static str> { Ok(cell(column)?.and_then(text::name)) };
        said.spot.site = name(Column::Site)?;
        said.spot.segment = name(Column::Segment)?;
        said.spot.switch = name(Column::Switch)?;
        said.spot.port = name(Column::Port)?;
        said.spot.access_point = name(Column::AccessPoint)?;
        said.spot.vlan =
            cell(Column::Vlan)?.and_then(|vlan| vlan.parse().ok()).filter(|vlan| (1..=4094).contains(vlan));
        let hostname = cell(Column::Hostname)?.and_then(text::hostname);
        said.attributes.extend(hostname.map(|name| (Attribute::Hostname, name)));
        let until = cell(Column::Until)?.and_then(moment::any);
        let lifetime = cell(Column::Lifetime)?.and_then(|lifetime| lifetime.parse::<u64>().ok());
        let began = until.zip(lifetime).map(|(PacketTime(until), lifetime)| {
            PacketTime(until.saturating_sub(lifetime.saturating_mul(1_000_000_000)))
        });
        let at = cell(Column::At)?.and_then(moment::any).or(began);
        Ok(Some(Record { line, seen: at.map(|at| (at, at)), until, said }))
    }
}

/// An address, also one with the length of its network behind it.
fn address(text: &str) -> Result<IpAddr, &'static str> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    address.parse().map_err(|_| "not an IP address")
}

/// A network, with the bits that are a host's cleared.
fn network(text: &str, mask: Option<&str>) -> Result<IpNet, &'static str> {
    const NO_NET: &str = "not a network such as 10.20.0.0/16";
    if text.contains('/') {
        return text.parse::<IpNet>().map(|net| net.trunc()).map_err(|_| NO_NET);
    }
    let address: IpAddr = text.parse().map_err(|_| NO_NET)?;
    let net = match mask.map(|mask| mask.trim_start_matches('/')) {
        None => Ok(IpNet::from(address)),
        Some(mask) => match (mask.parse::<u8>(), mask.parse::<IpAddr>()) {
            (Ok(length), _) => IpNet::new(address, length).map_err(|_| NO_NET),
            (_, Ok(mask)) => IpNet::with_netmask(address, mask).map_err(|_| NO_NET),
            _ => Err(NO_NET),
        },
    };
    net.map(|net| net.trunc())
}
