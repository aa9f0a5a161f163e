use super::*;
use crate::testing::{self, HOSTILE};
use std::process::{Command, Stdio};

fn about() -> About {
    About {
        build: Build { version: "0.1.0", revision: "abc", rustversion: "1.95.0" },
        catalogue: Arc::new(Catalogue::embedded().unwrap()),
        protocols: vec!["dicom", "hl7", "tls"],
        loss_reasons: vec!["ip_fragments", "stream_gap_bytes", "flows_evicted"],
        conditions: vec!["duplicate_packets", "joined_flows"],
    }
}

fn pages(view: &View) -> [Vec<MetricFamily>; 3] {
    let instruments = Instruments::new().unwrap();
    let devices = devices(view, &Selection::default(), &instruments);
    [fleet(view, &about(), &instruments), agents(view, &about(), &instruments), devices]
}

fn texts(view: &View, format: Format) -> [String; 3] {
    pages(view).map(|families| format.encode(&families).unwrap())
}

#[track_caller]
fn has(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|found| found == *line), "no line {line}\n{page}");
    }
}

#[test]
fn closed_sets_are_there_at_zero_before_anything_happened() {
    let [fleet, ..] = texts(&View { site: "main".to_owned(), ..View::default() }, Format::Text);
    has(
        &fleet,
        &[
            "wardwatch_findings_opened_total{kind=\"dicom-default-ae-title\",severity=\"critical\"} 0",
            "wardwatch_findings_resolved_total{kind=\"dicom-default-ae-title\",severity=\"info\"} 0",
            "wardwatch_ingest_rejected_total{reason=\"duplicate\"} 0",
            "wardwatch_store_evictions_total{reason=\"limit\"} 0",
            "wardwatch_agent_messages_total{protocol=\"tls\"} 0",
            "wardwatch_agent_capture_losses_total{reason=\"flows_evicted\"} 0",
            "wardwatch_agent_capture_conditions_total{condition=\"joined_flows\"} 0",
            "wardwatch_agent_flow_evictions_total{reason=\"memory\"} 0",
            "wardwatch_http_requests_total{code=\"500\",handler=\"device\"} 0",
            "wardwatch_exposition_truncated{endpoint=\"devices\"} 0",
            "wardwatch_identification_devices{site=\"main\",confidence=\"none\"} 0",
        ],
    );
    assert!(!fleet.contains("wardwatch_ingest_last_report_timestamp_seconds "), "no report came, so it has no time");
}

#[test]
fn the_fleet_is_counted() {
    let [fleet, ..] = texts(&testing::view(), Format::Text);
    has(
        &fleet,
        &[
            "wardwatch_devices{site=\"main\",device_class=\"ct-scanner\",state=\"active\"} 1",
            "wardwatch_devices{site=\"main\",device_class=\"viewer\",state=\"idle\"} 1",
            "wardwatch_support_devices{site=\"main\",device_class=\"ct-scanner\",support=\"ended\"} 1",
            "wardwatch_support_devices{site=\"main\",device_class=\"mr-scanner\",support=\"ending\"} 1",
            "wardwatch_findings{site=\"main\",kind=\"dicom-default-ae-title\",severity=\"medium\"} 1",
            "wardwatch_findings_opened_total{kind=\"dicom-ae-title-enumeration\",severity=\"high\"} 2",
            "wardwatch_findings_oldest_open_timestamp_seconds{severity=\"high\"} 1795478400",
            "wardwatch_catalogue_info{catalogue=\"ieee-registry\",version=\"0.1.0\"} 1",
            "wardwatch_catalogue_entries{catalogue=\"own\"} 3",
            "wardwatch_agent_stream_gap_bytes_total 4096",
            "wardwatch_agent_packets_transmitted_total{interface=\"eth1\"} 0",
        ],
    );
}

