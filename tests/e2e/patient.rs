//! Planted patients: a mark of its own in every field that can hold a patient's data, and none of them comes out.
//!
//! And planted devices, in every field that we may keep: they do come out, so that silence does not pass.

mod damage;
mod marks;
mod services;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::peers::script;
use crate::support::command::{Run, analyze, wardwatch};
use crate::support::daemon::Daemon;
use crate::support::lab::Lab;
use crate::support::pcap;
use crate::support::process::{run, text};
use crate::support::programs;
use crate::support::scratch::Scratch;

/// Whether a file holds this text, as it stands.
pub(crate) fn holds(file: &Path, text: &str) -> bool {
    fs::read(file).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

const DICOM: u16 = 11112;
const HL7: u16 = 2575;
const DEVICES: u16 = 4000;
const HTTP: u16 = 8080;

/// The fields and their marks.
#[derive(Default)]
struct Planted {
    patient: BTreeSet<String>,
    device: Vec<(String, String)>,
}

impl Planted {
    fn add(&mut self, list: &Value) {
        let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
        self.patient.extend(list["patient"].as_array().unwrap().iter().map(|one| pair(one).1));
        self.device.extend(list["device"].as_array().unwrap().iter().map(pair));
    }
}

/// All peers send all they have, in one capture.
fn capture(lab: &Lab, python: &Path) -> (PathBuf, Planted) {
    let mut planted = Planted::default();
    let upload = upload(lab, python);
    let sniffer = lab.sniff("patients");
    for (name, port) in [("patient_dicom.py", DICOM), ("patient_hl7.py", HL7), ("patient_devices.py", DEVICES)] {
        let tokens = run(script(lab.host(11), python, name).arg("tokens")).stdout;
        planted.add(&serde_json::from_slice(&tokens).unwrap());
        let mut server = script(lab.host(20), python, name);
        server.args(["serve", &port.to_string()]);
        let server = lab.serve(20, port, server);
        run(script(lab.host(11), python, name).args(["send", "10.0.0.20", &port.to_string()]));
        drop(server);
    }
    let mut web = lab.host(20).command(python);
    web.args(["-m", "http.server", &HTTP.to_string(), "--directory"]).arg(lab.scratch().path());
    let web = lab.serve(20, HTTP, web);
    run(script(lab.host(11), python, "mllp.py").arg("send").arg(upload));
    drop(web);
    (sniffer.stop(), planted)
}

/// An HTTP request with marks in its path, query, headers and file name, and a Part 10 file for a body.
fn upload(lab: &Lab, python: &Path) -> PathBuf {
    let object = lab.scratch().join("object.dcm");
    run(script(lab.host(11), python, "patient_dicom.py").arg("file").arg(&object));
    let body = fs::read(object).unwrap();
    let head = format!(
        "POST /ZQXVPH99001/wado?requestType=WADO&studyUID=1.2.19177499002&patient=%5AQXVPH99003 HTTP/1.1\r\n\
         Host: 10.0.0.20\r\nAuthorization: Basic WlFYVlBIOTkwMDQ6WlFYVlBIOTkwMDU=\r\nCookie: session=ZQXVPH99006\r\n\
         Referer: http://10.0.0.20/ZQXVPH99007\r\nContent-Disposition: attachment; filename=\"ZQXVPH99008.dcm\"\r\n\
         Content-Type: application/dicom\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let hex: String = head.bytes().chain(body).map(|byte| format!("{byte:02x}")).collect();
    let plan = serde_json::json!({"to": ["10.0.0.20", HTTP], "steps": [{"segments": [hex], "acks": 0}]});
    lab.scratch().write("upload.json", plan.to_string())
}

fn ready(test: &str) -> Option<PathBuf> {
    programs::lab_available(test, &[]).then(|| programs::python(test)).flatten()
}

/// Nothing a run wrote holds a mark.
fn assert_clean(what: &str, run: &Run) {
    for (stream, bytes) in [("standard output", &run.stdout), ("standard error", &run.stderr)] {
        let found = marks::found_in(bytes);
        assert!(found.is_empty(), "{what}: a patient's data on {stream}:\n{}", found.join("\n"));
    }
}

/// Every format, with all the log there is.
fn assert_clean_in_every_format(what: &str, capture: &Path) {
    for format in ["json", "csv", "table"] {
        for log in ["text", "json"] {
            let capture = capture.to_string_lossy();
            let options = ["--format", format, "--log.level", "trace", "--log.format", log];
            let run = wardwatch(&[&["analyze", &capture][..], &options].concat());
            assert!(matches!(run.code, Some(0 | 1)), "{what}, {format}: {run}");
            assert!(!run.stdout.is_empty(), "{what}, {format}: silence proves nothing: {run}");
            assert_clean(&format!("{what}, {format}"), &run);
        }
    }
}

#[test]
fn no_patient_comes_out_and_every_device_does() {
    let Some(python) = ready("no_patient_comes_out_and_every_device_does") else { return };
    let lab = Lab::new(&[11, 20]);
    let (capture, planted) = capture(&lab, &python);
    let bytes = fs::read(&capture).unwrap();

    let seen = marks::planted_in(&bytes);
    let sent: BTreeSet<_> = planted.patient.iter().filter(|mark| mark.len() > 10).cloned().collect();
    let share = sent.intersection(&seen).count() * 100 / sent.len();
    assert!(sent.len() > 50_000, "{} fields were planted", sent.len());
    // The rest stand across two segments, or in the deflated copy.
    assert!(share >= 75, "{share} % of {} marks stand in the capture", sent.len());

    assert_clean_in_every_format("the whole capture", &capture);
    let run = analyze(&[&capture], &[]);
    assert_eq!(run.code, Some(0), "{run}");
    let document = run.document().to_string();
    let lacking: Vec<_> = planted.device.iter().filter(|(_, mark)| !shows(&document, mark)).collect();
    assert!(lacking.is_empty(), "devices that do not come out: {lacking:#?}");
    for device in run.document()["devices"].as_array().unwrap() {
        let id = device["id"].as_str().unwrap();
        let explained = wardwatch(&[Path::new("explain"), Path::new(id), &capture]);
        assert_eq!(explained.code, Some(0), "{explained}");
        assert_clean("an explanation", &explained);
    }

    assert_clean_when_watched(&capture);
    let scratch = Scratch::new();
    assert_clean_in_every_format("a capture that ends early", &scratch.write("cut.pcap", damage::cut(&bytes)));
    assert_clean_in_every_format("a capture with gaps", &scratch.write("thin.pcap", damage::thinned(&bytes, 7)));
    for (tunnel, wrap) in pcap::NETWORKS.into_iter().chain(pcap::COPIES) {
        let file = scratch.write("tunnelled.pcap", pcap::tunnelled(&bytes, wrap));
        assert_clean_in_one_format(&format!("a capture in {tunnel}"), &file);
        let document = analyze(&[&file], &[]).document().to_string();
        let lacking = planted.device.iter().filter(|(_, mark)| !shows(&document, mark)).count();
        assert_eq!(lacking, 0, "devices in {tunnel} that do not come out");
    }
    for elements in 1..=4 {
        let file = scratch.write("swallowing.pcap", damage::swallowing(&bytes, elements));
        assert_clean_in_one_format(&format!("a capture with lengths {elements} elements too long"), &file);
    }
    let seeds = if std::env::var_os("WARDWATCH_LONG").is_some() { 500 } else { 20 };
    for seed in 1..=seeds {
        let every = 100 << (seed % 7);
        let file = scratch.write("corrupted.pcap", damage::corrupted(&bytes, seed, every));
        assert_clean_in_one_format(&format!("a capture corrupted with seed {seed}, one byte in {every}"), &file);
    }
}

/// Protocols of services carry people's words beside what they tell of devices.
#[test]
fn no_words_of_people_come_out_of_services_and_their_software_does() {
    let (capture, told) = services::capture();
    assert!(marks::planted_in(&capture).len() > told.len());
    let scratch = Scratch::new();
    let file = scratch.write("services.pcap", &capture);
    assert_clean_in_every_format("services", &file);
    let document = analyze(&[&file], &[]).document().to_string();
    let lacking: Vec<_> = told.iter().filter(|words| !shows(&document, words)).collect();
    assert!(lacking.is_empty(), "{lacking:?} do not come out of {document}");
    assert_clean_in_every_format("services, cut", &scratch.write("cut.pcap", damage::cut(&capture)));
    for seed in 1..=20 {
        let file = scratch.write("corrupted.pcap", damage::corrupted(&capture, seed, 100 << (seed % 4)));
        assert_clean_in_one_format(&format!("services corrupted with seed {seed}"), &file);
    }
}

/// A watch of the capture: what it logs, keeps, and serves.
fn assert_clean_when_watched(capture: &Path) {
    let scratch = Scratch::new();
    let data = scratch.join("data");
    let arguments = ["--replay".as_ref(), capture.as_os_str(), "--data-dir".as_ref(), data.as_os_str()];
    let log = ["--log.level", "trace"].map(std::ffi::OsStr::new);
    let daemon = Daemon::start(&scratch, &[&arguments[..], &log].concat()).finished();
    let devices = daemon.devices();
    let own = devices.iter().map(|device| format!("/devices/{}", device["id"].as_str().unwrap()));
    let fixed = ["/", "/findings", "/metrics", "/metrics/devices", "/api/v1/devices", "/api/v1/findings"];
    for path in fixed.map(str::to_owned).into_iter().chain(own) {
        let found = marks::found_in(daemon.get(&path).body.as_bytes());
        assert!(found.is_empty(), "a patient's data on {path}:\n{}", found.join("\n"));
    }
    let log = daemon.log();
    assert_eq!(daemon.terminate().code(), Some(0));
    let found = marks::found_in(log.as_bytes());
    assert!(found.is_empty(), "a patient's data in the log of a watch:\n{}", found.join("\n"));
    let kept = files(&data);
    assert!(kept.iter().any(|file| holds(file, "10.0.0.11")), "the store holds what was seen, readable: {kept:?}");
    for file in kept {
        let found = marks::found_in(&fs::read(&file).unwrap());
        assert!(found.is_empty(), "a patient's data in {}:\n{}", file.display(), found.join("\n"));
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { all.push(path) }
        }
    }
    all
}

fn assert_clean_in_one_format(what: &str, capture: &Path) {
    let run = analyze(&[capture], &["--log.level", "trace"]);
    run.document();
    assert_clean(what, &run);
}

/// A date may come out with signs between its parts.
fn shows(document: &str, mark: &str) -> bool {
    let dashed = mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_digit());
    document.contains(Value::from(mark).to_string().trim_matches('"'))
        || (dashed && document.contains(&format!("{}-{}-{}", &mark[..4], &mark[4..6], &mark[6..])))
}

/// A mark that is planted on purpose where the command may say it: the search itself is alive.
#[test]
fn the_search_finds_a_patient_in_a_file_name() {
    let scratch = Scratch::new();
    let run = analyze(&[&scratch.path().join("ZQXVPH00001.pcap")], &[]);
    let found = [marks::found_in(&run.stdout), marks::found_in(&run.stderr)].concat();
    assert_eq!(found.len(), 1, "an error names the file, here with a mark: {}", text(&run.stderr));
}
