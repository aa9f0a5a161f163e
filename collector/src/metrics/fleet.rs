//! The fleet and the collector: what `/metrics` says of them. Bounded by closed lists; what is in a closed list is there
//! from the start, at 0, so that a rule sees its first increase.

use super::{About, family::Samples, table};
use crate::{
    FindingState, View,
    detect::RULES,
    knowledge::CONTENTS,
    reading::{self, SEVERITIES, Sureness},
    visibility,
};
use wardwatch_model::{PacketTime, Refusal};

/// Why something is removed from the store.
const EVICTIONS: [&str; 3] = ["findings", "limit", "retention"];

/// Seconds since 1970.
pub(super) fn seconds(at: PacketTime) -> f64 {
    at.0 as f64 / 1e9
}

/// Adds the state of fleet and collector.
pub(super) fn collect(samples: &mut Samples, view: &View, about: &About) {
    let build = &about.build;
    samples.set(&table::BUILD_INFO, &[build.version, build.revision, build.rustversion], 1.0);
    for (catalogue, entries) in CONTENTS.iter() {
        // Compiled in: of the program's own version.
        samples.set(&table::CATALOGUE_INFO, &[catalogue, build.version], 1.0);
        samples.set(&table::CATALOGUE_ENTRIES, &[catalogue], *entries as f64);
    }
    samples.set(&table::CATALOGUE_ENTRIES, &["own"], view.own_rules as f64);
    devices(samples, view);
    findings(samples, view);
    ingest(samples, view);
    store(samples, view);
}

fn devices(samples: &mut Samples, view: &View) {
    let site = view.site.as_str();
    for sureness in Sureness::ALL {
        samples.add(&table::IDENTIFICATION_DEVICES, &[site, sureness.name()], 0.0);
    }
    for band in visibility::BANDS {
        samples.add(&table::VISIBILITY_DEVICES, &[site, band], 0.0);
    }
    for device in &view.devices {
        samples.add(&table::VISIBILITY_DEVICES, &[site, visibility::band(device.visibility)], 1.0);
        let activity = reading::activity(device, view.latest).name();
        samples.add(&table::DEVICES, &[site, device.class.name(), activity], 1.0);
        let support = reading::support(device.lifecycle.stage);
        samples.add(&table::SUPPORT_DEVICES, &[site, device.class.name(), support], 1.0);
        let sureness = Sureness::of(reading::identification(device)).name();
        samples.add(&table::IDENTIFICATION_DEVICES, &[site, sureness], 1.0);
    }
    samples.add(&table::DISCOVERED, &[site], view.counters.devices_discovered as f64);
}

fn findings(samples: &mut Samples, view: &View) {
    for kind in RULES.iter().map(|rule| rule.kind) {
        for severity in SEVERITIES {
            samples.add(&table::FINDINGS_OPENED, &[kind, severity.name()], 0.0);
            samples.add(&table::FINDINGS_RESOLVED, &[kind, severity.name()], 0.0);
        }
    }
    for ((kind, severity), count) in &view.counters.findings_opened {
        samples.add(&table::FINDINGS_OPENED, &[kind, severity], *count as f64);
    }
    for ((kind, severity), count) in &view.counters.findings_resolved {
        samples.add(&table::FINDINGS_RESOLVED, &[kind, severity], *count as f64);
    }
    let open = || view.findings.iter().filter(|record| record.state == FindingState::Open);
    for record in open() {
        let finding = &record.finding;
        samples.add(&table::FINDINGS, &[&view.site, &finding.kind, finding.severity.name()], 1.0);
    }
    for severity in SEVERITIES {
        let opened = open().filter(|record| record.finding.severity == severity).map(|record| record.opened_at);
        if let Some(oldest) = opened.min() {
            samples.set(&table::FINDINGS_OLDEST, &[severity.name()], seconds(oldest));
        }
    }
}

fn ingest(samples: &mut Samples, view: &View) {
    samples.set(&table::AGENTS, &[], view.agents.len() as f64);
    samples.add(&table::REPORTS, &[], view.counters.reports as f64);
    for refusal in Refusal::ALL {
        samples.add(&table::REJECTED, &[refusal.name()], 0.0);
    }
    for (reason, count) in &view.counters.rejected {
        samples.add(&table::REJECTED, &[reason], *count as f64);
    }
    if let Some(last) = view.agents.iter().map(|agent| agent.reported_at).max() {
        samples.set(&table::LAST_REPORT, &[], seconds(last));
    }
}

fn store(samples: &mut Samples, view: &View) {
    samples.set(&table::STORE_BYTES, &[], view.store.bytes as f64);
    samples.set(&table::STORE_DEVICES, &[], view.store.devices as f64);
    samples.set(&table::STORE_DEVICES_LIMIT, &[], view.store.devices_limit as f64);
    samples.add(&table::STORE_WRITE_FAILURES, &[], view.counters.store_write_failures as f64);
    let flag = |is_so: bool| f64::from(u8::from(is_so));
    samples.set(&table::STORE_FAILING, &[], flag(view.store.is_failing));
    samples.set(&table::STORE_REBUILT, &[], flag(view.store.is_rebuilt));
    samples.set(&table::STORE_UNREADABLE, &[], view.store.unreadable_records as f64);
    samples.add(&table::STORE_SNAPSHOTS, &[], view.store.snapshots as f64);
    for reason in EVICTIONS {
        samples.add(&table::STORE_EVICTIONS, &[reason], 0.0);
    }
    for (reason, count) in &view.counters.evicted {
        samples.add(&table::STORE_EVICTIONS, &[of(&EVICTIONS, reason)], *count as f64);
    }
}

/// An item of a closed list, or `other`.
pub(super) fn of<'a>(list: &[&'a str], item: &str) -> &'a str {
    list.iter().find(|known| **known == item).copied().unwrap_or("other")
}
