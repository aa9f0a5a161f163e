//! That the file holds is checked by reading it: sources, order, dates.

use super::*;
use crate::knowledge::LIFECYCLE;

fn embedded() -> Lifecycles {
    Lifecycles::read(&LIFECYCLE).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(from: &str, to: &str) -> String {
    let text = LIFECYCLE.text.replacen(from, to, 1);
    assert_ne!(text, LIFECYCLE.text, "{from} is not in the file");
    Lifecycles::read(&File::ours("lifecycle", text.leak())).err().map(|error| error.to_string()).unwrap()
}

#[test]
fn every_record_has_a_source_with_its_address_date_and_licence() {
    let lifecycles = embedded();
    for record in lifecycles.by_name.keys().flat_map(|name| lifecycles.named(name)) {
        assert!(record.url.starts_with("https://") && !record.licence.is_empty() && !record.source.is_empty());
        assert!(record.dates.named().next().is_some(), "{}", record.name);
    }
    assert!(lifecycles.by_name.len() > 70, "{}", lifecycles.by_name.len());
}

#[test]
fn a_day_that_does_not_exist_is_refused() {
    assert!(refusal("2014-04-08", "2014-02-30").contains("2014-02-30"));
}

#[test]
fn dates_that_run_backwards_are_refused() {
    assert!(
        refusal("end-of-extended-security = \"2028-10-10\"", "end-of-extended-security = \"2018-10-10\"")
            .contains("backwards")
    );
}

#[test]
fn a_source_that_is_not_there_is_refused() {
    assert!(refusal("source = \"dcmtk\"", "source = \"hearsay\"").contains("key source"));
    assert!(refusal("  \"Windows 10 1507\", ", "  \"Windows 10 1400\", ").contains("Windows 10 1400"));
}

#[test]
fn a_key_that_nobody_reads_is_refused() {
    assert!(refusal("end-of-security-support = ", "end-of-life = ").contains("end-of-life"));
}

#[test]
fn several_releases_have_the_same_build() {
    let names = |build| embedded().with_build(build).iter().map(|record| record.name.clone()).collect::<Vec<_>>();
    let expected =
        ["Windows 10 21H2 Enterprise", "Windows 10 21H2 IoT LTSC", "Windows 10 21H2 LTSC", "Windows 10 21H2 Pro"];
    assert_eq!(names("10.0.19044"), expected);
    assert!(names("10.0.17763").contains(&"Windows Server 2019".to_owned()));
    assert!(names("10.0.1").is_empty());
}

#[test]
fn a_version_is_superseded_by_the_next_one_by_its_numbers() {
    let lifecycles = embedded();
    let next = |name, version| lifecycles.version(name, version).and_then(|record| record.superseded_by);
    assert_eq!(next("Orthanc", "1.12.9").as_deref(), Some("1.12.10"));
    assert_eq!(next("DCMTK", "3.6.0").as_deref(), Some("3.6.2"));
    assert_eq!(next("DCMTK", "3.5.2").as_deref(), Some("3.5.4"), "at the latest");
    assert_eq!(next("DCMTK", "3.7.0"), None);
    assert!(lifecycles.version("DCMTK", "11MAR2003").is_none());
    assert!(lifecycles.version("MergeCOM-3", "3.9.0").is_none());
}

#[test]
fn only_a_project_that_says_so_supports_its_latest_release() {
    let lifecycles = embedded();
    assert!(lifecycles.version("fo-dicom", "5.2.6").unwrap().is_supported);
    assert!(!lifecycles.version("fo-dicom", "5.2.5").unwrap().is_supported);
    assert!(!lifecycles.version("DCMTK", "3.7.0").unwrap().is_supported);
    // Not listed, so nobody knows what came after it.
    assert!(!lifecycles.version("fo-dicom", "6.0.0").unwrap().is_supported);
}
