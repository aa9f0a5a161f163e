//! What a network tells in a tunnel is what it tells outside, and tshark finds the same in the tunnels of others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::determinism::assert_repeatable;
use crate::support::process::{run, text};
use crate::support::scratch::Scratch;
use crate::support::{command, pcap, programs, shared};

fn first_light() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap")
}

/// The document of a capture with each frame in a tunnel, held to be the same with any number of workers.
fn tunnelled(wrap: pcap::Wrap) -> Value {
    let scratch = Scratch::new();
    let bytes = pcap::tunnelled(&fs::read(first_light()).unwrap(), wrap);
    let file = scratch.write("tunnelled.pcap", bytes);
    assert_repeatable(&file);
    command::document(&file)
}

/// The ends of the tunnels are not in the capture itself.
fn is_end(address: &Value) -> bool {
    address.as_str().is_some_and(|address| address.starts_with("192.0.2."))
}

/// Devices and conversations but for the ends of the tunnel.
fn inside(document: &Value) -> (Vec<Value>, Vec<Value>) {
    let list = |name: &str| document[name].as_array().unwrap().clone();
    let has_end = |device: &Value| device["addresses"].as_array().unwrap().iter().any(|one| is_end(&one["ip"]));
    let devices = list("devices").into_iter().filter(|device| !has_end(device));
    let conversations = list("conversations").into_iter().filter(|one| !is_end(&one["client_address"]));
    (devices.collect(), conversations.collect())
}

/// Without ids, which tell the tunnel, and with this tunnel.
fn moved((devices, conversations): (Vec<Value>, Vec<Value>), tunnel: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let device = |mut device: Value| {
        device["id"] = Value::Null;
        // An id, where it is one of a device behind another.
        device["behind"] = json!(!device["behind"].is_null());
        for address in device["addresses"].as_array_mut().unwrap() {
            address["tunnel"] = tunnel.clone();
        }
        device.to_string()
    };
    let conversation = |mut one: Value| {
        (one["client"], one["server"]) = (Value::Null, json!(!one["server"].is_null()));
        one["tunnel"] = tunnel.clone();
        one.to_string()
    };
    (devices.into_iter().map(device).collect(), conversations.into_iter().map(conversation).collect())
}

#[test]
fn a_network_in_a_tunnel_is_told_as_it_is_outside() {
    let plain = inside(&command::document(&first_light()));
    assert!(plain.0.len() > 5 && plain.1.len() > 5);
    for (tunnel, wrap) in pcap::NETWORKS {
        let found = inside(&tunnelled(wrap));
        for place in found.0.iter().flat_map(|device| device["addresses"].as_array().unwrap()).chain(&found.1) {
            assert_eq!(place["tunnel"], json!([tunnel]));
        }
        assert_eq!(moved(found, &json!([])), moved(plain.clone(), &json!([])), "{tunnel}");
    }
}

#[test]
fn copies_of_a_networks_frames_are_told_as_the_frames() {
    let plain = inside(&command::document(&first_light()));
    for (carrier, wrap) in pcap::COPIES {
        let document = tunnelled(wrap);
        let found = inside(&document);
        assert_eq!(found.0, plain.0, "{carrier}");
        assert_eq!(found.1, plain.1, "{carrier}");
        assert_eq!(document["capture"]["loss"]["decode_failures"], 0, "{carrier}");
    }
}

/// Ends of a flow that carried a payload: addresses, and the port of one of them.
type Ends = (BTreeSet<String>, u64);

/// Of the innermost flows, as tshark reads them: both ports, as it does not say which is the server's.
fn by_tshark(capture: &Path) -> Vec<(BTreeSet<String>, [u64; 2])> {
    let fields = [
        "frame.protocols",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "tcp.srcport",
        "tcp.dstport",
        "tcp.len",
        "udp.srcport",
        "udp.dstport",
    ];
    let mut command = programs::command("tshark");
    command.arg("-r").arg(capture).args(["-n", "-T", "fields", "-E", "occurrence=l"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let printed = text(&run(&mut command).stdout);
    let packet = |line: &str| {
        let all: Vec<&str> = line.split('\t').collect();
        let [protocols, v4_src, v4_dst, v6_src, v6_dst, tcp_src, tcp_dst, tcp_len, udp_src, udp_dst] = all[..] else {
            panic!("{line}")
        };
        let layers: Vec<&str> = protocols.split(':').collect();
        let last = |name: &str| layers.iter().rposition(|layer| *layer == name);
        let transport = last("tcp").max(last("udp"))?;
        // Messages of ICMP quote packets; tunnels of which nothing more is read are no flow inside.
        let is_inside = !layers.contains(&"icmp") && !layers[transport..].iter().any(|layer| OUTER.contains(layer));
        let (src, dst) = if last("ipv6") > last("ip") { (v6_src, v6_dst) } else { (v4_src, v4_dst) };
        let ports = if last("tcp") > last("udp") { [tcp_src, tcp_dst] } else { [udp_src, udp_dst] };
        let has_payload = last("udp") > last("tcp") || tcp_len != "0";
        let ends = BTreeSet::from([src.to_owned(), dst.to_owned()]);
        (is_inside && has_payload).then(|| (ends, ports.map(|port| port.parse().unwrap())))
    };
    printed.lines().filter_map(packet).collect()
}

/// Tunnels in datagrams, as tshark names them.
const OUTER: [&str; 5] = ["vxlan", "geneve", "gtp", "teredo", "capwap"];

/// The same of a document.
fn ours(document: &Value) -> BTreeSet<Ends> {
    const TUNNELS: [&str; 5] = ["vxlan", "geneve", "gtp-u", "teredo", "capwap"];
    let conversations = document["conversations"].as_array().unwrap().iter();
    let inner =
        conversations.filter(|one| one["transport"] != "ip" && !TUNNELS.contains(&one["protocol"].as_str().unwrap()));
    let ends = |one: &Value| {
        let address = |end: &str| one[end].as_str().unwrap().to_owned();
        (BTreeSet::from([address("client_address"), address("server_address")]), one["port"].as_u64().unwrap())
    };
    inner.map(ends).collect()
}

#[test]
fn tshark_finds_the_same_flows_in_the_tunnels_of_shared_captures() {
    let test = "tshark_finds_the_same_flows_in_the_tunnels_of_shared_captures";
    if !programs::available(test, &["tshark"]) {
        return;
    }
    let mut flows = 0;
    for capture in shared::captures(test, "encap") {
        let ours = ours(&command::document(&capture));
        let theirs = by_tshark(&capture);
        let (name, fits) = (capture.display(), |(ends, ports): &(BTreeSet<String>, [u64; 2]), own: &Ends| {
            *ends == own.0 && ports.contains(&own.1)
        });
        for flow in &theirs {
            assert!(ours.iter().any(|own| fits(flow, own)), "{name}: {flow:?} not among {ours:?}");
        }
        for own in &ours {
            assert!(theirs.iter().any(|flow| fits(flow, own)), "{name}: {own:?} not among {theirs:?}");
        }
        flows += ours.len();
    }
    assert!(flows == 0 || flows > 10, "{flows} flows are not all there are");
}
