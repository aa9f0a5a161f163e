//! Files that tell where devices are: in a document, on the page, and told beforehand what they would bring.

use crate::support::command::{analyze, document, wardwatch};
use crate::support::daemon::Daemon;
use crate::support::process::text;
use crate::support::scratch::Scratch;
use crate::support::wait;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/hospital.pcapng")
}

/// The device with a MAC address of its own that comes first, its MAC address and its IP address.
fn device(document: &Value) -> (String, String, String) {
    let devices = document["devices"].as_array().unwrap().iter();
    let of = |device: &Value| {
        let word = |value: &Value| value.as_str().map(str::to_owned);
        let address = &device["addresses"][0];
        Some((word(&device["id"])?, word(&address["mac"])?, word(&address["ip"])?))
    };
    devices.filter_map(of).find(|(_, _, ip)| !ip.contains(':')).unwrap()
}

/// Files of four kinds about a device, as arguments; each with a line that is wrong.
fn files(scratch: &Scratch, mac: &str, ip: &str) -> Vec<String> {
    let digits = mac.replace(':', "");
    let (a, rest) = digits.split_at(4);
    let (b, c) = rest.split_at(4);
    let octets: Vec<&str> = ip.split('.').collect();
    let table = format!(
        "ward-sw-3#show mac address-table\n 120    {a}.{b}.{c}    DYNAMIC     Gi1/0/7\n 120    {a}.{b}.zzzz    DYNAMIC     Gi1/0/8\n"
    );
    let leases = format!(
        "lease {ip} {{\n  starts 2 2026/11/24 03:00:00;\n  hardware ethernet {mac};\n  client-hostname \"ZQXVPH-MILLER\";\n}}\nlease {ip} {{\n"
    );
    let plan = format!("network,segment,site\n{}.0.0.0/8,imaging,North\nnowhere,x,y\n", octets[0]);
    let hosts = format!("{{\"ts\":1795496400.0,\"host\":\"{ip}\"}}\nnot json\n");
    let file = |(kind, name, content): (&str, &str, &str)| {
        fs::write(scratch.join(name), content).unwrap();
        format!("{kind}={}", scratch.join(name).display())
    };
    [
        ("mac-table", "sw.txt", table.as_str()),
        ("dhcp-isc", "dhcpd.leases", &leases),
        ("ipam", "plan.csv", &plan),
        ("zeek-known-hosts", "known_hosts.log", &hosts),
    ]
    .map(file)
    .to_vec()
}

fn flags(files: &[String]) -> Vec<&str> {
    files.iter().flat_map(|file| ["--import", file]).collect()
}

fn with_id<'a>(document: &'a Value, id: &str) -> &'a Value {
    document["devices"].as_array().unwrap().iter().find(|device| device["id"] == id).unwrap()
}

