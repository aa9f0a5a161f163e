//! The unit that is shipped is one that systemd takes, and leaves the process what it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::process::{output, text};
use crate::support::programs::{available, command};
use crate::support::scratch::Scratch;

const UNIT: &str = include_str!("../../packaging/systemd/wardwatch.service");

/// The unit, with the program where it is here.
fn analyze(options: &[&str]) -> (bool, String) {
    let scratch = Scratch::new();
    let unit = UNIT.replace("/usr/bin/wardwatch", env!("CARGO_BIN_EXE_wardwatch"));
    let unit = scratch.write("wardwatch.service", unit);
    let output = command("systemd-analyze").args(options).arg(unit).env("SYSTEMD_COLORS", "0").output().unwrap();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn systemd_finds_nothing_to_say_about_the_unit() {
    if !available("systemd_finds_nothing_to_say_about_the_unit", &["systemd-analyze"]) {
        return;
    }
    let (is_valid, said) = analyze(&["verify", "--man=no"]);
    // It looks at all that the unit needs, of which some may be wrong on this machine.
    let about_it: Vec<&str> = said.lines().filter(|line| line.contains("wardwatch")).collect();
    assert!(is_valid && about_it.is_empty(), "{said}");
}

#[test]
fn little_of_the_system_is_exposed_to_the_service() {
    if !available("little_of_the_system_is_exposed_to_the_service", &["systemd-analyze"]) {
        return;
    }
    // Tenths of what systemd calls exposure: 10.0 is all, 2.0 what a service that opens sockets comes to.
    let (is_little, said) = analyze(&["security", "--offline=true", "--threshold=20", "--no-pager"]);
    assert!(is_little, "{}", said.lines().filter(|line| !line.starts_with('✓')).collect::<Vec<_>>().join("\n"));
}

/// The system calls that a list of the unit comes to.
fn calls(name: &str, groups: &BTreeMap<&str, Vec<&str>>, into: &mut BTreeSet<String>) {
    match groups.get(name) {
        Some(members) => members.iter().for_each(|member| calls(member, groups, into)),
        None => _ = into.insert(name.to_owned()),
    }
}

#[test]
fn the_unit_leaves_every_system_call_that_the_process_leaves_itself() {
    if !available("the_unit_leaves_every_system_call_that_the_process_leaves_itself", &["systemd-analyze"]) {
        return;
    }
    let known = text(&output(command("systemd-analyze").args(["--no-pager", "syscall-filter"])).stdout);
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut group = "";
    for line in known.lines() {
        match line.strip_prefix("    ") {
            None => group = line.trim(),
            Some(member) => groups.entry(group).or_default().push(member.trim()),
        }
    }
    let mut left = BTreeSet::new();
    for list in UNIT.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        list.split_whitespace().for_each(|name| calls(name, &groups, &mut left));
    }
    assert!(left.contains("write") && !left.contains("mount"), "{left:?}");
    let lists = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/calls.rs")).unwrap();
    let (_, allowed) = lists.split_once("const EVERY_THREAD").unwrap();
    let needed = allowed.split("libc::SYS_").skip(1);
    let needed: BTreeSet<&str> =
        needed.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()).collect();
    assert!(needed.len() > 100, "{needed:?}");
    let missing: Vec<_> = needed.iter().filter(|call| !left.contains(**call)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
