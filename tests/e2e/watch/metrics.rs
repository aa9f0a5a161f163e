//! Prometheus: the metrics, the rules and the dashboards, against the real one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::capture;
use crate::support::daemon::Daemon;
use crate::support::http;
use crate::support::process::{Server, run, text};
use crate::support::programs;
use crate::support::scratch::Scratch;
use crate::support::wait;

fn checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn hospital(scratch: &Scratch) -> Daemon {
    Daemon::start(scratch, &["--replay".to_owned(), capture("hospital.pcapng").display().to_string()]).finished()
}

#[test]
fn promtool_finds_nothing_to_say_about_the_metrics() {
    let Some(promtool) = programs::prometheus("promtool", "promtool_finds_nothing_to_say_about_the_metrics") else {
        return;
    };
    let scratch = Scratch::new();
    let daemon = hospital(&scratch);
    for path in ["/metrics", "/metrics/devices"] {
        let metrics = scratch.write("metrics.txt", daemon.get(path).body);
        let mut check = Command::new(&promtool);
        check.args(["check", "metrics"]).stdin(Stdio::from(fs::File::open(metrics).unwrap()));
        let output = check.output().unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success() && said.trim().is_empty(), "{path}: {said}");
    }
}

#[test]
fn the_rules_pass_their_own_tests() {
    let Some(promtool) = programs::prometheus("promtool", "the_rules_pass_their_own_tests") else { return };
    let folder = checkout("dashboards/prometheus");
    for arguments in [
        &["check", "rules", "--lint=all", "--lint-fatal", "wardwatch.rules.yml"][..],
        &["test", "rules", "wardwatch.rules.test.yml"],
        &["check", "config", "prometheus.yml"],
    ] {
        run(Command::new(&promtool).args(arguments).current_dir(&folder));
    }
}

/// Every expression of the dashboards, with their variables filled in.
fn panels() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in fs::read_dir(checkout("dashboards/grafana/dashboards")).unwrap() {
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let expression = target["expr"].as_str().unwrap();
                let filled = expression.replace("$job", ".+").replace("$site", ".+").replace("$__rate_interval", "1m");
                all.push((panel["title"].as_str().unwrap().to_owned(), filled));
            }
        }
    }
    all
}

/// Asks Prometheus; how many series answer.
fn series(prometheus: std::net::SocketAddr, expression: &str) -> Option<usize> {
    let query: String = expression.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let answer = http::get(prometheus, &format!("/api/v1/query?query={query}"))?;
    let answer: Value = serde_json::from_str(&answer.body).ok()?;
    assert_eq!(answer["status"], "success", "{expression}: {answer}");
    Some(answer["data"]["result"].as_array()?.len())
}

#[test]
fn a_real_prometheus_scrapes_it_fires_the_alert_and_fills_the_panels() {
    let name = "a_real_prometheus_scrapes_it_fires_the_alert_and_fills_the_panels";
    let Some(program) = programs::prometheus("prometheus", name) else { return };
    let scratch = Scratch::new();
    let daemon = hospital(&scratch);
    // The shipped configuration and rules, in a hurry.
    let config = fs::read_to_string(checkout("dashboards/prometheus/prometheus.yml")).unwrap();
    let config =
        config.replace("30s", "1s").replace("2m", "1s").replace("127.0.0.1:9847", &daemon.address().to_string());
    let config = scratch.write("prometheus.yml", config);
    let rules = fs::read_to_string(checkout("dashboards/prometheus/wardwatch.rules.yml")).unwrap();
    scratch.write("wardwatch.rules.yml", rules.replace("for: 2m", "for: 1s"));
    let mut command = Command::new(program);
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--storage.tsdb.path={}", scratch.join("tsdb").display()));
    command.arg("--web.listen-address=127.0.0.1:29190");
    let _prometheus = Server::start(command, &scratch.join("prometheus.log")).listening(29_190);
    let prometheus = "127.0.0.1:29190".parse().unwrap();

    for (what, expression) in [
        ("the target is up", "up{job=\"wardwatch\"} == 1"),
        ("devices are counted", "wardwatch_devices{device_class=\"ct-scanner\"} > 0"),
        ("each device has its series", "wardwatch_device_info{job=\"wardwatch-devices\"}"),
        ("the alert fires", "ALERTS{alertname=\"WardwatchCriticalFinding\", alertstate=\"firing\"}"),
    ] {
        wait::until(what, || series(prometheus, expression).filter(|count| *count > 0));
    }
    for (title, expression) in panels() {
        // What is lost is drawn only where something is.
        if title != "What is lost to us" {
            wait::until(&format!("{title} has data"), || series(prometheus, &expression).filter(|count| *count > 0));
        }
    }
}

#[test]
fn dashboards_and_rules_name_metrics_of_the_page_and_the_page_has_all_that_is_served() {
    let scratch = Scratch::new();
    let daemon = hospital(&scratch);
    let served = daemon.get("/metrics").body + &daemon.get("/metrics/devices").body;
    let there: BTreeSet<&str> =
        served.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let rules = fs::read_to_string(checkout("dashboards/prometheus/wardwatch.rules.yml")).unwrap();
    let page = fs::read_to_string(checkout("docs/metrics.md")).unwrap();
    let expressions = panels().into_iter().map(|(_, expression)| expression).chain([rules]);
    for expression in expressions {
        for word in expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            if word.starts_with("wardwatch_") {
                assert!(page.contains(&format!("`{word}`")), "{word} is named and not on docs/metrics.md");
            }
        }
    }
    for metric in there {
        assert!(page.contains(&format!("`{metric}`")), "docs/metrics.md lacks {metric}");
    }
}
