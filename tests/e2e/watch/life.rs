//! Life as a daemon: starting, reloading, ending, and saying what is wrong.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::capture;
use crate::support::command::wardwatch;
use crate::support::daemon::Daemon;
use crate::support::http;
use crate::support::process::{Server, output, run, text};
use crate::support::programs;
use crate::support::scratch::Scratch;
use crate::support::wait;

fn replay() -> Vec<String> {
    vec!["--replay".to_owned(), capture("first-light.pcap").display().to_string()]
}

#[test]
fn sigterm_ends_it_cleanly_and_the_next_start_knows_everything() {
    let scratch = Scratch::new();
    let data = scratch.join("data").display().to_string();
    let arguments = [replay(), vec!["--data-dir".to_owned(), data.clone()]].concat();
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let (devices, reports) = (daemon.devices(), daemon.metric("wardwatch_ingest_reports_total"));
    assert!(!devices.is_empty() && reports > 1.0);
    let status = daemon.terminate();
    assert_eq!(status.code(), Some(0), "{status}");

    let again = Daemon::start(&scratch, &arguments).finished();
    assert_eq!(again.devices(), devices, "the same ids, the same evidence, nothing twice");
    assert_eq!(again.metric("wardwatch_ingest_reports_total"), reports, "the same replay counts once");
    let duplicates = || again.metric("wardwatch_ingest_rejected_total{reason=\"duplicate\"}");
    wait::until("what came twice is counted", || (duplicates() == reports).then_some(()));
}

