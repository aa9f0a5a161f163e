//! Passivity: nothing leaves an interface that is prepared as the doctor says; where one is not, that is told everywhere.

use std::thread;
use std::time::Duration;

use super::{PREPARE, Tap, possible, wait};
use crate::support::pcap;
use crate::support::process::text;

/// How long nothing comes, for those who speak when a timer ends: router solicitations, listener reports, address probes.
const QUIET: Duration = Duration::from_secs(10);

/// The machine has an address on another interface, as for its management, and answers questions for it wherever they come in.
const MANAGEMENT: &str = "set -e; ip address add 10.0.0.254/24 dev br0; \
                          for i in all default p1; do echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; done; ";

/// The interface as it comes, only out of the bridge.
const UNPREPARED: &str = "ip link set dev p1 nomaster; ip link set dev p1 addrgenmode eui64; \
                          ip link set dev p1 down; ip link set dev p1 up";

impl Tap {
    /// Frames that came out at the other end of the wire.
    fn came_out(&self) -> u64 {
        let counter = "/sys/class/net/eth0/statistics/rx_packets";
        text(&super::run(self.host().command("cat").arg(counter)).stdout).trim().parse().unwrap()
    }

    /// Sends an hour of what makes a machine speak, and of what a hospital says, faster than it was.
    fn provoke(&self) {
        let file = self.lab.scratch().write("questions.pcap", pcap::questions(3600));
        self.replay(&file, &["--pps=2000"]);
        self.replay(&super::capture("hospital.pcapng"), &["--pps=4000"]);
    }
}

#[test]
fn in_an_hour_of_traffic_not_one_frame_leaves_a_prepared_interface() {
    if !possible("in_an_hour_of_traffic_not_one_frame_leaves_a_prepared_interface") {
        return;
    }
    let tap = Tap::after(&format!("{MANAGEMENT}{PREPARE}"), &[]);
    let before = tap.came_out();
    tap.provoke();
    wait::until("the questions are received", || (tap.received() >= 3600.0).then_some(()));
    thread::sleep(QUIET);
    assert_eq!(tap.came_out(), before, "frames came out of the interface that is listened on");
    wait::until("the risks are told", || {
        tap.ask("/metrics").contains("wardwatch_agent_interface_may_transmit").then_some(())
    });
    for reason in ["address", "arp", "ipv6", "member", "pause", "route", "upper"] {
        assert_eq!(tap.metric("interface_may_transmit", &format!(",reason=\"{reason}\"")), 0.0, "{reason}");
    }
    assert_eq!(tap.metric("packets_transmitted_total", ""), 0.0);
    assert!(!tap.daemon.log().contains("could be sent"), "{}", tap.daemon.log());
}

#[test]
fn of_an_interface_that_is_not_prepared_a_log_line_and_a_metric_say_so() {
    if !possible("of_an_interface_that_is_not_prepared_a_log_line_and_a_metric_say_so") {
        return;
    }
    let tap = Tap::after(&format!("{MANAGEMENT}{UNPREPARED}"), &[]);
    let before = tap.came_out();
    tap.provoke();
    wait::until("the machine answers, so that the other test can fail", || (tap.came_out() > before).then_some(()));
    wait::until("the risks are told", || {
        (tap.metric("interface_may_transmit", ",reason=\"arp\"") == 1.0).then_some(())
    });
    assert_eq!(tap.metric("interface_may_transmit", ",reason=\"ipv6\""), 1.0);
    assert_eq!(tap.metric("interface_may_transmit", ",reason=\"member\""), 0.0);
    let log = tap.daemon.log();
    assert!(log.contains("could be sent") && log.contains("wardwatch doctor --interface p1"), "{log}");
    // Once it is prepared, that is told as well.
    tap.inside("/bin/sh", &["-c", PREPARE]);
    wait::until("the risk is over", || (tap.metric("interface_may_transmit", ",reason=\"arp\"") == 0.0).then_some(()));
}
