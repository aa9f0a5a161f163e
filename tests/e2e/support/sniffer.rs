//! A capture that is known to hold every packet.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::pcap;
use super::process::Server;
use super::wait;

/// tcpdump on one interface.
#[derive(Debug)]
pub(crate) struct Sniffer {
    tcpdump: Server,
    interface: String,
    file: PathBuf,
    before: usize,
}

impl Sniffer {
    pub(crate) fn start(mut command: Command, file: PathBuf, interface: &str) -> Self {
        // -U and immediate mode: a packet is in the file as soon as it was seen. In that mode the kernel's buffer (64 MiB)
        // is cut into slots of the snapshot length, so that length is kept near a frame's. -Z: root owns the folder.
        command.args([
            "-i",
            interface,
            "-n",
            "-U",
            "--immediate-mode",
            "-s",
            "2048",
            "-B",
            "65536",
            "-Z",
            "root",
            "-w",
        ]);
        command.arg(&file);
        let mut tcpdump = Server::start(command, &file.with_extension("log"));
        wait::until("tcpdump listens", || {
            tcpdump.assert_alive();
            tcpdump.log().contains("listening on").then_some(())
        });
        let mut sniffer = Self { tcpdump, interface: interface.to_owned(), file, before: 0 };
        sniffer.before = sniffer.received();
        sniffer
    }

    /// Stops once the file holds as many packets as the interface has received.
    pub(crate) fn stop(self) -> PathBuf {
        wait::until("the capture holds every packet", || {
            (pcap::count(&self.file) >= self.received() - self.before).then_some(())
        });
        let status = self.tcpdump.interrupt();
        assert!(status.success(), "tcpdump: {status}");
        self.file
    }

    /// The interface's own count: second field of its line in `/proc/net/dev`.
    fn received(&self) -> usize {
        let table = fs::read_to_string(format!("/proc/{}/net/dev", self.tcpdump.id())).unwrap();
        let line = table.lines().find_map(|line| line.trim().strip_prefix(&format!("{}:", self.interface)));
        line.and_then(|counts| counts.split_whitespace().nth(1)).and_then(|packets| packets.parse().ok()).unwrap()
    }
}