#[test]
fn without_a_folder_for_data_nothing_is_written_and_it_says_so() {
    let scratch = Scratch::new();
    let daemon = Daemon::start(&scratch, &replay()).finished();
    assert!(daemon.log().contains("--data-dir"), "{}", daemon.log());
    assert!(daemon.log().contains("memory"), "the bound of memory is printed: {}", daemon.log());
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn sighup_takes_a_good_configuration_and_keeps_the_old_one_for_a_bad_one() {
    let scratch = Scratch::new();
    let file = scratch.write("w.toml", "[segments]\n\"10.20.0.0/16\" = \"imaging\"\n");
    let config = ["--config.file".to_owned(), file.display().to_string()];
    let daemon = Daemon::start(&scratch, &[replay(), config.to_vec()].concat()).finished();
    let shows = |name: &str| daemon.get("/metrics/devices").body.contains(&format!("segment=\"{name}\""));
    let reload = |text: &str, successful: f64| {
        fs::write(&file, text).unwrap();
        daemon.signal("HUP");
        wait::until("the reload is told", || {
            (daemon.metric("wardwatch_config_last_reload_successful") == successful).then_some(())
        });
    };
    assert!(shows("imaging"));
    reload("[segments]\n\"10.20.0.0/16\" = 5\n", 0.0);
    assert!(shows("imaging"), "a bad file changes nothing");
    assert!(daemon.log().contains("segments.10.20.0.0/16: must be a text"), "{}", daemon.log());
    reload("[segments]\n\"10.20.0.0/16\" = \"radiology\"\n", 1.0);
    wait::until("the new name shows", || shows("radiology").then_some(()));
}

/// A file of users with one of these names; the password is of no interest.
fn users(name: &str) -> String {
    format!("basic_auth_users: {{ {name}: '$2b$10$CwTycUXWue0Thq9StjUM0uJ8xQ0c7vJw7QeWw9r7b7o1dZl3Y4G1e' }}\n")
}

#[test]
fn sighup_takes_good_users_and_keeps_the_old_ones_for_bad_ones() {
    let scratch = Scratch::new();
    let file = scratch.write("web.yml", "");
    let web = ["--web.config.file".to_owned(), file.display().to_string()];
    let daemon = Daemon::start(&scratch, &[replay(), web.to_vec()].concat());
    let status = || http::get(daemon.address(), "/-/healthy").map(|answer| answer.status);
    let reload = |text: &str, wanted: u16| {
        fs::write(&file, text).unwrap();
        daemon.signal("HUP");
        wait::until("the new users count", || (status() == Some(wanted)).then_some(()));
    };
    assert_eq!(status(), Some(200));
    reload(&users("prometheus"), 401);
    for bad in ["basic_auth_users: { a: plain }\n", "tls_server_config: { cert_file: no.crt, key_file: no.key }\n"] {
        let told = daemon.log().matches("the configuration is not reloaded").count();
        fs::write(&file, bad).unwrap();
        daemon.signal("HUP");
        wait::until("it is told", || {
            (daemon.log().matches("the configuration is not reloaded").count() > told).then_some(())
        });
        assert_eq!(status(), Some(401), "the users of before stay");
    }
    assert!(daemon.log().contains("basic_auth_users.a: is not a bcrypt hash"), "{}", daemon.log());
    assert!(daemon.log().contains("no.key"), "{}", daemon.log());
    reload("", 200);
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_at_the_start_and_by_check_config() {
    let scratch = Scratch::new();
    scratch.write("broken.key", "no key");
    for (key, told) in [("missing.key", "No such file"), ("broken.key", "key_file: ")] {
        let web = scratch.write("web.yml", format!("tls_server_config: {{ cert_file: web.crt, key_file: {key} }}\n"));
        let web = web.display().to_string();
        let config = scratch.write("w.toml", format!("[web]\nconfig_file = \"{web}\"\n")).display().to_string();
        let data = scratch.join("data");
        let (folder, replay) = (data.display().to_string(), replay());
        let start = ["watch", &replay[0], &replay[1], "--data-dir", &folder, "--web.config.file", &web];
        for arguments in [&start[..], &["check-config", &config]] {
            let run = wardwatch(arguments);
            assert_eq!(run.code, Some(2), "{arguments:?}: {run}");
            assert!(run.errors().contains(key) && run.errors().contains(told), "{run}");
        }
        assert!(!data.exists(), "nothing was touched");
    }
}

#[test]
fn sigterm_ends_it_cleanly_from_the_moment_on_at_which_it_touches_its_store() {
    let scratch = Scratch::new();
    let data = scratch.join("data");
    for delay in [0, 0, 10, 30, 60, 120, 240] {
        let _ = fs::remove_file(data.join("lock"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardwatch"));
        command.arg("watch").args(replay()).arg("--data-dir").arg(&data);
        command.args(["--web.listen-address", "127.0.0.1:0"]);
        let watch = Server::start(command, &scratch.join("watch.log"));
        while !data.join("lock").exists() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(delay));
        run(Command::new("/bin/sh").args(["-c", "kill -s TERM \"$0\"", &watch.id().to_string()]));
        assert_eq!(watch.wait().code(), Some(0), "after {delay} ms");
    }
}

#[test]
fn a_store_whose_probe_is_killed_is_left_alone_and_that_is_told() {
    let scratch = Scratch::new();
    let data = scratch.join("data").display().to_string();
    let arguments = [replay(), vec!["--data-dir".to_owned(), data.clone()]].concat();
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let devices = daemon.devices();
    assert_eq!(daemon.terminate().code(), Some(0));
    // A limit that a process must keep takes it down by a signal, as too little memory does: here of what it may write.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -f 0; exec \"$0\" watch \"$@\"", env!("CARGO_BIN_EXE_wardwatch")]).args(&arguments);
    let ended = output(command.args(["--web.listen-address", "127.0.0.1:0"]));
    let told = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("signal 25") && told.contains("nothing was changed"), "{told}");
    let again = Daemon::start(&scratch, &arguments).finished();
    assert_eq!(again.devices(), devices);
    assert_eq!(again.metric("wardwatch_store_rebuilt"), 0.0, "{}", again.log());
}

#[test]
fn a_service_manager_is_told_when_it_is_ready_and_when_it_ends() {
    let scratch = Scratch::new();
    let path = scratch.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut told = String::new();
    let mut hear = |what: &str| {
        let mut buffer = [0; 4096];
        while !told.contains(what) {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("no {what}: {error}; told: {told}"));
            told += std::str::from_utf8(&buffer[..length]).unwrap();
            told.push('\n');
        }
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardwatch"));
    command.arg("watch").args(replay()).args(["--web.listen-address", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "2000000");
    let daemon = Daemon::run(&scratch, command);
    hear("READY=1");
    hear("WATCHDOG=1");
    daemon.signal("HUP");
    hear("RELOADING=1");
    daemon.signal("TERM");
    hear("STOPPING=1");
}

#[test]
fn logs_can_be_read_by_machines() {
    let scratch = Scratch::new();
    let arguments = [replay(), ["--log.level", "info", "--log.format", "json"].map(str::to_owned).to_vec()].concat();
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let log = daemon.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(!lines.is_empty(), "{log}");
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn it_does_not_serve_strangers_without_authentication() {
    let arguments = [vec!["watch".to_owned()], replay(), vec!["--web.listen-address".into(), "0.0.0.0:0".into()]];
    let run = wardwatch(&arguments.concat());
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("--web.config.file"), "it says what to do: {run}");
}

#[test]
fn an_interface_that_is_not_there_and_nothing_to_watch_are_told() {
    let run = wardwatch(&["watch", "--interface", "wardwatch-none", "--web.listen-address", "127.0.0.1:0"]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.errors().contains("interface wardwatch-none: not found; there are: "), "{run}");
    let run = wardwatch(&["watch"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("--interface"), "{run}");
}

#[test]
fn a_capture_that_ends_in_the_middle_is_told_and_what_came_before_is_kept() {
    let scratch = Scratch::new();
    let whole = fs::read(capture("first-light.pcap")).unwrap();
    let cut = scratch.write("cut.pcap", &whole[..whole.len() / 2]);
    let daemon = Daemon::start(&scratch, &["--replay".to_owned(), cut.display().to_string()]).finished();
    assert!(!daemon.devices().is_empty());
    assert!(daemon.log().contains("cut.pcap"), "{}", daemon.log());
    assert_eq!(daemon.terminate().code(), Some(1), "not everything was read");
}

#[test]
fn captures_of_which_none_can_be_read_are_told_at_once() {
    let run = wardwatch(&["watch", "--replay", "/no/such.pcap", "--web.listen-address", "127.0.0.1:0"]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.errors().contains("/no/such.pcap: "), "{run}");
}

#[test]
fn a_reload_leaves_alone_what_counts_from_the_next_start() {
    let scratch = Scratch::new();
    let file = scratch.write("w.toml", "site = \"north\"\n");
    let config = ["--config.file".to_owned(), file.display().to_string()];
    let daemon = Daemon::start(&scratch, &[replay(), config.to_vec()].concat()).finished();
    let reload = |text: &str, name: &str| {
        fs::write(&file, text).unwrap();
        daemon.signal("HUP");
        let is_shown = || daemon.get("/metrics/devices").body.contains(&format!("segment=\"{name}\""));
        wait::until("the reload counts", || is_shown().then_some(()));
    };
    assert_eq!(daemon.metric("wardwatch_config_last_reload_successful"), 1.0, "the first load counts");
    reload("site = \"south\"\n[segments]\n\"10.0.0.0/8\" = \"first\"\n", "first");
    assert!(daemon.log().contains("key=\"site\""), "{}", daemon.log());
    assert!(daemon.get("/metrics").body.contains("wardwatch_devices_discovered_total{site=\"north\"}"));
    reload("site = \"north\"\n[segments]\n\"10.0.0.0/8\" = \"second\"\n", "second");
    assert_eq!(
        daemon.log().matches("key=\"site\"").count(),
        1,
        "what is back as it was is no change: {}",
        daemon.log()
    );
}

/// A disk of its own, of a few MiB; none where the test may not mount one.
fn small_disk(scratch: &Scratch, test: &str) -> Option<Disk> {
    let path = scratch.join("disk");
    fs::create_dir_all(&path).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(&path).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        programs::skipped(test, "no right to mount a disk");
        return None;
    }
    Some(Disk(path))
}

struct Disk(PathBuf);

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn while_the_disk_is_full_it_says_so_and_still_hears_signals() {
    let name = "while_the_disk_is_full_it_says_so_and_still_hears_signals";
    let scratch = Scratch::new();
    let Some(disk) = small_disk(&scratch, name) else { return };
    let data = disk.0.join("data").display().to_string();
    let socket = UnixDatagram::bind(scratch.join("notify")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardwatch"));
    command.args(["watch", "--replay"]).arg(capture("hospital.pcapng")).args(["--data-dir", &data]);
    command.args(["--replay-speed", "60", "--web.listen-address", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", scratch.join("notify")).env("WATCHDOG_USEC", "4000000");
    let daemon = Daemon::run(&scratch, command);
    wait::until("a report is kept", || (daemon.metric("wardwatch_ingest_reports_total") > 1.0).then_some(()));
    fs::write(disk.0.join("fill"), vec![0; 15 << 20]).unwrap();
    let failures = || daemon.metric("wardwatch_store_write_failures_total");
    wait::until("failures are counted as they happen", || (failures() > 2.0).then_some(()));
    assert_eq!(daemon.metric("wardwatch_store_failing"), 1.0);
    // The queue of reports fills up.
    thread::sleep(Duration::from_secs(2));
    socket.set_nonblocking(true).unwrap();
    while socket.recv(&mut [0; 256]).is_ok() {}
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    daemon.signal("HUP");
    let mut told = String::new();
    while !(told.contains("RELOADING=1") && told.contains("READY=1") && told.contains("WATCHDOG=1")) {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{error}; told: {told}"));
        told += std::str::from_utf8(&buffer[..length]).unwrap();
    }
    fs::remove_file(disk.0.join("fill")).unwrap();
    let before = daemon.metric("wardwatch_ingest_reports_total");
    wait::until("it goes on", || (daemon.metric("wardwatch_ingest_reports_total") > before).then_some(()));
    assert_eq!(daemon.metric("wardwatch_store_failing"), 0.0);
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn a_report_that_is_refused_does_not_end_the_watch() {
    let scratch = Scratch::new();
    let small = scratch.write("small.toml", "[limits]\ndevices = 1\n");
    let arguments = ["--config.file".to_owned(), small.display().to_string()];
    let hospital = ["--replay".to_owned(), capture("hospital.pcapng").display().to_string()];
    let daemon = Daemon::start(&scratch, &[arguments, hospital].concat()).finished();
    let refused = |reason: &str| daemon.metric(&format!("wardwatch_ingest_rejected_total{{reason=\"{reason}\"}}"));
    assert!(refused("too_large") > 0.0, "{}", daemon.log());
    assert_eq!(refused("gap"), 0.0, "{}", daemon.log());
    assert!(daemon.log().contains("limits.devices"), "it says what to do: {}", daemon.log());
}

#[test]
fn configurations_are_checked_and_printed() {
    let scratch = Scratch::new();
    let good = scratch.write("good.toml", "site = \"north\"\n[web]\nlisten = \"127.0.0.1:9000\"\n");
    let run = wardwatch(&["check-config", &good.display().to_string()]);
    assert_eq!(run.code, Some(0), "{run}");
    let bad = scratch.write("bad.toml", "sight = 1\n[web]\nlisten = \"nowhere\"\n");
    let run = wardwatch(&["check-config", &bad.display().to_string()]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("sight: unknown key") && run.errors().contains("web.listen: "), "{run}");
    let open = scratch.write("open.toml", "[web]\nlisten = \"0.0.0.0:9000\"\n");
    let run = wardwatch(&["check-config", &open.display().to_string()]);
    assert_eq!(run.code, Some(2), "a watch would not start with it: {run}");
    assert!(run.errors().contains("web.listen: will not listen on 0.0.0.0:9000"), "{run}");
    let web = scratch.write("web.yml", "basic_auth_users:\n  a: plain\n");
    let users = format!("[web]\nlisten = \"0.0.0.0:9000\"\nconfig_file = \"{}\"\n", web.display());
    let run = wardwatch(&["check-config", &scratch.write("users.toml", users).display().to_string()]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("basic_auth_users.a: "), "{run}");

    let run = wardwatch(&["print-config", "--config.file", &good.display().to_string()]);
    assert_eq!(run.code, Some(0), "{run}");
    let printed = scratch.write("printed.toml", &run.stdout);
    assert_eq!(wardwatch(&["check-config", &printed.display().to_string()]).code, Some(0), "{run}");
    assert_eq!(wardwatch(&["print-config", "--config.file", &printed.display().to_string()]).stdout, run.stdout);
}

#[test]
fn shells_can_complete_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let run = wardwatch(&["completions", shell]);
        assert_eq!(run.code, Some(0), "{run}");
        let script = std::str::from_utf8(&run.stdout).unwrap();
        for command in ["analyze", "watch", "explain", "check-config", "print-config", "completions"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(!script.contains("probe-store"), "what is not for people is not completed");
    }
}
