//! The machine itself: rights, clock, disk, and where an uplink would leave.

use super::uplink;
use std::{fs, path::Path};
use wardwatch_agent::checkup::{Check, Verdict};
use wardwatch_model::config::Config;

/// Free disk below which a store may soon be unable to write: its facts, their snapshot, and as much again while one is
/// written.
const LEAST_FREE: u64 = 1 << 30;

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![rights(), clock(), disk(config)];
    checks.extend(uplink::check(config));
    if config.interfaces.is_empty() {
        checks.push(
            Check::new("interfaces", Verdict::Unknown, "none was named").advise("wardwatch doctor --interface IF"),
        );
    }
    checks
}

/// Whether this user may listen. Looked at again for each interface, by listening on it.
fn rights() -> Check {
    const WHAT: &str = "permissions";
    /// CAP_NET_RAW of linux/capability.h.
    const NET_RAW: u64 = 1 << 13;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    match effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        None => Check::new(WHAT, Verdict::Unknown, "the system does not tell"),
        Some(mask) if mask & NET_RAW != 0 => Check::new(WHAT, Verdict::Good, "may capture (CAP_NET_RAW)"),
        Some(_) => {
            let program =
                std::env::current_exe().map_or_else(|_| "wardwatch".into(), |path| path.display().to_string());
            Check::new(WHAT, Verdict::Bad, "may not capture: CAP_NET_RAW is missing")
                .advise(format!("sudo setcap cap_net_raw+ep {program}"))
        }
    }
}

fn clock() -> Check {
    const WHAT: &str = "clock";
    match wardwatch_agent::checkup::clock_is_synchronised() {
        Ok(true) => Check::new(WHAT, Verdict::Good, "kept right by a time service"),
        Ok(false) => Check::new(
            WHAT,
            Verdict::Warning,
            "not kept right by a time service: times of packets and of findings may be wrong",
        )
        .advise("timedatectl set-ntp true"),
        Err(error) => Check::new(WHAT, Verdict::Unknown, error.to_string()),
    }
}

fn disk(config: &Config) -> Check {
    const WHAT: &str = "disk";
    let Some(folder) = &config.store.path else {
        return Check::new(WHAT, Verdict::Unknown, "no folder for data is named: what is learnt ends with the process")
            .advise("wardwatch doctor --data-dir DIR");
    };
    // A folder that is not there yet will be made in the nearest one that is.
    let Some(there) = folder.ancestors().map(or_here).find(|ancestor| ancestor.exists()) else {
        return Check::new(WHAT, Verdict::Unknown, format!("{}: not found", folder.display()));
    };
    match fs2::available_space(there) {
        Err(error) => Check::new(WHAT, Verdict::Unknown, format!("{}: {error}", there.display())),
        Ok(free) if free < LEAST_FREE => {
            let found =
                format!("{}: {} MiB are free, a store may need {}", there.display(), free >> 20, LEAST_FREE >> 20);
            Check::new(WHAT, Verdict::Warning, found).advise(format!("df -h {}", there.display()))
        }
        Ok(free) => Check::new(WHAT, Verdict::Good, format!("{}: {} MiB are free", there.display(), free >> 20)),
    }
}

/// The parent of a relative path is the folder that we are in.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_of_a_folder_that_is_yet_to_be_made_is_looked_at() {
        let mut config = Config::default();
        assert_eq!(disk(&config).verdict, Verdict::Unknown);
        for folder in ["/no/such/folder/at/all", "no-such-folder"] {
            config.store.path = Some(folder.into());
            assert!(matches!(disk(&config).verdict, Verdict::Good | Verdict::Warning), "{folder}");
        }
    }

    #[test]
    fn rights_are_known_on_this_system() {
        assert_ne!(rights().verdict, Verdict::Unknown);
    }
}