#[test]
fn a_loss_that_cannot_be_known_is_absent_and_said_to_be_unknown() {
    let [fleet, ..] = texts(&testing::view(), Format::Text);
    has(
        &fleet,
        &[
            "wardwatch_agent_packets_dropped_total{interface=\"eth1\",reason=\"kernel\"} 3",
            "wardwatch_agent_packets_dropped_known{interface=\"eth1\",reason=\"kernel\"} 1",
            "wardwatch_agent_capture_freezes_total{interface=\"eth1\"} 2",
            "wardwatch_agent_capture_conditions_total{condition=\"duplicate_packets\"} 77",
            "wardwatch_agent_capture_loss_ratio 0.0625",
            "wardwatch_agent_stream_bytes_total 61440",
            "wardwatch_agent_worker_packets_received_total{interface=\"eth1\",worker=\"0\"} 900",
            "wardwatch_agent_worker_packets_dropped_total{interface=\"eth1\",worker=\"0\"} 3",
            "wardwatch_agent_worker_conditions_total{interface=\"eth1\",worker=\"0\",condition=\"duplicate_packets\"} 12",
            "wardwatch_agent_packets_dropped_known{interface=\"eth1\",reason=\"queue\"} 0",
            "wardwatch_agent_packets_dropped_known{interface=\"eth2\",reason=\"kernel\"} 0",
        ],
    );
    assert!(!fleet.contains("dropped_total{interface=\"eth2\""));
}

#[test]
fn relayed_families_carry_agent_and_site() {
    let [_, agents, _] = texts(&testing::view(), Format::Text);
    has(
        &agents,
        &[
            "wardwatch_agent_capture_up{agent=\"local\",site=\"main\",interface=\"eth2\"} 0",
            "wardwatch_agent_flows{agent=\"local\",site=\"main\"} 120",
            "wardwatch_agent_last_report_timestamp_seconds{agent=\"local\",site=\"main\"} 1795496388",
        ],
    );
}

#[test]
fn what_a_device_calls_itself_stays_inside_its_label() {
    let mut view = testing::view();
    view.devices.iter_mut().for_each(|device| device.manufacturer = Some(format!("a\"}} 1\nb\\ {}", "x".repeat(500))));
    for format in [Format::Text, Format::OpenMetrics] {
        let [_, _, devices] = texts(&view, format);
        assert!(devices.contains("manufacturer=\"a\\\"} 1\u{fffd}b\\\\ xxx"), "{devices}");
        assert!(devices.contains("x…\""), "{devices}");
        assert!(!devices.contains('\u{202e}'), "text that turns direction");
        let strange = devices.lines().find(|line| !line.starts_with("wardwatch_") && !line.starts_with('#'));
        assert_eq!(strange, None);
    }
    assert!(HOSTILE.contains('\u{202e}'));
}

#[test]
fn a_device_has_its_series() {
    let [_, _, devices] = texts(&testing::view(), Format::Text);
    has(
        &devices,
        &[
            "wardwatch_device_info{device=\"c7a0000000000001\",device_class=\"ct-scanner\",\
             manufacturer=\"Siemens Healthineers\",model=\"SOMATOM Definition AS\",site=\"main\",segment=\"imaging\"} 1",
            "wardwatch_device_software_info{device=\"c7a0000000000001\",component=\"os\",name=\"Windows\",version=\"7 SP1\"} 1",
            "wardwatch_device_support_end_timestamp_seconds{device=\"c7a0000000000001\",component=\"os\"} 1578960000",
            "wardwatch_device_findings{device=\"c7a0000000000001\",severity=\"high\"} 1",
            "wardwatch_device_last_seen_timestamp_seconds{device=\"d1ed000000000004\"} 1795208400",
        ],
    );
    assert!(!devices.contains("device_findings{device=\"e000000000000006\""), "its finding is resolved");
}

#[test]
fn a_cut_leaves_out_whole_devices_from_the_end() {
    let view = testing::view();
    let mut samples = Samples::default();
    assert!(devices::collect(&mut samples, &view, &Selection::default(), 12));
    assert!(samples.len() <= 12);
    let families: Vec<_> = samples.into_families().collect();
    let text = Format::Text.encode(&families).unwrap();
    assert!(text.contains("9ac5000000000002") && !text.contains("e000000000000006"), "{text}");
}

