//! What a watch takes of memory stays below what it says at the start, whatever comes, and an analysis takes no more for more.

use std::fs;
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use wardwatch_hospital::capture::{Packet, Pcap, merge};
use wardwatch_hospital::end::End;
use wardwatch_hospital::tcp::{Setup, Side, Tcp};

use crate::support::daemon::{Daemon, value};
use crate::support::process::run;
use crate::support::programs::skipped;
use crate::support::scratch::Scratch;

/// The bound that the start log tells, and the most the process ever took, MiB.
fn bound_and_peak(daemon: &Daemon) -> (u64, u64) {
    let log = daemon.log();
    let told = log.split_once("memory: at most ").unwrap_or_else(|| panic!("no bound in {log}")).1;
    (told.split_whitespace().next().unwrap().parse().unwrap(), peak(daemon.id()) >> 10)
}

/// Far more flows and devices than the limits allow, none of them ever over: each sends the beginning of a long HL7 message,
/// and of every second one a part is lost, so that the rest waits for it.
fn stress(flows: u32, devices: u32) -> Vec<u8> {
    let began = 1_793_604_600_000_000_000;
    let message =
        format!("\x0bMSH|^~\\&|APP|SITE|||2026||ORU^R01|1|P|2.5\r{}", "OBX|1|NM|1^A^L||5|mg|||||F\r".repeat(120));
    let conversation = |flow: u32| -> Vec<Packet> {
        let device = flow % devices;
        let [_, a, b, c] = device.to_be_bytes();
        let port = u16::try_from(1024 + flow / devices).unwrap();
        let server = Ipv4Addr::new(10, 200, 0, u8::try_from(flow % 5).unwrap());
        let (own, other) = ([2, 0, 1, a, b, c], [2, 0, 2, 0, 0, server.octets()[3]]);
        let end = |address, source, next_hop| End { address, source, next_hop, vlans: Vec::new(), ttl: 64 };
        let client = end((Ipv4Addr::new(10, a, b, c), port).into(), own, other);
        let server = end((server, 2575).into(), other, own);
        // A minute in all.
        let at = began + u64::from(flow) * (60_000_000_000 / u64::from(flows));
        let mut tcp = Tcp::open_with(Setup { mss: 400, ..Setup::default() }, client, server, at);
        tcp.client(message.as_bytes());
        let sent = tcp.leave_open().0.into_iter();
        // Acknowledgements would tell that the lost part was received.
        let unanswered = sent.filter(|sent| sent.from == Side::Client && sent.data > 0).enumerate();
        let is_there = |place: usize| if flow.is_multiple_of(2) { place != 1 } else { place == 0 };
        unanswered.filter(|(place, _)| is_there(*place)).map(|(_, sent)| sent.packet).collect()
    };
    Pcap::default().file(&merge((0..flows).map(conversation)))
}

#[test]
fn many_flows_devices_and_half_messages_stay_below_the_bound_that_was_told() {
    let scratch = Scratch::new();
    let (flows, devices) = if std::env::var_os("WARDWATCH_LONG").is_some() { (100_000, 20_000) } else { (4_000, 800) };
    let file = scratch.write("stress.pcap", stress(flows, devices));
    let config = "[limits]\nflows = 640\nreassembly_mib = 1\ndevices = 200\nconversations = 640\ndescriptions = 64\n\
                  [store]\nfacts_mib = 4\n";
    let config = scratch.write("tight.toml", config);
    let arguments = ["--replay".as_ref(), file.as_path(), "--config.file".as_ref(), &config, "--data-dir".as_ref()];
    let daemon = Daemon::start(&scratch, &[&arguments[..], &[&scratch.join("data")]].concat()).finished();
    let metrics = daemon.get("/metrics/agents").body;
    for (family, reason) in [
        ("wardwatch_agent_flow_evictions_total", "limit"),
        ("wardwatch_agent_flow_evictions_total", "memory"),
        ("wardwatch_agent_capture_losses_total", "conversations_dropped"),
    ] {
        let is_reached = metrics.lines().any(|line| {
            line.starts_with(family) && line.contains(&format!("reason=\"{reason}\"")) && !line.ends_with(" 0")
        });
        assert!(is_reached, "the limit was not reached: {reason} in {metrics}");
    }
    let (bound, peak) = bound_and_peak(&daemon);
    assert!(peak < bound, "{peak} MiB taken, {bound} MiB told: {}", daemon.log());
    assert_eq!(daemon.terminate().code(), Some(0));
}

