//! A hospital's own rules: they count, and a file of them that is broken changes nothing.

use crate::support::command::{Run, document, wardwatch};
use crate::support::daemon::Daemon;
use crate::support::scratch::Scratch;
use crate::support::wait;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap")
}

/// An AE title of the capture.
fn title() -> String {
    let document = document(&capture());
    let mut titles = document["devices"].as_array().unwrap().iter().flat_map(|device| device["ae_titles"].as_array());
    titles.find_map(|titles| titles.first()).unwrap().as_str().unwrap().to_owned()
}

/// A file that knows the inventory number of the device with a title.
fn rules(title: &str, number: &str) -> String {
    format!(
        "reads = [\"ae_title\"]\n\n[[rule]]\nname = \"ours\"\nis = [\"{title}\"]\nasserts = {{ asset_id = \"{number}\" }}\n\
         confidence = 0.99\nsource = \"our inventory\"\nexamples = [{{ text = \"{title}\" }}]\n"
    )
}

/// A folder of rules and a configuration that names it.
fn folder(scratch: &Scratch, text: &str) -> (PathBuf, PathBuf) {
    let dir = scratch.join("rules");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("titles.toml"), text).unwrap();
    fs::write(dir.join("README"), "no rules").unwrap();
    let config = scratch.write("w.toml", format!("[catalogue]\ndirs = [\"{}\"]\n", dir.display()));
    (dir, config)
}

fn analyze(config: &Path) -> Run {
    let (config, capture) = (config.display().to_string(), capture().display().to_string());
    wardwatch(&["analyze", "--format", "json", "--config.file", &config, &capture])
}

fn numbers(devices: &[Value]) -> Vec<String> {
    let evidence = devices.iter().flat_map(|device| device["evidence"].as_array().unwrap());
    let numbers = evidence.filter(|told| told["attribute"] == "asset_id" && told["source"] == "catalogue");
    numbers.map(|told| told["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_analysis_knows_by_a_hospitals_own_rules() {
    let scratch = Scratch::new();
    let (_, config) = folder(&scratch, &rules(&title(), "A-17"));
    let run = analyze(&config);
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(numbers(run.document()["devices"].as_array().unwrap()), ["A-17"]);
}

#[test]
fn a_broken_file_is_refused_by_every_command_with_file_line_and_reason() {
    let scratch = Scratch::new();
    let (dir, config) = folder(&scratch, &rules("X", "A-17").replace("is = ", "was = "));
    let told = format!("{}: line 5: unknown field `was`", dir.join("titles.toml").display());
    let (config, dir) = (config.display().to_string(), dir.display().to_string());
    let capture = capture().display().to_string();
    for command in [
        &["analyze", "--config.file", &config, &capture][..],
        &["watch", "--config.file", &config, "--replay", &capture],
        &["check-config", &config],
        &["check-catalogue", &dir],
    ] {
        let run = wardwatch(command);
        assert_eq!(run.code, Some(2), "{command:?}: {run}");
        assert!(run.errors().contains(&told), "{command:?}: {run}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let scratch = Scratch::new();
    let config = scratch.write("w.toml", "[catalogue]\ndirs = [\"/no/such/folder\"]\n").display().to_string();
    let run = wardwatch(&["check-config", &config]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("catalogue.dirs: /no/such/folder: "), "{run}");
}

#[test]
fn files_of_rules_can_be_checked_before_they_are_used() {
    let scratch = Scratch::new();
    let (dir, _) = folder(&scratch, &rules("X", "A-17"));
    let run = wardwatch(&["check-catalogue", &dir.display().to_string()]);
    assert_eq!((run.code, &*run.stdout), (Some(0), &b"valid: 1 rules in 1 files\n"[..]), "{run}");
}

#[test]
fn a_reload_takes_good_rules_and_keeps_the_old_ones_for_a_broken_file() {
    let scratch = Scratch::new();
    let title = title();
    let (dir, config) = folder(&scratch, &rules(&title, "A-17"));
    let arguments = ["--config.file", &config.display().to_string(), "--replay", &capture().display().to_string()];
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let shows =
        |number: &str| wait::until("the number shows", || (numbers(&daemon.devices()) == [number]).then_some(()));
    let reload = |text: &str, successful: f64| {
        fs::write(dir.join("titles.toml"), text).unwrap();
        daemon.signal("HUP");
        wait::until("the reload is told", || {
            (daemon.metric("wardwatch_config_last_reload_successful") == successful).then_some(())
        });
    };
    shows("A-17");
    assert_eq!(daemon.metric("wardwatch_catalogue_entries{catalogue=\"own\"}"), 1.0);
    reload(&rules(&title, "A-18").replace("confidence = 0.99", "confidence = 7.0"), 0.0);
    assert!(daemon.log().contains("titles.toml: line 3: entry"), "{}", daemon.log());
    shows("A-17");
    reload(&rules(&title, "A-18"), 1.0);
    shows("A-18");
}