#[test]
fn a_document_tells_where_a_device_is_who_says_so_how_old_that_is_and_what_became_of_each_file() {
    let scratch = Scratch::new();
    let before = document(&capture());
    let (id, mac, ip) = device(&before);
    assert_eq!(with_id(&before, &id)["locations"], serde_json::json!([]));
    let files = files(&scratch, &mac, &ip);
    let run = analyze(&[&capture()], &flags(&files));
    assert_eq!(run.code, Some(0), "{run}");
    let document = run.document();
    let device = with_id(&document, &id);
    let port = &device["locations"][0];
    assert_eq!(
        (&port["switch"], &port["port"], &port["vlan"], &port["source"], &port["joined_by"], &port["line"]),
        (&"ward-sw-3".into(), &"Gi1/0/7".into(), &120.into(), &"import.mac-table".into(), &"mac".into(), &2.into())
    );
    assert!(port["age_days"].is_u64() && port["as_of"].is_string(), "{port}");
    assert_eq!(device["locations"][1]["site"], "North");
    assert!(device["hostnames"].as_array().unwrap().contains(&"ZQXVPH-MILLER".into()), "{device}");
    let reports = document["imports"].as_array().unwrap();
    assert_eq!(reports.len(), 4);
    for report in reports {
        assert!(report["matched"].as_u64() >= Some(1), "{report}");
        assert_eq!((&report["refused"], report["problems"].as_array().unwrap().len()), (&1.into(), 1), "{report}");
    }
    assert_eq!(analyze(&[&capture()], &[&flags(&files)[..], &["--workers", "2"]].concat()).stdout, run.stdout);

    let config = scratch.join("hash.toml");
    fs::write(&config, "[privacy]\nhostnames = \"hash\"\n").unwrap();
    let config = config.display().to_string();
    let hidden = analyze(&[&capture()], &[&flags(&files)[..], &["--config.file", &config]].concat());
    assert!(!text(&hidden.stdout).contains("ZQXVPH"), "a name that may be a person's");

    let capture = capture().display().to_string();
    let table = wardwatch(&[&["analyze", &capture][..], &flags(&files)].concat());
    let table = text(&table.stdout);
    assert!(table.contains("ward-sw-3 Gi1/0/7") && table.contains("1 matched, 0 unmatched"), "{table}");
    let csv = wardwatch(&[&["analyze", &capture, "--format", "csv"][..], &flags(&files)].concat());
    assert!(text(&csv.stdout).contains("North,ward-sw-3,Gi1/0/7,,import.mac-table,"), "{csv}");
}

#[test]
fn what_files_would_bring_is_told_beforehand_and_refused_lines_fail_the_command() {
    let scratch = Scratch::new();
    let (_, mac, ip) = device(&document(&capture()));
    let files = files(&scratch, &mac, &ip);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let capture = capture().display().to_string();
    let run = wardwatch(&[&["import", "--capture", &capture][..], &files].concat());
    assert_eq!(run.code, Some(1), "{run}");
    let told = text(&run.stdout);
    assert!(told.contains("1 matched, 0 unmatched") && told.contains("line 3: not a MAC address"), "{told}");
    let run = wardwatch(&[&["import", "--format", "json"][..], &files].concat());
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["schema"], "wardwatch.imports/1");
    assert_eq!(report["imports"][0]["matched"], Value::Null, "there was nothing to compare with");
    let good = scratch.join("good.csv");
    fs::write(&good, "network,site\n10.0.0.0/8,North\n").unwrap();
    assert_eq!(wardwatch(&["import", &format!("ipam={}", good.display())]).code, Some(0));
    for (wrong, why) in [("floppy=x", "no kind of file"), ("ipam=/nowhere/x.csv", "No such file")] {
        let run = wardwatch(&["import", wrong]);
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.errors().contains(why), "{run}");
    }
    assert_eq!(wardwatch(&["import"]).code, Some(2), "nothing was named");
}

#[test]
fn a_watch_shows_where_a_device_is_and_a_reload_reads_the_files_again() {
    let scratch = Scratch::new();
    let (_, mac, ip) = device(&document(&capture()));
    let files = files(&scratch, &mac, &ip);
    let capture = capture().display().to_string();
    let arguments = [&["--replay", &capture][..], &flags(&files)].concat();
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let devices = daemon.devices();
    let has_it = |device: &&Value| device["addresses"].as_array().unwrap().iter().any(|address| address["mac"] == *mac);
    let id = devices.iter().find(has_it).unwrap()["id"].as_str().unwrap();
    let page = || daemon.get(&format!("/devices/{id}")).body;
    let told = page();
    assert!(told.contains("ward-sw-3") && told.contains("Gi1/0/7") && told.contains("import.mac-table"), "{told}");

    let table = scratch.join("sw.txt");
    let moved = fs::read_to_string(&table).unwrap().replace("Gi1/0/7", "Gi2/0/33");
    fs::write(&table, moved).unwrap();
    daemon.signal("HUP");
    wait::until("the page tells the new port", || page().contains("Gi2/0/33").then_some(()));
    assert!(!page().contains("Gi1/0/7"));
}
