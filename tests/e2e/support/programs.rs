//! The programs of other people that tests run, and what a test does where one is missing.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says on the terminal, past the test runner's capturing, that `test` did not run and why.
pub(crate) fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// The path of a program, also where an ordinary user's PATH leaves out the `sbin` folders.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A command for a program that [`available`] has been asked for.
pub(crate) fn command(name: &str) -> Command {
    Command::new(find(name).unwrap_or_else(|| panic!("{name} is not installed: run tests/run once")))
}

/// Whether all programs are here. Where not, the caller returns: its test has been reported as skipped.
pub(crate) fn available(test: &str, programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    missing.is_empty() || excused(test, &format!("not installed: {}", missing.join(", ")))
}

/// Whether a network of namespaces can be made here, with all of `programs` in it.
pub(crate) fn lab_available(test: &str, programs: &[&str]) -> bool {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return excused(test, "needs root to make network namespaces");
    }
    available(test, &["ip", "ethtool", "tcpdump", "tshark"]) && available(test, programs)
}

/// The Python of the peers' virtual environment (made by tests/run), or None with the test reported as skipped.
pub(crate) fn python(test: &str) -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("peers/bin/python3");
    if python.is_file() {
        return Some(python);
    }
    excused(test, "no Python peers in the target directory: run tests/run once");
    None
}

/// A program of Prometheus (unpacked by tests/run, as its package would start a server), or None with the test reported as
/// skipped.
pub(crate) fn prometheus(program: &str, test: &str) -> Option<PathBuf> {
    let unpacked = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("prometheus/usr/bin").join(program);
    if let Some(found) = unpacked.is_file().then_some(unpacked).or_else(|| find(program)) {
        return Some(found);
    }
    excused(test, "no Prometheus in the target directory: run tests/run once");
    None
}

/// The packages that drive a browser (installed by tests/run), or None with the test reported as skipped.
pub(crate) fn browser_packages(test: &str) -> Option<PathBuf> {
    if !available(test, &["chromium", "node"]) {
        return None;
    }
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("browser");
    if packages.join("node_modules/axe-core").is_dir() {
        return Some(packages);
    }
    excused(test, "no packages for the browser in the target directory: run tests/run once");
    None
}

/// Always false; a failure where everything must be installed.
fn excused(test: &str, why: &str) -> bool {
    let ci = env::var("CI").is_ok_and(|value| value == "true");
    assert!(!(ci && Path::new("/etc/debian_version").exists()), "{test}: {why}");
    skipped(test, why);
    false
}
