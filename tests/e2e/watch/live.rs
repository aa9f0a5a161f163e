//! Live interfaces: the same inventory as from a file, nothing sent, every loss counted.

mod edges;
mod passive;
mod prepared;
mod restricted;

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::{capture, timeless};
use crate::support::command;
use crate::support::daemon::{self, Daemon};
use crate::support::lab::{Host, Lab};
use crate::support::process::{run, text};
use crate::support::programs;
use crate::support::scratch::Scratch;
use crate::support::wait;

/// A watch that listens on the end of a host's wire. What the host sends comes out there, and nobody else is on it.
struct Tap {
    daemon: Daemon,
    lab: Lab,
    _scratch: Scratch,
}

/// Prepares an interface for a mirror port, as the doctor says: no address, nothing that answers or speaks by itself.
const PREPARE: &str = "set -e; ip link set dev p1 nomaster; ip link set dev p1 arp off; ip address flush dev p1; \
                       echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";

impl Tap {
    /// With a configuration in the environment, `SECTION__KEY` and value.
    fn new(configuration: &[(&str, &str)]) -> Self {
        Self::after(PREPARE, configuration)
    }

    /// After the commands of a script, run where it listens.
    fn after(script: &str, configuration: &[(&str, &str)]) -> Self {
        // Named twice, it is listened on once.
        Self::on(&["p1", "p1"], script, configuration)
    }

    /// The same on several interfaces.
    fn on(interfaces: &[&str], script: &str, configuration: &[(&str, &str)]) -> Self {
        let lab = Lab::new(&[1]);
        let scratch = Scratch::new();
        run(lab.hub_command("/bin/sh").args(["-c", script]));
        let mut watch = lab.hub_command(env!("CARGO_BIN_EXE_wardwatch"));
        watch.args(["watch", "--web.listen-address", "127.0.0.1:0"]);
        watch.args(interfaces.iter().flat_map(|interface| ["--interface", interface]));
        watch.envs(configuration.iter().map(|(key, value)| (format!("WARDWATCH__{key}"), value)));
        let daemon = Daemon::run(&scratch, watch);
        Self { daemon, lab, _scratch: scratch }
    }

    fn host(&self) -> &Host {
        self.lab.host(1)
    }

    /// The other end of the wire.
    fn inside(&self, program: &str, arguments: &[&str]) -> Output {
        run(self.lab.hub_command(program).args(arguments))
    }

    /// The page is inside the namespace: it is asked from there.
    fn ask(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.daemon.address());
        text(&self.inside("curl", &["--silent", "--fail", &url]).stdout)
    }

    /// What a series of the interface has; 0 where there is none.
    fn metric(&self, name: &str, labels: &str) -> f64 {
        let series = format!("wardwatch_agent_{name}{{interface=\"p1\"{labels}}}");
        daemon::value(&self.ask("/metrics"), &series).unwrap_or_default()
    }

    fn received(&self) -> f64 {
        self.metric("packets_received_total", "")
    }

    fn dropped(&self) -> f64 {
        self.metric("packets_dropped_total", ",reason=\"kernel\"")
    }

    /// Sends a capture through the wire; `pace` is an option of tcpreplay.
    fn replay(&self, file: &Path, pace: &[&str]) {
        run(self.host().command("tcpreplay").args(["--quiet", "--intf1=eth0"]).args(pace).arg(file));
    }

    /// The devices, once so many packets were received and reported.
    fn devices(&self, packets: f64) -> Vec<Value> {
        wait::until("every packet was received", || (self.received() >= packets).then_some(()));
        let reports = || daemon::value(&self.ask("/metrics"), "wardwatch_ingest_reports_total").unwrap_or_default();
        let before = reports();
        wait::until("all of them were reported", || (reports() >= before + 2.0).then_some(()));
        let seen: Value = serde_json::from_str(&self.ask("/api/v1/devices")).unwrap();
        timeless(seen["devices"].as_array().unwrap())
    }
}

/// Whether it can be tested here.
fn possible(test: &str) -> bool {
    programs::lab_available(test, &["tcpreplay", "curl"])
}

/// Without the outermost tags, the same address in two VLANs is one.
fn without_vlans(mut devices: Vec<Value>) -> Vec<Value> {
    for device in &mut devices {
        let addresses = device["addresses"].as_array_mut().unwrap();
        addresses.iter_mut().for_each(|address| address["vlan"] = json!(null));
        addresses.dedup();
    }
    devices.sort_by_cached_key(Value::to_string);
    devices
}