#[test]
fn a_selection_leaves_out_what_is_not_wanted() {
    let (view, instruments) = (testing::view(), Instruments::new().unwrap());
    let page = |query: &[(&str, &str)]| {
        let selection = Selection::new(query.iter().copied()).unwrap();
        Format::Text.encode(&devices(&view, &selection, &instruments)).unwrap()
    };
    let seen = page(&[("collect[]", "seen"), ("site", "main")]);
    assert!(seen.contains("_last_seen_") && seen.contains("_first_seen_") && !seen.contains("device_info"));
    assert_eq!(page(&[("site", "elsewhere")]), "");
    assert!(Selection::new([("collect[]", "nothing")].into_iter()).unwrap_err().contains("only info, software"));
}

#[test]
fn openmetrics_is_as_its_standard_wants_it() {
    let view = testing::view();
    let [fleet, _, devices] = texts(&view, Format::OpenMetrics);
    has(
        &fleet,
        &[
            "# TYPE wardwatch_findings_opened counter",
            "# TYPE wardwatch_evaluation_duration_seconds histogram",
            "# UNIT wardwatch_evaluation_duration_seconds seconds",
            "wardwatch_evaluation_duration_seconds_bucket{le=\"1.0\"} 0",
            "wardwatch_evaluation_duration_seconds_bucket{le=\"+Inf\"} 0",
            "# UNIT wardwatch_agent_stream_gap_bytes bytes",
            "wardwatch_agent_stream_gap_bytes_total 4096",
        ],
    );
    assert!(devices.ends_with("\n# EOF\n"));
    assert_eq!(Format::OpenMetrics.encode(&[]).unwrap(), "# EOF\n");
}

#[test]
fn the_format_is_the_one_asked_for() {
    let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                      text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    assert_eq!(Format::accepted(prometheus), Format::OpenMetrics);
    for accept in ["", "*/*", "text/html", "text/plain;q=0.9,application/openmetrics-text;q=0.2"] {
        assert_eq!(Format::accepted(accept), Format::Text, "{accept}");
    }
}

#[test]
fn every_family_given_is_in_the_table() {
    let table: Vec<&Family> = [FLEET, AGENT, RELAY, DEVICE].into_iter().flatten().collect();
    let names: std::collections::BTreeSet<&str> = table.iter().map(|family| family.name).collect();
    assert_eq!(names.len(), table.len(), "a name twice");
    for family in pages(&testing::view()).iter().flatten() {
        assert!(names.contains(family.name()), "{}", family.name());
    }
    for family in table {
        assert_eq!(family.kind == Kind::Counter, family.name.ends_with("_total"), "{}", family.name);
    }
}

#[test]
fn every_family_of_agents_moves_with_what_they_tell() {
    let mut view = testing::view();
    view.capture.losses.insert(wardwatch_model::Name::new("flows_evicted"), 2);
    for agent in &mut view.agents {
        agent.health.interfaces.values_mut().for_each(|interface| interface.transmitted = Some(5));
    }
    let [fleet, agents, _] = texts(&view, Format::Text);
    for family in [AGENT, RELAY].into_iter().flatten() {
        let samples = fleet.lines().chain(agents.lines()).filter_map(|line| line.strip_prefix(family.name));
        let values = samples.filter(|rest| rest.starts_with(['{', ' '])).filter_map(|rest| rest.rsplit_once(' '));
        let moves = values.map(|(_, value)| value.parse::<f64>().unwrap()).any(|value| value > 0.0);
        assert!(moves, "{} does not move", family.name);
    }
}

/// With WARDWATCH_BLESS=1 the page is written anew.
#[test]
fn the_page_of_metrics_is_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    if std::env::var_os("WARDWATCH_BLESS").is_some() {
        std::fs::write(&path, markdown()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == markdown(),
        "docs/metrics.md is out of date: run the tests with WARDWATCH_BLESS=1 and read the change"
    );
}

#[test]
fn promtool_has_nothing_to_say() {
    for page in texts(&testing::view(), Format::Text) {
        let run = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut run) = run else {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no promtool\n");
            return;
        };
        std::io::Write::write_all(&mut run.stdin.take().unwrap(), page.as_bytes()).unwrap();
        let output = run.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success() && said.is_empty(), "{}\n{page}", said.escape_ascii());
    }
}
