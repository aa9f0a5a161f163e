//! What a running watch has given up, as the kernel tells it of each thread; and that it still does what it is there for.

use std::fs;

use super::{Tap, possible, wait};

/// A thread: its name, and what the kernel says of it.
struct Thread {
    name: String,
    status: String,
}

impl Thread {
    fn field(&self, name: &str) -> &str {
        let line = self.status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.status)).trim()
    }
}

fn threads(process: u32) -> Vec<Thread> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let read = |path: std::path::PathBuf, file: &str| fs::read_to_string(path.join(file)).ok();
    tasks
        .filter_map(|task| {
            let task = task.ok()?.path();
            let name = read(task.clone(), "comm")?.trim().to_owned();
            Some(Thread { name, status: read(task, "status")? })
        })
        .collect()
}

#[test]
fn every_thread_of_a_watch_has_given_up_what_it_does_not_need() {
    if !possible("every_thread_of_a_watch_has_given_up_what_it_does_not_need") {
        return;
    }
    let data = crate::support::scratch::Scratch::new();
    let folder = data.join("data").display().to_string();
    let tap = Tap::new(&[("CAPTURE__WORKERS", "2"), ("SECURITY__SANDBOX", "require"), ("STORE__PATH", &folder)]);
    tap.replay(&super::capture("first-light.pcap"), &["--pps=1000"]);
    wait::until("frames are received and kept", || (tap.received() > 0.0).then_some(()));
    let threads = threads(tap.daemon.id());
    let named = |name: &str| threads.iter().filter(|thread| thread.name == name).count();
    assert_eq!((named("opener"), named("worker")), (1, 2));
    for thread in &threads {
        let name = &thread.name;
        // The opener keeps CAP_NET_RAW, bit 13, and nothing else.
        let rights = if name == "opener" { "0000000000002000" } else { "0000000000000000" };
        for set in ["CapEff", "CapPrm"] {
            assert_eq!(thread.field(set), rights, "{set} of {name}");
        }
        for set in ["CapInh", "CapAmb"] {
            assert_eq!(thread.field(set), "0000000000000000", "{set} of {name}");
        }
        assert_eq!((thread.field("NoNewPrivs"), thread.field("Seccomp")), ("1", "2"), "{name}");
        // Of those that take packets, one more.
        let filters = if name == "worker" { "3" } else { "2" };
        assert_eq!(thread.field("Seccomp_filters"), filters, "{name}");
    }
    for restriction in ["capabilities", "no_new_privs", "landlock_files", "landlock_network", "seccomp"] {
        let series = format!("wardwatch_sandbox_restriction{{restriction=\"{restriction}\"}} 1");
        assert!(tap.ask("/metrics").contains(&series), "{restriction}");
    }
    assert!(fs::read_dir(&folder).unwrap().count() > 1, "the store is written");
    let Tap { daemon, .. } = tap;
    assert!(daemon.terminate().success());
}
