//! The rules, by the dates of real releases and by arbitrary ones.

use super::*;
use crate::knowledge::{Authority, Dates};
use proptest::prelude::*;
use wardwatch_model::{
    Description, DeviceText, Facts, PacketTime, Place, Seen, Sighting, Source, Tunnels, Vlans, config::Config,
};

const TODAY: &str = "2026-11-24";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

/// The life cycle of a device with an operating system and software.
fn judged(os: &str, software: &[(&str, &str)], is_product: bool, at: &str) -> Lifecycle {
    let catalogue = catalogue();
    let records = catalogue.system_records(os);
    let facts = Known {
        os: (!os.is_empty()).then_some((os, records)),
        software: software.iter().filter_map(|(name, version)| catalogue.software_record(name, version)).collect(),
        is_product,
    };
    lifecycle(&facts, day(at))
}

fn os(title: &str) -> (Stage, Option<Stage>, Option<Stage>) {
    let lifecycle = judged(title, &[], false, TODAY);
    (lifecycle.stage, lifecycle.best, lifecycle.worst)
}

fn sure(stage: Stage) -> (Stage, Option<Stage>, Option<Stage>) {
    (stage, Some(stage), Some(stage))
}

#[test]
fn releases_stand_where_their_dates_say() {
    use Stage::{EndOfSupport, EolAnnounced};
    for (title, stage) in [
        ("Windows 10 1607 LTSB", EndOfSupport),
        ("Windows 10 22H2", EndOfSupport),
        ("Windows Server 2012 R2", EndOfSupport),
        ("Windows Server 2016", EolAnnounced),
        ("Windows 10 1809 LTSC", EolAnnounced),
        ("Windows XP SP3", EndOfSupport),
        ("Windows 2000", EndOfSupport),
        ("Windows Embedded Compact 7", EndOfSupport),
        ("Windows Embedded Compact 2013", EndOfSupport),
        ("Windows Embedded POSReady 7", EndOfSupport),
        ("Windows Embedded Standard 7 SP1", EndOfSupport),
        ("Windows XP Embedded SP3", EndOfSupport),
        ("Windows Embedded Standard 2009", EndOfSupport),
        ("Windows Embedded POSReady 2009", EndOfSupport),
    ] {
        assert_eq!(os(title), sure(stage), "{title}");
    }
}

#[test]
fn a_build_that_several_releases_have_is_ambiguous() {
    let ambiguous = (Stage::Unknown, Some(Stage::EolAnnounced), Some(Stage::EndOfSupport));
    for title in ["Windows 10.0.17763", "Windows 10.0.19044", "Windows 10, 11 or Server 2016 or later"] {
        assert_eq!(os(title), ambiguous, "{title}");
    }
    let four = judged("Windows 10.0.19044", &[], false, TODAY);
    assert_eq!(four.records.len(), 4);
    assert!(!four.legacy, "the best is still supported");
    assert!(four.reasons.iter().any(|reason| reason.starts_with("L6: ") && reason.contains("4 releases")));
}

#[test]
fn a_family_of_which_all_have_ended_is_past_support_and_legacy() {
    for title in ["Windows XP or Server 2003", "Windows Vista, 7 or Server 2008"] {
        assert_eq!(os(title), sure(Stage::EndOfSupport), "{title}");
        let lifecycle = judged(title, &[], true, TODAY);
        assert!(lifecycle.legacy && lifecycle.reasons.iter().any(|reason| reason.starts_with("L8: ")));
    }
}

#[test]
fn what_is_not_known_is_unknown_and_never_supported() {
    for title in ["Windows", "VxWorks 6.9", "Windows 10.0.1", ""] {
        assert_eq!(os(title), (Stage::Unknown, None, None), "{title}");
    }
}

#[test]
fn the_stated_day_is_still_supported() {
    for (title, last, next) in [
        ("Windows XP SP3", "2014-04-08", "2014-04-09"),
        ("Windows 10 22H2", "2025-10-14", "2025-10-15"),
        ("Windows Server 2016", "2027-01-12", "2027-01-13"),
    ] {
        assert_eq!(judged(title, &[], false, last).stage, Stage::EolAnnounced, "{title}");
        assert_eq!(judged(title, &[], false, next).stage, Stage::EndOfSupport, "{title}");
    }
}

#[test]
fn updates_that_need_a_contract_are_told_and_do_not_count() {
    let lifecycle = judged("Windows 10 22H2", &[], false, TODAY);
    assert_eq!(lifecycle.stage, Stage::EndOfSupport);
    assert!(lifecycle.reasons.iter().any(|reason| reason.starts_with("L5: ") && reason.contains("2028-10-10")));
    // Here even those have ended.
    let expired = judged("Windows Server 2012 R2", &[], false, TODAY);
    assert!(!expired.reasons.iter().any(|reason| reason.starts_with("L5: ")));
}

#[test]
fn a_component_sets_the_stage_only_where_nothing_else_is_known() {
    let dcmtk = [("DCMTK", "3.6.7")];
    let alone = judged("", &dcmtk, false, TODAY);
    assert_eq!(alone.stage, Stage::LimitedSupport);
    let inside = judged("", &dcmtk, true, TODAY);
    assert_eq!((inside.stage, inside.best, inside.worst), (Stage::Unknown, None, None));
    assert_eq!(judged("Windows Server 2019", &dcmtk, false, TODAY).stage, Stage::EolAnnounced);
    for lifecycle in [alone, inside] {
        let record = lifecycle.records.iter().find(|record| record.name == "DCMTK 3.6.7").unwrap();
        assert_eq!((record.scope, record.stage), (Scope::Component, Stage::LimitedSupport));
        assert_eq!(record.dates["end_of_guaranteed_support"], "2023-12-19");
        assert_eq!(record.superseded_by.as_deref(), Some("3.6.8"));
        assert!(lifecycle.reasons.iter().any(|reason| reason.starts_with("L4: ")));
    }
}

