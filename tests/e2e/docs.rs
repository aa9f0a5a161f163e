//! Generated references are what the command says, and nothing is left out of the pages by hand.

use crate::support::command::wardwatch;
use std::{fs, path::Path};

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(checkout().join("docs").join(name)).unwrap()
}

fn lists() -> String {
    let run = wardwatch(&["explain", "--lists"]);
    assert_eq!(run.code, Some(0), "{run}");
    std::str::from_utf8(&run.stdout).unwrap().to_owned()
}

/// With WARDWATCH_BLESS=1 the page is written anew.
#[test]
fn the_page_of_lists_is_what_the_command_explains() {
    let head = "# Closed lists\n\nMade by `wardwatch explain --lists`; a test holds this page to it.\n\n";
    let expected = format!("{head}```text\n{}```\n", lists());
    let path = checkout().join("docs/lists.md");
    if std::env::var_os("WARDWATCH_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/lists.md is out of date: run the tests with WARDWATCH_BLESS=1 and read the change"
    );
}

/// With WARDWATCH_BLESS=1 the table is written anew.
#[test]
fn the_table_of_counters_is_what_the_agent_counts() {
    let mut table = String::from("\n| counter | stage | counts | usual | points to |\n|---|---|---|---|---|\n");
    for counter in wardwatch_agent::COUNTERS {
        let kind = if counter.kind == "losses" { "" } else { ", a condition" };
        let (name, stage, meaning, advice) = (counter.name, counter.stage, counter.meaning, counter.advice);
        let usual = match counter.usual {
            0 => "none".to_owned(),
            100 => "any".to_owned(),
            percent => format!("up to {percent} % of {}", counter.whole.name()),
        };
        table += &format!("| `{name}` | {stage}{kind} | {meaning} | {usual} | {advice} |\n");
    }
    let found = page("loss.md");
    let (head, rest) = found.split_once("<!-- begin -->").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    let expected = format!("{head}<!-- begin -->{table}<!-- end -->{tail}");
    if std::env::var_os("WARDWATCH_BLESS").is_some() {
        fs::write(checkout().join("docs/loss.md"), &expected).unwrap();
    }
    assert!(page("loss.md") == expected, "docs/loss.md is out of date: run the tests with WARDWATCH_BLESS=1");
}

#[test]
fn every_alert_has_a_section_and_tests_in_which_it_fires_and_in_which_it_does_not() {
    let read = |file: &str| fs::read_to_string(checkout().join("dashboards/prometheus").join(file)).unwrap();
    let (rules, tests, page) = (read("wardwatch.rules.yml"), read("wardwatch.rules.test.yml"), page("alerts.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(!alerts.is_empty());
    for alert in &alerts {
        assert!(page.contains(&format!("\n## {alert}\n")), "docs/alerts.md lacks {alert}");
        let link = format!("runbook_url: docs/alerts.md#{}\n", alert.to_lowercase());
        assert!(rules.contains(&link), "{alert} does not lead to its section");
        let cases: Vec<&str> = tests.split(&format!("alertname: {alert}\n")).skip(1).collect();
        let silent = cases.iter().filter(|case| case.trim_start().starts_with("exp_alerts: []")).count();
        assert!(silent > 0 && silent < cases.len(), "{alert}: {silent} of {} tests are of silence", cases.len());
    }
    let sections = page.lines().filter_map(|line| line.strip_prefix("## "));
    sections.for_each(|section| assert!(alerts.contains(&section), "docs/alerts.md explains {section}, which is gone"));
}

#[test]
fn every_protocol_has_a_row() {
    let (page, lists) = ([page("protocols.md"), page("tunnels.md")].concat(), lists());
    let protocols = lists.lines().skip(1).take_while(|line| line.starts_with("  "));
    for name in protocols.filter_map(|line| line.split_whitespace().next()) {
        assert!(page.contains(&format!("| `{name}` |")), "docs/protocols.md and docs/tunnels.md lack {name}");
    }
}

#[test]
fn every_flag_of_a_command_is_on_its_page() {
    for (command, file) in
        [("analyze", "analyze.md"), ("doctor", "doctor.md"), ("import", "imports.md"), ("watch", "watch.md")]
    {
        let run = wardwatch(&[command, "--help"]);
        let help = std::str::from_utf8(&run.stdout).unwrap();
        let page = page(file);
        let flags = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        for flag in flags.map(|flag| flag.trim_end_matches([',', '.'])) {
            assert!(page.contains(flag) || flag == "--help", "docs/{file} lacks {flag}");
        }
    }
}

#[test]
fn every_page_is_linked_and_every_link_has_a_page() {
    let readme = fs::read_to_string(checkout().join("README.md")).unwrap();
    for entry in fs::read_dir(checkout().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("docs/{name}")), "README.md does not lead to docs/{name}");
    }
    for link in
        readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"))
    {
        assert!(checkout().join(link).exists(), "README.md leads to {link}, which is not there");
    }
}