/// The corpus of the benchmarks that takes most memory, with the limits that nobody changed.
#[test]
#[ignore = "takes minutes"]
fn a_million_half_open_flows_stay_below_the_bound_that_was_told() {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/gen_flow_stress.py");
    if !generator.exists() {
        return skipped("a_million_half_open_flows_stay_below_the_bound_that_was_told", "no ../shared/bench");
    }
    let scratch = Scratch::new();
    let file = scratch.join("flows.pcap");
    run(Command::new("python3").arg(generator).arg(&file));
    let data = scratch.join("data");
    let arguments = ["--replay".as_ref(), file.as_path(), "--data-dir".as_ref(), &data];
    let daemon = Daemon::start(&scratch, &arguments);
    let is_over =
        || value(&daemon.get("/metrics").body, "wardwatch_agent_capture_up{interface=\"replay\"}") == Some(0.0);
    while !is_over() {
        thread::sleep(Duration::from_secs(1));
    }
    let (bound, peak) = bound_and_peak(&daemon);
    assert!(peak < bound, "{peak} MiB taken, {bound} MiB told: {}", daemon.log());
}

/// The three packets that open a connection of its own, in records of a capture.
fn opening(flow: u32) -> Vec<u8> {
    let [_, a, b, c] = (flow & 0x3_ffff).to_be_bytes();
    let ([high, low], microsecond) = ((1024 + u16::try_from(flow >> 18).unwrap()).to_be_bytes(), flow % 1_000_000);
    let mut records = Vec::with_capacity(3 * 70);
    // Flags, and who sends: SYN, SYN with ACK, ACK.
    for (flags, forth) in [(0x02, true), (0x12, false), (0x10, true)] {
        for field in [1_793_604_600 + flow / 1_000_000, microsecond, 54, 54] {
            records.extend(field.to_le_bytes());
        }
        let ends = [([10, a, b, c], [high, low]), ([172, 16, 0, 1], [0x0a, 0x0f])];
        let [(source, from), (destination, to)] = if forth { ends } else { [ends[1], ends[0]] };
        let number = u8::from(!forth);
        records.extend([2, 0, 0, 0, 0, 1 + number, 2, 0, 0, 0, 0, 2 - number, 8, 0]);
        records.extend([0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0x12, 0x34]);
        records.extend([source, destination].concat());
        records.extend([from, to].concat());
        records.extend([0, 0, 0, u8::from(flags != 0x02), 0, 0, 0, u8::from(flags != 0x02), 0x50, flags]);
        records.extend([0xfa, 0xf0, 0x56, 0x78, 0, 0]);
    }
    records
}

/// Of connections that never end there may come ten times as many as are followed: what is taken does not grow any more once
/// there are as many as there may be. They come by a pipe, so that no disk has to hold them.
#[test]
fn memory_stays_flat_however_many_connections_come() {
    let (most, limit) =
        if std::env::var_os("WARDWATCH_LONG").is_some() { (10_000_000, 1_000_000) } else { (100_000, 10_000) };
    let scratch = Scratch::new();
    let config = scratch.write("wardwatch.toml", format!("[limits]\nflows = {limit}\n"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardwatch"));
    command.args(["analyze", "/dev/stdin", "--workers", "1", "--format", "json", "--config.file"]).arg(config);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = BufWriter::new(child.stdin.take().unwrap());
    // Little-endian, microseconds, version 2.4, snapshot length 65535, Ethernet.
    pipe.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0])
        .unwrap();
    let mut peaks = Vec::new();
    for flow in 0..most {
        if flow == 2 * limit {
            peaks.push(peak(child.id()));
        }
        pipe.write_all(&opening(flow)).unwrap();
    }
    peaks.push(peak(child.id()));
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success());
    let evicted = document["capture"]["loss"]["flows_evicted"].as_u64().unwrap();
    assert!(evicted > u64::from(most - 2 * limit), "{evicted} of {most} were given up");
    assert_eq!(document["capture"]["packets"], 3 * most);
    // A byte for each of those that came meanwhile would show.
    let allowed = peaks[0] + u64::from(most - 2 * limit) / 1024 + 512;
    assert!(peaks[1] <= allowed, "{peaks:?} KiB after a fifth, and after all");
}

/// The most that a process ever took, KiB.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