/// Replays a hospital to a watch, and holds what it sees against what is in the capture.
fn gives_the_inventory(configuration: &[(&str, &str)], sees_vlans: bool) -> Tap {
    let tap = Tap::new(configuration);
    let file = capture("hospital.pcapng");
    let document = command::document(&file);
    tap.replay(&file, &["--pps=4000"]);
    let seen = tap.devices(document["capture"]["packets"].as_f64().unwrap());
    let expected = timeless(document["devices"].as_array().unwrap());
    let (seen, expected) = if sees_vlans { (seen, expected) } else { (without_vlans(seen), without_vlans(expected)) };
    let only =
        |a: &[Value], b: &[Value]| a.iter().filter(|one| !b.contains(one)).map(|one| format!("{one}\n")).collect();
    let (missing, extra): (String, String) = (only(&expected, &seen), only(&seen, &expected));
    assert!(missing.is_empty() && extra.is_empty(), "not seen live:\n{missing}\nseen live only:\n{extra}");
    tap
}

#[test]
fn a_live_interface_gives_the_inventory_of_the_capture_with_its_vlans() {
    if !possible("a_live_interface_gives_the_inventory_of_the_capture_with_its_vlans") {
        return;
    }
    let tap = gives_the_inventory(&[("CAPTURE__WORKERS", "1")], true);
    let document = command::document(&capture("hospital.pcapng"));
    assert_eq!(tap.metric("bytes_received_total", ""), document["capture"]["bytes"].as_f64().unwrap());
    assert_eq!(tap.dropped(), 0.0);
    assert_eq!(tap.metric("packets_dropped_known", ",reason=\"kernel\""), 1.0);
}

#[test]
fn several_workers_give_the_inventory_of_one() {
    if possible("several_workers_give_the_inventory_of_one") {
        gives_the_inventory(&[("CAPTURE__WORKERS", "3")], true);
    }
}

#[test]
fn the_same_traffic_on_two_interfaces_is_counted_once_by_several_workers() {
    if !programs::lab_available(
        "the_same_traffic_on_two_interfaces_is_counted_once_by_several_workers",
        &["tcpreplay", "curl"],
    ) {
        return;
    }
    // What comes in at a port of a bridge comes by the bridge once more.
    let tap =
        Tap::on(&["p1", "br0"], "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", &[("CAPTURE__WORKERS", "3")]);
    let file = capture("hospital.pcapng");
    let document = command::document(&file);
    tap.replay(&file, &["--pps=4000"]);
    let seen = tap.devices(document["capture"]["packets"].as_f64().unwrap());
    assert_eq!(seen, timeless(document["devices"].as_array().unwrap()));
    let metrics = tap.ask("/metrics");
    let value = |series: String| daemon::value(&metrics, &series).unwrap_or_default();
    for (protocol, counted) in document["capture"]["protocols"].as_object().unwrap() {
        let messages = value(format!("wardwatch_agent_messages_total{{protocol=\"{protocol}\"}}"));
        assert_eq!(messages, counted["messages"].as_f64().unwrap(), "{protocol}");
    }
    let of = |interface: &str, worker: u8, what: &str| {
        value(format!("wardwatch_agent_worker_{what}{{interface=\"{interface}\",worker=\"{worker}\"}}"))
    };
    for interface in ["p1", "br0"] {
        let all: f64 = (0..3).map(|worker| of(interface, worker, "packets_received_total")).sum();
        assert_eq!(all, document["capture"]["packets"].as_f64().unwrap(), "{interface}");
    }
    let copies = value("wardwatch_agent_capture_conditions_total{condition=\"duplicate_packets\"}".to_owned());
    assert!(copies > 0.5 * document["capture"]["packets"].as_f64().unwrap(), "{copies} copies");
}

#[test]
fn through_pnet_the_inventory_lacks_vlans_and_losses_are_unknown() {
    if !possible("through_pnet_the_inventory_lacks_vlans_and_losses_are_unknown") {
        return;
    }
    let tap = gives_the_inventory(&[("CAPTURE__BACKEND", "pnet")], false);
    assert_eq!(tap.metric("packets_dropped_known", ",reason=\"kernel\""), 0.0);
    assert!(tap.ask("/metrics").contains("capture_method=\"pnet\""));
}
