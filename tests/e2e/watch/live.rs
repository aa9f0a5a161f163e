//! A live interface: the same inventory as from a file.

use serde_json::{Value, json};

use super::{capture, timeless};
use crate::support::command;
use crate::support::daemon::Daemon;
use crate::support::lab::Lab;
use crate::support::process::run;
use crate::support::programs;
use crate::support::scratch::Scratch;
use crate::support::wait;

/// The kernel takes the outermost tag off before a packet socket sees the packet.
fn without_vlans(devices: &[Value]) -> Vec<Value> {
    let mut devices = timeless(devices);
    for address in devices.iter_mut().flat_map(|device| device["addresses"].as_array_mut().unwrap()) {
        address["vlan"] = json!(null);
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
    // One host sends, another listens; the bridge between them has no address.
    let lab = Lab::new(&[1, 2]);
    let scratch = Scratch::new();
    let mut watch = lab.host(2).command(env!("CARGO_BIN_EXE_wardwatch"));
    watch.args(["watch", "--interface", "eth0", "--web.listen-address", "127.0.0.1:0"]);
    let daemon = Daemon::run(&scratch, watch);
    let file = capture("hospital.pcapng");
    run(lab.host(1).command("tcpreplay").args(["--quiet", "--intf1=eth0", "--pps=4000"]).arg(&file));

    // The page is inside the namespace: it is asked from there.
    let ask = |path: &str| {
        let url = format!("http://{}{path}", daemon.address());
        let answer = lab.host(2).command("curl").args(["--silent", "--fail", &url]).output().unwrap();
        String::from_utf8(answer.stdout).unwrap()
    };
    let expected = without_vlans(command::document(&file)["devices"].as_array().unwrap());
    let packets = command::document(&file)["capture"]["packets"].as_u64().unwrap();
    let seen = wait::until("every packet was reported", || {
        let metrics = ask("/metrics");
        let received: f64 = metrics.lines().find_map(|line| {
            line.strip_prefix("wardwatch_agent_packets_received_total{")?.split_once(' ')?.1.parse().ok()
        })?;
        let devices: Value = serde_json::from_str(&ask("/api/v1/devices")).ok()?;
        let devices = devices["devices"].as_array()?.clone();
        (received >= packets as f64 && devices.len() >= expected.len()).then_some(devices)
    });
    assert_eq!(without_vlans(&seen), expected);
}
