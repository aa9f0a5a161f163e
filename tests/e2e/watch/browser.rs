//! The page in a real browser.

use std::path::Path;
use std::process::Command;

use super::capture;
use crate::support::daemon::Daemon;
use crate::support::process::run;
use crate::support::programs;
use crate::support::scratch::Scratch;

#[test]
fn a_browser_has_nothing_to_object_to() {
    let name = "a_browser_has_nothing_to_object_to";
    let Some(packages) = programs::browser_packages(name) else { return };
    let scratch = Scratch::new();
    let daemon = Daemon::start(&scratch, &["--replay".to_owned(), capture("hospital.pcapng").display().to_string()]);
    let daemon = daemon.finished();
    let walk = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/browser/walk.mjs");
    let base = format!("http://{}", daemon.address());
    run(Command::new("node").arg(walk).arg(base).env("WARDWATCH_BROWSER", packages));
}
