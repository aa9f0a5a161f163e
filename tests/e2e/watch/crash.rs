//! kill -9, a hundred times.

use std::thread;
use std::time::Duration;

use super::capture;
use crate::support::daemon::Daemon;
use crate::support::scratch::Scratch;

const KILLS: u64 = 100;

#[test]
fn killed_a_hundred_times_in_a_replay_it_ends_as_if_undisturbed() {
    let scratch = Scratch::new();
    let replay = capture("hospital.pcapng").display().to_string();
    let start = |data: &str, speed: &str| {
        let data = scratch.join(data).display().to_string();
        Daemon::start(&scratch, &["--replay", &replay, "--replay-speed", speed, "--data-dir", &data])
    };
    // A few thousand times as fast as life: the replay takes some seconds, so that the kills come in the middle of it.
    let undisturbed = start("undisturbed", "100000").finished();

    let (mut acknowledged, mut seed) = (0.0, 0x5eed_u64);
    for kill in 0..KILLS {
        let daemon = start("disturbed", "1000");
        let known = daemon.metric("wardwatch_ingest_reports_total");
        assert!(known >= acknowledged, "kill {kill}: {acknowledged} reports were acknowledged, {known} are there");
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis((seed >> 33) % 120));
        acknowledged = daemon.metric("wardwatch_ingest_reports_total");
        daemon.signal("KILL");
    }
    let disturbed = start("disturbed", "100000").finished();
    assert_eq!(super::timeless(&disturbed.devices()), super::timeless(&undisturbed.devices()));
    let told =
        |daemon: &Daemon| daemon.findings().iter().map(|finding| finding["evidence"].to_string()).collect::<Vec<_>>();
    let (mut mine, mut theirs) = (told(&disturbed), told(&undisturbed));
    mine.sort();
    theirs.sort();
    assert_eq!(mine, theirs);
    let reports = |daemon: &Daemon| daemon.metric("wardwatch_ingest_reports_total");
    assert_eq!(reports(&disturbed), reports(&undisturbed));
}
