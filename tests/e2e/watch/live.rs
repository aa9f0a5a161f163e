//! A live interface: the same inventory as from a file.

use serde_json::{Value, json};

use super::{capture, timeless};
use crate::support::command;
use crate::support::daemon::Daemon;
use crate::support::lab::Lab;
use crate::support::process::{run, text};
use crate::support::programs;
use crate::support::scratch::Scratch;
use crate::support::wait;

/// The kernel takes the outermost tag off before a packet socket sees the packet: the same address in two VLANs is one.
fn without_vlans(devices: &[Value]) -> Vec<Value> {
    let mut devices = timeless(devices);
    for device in &mut devices {
        let addresses = device["addresses"].as_array_mut().unwrap();
        addresses.iter_mut().for_each(|address| address["vlan"] = json!(null));
        addresses.dedup();
    }
    devices.sort_by_cached_key(Value::to_string);
    devices
}

#[test]
fn a_live_interface_gives_the_inventory_of_the_capture() {
    let name = "a_live_interface_gives_the_inventory_of_the_capture";
    if !programs::lab_available(name, &["tcpreplay"]) {
        return;
    }
    // What the host sends comes out at the other end of its wire.
    let lab = Lab::new(&[1]);
    // Nor does the other end say anything of its own.
    run(lab.hub_command("/bin/sh").args(["-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"]));
    let scratch = Scratch::new();
    let mut watch = lab.hub_command(env!("CARGO_BIN_EXE_wardwatch"));
    // Named twice, it is listened on once.
    watch.args(["watch", "--interface", "p1", "--interface", "p1", "--web.listen-address", "127.0.0.1:0"]);
    let daemon = Daemon::run(&scratch, watch);
    let file = capture("hospital.pcapng");
    run(lab.host(1).command("tcpreplay").args(["--quiet", "--intf1=eth0", "--pps=4000"]).arg(&file));

    // The page is inside the namespace: it is asked from there.
    let ask = |path: &str| {
        let url = format!("http://{}{path}", daemon.address());
        let answer = lab.hub_command("curl").args(["--silent", "--fail", &url]).output().unwrap();
        text(&answer.stdout)
    };
    let expected = without_vlans(command::document(&file)["devices"].as_array().unwrap());
    let packets = command::document(&file)["capture"]["packets"].as_f64().unwrap();
    let metric = |name: &str| -> f64 {
        let metrics = ask("/metrics");
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.rsplit_once(' ')?.1.parse().ok());
        value.unwrap_or_default()
    };
    wait::until("every packet was received", || {
        (metric("wardwatch_agent_packets_received_total{") >= packets).then_some(())
    });
    let reports = metric("wardwatch_ingest_reports_total");
    wait::until("all of them were reported", || {
        (metric("wardwatch_ingest_reports_total") >= reports + 2.0).then_some(())
    });
    let seen: Value = serde_json::from_str(&ask("/api/v1/devices")).unwrap();
    let seen = without_vlans(seen["devices"].as_array().unwrap());
    let only =
        |a: &[Value], b: &[Value]| a.iter().filter(|one| !b.contains(one)).map(|one| format!("{one}\n")).collect();
    let (missing, extra): (String, String) = (only(&expected, &seen), only(&seen, &expected));
    assert!(missing.is_empty() && extra.is_empty(), "not seen live:\n{missing}\nseen live only:\n{extra}");
}
