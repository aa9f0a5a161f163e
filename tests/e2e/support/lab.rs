//! A small network: hosts in namespaces of their own, joined by a bridge that a capture listens on.
//!
//! Every host has its own MAC address, frames are at most 1514 bytes long and carry true checksums, and nothing
//! but the peers' own packets (and ARP) is on the wire.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Once;

use super::process::{Server, run};
use super::programs;
use super::scratch::{Scratch, unique};
use super::sniffer::Sniffer;

const PREFIX: &str = "wwe2e-";

#[derive(Debug)]
pub(crate) struct Lab {
    hub: String,
    hosts: Vec<Host>,
    scratch: Scratch,
}

/// One machine of the lab.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    namespace: String,
    pub(crate) address: Ipv4Addr,
}

impl Lab {
    /// Hosts 10.0.0.N for each N, MAC address 00:00:5e:00:53:N (the documentation range).
    pub(crate) fn new(hosts: &[u8]) -> Self {
        static SWEEP: Once = Once::new();
        SWEEP.call_once(sweep);
        let hub = format!("{PREFIX}{}", unique());
        let hosts: Vec<_> = hosts
            .iter()
            .map(|&number| Host { namespace: format!("{hub}-{number}"), address: Ipv4Addr::new(10, 0, 0, number) })
            .collect();
        let lab = Self { hub, hosts, scratch: Scratch::new() };
        lab.build();
        lab
    }

    fn build(&self) {
        let spaces = self.hosts.iter().map(|host| format!("netns add {}\n", host.namespace));
        batch(None, &format!("netns add {}\n{}", self.hub, spaces.collect::<String>()));
        // Without an IPv6 address, no host speaks unasked.
        let mut wires =
            "link set lo up\nlink add br0 type bridge mcast_snooping 0\nlink set br0 addrgenmode none up\n".to_owned();
        for Host { namespace, address } in &self.hosts {
            let number = address.octets()[3];
            wires += &format!(
                "link add p{number} type veth peer name eth0 address 00:00:5e:00:53:{number:02x} netns {namespace}\n\
                 link set p{number} master br0\nlink set p{number} addrgenmode none up\n"
            );
        }
        batch(Some(&self.hub), &wires);
        for host in &self.hosts {
            let address = host.address;
            let own = format!("link set lo up\nlink set eth0 addrgenmode none up\naddr add {address}/24 dev eth0\n");
            batch(Some(&host.namespace), &own);
            let offload = ["-K", "eth0", "tx", "off", "tso", "off", "gso", "off", "gro", "off"];
            run(host.command("ethtool").args(offload));
        }
    }

    pub(crate) fn host(&self, number: u8) -> &Host {
        self.hosts.iter().find(|host| host.address.octets()[3] == number).expect("a host of this lab")
    }

    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Starts a server on a host and waits until it listens.
    pub(crate) fn serve(&self, host: u8, port: u16, command: Command) -> Server {
        Server::start(command, &self.scratch.join(format!("{}-{port}.log", self.host(host).address))).listening(port)
    }

    /// A command that will run where the wires of all hosts end: that of host N is `pN`.
    pub(crate) fn hub_command(&self, program: impl AsRef<Path>) -> Command {
        inside(&self.hub, program.as_ref())
    }

    /// Starts capturing all that passes between the hosts.
    pub(crate) fn sniff(&self, name: &str) -> Sniffer {
        let file = self.scratch.join(format!("{name}.pcap"));
        Sniffer::start(inside(&self.hub, Path::new("tcpdump")), file, "br0")
    }
}

impl Host {
    /// The network namespace that it is.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// A command that will run on this host.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        inside(&self.namespace, program.as_ref())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let names = self.hosts.iter().map(|host| &host.namespace).chain([&self.hub]);
        remove(names.map(String::as_str));
    }
}

fn inside(namespace: &str, program: &Path) -> Command {
    let program = programs::find(&program.to_string_lossy()).unwrap_or_else(|| program.to_owned());
    let mut command = programs::command("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

fn batch(namespace: Option<&str>, lines: &str) {
    use std::io::Write;
    let mut command = programs::command("ip");
    if let Some(namespace) = namespace {
        command.args(["-n", namespace]);
    }
    let mut child =
        command.args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ip can run");
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "ip -batch: {}\n{lines}", super::process::text(&output.stderr));
}

fn remove<'a>(names: impl Iterator<Item = &'a str>) {
    for name in names {
        let _ = programs::command("ip").args(["netns", "del", name]).status();
    }
}

/// Removes what a run that was killed left behind: namespaces named after a process that is gone.
fn sweep() {
    let names: Vec<_> = fs::read_dir("/run/netns")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let stale = names.iter().filter(|name| {
        let id = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        id.is_some_and(|id| !Path::new("/proc").join(id).exists())
    });
    remove(stale.map(String::as_str));
}
