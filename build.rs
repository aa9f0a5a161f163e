//! Tells the program its revision: what the builder says, or else the commit of a git checkout of this very folder. A tarball,
//! also one unpacked inside another repository, has none.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks")]

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=WARDWATCH_REVISION");
    println!("cargo:rerun-if-changed=build.rs");
    let said = env::var("WARDWATCH_REVISION").ok().filter(|said| !said.is_empty());
    let revision = said.or_else(commit).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=WARDWATCH_REVISION={revision}");
}

/// The commit, where this folder is the top of a checkout.
fn commit() -> Option<String> {
    if !git(&["rev-parse", "--show-prefix"])?.is_empty() {
        return None;
    }
    // It grows with each commit and checkout. A file that is not there would make this run every time.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let run = Command::new("git").args(arguments).output().ok().filter(|run| run.status.success())?;
    Some(std::str::from_utf8(&run.stdout).ok()?.trim().to_owned())
}
