//! Whether anything on this machine could send frames on an interface that is listened on.

use super::{Check, Verdict};
use std::{collections::BTreeSet, fs, path::Path};
use wardwatch_model::TransmitRisk;
use wardwatch_ring::Device;

/// What the system says of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    addresses: Vec<String>,
    speaks_ipv6: bool,
    speaks_arp: bool,
    sends_pause: bool,
    master: Option<String>,
    uppers: Vec<String>,
    has_route: bool,
}

/// Why this machine might send something on an interface; `None` where there is no such interface.
pub fn transmit_risks(name: &str) -> Option<BTreeSet<TransmitRisk>> {
    Facts::read(name).map(|facts| facts.risks())
}

/// What to type so that an interface stays silent.
pub fn prepare(name: &str, risk: TransmitRisk) -> String {
    match risk {
        TransmitRisk::Address => format!("ip address flush dev {name}"),
        TransmitRisk::Arp => format!("ip link set dev {name} arp off"),
        // A dot would end the name.
        TransmitRisk::Ipv6 if name.contains('.') => format!("sysctl -w net/ipv6/conf/{name}/disable_ipv6=1"),
        TransmitRisk::Ipv6 => format!("sysctl -w net.ipv6.conf.{name}.disable_ipv6=1"),
        TransmitRisk::Member => format!("ip link set dev {name} nomaster"),
        TransmitRisk::Pause => format!("ethtool -A {name} autoneg off rx off tx off"),
        TransmitRisk::Route => format!("ip route flush dev {name}"),
        TransmitRisk::Upper => format!("ip link delete dev UPPER   # each of: ls -d /sys/class/net/{name}/upper_*"),
    }
}

pub(super) fn checks(name: &str) -> Vec<Check> {
    let Some(facts) = Facts::read(name) else { return Vec::new() };
    let mut checks: Vec<Check> = TransmitRisk::ALL.iter().map(|risk| facts.check(name, *risk)).collect();
    checks.push(match transmitted(name) {
        None => Check::new("sent", Verdict::Unknown, "the system does not tell how many frames it sent"),
        Some(0) => Check::new("sent", Verdict::Good, "nothing since it is there"),
        Some(frames) => Check::new(
            "sent",
            Verdict::Warning,
            format!("{frames} frames since it is there, by whatever used it before or uses it still"),
        )
        .advise(format!("tcpdump -i {name} -Q out")),
    });
    checks
}

impl Facts {
    fn read(name: &str) -> Option<Self> {
        /// IFF_NOARP of linux/if.h.
        const NO_ARP: u32 = 0x80;
        let home = Path::new("/sys/class/net").join(name);
        let flags = fs::read_to_string(home.join("flags")).ok()?;
        let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).ok()?;
        let interface = pnet_datalink::interfaces().into_iter().find(|interface| interface.name == name)?;
        // Where the file is missing, the kernel has no IPv6.
        let ipv6 = fs::read_to_string(format!("/proc/sys/net/ipv6/conf/{name}/disable_ipv6"));
        let master = fs::read_link(home.join("master")).ok();
        let master = master.and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let uppers = fs::read_dir(&home).into_iter().flatten().filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_prefix("upper_").map(str::to_owned)
        });
        Some(Self {
            addresses: interface.ips.iter().map(ToString::to_string).collect(),
            speaks_ipv6: ipv6.is_ok_and(|disabled| disabled.trim() == "0"),
            speaks_arp: flags & NO_ARP == 0,
            sends_pause: Device::new(name).and_then(|device| device.sends_pause()).unwrap_or(false),
            // A bridge stands on its members, too.
            uppers: uppers.filter(|upper| Some(upper) != master.as_ref()).collect(),
            master,
            has_route: fs::read_to_string("/proc/net/route").is_ok_and(|table| is_routed(&table, name)),
        })
    }

    fn risks(&self) -> BTreeSet<TransmitRisk> {
        TransmitRisk::ALL.iter().copied().filter(|risk| self.has(*risk)).collect()
    }

    const fn has(&self, risk: TransmitRisk) -> bool {
        match risk {
            TransmitRisk::Address => !self.addresses.is_empty(),
            TransmitRisk::Arp => self.speaks_arp,
            TransmitRisk::Ipv6 => self.speaks_ipv6,
            TransmitRisk::Member => self.master.is_some(),
            TransmitRisk::Pause => self.sends_pause,
            TransmitRisk::Route => self.has_route,
            TransmitRisk::Upper => !self.uppers.is_empty(),
        }
    }

    fn check(&self, name: &str, risk: TransmitRisk) -> Check {
        if !self.has(risk) {
            return Check::new(risk.name(), Verdict::Good, "none, or off");
        }
        let which = match risk {
            TransmitRisk::Address => self.addresses.join(", "),
            TransmitRisk::Member => self.master.clone().unwrap_or_default(),
            TransmitRisk::Upper => self.uppers.join(", "),
            _ => "on".to_owned(),
        };
        let check = Check::new(risk.name(), Verdict::Bad, format!("{which}. {}", risk.meaning()));
        match risk {
            TransmitRisk::Upper => {
                self.uppers.iter().fold(check, |check, upper| check.advise(format!("ip link delete dev {upper}")))
            }
            _ => check.advise(prepare(name, risk)),
        }
    }
}

/// Whether a table in the form of /proc/net/route has a route by an interface: its name is the first column.
fn is_routed(table: &str, name: &str) -> bool {
    table.lines().skip(1).any(|line| line.split_whitespace().next() == Some(name))
}

fn transmitted(name: &str) -> Option<u64> {
    fs::read_to_string(format!("/sys/class/net/{name}/statistics/tx_packets")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_prepared_has_no_risk_and_each_fact_is_one() {
        assert!(Facts::default().risks().is_empty());
        let all = Facts {
            addresses: vec!["192.0.2.1/24".to_owned()],
            speaks_ipv6: true,
            speaks_arp: true,
            sends_pause: true,
            master: Some("br0".to_owned()),
            uppers: vec!["eth1.10".to_owned()],
            has_route: true,
        };
        assert_eq!(all.risks(), TransmitRisk::ALL.iter().copied().collect());
        for risk in TransmitRisk::ALL {
            let check = all.check("eth1", *risk);
            assert_eq!(check.verdict, Verdict::Bad);
            assert_eq!(check.advice.len(), 1, "{check:?}");
            assert_eq!(Facts::default().check("eth1", *risk).verdict, Verdict::Good);
        }
    }

    #[test]
    fn a_name_with_a_dot_is_one_name_to_sysctl() {
        assert_eq!(prepare("eth1.10", TransmitRisk::Ipv6), "sysctl -w net/ipv6/conf/eth1.10/disable_ipv6=1");
        assert_eq!(prepare("eth1", TransmitRisk::Ipv6), "sysctl -w net.ipv6.conf.eth1.disable_ipv6=1");
    }

    #[test]
    fn a_route_is_found_by_its_interface() {
        let table = "Iface\tDestination\tGateway\neth0\t00000000\t010200C0\neth10\t000200C0\t00000000\n";
        assert!(is_routed(table, "eth0") && is_routed(table, "eth10"));
        assert!(!is_routed(table, "eth1") && !is_routed(table, "Iface"));
    }

    #[test]
    fn what_is_not_there_has_no_risks() {
        assert_eq!(transmit_risks("wardwatch-none"), None);
    }
}