#[test]
fn the_latest_release_is_supported_only_where_its_project_says_so() {
    assert_eq!(judged("", &[("fo-dicom", "5.2.6")], false, TODAY).stage, Stage::Supported);
    assert_eq!(judged("", &[("fo-dicom", "5.1.1")], false, TODAY).stage, Stage::LimitedSupport);
    assert_eq!(judged("", &[("DCMTK", "3.7.0")], false, TODAY).stage, Stage::Unknown);
}

#[test]
fn a_device_is_where_its_worst_layer_is() {
    let both = judged("Windows Server 2019", &[("Orthanc", "1.10.1")], true, TODAY);
    assert_eq!((both.stage, both.records.len()), (Stage::LimitedSupport, 2));
    // However well the application does, the system under it has ended.
    let ended = judged("Windows XP SP3", &[("Orthanc", "1.10.1")], true, TODAY);
    assert_eq!((ended.stage, ended.legacy), (Stage::EndOfSupport, true));
    let ambiguous = judged("Windows 10.0.19044", &[("Orthanc", "1.10.1")], true, TODAY);
    let (best, worst) = (Some(Stage::LimitedSupport), Some(Stage::EndOfSupport));
    assert_eq!((ambiguous.stage, ambiguous.best, ambiguous.worst), (Stage::Unknown, best, worst));
}

#[test]
fn an_end_of_sale_announces_the_end_and_a_date_to_be_announced_is_told() {
    let record = |dates| Record { dates, is_supported: true, ..record() };
    let sold = rules::judge(
        &record(Dates { end_of_sale: Some(End::After(day("2020-01-01"))), ..Dates::default() }),
        day(TODAY),
    );
    assert_eq!(sold.stage, Stage::EolAnnounced);
    let tba = rules::judge(&record(Dates { end_of_support: Some(End::ToBeAnnounced), ..Dates::default() }), day(TODAY));
    assert_eq!(tba.stage, Stage::Supported);
    assert!(tba.reasons.iter().any(|reason| reason.starts_with("L7: ")));
}

#[test]
fn an_analysis_judges_each_device_as_of_its_date() {
    let (ip, seen) = ("10.0.0.9".parse().unwrap(), Seen::once(PacketTime(3)));
    let stage = |at| {
        let mut report = Facts::default();
        let sighting = Sighting { seen, payload: true, claimed: false, routed: false };
        report
            .sightings
            .insert(Place { ip, tunnels: Tunnels::default(), mac: None, vlans: Vlans::default() }, sighting);
        let said = [
            (Attribute::DhcpVendorClass, "MSFT 5.0"),
            (Attribute::DhcpParameterList, "1,15,3,6,44,46,47,31,33,249,43"),
        ];
        let attributes = said.map(|(attribute, value)| (attribute, DeviceText::new(value).unwrap())).into();
        let description = Description {
            speaker: ip,
            tunnels: Tunnels::default(),
            speaker_mac: None,
            source: Source::Dhcp,
            speaks_as: None,
            attributes,
        };
        report.descriptions.insert(description, seen);
        let analysis = crate::analyse(report, 1, &Config::default(), &catalogue(), at);
        let lifecycle = &analysis.devices[0].lifecycle;
        (lifecycle.stage, lifecycle.legacy)
    };
    // The last of the family, POSReady 2009, was supported until 2019-04-09.
    assert_eq!(stage("2019-04-09"), (Stage::Unknown, false));
    assert_eq!(stage("2019-04-10"), (Stage::EndOfSupport, true));
    assert_eq!(stage("not a day"), (Stage::Unknown, false));
}

fn record() -> Record<'static> {
    Record {
        scope: Scope::Os,
        name: "X".to_owned(),
        dates: Dates::default(),
        is_supported: false,
        goes_on: false,
        superseded_by: None,
        authority: Authority::Manufacturer,
        source: "s",
        url: "https://example.org",
        retrieved: day("2026-01-01"),
        licence: "l",
    }
}

fn any_day() -> impl Strategy<Value = Day> {
    (2000_u16..2040, 1_u8..=12, 1_u8..=28).prop_map(|(y, m, d)| day(&format!("{y:04}-{m:02}-{d:02}")))
}

fn any_end() -> impl Strategy<Value = Option<End>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(End::ToBeAnnounced)),
        5 => any_day().prop_map(|day| Some(End::After(day))),
    ]
}

proptest! {
    /// L1 to L3: whatever dates are told, in whatever order, time makes nothing better.
    #[test]
    fn a_stage_never_gets_better_as_days_go_by(
        ends in [any_end(), any_end(), any_end(), any_end(), any_end()],
        is_supported: bool,
        goes_on: bool,
        days in [any_day(), any_day()],
    ) {
        let [end_of_sale, end_of_guaranteed_support, end_of_security_support, end_of_extended_security, end_of_support] = ends;
        let dates = Dates {
            end_of_sale, end_of_guaranteed_support, end_of_security_support, end_of_extended_security, end_of_support,
        };
        let record = Record { dates, is_supported, goes_on, ..record() };
        let at = |day| rules::judge(&record, day).stage;
        let (earlier, later) = (days[0].min(days[1]), days[0].max(days[1]));
        prop_assert!(at(earlier) <= at(later), "{:?} then {:?}", at(earlier), at(later));
        prop_assert!(is_supported || at(later) != Stage::Supported, "nobody said so");
    }
}
