//! `wardwatch doctor` on interfaces of a namespace, and what a watch says of them.

use std::process::{Command, Output};

use crate::support::lab::Lab;
use crate::support::process::{output, run, text};
use crate::support::{programs, scratch::Scratch};

/// Runs `wardwatch` where the wires of a lab end.
fn wardwatch(lab: &Lab, arguments: &[&str]) -> Output {
    output(lab.hub_command(env!("CARGO_BIN_EXE_wardwatch")).args(arguments))
}

/// What a doctor says to type about what is bad, of what it printed.
fn prescriptions(page: &str) -> Vec<String> {
    let mut is_bad = false;
    let mut lines = Vec::new();
    for line in page.lines().map(str::trim) {
        match line.strip_prefix("> ") {
            Some(line) if is_bad => lines.push(line.to_owned()),
            Some(_) => {}
            None => is_bad = line.starts_with("BAD"),
        }
    }
    lines
}

#[test]
fn what_the_doctor_says_to_type_makes_an_interface_fit_for_a_mirror_port() {
    if !programs::lab_available("what_the_doctor_says_to_type_makes_an_interface_fit_for_a_mirror_port", &["sysctl"]) {
        return;
    }
    let lab = Lab::new(&[1]);
    // Everything that can be wrong with it.
    let worsen = "set -e; ip addr add 192.0.2.7/24 dev p1; sysctl -qw net.ipv6.conf.p1.disable_ipv6=0; \
                  ip link add upper0 type vxlan id 4 dev p1 dstport 4789; ip route add 198.51.100.0/24 dev p1";
    run(lab.hub_command("/bin/sh").args(["-c", worsen]));
    let ill = wardwatch(&lab, &["doctor", "--interface", "p1"]);
    let page = text(&ill.stdout);
    assert_eq!(ill.status.code(), Some(1), "{page}");
    for line in [
        "ip address flush dev p1",
        "ip link set dev p1 arp off",
        "ip link set dev p1 nomaster",
        "ip link delete dev upper0",
        "ip route flush dev p1",
        "sysctl -w net.ipv6.conf.p1.disable_ipv6=1",
    ] {
        assert!(page.contains(line), "it does not say `{line}`:\n{page}");
    }
    for line in prescriptions(&page) {
        // A route that went with its address is gone already.
        output(lab.hub_command("/bin/sh").args(["-c", &line]));
    }
    let healed = wardwatch(&lab, &["doctor", "--interface", "p1"]);
    let page = text(&healed.stdout);
    assert_eq!((healed.status.code(), prescriptions(&page)), (Some(0), Vec::new()), "{page}");
}

#[test]
fn an_interface_that_is_down_or_not_there_is_bad() {
    if !programs::lab_available("an_interface_that_is_down_or_not_there_is_bad", &[]) {
        return;
    }
    let lab = Lab::new(&[1]);
    run(lab.hub_command("ip").args(["link", "set", "p1", "down"]));
    let down = wardwatch(&lab, &["doctor", "--interface", "p1"]);
    assert_eq!(down.status.code(), Some(1));
    assert!(text(&down.stdout).contains("ip link set dev p1 up"), "{}", text(&down.stdout));
    let none = wardwatch(&lab, &["doctor", "--interface", "p9"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stdout).contains("interface p9: not found; there are: "), "{}", text(&none.stdout));
}

#[test]
fn a_doctor_that_listens_tells_silence_from_traffic() {
    if !programs::lab_available("a_doctor_that_listens_tells_silence_from_traffic", &["tcpreplay"]) {
        return;
    }
    let lab = Lab::new(&[1]);
    // Else the hub's end of the wire speaks by itself.
    run(lab.hub_command("/bin/sh").args(["-c", super::PREPARE]));
    let silent = wardwatch(&lab, &["doctor", "--interface", "p1", "--listen", "1"]);
    assert!(text(&silent.stdout).contains("none at all: is the mirror on"), "{}", text(&silent.stdout));
    let file = super::capture("first-light.pcap");
    let mut sender = lab.host(1).command("tcpreplay");
    sender.args(["--quiet", "--intf1=eth0", "--pps=100", "--loop=0"]).arg(file);
    let log = lab.scratch().join("tcpreplay.log");
    let _sender = crate::support::process::Server::start(sender, &log);
    let heard = wardwatch(&lab, &["doctor", "--interface", "p1", "--listen", "2"]);
    let page = text(&heard.stdout);
    assert!(!page.contains("none at all") && page.contains("traffic of 2 seconds"), "{page}");
}

#[test]
fn an_uplink_whose_route_leaves_by_a_monitored_interface_is_refused() {
    if !programs::lab_available("an_uplink_whose_route_leaves_by_a_monitored_interface_is_refused", &[]) {
        return;
    }
    let lab = Lab::new(&[1, 2]);
    let routes = "ip link set p1 nomaster; ip addr add 192.0.2.1/24 dev p1; \
                  ip link set p2 nomaster; ip addr add 198.51.100.1/24 dev p2; \
                  ip rule add to 203.0.113.9 table 77; ip route add 203.0.113.0/24 dev p1 table 77";
    run(lab.hub_command("/bin/sh").args(["-c", routes]));
    let scratch = Scratch::new();
    let file = |endpoint: &str| {
        let text = format!("[capture]\ninterfaces = [\"p1\"]\n[uplink]\nendpoint = \"https://{endpoint}:9848\"\n");
        scratch.write("uplink.toml", text).display().to_string()
    };
    // By its own network, and by a rule that the main table knows nothing of.
    for endpoint in ["192.0.2.5", "203.0.113.9"] {
        let file = file(endpoint);
        for command in
            [vec!["check-config", &file], vec!["watch", "--config.file", &file, "--web.listen-address", "127.0.0.1:0"]]
        {
            let run = wardwatch(&lab, &command);
            let said = text(&run.stderr);
            assert_eq!(run.status.code(), Some(2), "{command:?}: {said}");
            assert!(said.contains(&format!("the route to {endpoint} leaves by p1, which is listened on")), "{said}");
        }
        let doctor = wardwatch(&lab, &["doctor", "--config.file", &file]);
        assert!(text(&doctor.stdout).contains("leaves by p1"), "{}", text(&doctor.stdout));
    }
    let other: &mut Command = &mut lab.hub_command(env!("CARGO_BIN_EXE_wardwatch"));
    run(other.args(["check-config", &file("198.51.100.7")]));
}
