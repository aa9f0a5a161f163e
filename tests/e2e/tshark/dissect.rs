//! Running tshark, and what it read as PDUs with their stream and direction.

use std::collections::BTreeMap;
use std::path::Path;

use super::pdml::{self, Node};
use super::view::Ports;
use crate::support::process::{run, text};
use crate::support::programs;

/// One PDU (DICOM) or block (HL7) of one direction of a TCP stream.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) stream: u64,
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    pub(super) node: Node,
}

/// Address and port.
pub(super) type Endpoint = (String, u64);

/// All units in the order of the capture. tshark guesses DICOM and HL7 only on their registered ports or from a
/// connection's start, so it is told the ports.
pub(super) fn units(capture: &Path, ports: &Ports) -> Vec<Unit> {
    let mut command = programs::command("tshark");
    command.arg("-r").arg(capture).args(["-n", "-T", "pdml", "-Y", "dicom || hl7", "-J", "ip ipv6 tcp dicom hl7"]);
    command.args(["-o", "tcp.reassemble_out_of_order:TRUE", "-o", "dicom.tag_tree:TRUE"]);
    for (protocol, ports) in [("dicom", &ports.dicom), ("hl7", &ports.hl7)] {
        for port in ports {
            command.args(["-d", &format!("tcp.port=={port},{protocol}")]);
        }
    }
    pdml::packets(&text(&run(&mut command).stdout)).into_iter().flat_map(of_packet).collect()
}

/// The units of one protocol, by TCP stream.
pub(super) fn streams<'a>(units: &'a [Unit], protocol: &str) -> Vec<Vec<&'a Unit>> {
    let mut streams: BTreeMap<u64, Vec<&Unit>> = BTreeMap::new();
    for unit in units.iter().filter(|unit| unit.node.name == protocol) {
        streams.entry(unit.stream).or_default().push(unit);
    }
    streams.into_values().collect()
}

fn of_packet(mut packet: Node) -> Vec<Unit> {
    let layer = |name: &str| packet.children.iter().rev().find(|node| node.name == name);
    // The innermost of each: a tunnel has several.
    let (Some(tcp), Some(ip)) = (layer("tcp"), layer("ip").or_else(|| layer("ipv6"))) else { return Vec::new() };
    let end = |address: &str, port: &str| -> Option<Endpoint> {
        let address = ip.first(&format!("ip.{address}")).or_else(|| ip.first(&format!("ipv6.{address}")))?;
        Some((address.show().to_owned(), tcp.number_of(port)?))
    };
    let (Some(stream), Some(from), Some(to)) =
        (tcp.number_of("tcp.stream"), end("src", "tcp.srcport"), end("dst", "tcp.dstport"))
    else {
        return Vec::new();
    };
    let units =
        std::mem::take(&mut packet.children).into_iter().filter(|node| matches!(node.name.as_str(), "dicom" | "hl7"));
    units.map(|node| Unit { stream, from: from.clone(), to: to.clone(), node }).collect()
}
