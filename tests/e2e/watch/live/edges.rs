//! What happens to an interface that is too fast, that must stay silent, or that goes away.

use std::fs;
use std::process::Command;

use super::{Tap, possible, wait};
use crate::support::pcap;
use crate::support::process::{output, run};

impl Tap {
    /// A counter of the system, of the end of the wire that is listened on.
    fn counted(&self, counter: &str) -> f64 {
        let path = format!("/sys/class/net/p1/statistics/{counter}");
        super::text(&self.inside("cat", &[&path]).stdout).trim().parse().unwrap()
    }

    /// Sends so many ARP announcements, a few at a time.
    fn announce(&self, packets: u32) {
        let file = self.lab.scratch().join("announcements.pcap");
        fs::write(&file, pcap::announcements(packets)).unwrap();
        self.replay(&file, &["--pps=1000"]);
    }

    /// Waits until the interface is told to deliver packets, or not to.
    fn until_up(&self, is_up: f64) {
        wait::until("the state of the interface is told", || (self.metric("capture_up", "") == is_up).then_some(()));
    }
}

#[test]
fn beyond_what_can_be_read_every_frame_is_received_or_counted() {
    if !possible("beyond_what_can_be_read_every_frame_is_received_or_counted") {
        return;
    }
    for workers in ["1", "2"] {
        let tap = Tap::new(&[("CAPTURE__RING_MIB", "1"), ("CAPTURE__WORKERS", workers)]);
        let before = tap.counted("rx_packets");
        let file = super::capture("hospital.pcapng");
        tap.replay(&file, &["--topspeed", "--preload-pcap", "--loop=20"]);
        let sent = tap.counted("rx_packets") - before;
        let all = || tap.received() + tap.dropped();
        wait::until("every frame is accounted for", || (all() >= sent).then_some(()));
        assert_eq!(all(), sent, "{workers} workers");
        assert!(tap.dropped() > 0.0 && tap.metric("capture_freezes_total", "") > 0.0, "it was too slow to lose any");
        // What comes later is received again.
        let dropped = tap.dropped();
        tap.announce(10);
        wait::until("later frames are received", || (all() >= sent + 10.0).then_some(()));
        assert_eq!((all(), tap.dropped()), (sent + 10.0, dropped));
    }
}

#[test]
fn not_one_frame_leaves_an_interface_that_is_listened_on() {
    if !possible("not_one_frame_leaves_an_interface_that_is_listened_on") {
        return;
    }
    for backend in ["ring", "pnet"] {
        let tap = Tap::new(&[("CAPTURE__BACKEND", backend)]);
        let before = tap.counted("tx_packets");
        tap.replay(&super::capture("first-light.pcap"), &["--pps=1000"]);
        tap.inside("ip", &["link", "set", "p1", "down"]);
        tap.inside("ip", &["link", "set", "p1", "up"]);
        wait::until("frames are received", || (tap.received() > 0.0).then_some(()));
        assert_eq!(tap.counted("tx_packets"), before, "{backend}");
        assert_eq!(tap.metric("packets_transmitted_total", ""), 0.0);
        let lab = {
            let Tap { daemon, lab, _scratch } = tap;
            assert!(daemon.terminate().success());
            lab
        };
        let sent = output(lab.hub_command("cat").arg("/sys/class/net/p1/statistics/tx_packets"));
        assert_eq!(super::text(&sent.stdout).trim().parse::<f64>().unwrap(), before, "{backend}, when it ended");
    }
}

#[test]
fn an_interface_that_went_down_or_away_is_listened_on_again() {
    if !possible("an_interface_that_went_down_or_away_is_listened_on_again") {
        return;
    }
    let tap = Tap::new(&[("CAPTURE__WORKERS", "2")]);
    tap.announce(5);
    wait::until("frames are received", || (tap.received() == 5.0).then_some(()));

    tap.inside("ip", &["link", "set", "p1", "down"]);
    tap.until_up(0.0);
    tap.inside("ip", &["link", "set", "p1", "up"]);
    tap.until_up(1.0);
    tap.announce(5);
    wait::until("frames are received by the same rings", || (tap.received() == 10.0).then_some(()));

    tap.inside("ip", &["link", "del", "p1"]);
    tap.until_up(0.0);
    let namespace = tap.host().namespace();
    tap.inside("ip", &["link", "add", "p1", "type", "veth", "peer", "name", "eth0", "netns", namespace]);
    tap.inside("ip", &["link", "set", "p1", "up"]);
    run(tap.host().command("ip").args(["link", "set", "eth0", "addrgenmode", "none", "up"]));
    tap.until_up(1.0);
    tap.announce(5);
    wait::until("frames are received by new rings", || (tap.received() == 15.0).then_some(()));
    let asked: &mut Command = &mut tap.lab.hub_command("cat");
    assert_eq!(super::text(&output(asked.arg("/sys/class/net/p1/statistics/tx_packets")).stdout).trim(), "0");
}
