//! Every device: what `/metrics/devices` says. One stable series with its identity; whatever changes is a series of its own.

use super::{
    family::{Family, Samples},
    fleet::seconds,
    table,
};
use crate::{
    FindingState, View,
    reading::{self, SEVERITIES},
};
use foldhash::HashMap;
use std::collections::BTreeMap;
use wardwatch_model::{
    PacketTime,
    analysis::{Device, Scope, Software, SoftwareRole},
};

/// Most series that the page gives. Devices are left out whole, those with the greatest ids first.
pub const MAX_SERIES: usize = 1_000_000;

/// Most software of a device.
const MAX_SOFTWARE: usize = 4;

/// Names for `?collect[]=`, and the families each selects.
const COLLECTORS: [(&str, &[&Family]); 6] = [
    ("info", &[&table::DEVICE_INFO]),
    ("software", &[&table::DEVICE_SOFTWARE]),
    ("seen", &[&table::DEVICE_FIRST_SEEN, &table::DEVICE_LAST_SEEN]),
    ("support", &[&table::DEVICE_SUPPORT_END]),
    ("findings", &[&table::DEVICE_FINDINGS]),
    ("confidence", &[&table::DEVICE_CONFIDENCE, &table::DEVICE_VISIBILITY]),
];

/// Which part of the page is wanted.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    sites: Vec<String>,
    families: Vec<&'static str>,
}

impl Selection {
    /// Takes `site` and `collect[]` out of the pairs of a query; everything else is left alone.
    ///
    /// # Errors
    /// When `collect[]` names something that does not exist.
    pub fn new<'a>(query: impl Iterator<Item = (impl AsRef<str> + 'a, impl AsRef<str> + 'a)>) -> Result<Self, String> {
        let mut selection = Self::default();
        for (key, value) in query {
            match (key.as_ref(), value.as_ref()) {
                ("site", site) => selection.sites.push(site.to_owned()),
                ("collect[]", name) => {
                    let (_, families) = COLLECTORS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                        let known: Vec<&str> = COLLECTORS.iter().map(|(name, _)| *name).collect();
                        format!("collect[]: there is no {name:?}, only {}", known.join(", "))
                    })?;
                    selection.families.extend(families.iter().map(|family| family.name));
                }
                _ => {}
            }
        }
        Ok(selection)
    }

    fn has_site(&self, site: &str) -> bool {
        self.sites.is_empty() || self.sites.iter().any(|wanted| wanted == site)
    }

    fn has(&self, family: &Family) -> bool {
        self.families.is_empty() || self.families.contains(&family.name)
    }
}

/// Adds the devices, as many as `max_series` allow. Says whether some were left out.
pub(super) fn collect(samples: &mut Samples, view: &View, selection: &Selection, max_series: usize) -> bool {
    if !selection.has_site(&view.site) {
        return false;
    }
    let findings = open_findings(view);
    for device in &view.devices {
        let series = series(view, device, findings.get(device.id.as_str()));
        let wanted: Vec<_> = series.into_iter().filter(|(family, ..)| selection.has(family)).collect();
        if samples.len() + wanted.len() > max_series {
            return true;
        }
        for (family, labels, value) in wanted {
            samples.set(family, &labels.iter().map(String::as_str).collect::<Vec<_>>(), value);
        }
    }
    false
}

type Series = (&'static Family, Vec<String>, f64);

fn series(view: &View, device: &Device, findings: Option<&[u64; SEVERITIES.len()]>) -> Vec<Series> {
    let id = || device.id.clone();
    let text = |value: Option<&str>| value.unwrap_or("").to_owned();
    let (maker, model) = (text(device.manufacturer.as_deref()), text(device.model.as_deref()));
    let place = [view.site.clone(), text(device.segment.as_deref())];
    let identity = [id(), device.class.name().to_owned(), maker, model].into_iter().chain(place).collect();
    let mut series: Vec<Series> = vec![
        (&table::DEVICE_INFO, identity, 1.0),
        (&table::DEVICE_CONFIDENCE, vec![id()], reading::identification(device)),
        (&table::DEVICE_VISIBILITY, vec![id()], device.visibility.into()),
    ];
    series.extend(software(device).into_iter().map(|labels| (&table::DEVICE_SOFTWARE, labels, 1.0)));
    if let Some((first, last)) = reading::window(device) {
        series.push((&table::DEVICE_FIRST_SEEN, vec![id()], seconds(first)));
        series.push((&table::DEVICE_LAST_SEEN, vec![id()], seconds(last)));
    }
    for (scope, end) in support_ends(device) {
        series.push((&table::DEVICE_SUPPORT_END, vec![id(), scope.name().to_owned()], seconds(end)));
    }
    let open = findings.into_iter().flatten().zip(SEVERITIES).filter(|(count, _)| **count > 0);
    series.extend(
        open.map(|(count, severity)| (&table::DEVICE_FINDINGS, vec![id(), severity.name().to_owned()], *count as f64)),
    );
    series
}

/// The operating system first, then software by role.
fn software(device: &Device) -> Vec<Vec<String>> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let labels = |component: &str, name, version| vec![device.id.clone(), component.to_owned(), name, version];
    let os = &device.os;
    let os = os.name.is_some().then(|| labels("os", text(&os.name), text(&os.version)));
    let component = |software: &Software| match software.role {
        SoftwareRole::Firmware => "firmware",
        _ => "application",
    };
    let others = device.software.iter().map(|s| labels(component(s), text(&s.name), text(&s.version)));
    os.into_iter().chain(others).take(MAX_SOFTWARE).collect()
}

/// When the support of each part ends: its last day; of several releases that it may be, the earliest. None of a part of which
/// one has no date.
fn support_ends(device: &Device) -> BTreeMap<Scope, PacketTime> {
    let mut ends: BTreeMap<Scope, Option<PacketTime>> = BTreeMap::new();
    for record in &device.lifecycle.records {
        // A part of which support goes on without an end that is known has a date that is none.
        let dates = record.dates.values().map(|date| PacketTime::parse(&format!("{date}T00:00:00.000000000Z")));
        let last = dates.collect::<Option<Vec<_>>>().and_then(|dates| dates.into_iter().max());
        ends.entry(record.scope).and_modify(|end| *end = end.zip(last).map(|(a, b)| a.min(b))).or_insert(last);
    }
    ends.into_iter().filter_map(|(scope, end)| Some((scope, end?))).collect()
}

/// Open findings by device and severity.
fn open_findings(view: &View) -> HashMap<&str, [u64; SEVERITIES.len()]> {
    let mut findings: HashMap<&str, [u64; SEVERITIES.len()]> = HashMap::default();
    for record in view.findings.iter().filter(|record| record.state == FindingState::Open) {
        let place = SEVERITIES.iter().position(|severity| *severity == record.finding.severity);
        let counts = findings.entry(&record.finding.device).or_default();
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    findings
}
