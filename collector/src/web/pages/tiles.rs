//! The fleet in a few numbers.

use super::shown::count;
use crate::{
    FindingState, View,
    reading::{self, Activity, SEVERITIES},
};
use wardwatch_model::analysis::{Device, Severity, Stage};

/// A number of the fleet; a link to the devices it counts.
pub(super) struct Tile {
    pub(super) label: &'static str,
    pub(super) number: String,
    pub(super) tone: &'static str,
    pub(super) link: String,
    pub(super) note: String,
}

/// Each with the way to what it counts.
pub(super) fn tiles(view: &View) -> Vec<Tile> {
    let devices =
        |is_counted: &dyn Fn(&Device) -> bool| view.devices.iter().filter(|device| is_counted(device)).count() as u64;
    let stage = |stages: &'static [Stage]| devices(&|device| stages.contains(&device.lifecycle.stage));
    let findings = |severities: &[Severity]| {
        let open = view.findings.iter().filter(|record| record.state == FindingState::Open);
        open.filter(|record| severities.contains(&record.finding.severity)).count() as u64
    };
    let active = devices(&|device| reading::activity(device, view.latest) == Activity::Active);
    let (ended, ending) = (stage(&[Stage::EndOfSupport]), stage(&[Stage::LimitedSupport, Stage::EolAnnounced]));
    let (severe, open) = (findings(&[Severity::Critical, Severity::High]), findings(&SEVERITIES));
    let alarm = |number: u64, tone| if number > 0 { tone } else { "quiet" };
    let tile = |label, number, tone, link: &str, note| Tile {
        label,
        number: count(number),
        tone,
        link: link.to_owned(),
        note,
    };
    vec![
        tile(
            "Devices",
            view.devices.len() as u64,
            "quiet",
            "/",
            format!("{} seen in the last 24 hours", count(active)),
        ),
        tile(
            "Past end of support",
            ended,
            alarm(ended, "high"),
            "/?stage=end-of-support",
            format!("{} more have an end announced", count(ending)),
        ),
        tile(
            "Support unknown",
            stage(&[Stage::Unknown]),
            "quiet",
            "/?stage=unknown",
            "unknown is not the same as supported".to_owned(),
        ),
        tile(
            "Severe findings",
            severe,
            alarm(severe, "critical"),
            "/findings",
            format!("critical or high, of {} open", count(open)),
        ),
    ]
}
