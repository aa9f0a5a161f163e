//! `/devices/{id}`: one device, and why all that is said.

use super::{
    Frame,
    errors::error,
    findings::{FindingRow, Link, Titles},
    page, render,
    shown::{Badge, Moment, count, percent, stage_word, word},
};
use crate::{
    FindingState, View,
    knowledge::Catalogue,
    reading::{self, Activity},
    visibility,
    web::Shared,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use wardwatch_model::{
    Attribute, DeviceClass, DeviceText, Location,
    analysis::{Device, Evidence, LifecycleRecord},
};

/// Most devices behind it that are listed.
const MAX_BEHIND: usize = 500;

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    id: String,
    stage: Badge,
    activity: &'static str,
    seen: Option<(Moment, Moment)>,
    identity: Vec<Fact>,
    addresses: Vec<AddressRow>,
    is_in_tunnel: bool,
    locations: Vec<LocationRow>,
    software: Vec<[String; 3]>,
    life: Life,
    advisories: Vec<[String; 3]>,
    findings: Vec<FindingRow>,
    resolved: Vec<FindingRow>,
    spoken_for_by: Option<Link>,
    behind: Vec<Link>,
    behind_more: usize,
    evidence: Vec<Group>,
    contradictions: Vec<(String, String)>,
}

/// What is said of the device, and how surely.
struct Fact {
    name: &'static str,
    /// None is unknown.
    values: Vec<String>,
    confidence: String,
}

struct AddressRow {
    ip: String,
    mac: String,
    vlan: String,
    tunnel: String,
    first_seen: Moment,
    last_seen: Moment,
}

/// Where it is, as an entry of a file has it.
struct LocationRow {
    /// Site, segment, switch, port, access point.
    spot: [String; 5],
    source: &'static str,
    meaning: &'static str,
    line: String,
    as_of: Moment,
    age: String,
}

struct Life {
    stage: Badge,
    is_legacy: bool,
    bounds: String,
    reasons: Vec<String>,
    records: Vec<RecordRow>,
}

/// A record of the life cycle.
struct RecordRow {
    name: String,
    scope: String,
    stage: Badge,
    dates: Vec<(String, String)>,
    superseded_by: Option<String>,
    authority: &'static str,
    source: String,
    /// Only where it is a link.
    url: Option<String>,
    retrieved: String,
}

/// The evidence for one attribute.
struct Group {
    name: String,
    is_contradicted: bool,
    rows: Vec<EvidenceRow>,
}

struct EvidenceRow {
    value: String,
    source: &'static str,
    meaning: &'static str,
    confidence: String,
    first_seen: Moment,
    last_seen: Moment,
    count: String,
}

pub(in crate::web) async fn device(State(state): State<Shared>, Path(id): Path<String>) -> Response {
    render(state, move |state| {
        let view = state.view();
        let found = view.devices.iter().find(|device| device.id == id);
        let Some(device) = found else {
            if let Some(now) = view.aliases.get(&id) {
                return Redirect::temporary(&format!("/devices/{now}")).into_response();
            }
            let what = "No device has this id. It may have been removed to make room, or have become one with another.";
            return error(state, StatusCode::NOT_FOUND, "Device not found", what);
        };
        let title = reading::title(device);
        page(
            StatusCode::OK,
            &describe(Frame::new(state, &view, "device", title), &view, device, &state.web.about.catalogue),
        )
    })
    .await
}

fn describe(frame: Frame, view: &View, device: &Device, catalogue: &Catalogue) -> DevicePage {
    let titles = Titles::new(view);
    let findings = |state| {
        let records = view.findings.iter().filter(|record| record.state == state);
        records
            .filter(|record| record.finding.device == device.id)
            .map(|record| FindingRow::new(record, &titles, catalogue))
            .collect()
    };
    let behind = || view.devices.iter().filter(|other| other.behind.as_ref() == Some(&device.id));
    DevicePage {
        frame,
        id: device.id.clone(),
        stage: Badge::stage(device.lifecycle.stage),
        activity: match reading::activity(device, view.latest) {
            Activity::Active => "seen in the last 24 hours",
            Activity::Idle => "silent for over a day",
            Activity::Retired => "silent for over 30 days",
        },
        seen: reading::window(device).map(|(first, last)| (Moment::new(first), Moment::new(last))),
        identity: identity(device),
        addresses: addresses(device),
        is_in_tunnel: device.addresses.iter().any(|address| !address.tunnel.is_empty()),
        locations: locations(device),
        software: software(device),
        life: life(device),
        advisories: device
            .advisories
            .iter()
            .map(|advisory| [advisory.id.clone(), word(advisory.relevance), advisory.cves.join(", ")])
            .collect(),
        findings: findings(FindingState::Open),
        resolved: findings(FindingState::Resolved),
        spoken_for_by: device.behind.as_deref().map(|id| titles.link(id)),
        behind: behind().take(MAX_BEHIND).map(|other| titles.link(&other.id)).collect(),
        behind_more: behind().count().saturating_sub(MAX_BEHIND),
        evidence: evidence(device),
        contradictions: device
            .contradictions
            .iter()
            .map(|found| (word(found.attribute.name()), found.values.iter().cloned().collect::<Vec<_>>().join(" · ")))
            .collect(),
    }
}

fn identity(device: &Device) -> Vec<Fact> {
    let sure = |confidence: Option<f64>| confidence.map(percent).unwrap_or_default();
    let fact = |name, values: Vec<String>, confidence| Fact { name, values, confidence };
    let one = |text: Option<&str>| text.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let class = if device.class == DeviceClass::Unknown { Vec::new() } else { vec![word(device.class.name())] };
    let always = [
        fact("Class", class, sure(device.confidence.class)),
        fact("Manufacturer", one(device.manufacturer.as_deref()), sure(device.confidence.manufacturer)),
        fact("Model", one(device.model.as_deref()), sure(device.confidence.model)),
        fact("Serial number", one(device.serial_number.as_deref()), String::new()),
        fact("Operating system", one(os(device).as_deref()), String::new()),
    ];
    let texts = |texts: &std::collections::BTreeSet<_>| texts.iter().map(ToString::to_string).collect::<Vec<String>>();
    let where_known = [
        fact("Unique device identifier", one(device.udi.as_deref()), String::new()),
        fact("Device name", one(device.device_name.as_deref()), String::new()),
        fact("Host names", texts(&device.hostnames), String::new()),
        fact("AE titles", texts(&device.ae_titles), String::new()),
        fact("HL7 applications", texts(&device.hl7_applications), String::new()),
        fact("Roles", device.roles.iter().map(|role| role.meaning().to_owned()).collect(), String::new()),
        fact("Segment", one(device.segment.as_deref()), String::new()),
    ];
    let missing = visibility::unknown(device).collect::<Vec<_>>().join(", ");
    let still = if missing.is_empty() { String::new() } else { format!(", still to be found out: {missing}") };
    let visibility = fact("Known of it", vec![format!("{} of 100{still}", device.visibility)], String::new());
    always
        .into_iter()
        .chain(where_known.into_iter().filter(|fact| !fact.values.is_empty()))
        .chain([visibility])
        .collect()
}

fn os(device: &Device) -> Option<String> {
    let os = &device.os;
    let words: Vec<&str> = [&os.name, &os.version].into_iter().flatten().map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn addresses(device: &Device) -> Vec<AddressRow> {
    let row = |address: &wardwatch_model::analysis::Address| AddressRow {
        ip: address.ip.to_string(),
        mac: address.mac.map(|mac| mac.to_string()).unwrap_or_default(),
        vlan: address.vlan.iter().map(|id| id.to_string()).collect::<Vec<_>>().join(" in "),
        tunnel: address.tunnel.to_string(),
        first_seen: Moment::new(address.first_seen),
        last_seen: Moment::new(address.last_seen),
    };
    device.addresses.iter().map(row).collect()
}

fn locations(device: &Device) -> Vec<LocationRow> {
    let text = |text: &Option<DeviceText>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    let row = |place: &Location| LocationRow {
        spot: [
            text(&place.spot.site),
            text(&place.spot.segment),
            text(&place.spot.switch),
            match place.port_macs {
                Some(macs) if macs > 1 => format!("{}, as {} more addresses", text(&place.spot.port), count(macs - 1)),
                _ => text(&place.spot.port),
            },
            text(&place.spot.access_point),
        ],
        source: place.source.name(),
        meaning: place.source.meaning(),
        line: format!("{}, line {}, by {}", place.file, place.line, place.joined_by.name()),
        as_of: Moment::new(place.as_of),
        age: reading::age(place.age_days),
    };
    device.locations.iter().map(row).collect()
}

fn software(device: &Device) -> Vec<[String; 3]> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    device.software.iter().map(|s| [text(&s.name), text(&s.version), word(s.role.name())]).collect()
}

fn life(device: &Device) -> Life {
    let lifecycle = &device.lifecycle;
    let lower = |stage| stage_word(stage).to_lowercase();
    let bounds = match (lifecycle.best, lifecycle.worst) {
        (Some(best), Some(worst)) if best != worst => {
            format!("at best {}, at worst {}", lower(best), lower(worst))
        }
        _ => String::new(),
    };
    Life {
        stage: Badge::stage(lifecycle.stage),
        is_legacy: lifecycle.legacy,
        bounds,
        reasons: lifecycle.reasons.clone(),
        records: lifecycle.records.iter().map(record).collect(),
    }
}

fn record(record: &LifecycleRecord) -> RecordRow {
    RecordRow {
        name: record.name.clone(),
        scope: word(record.scope.name()),
        stage: Badge::stage(record.stage),
        dates: record.dates.iter().map(|(name, date)| (word(name), date.clone())).collect(),
        superseded_by: record.superseded_by.clone(),
        authority: record.authority,
        source: record.source.clone(),
        url: record.url.starts_with("https://").then(|| record.url.clone()),
        retrieved: record.retrieved.clone(),
    }
}

/// The surest evidence of an attribute first.
fn evidence(device: &Device) -> Vec<Group> {
    let mut sorted: Vec<&Evidence> = device.evidence.iter().collect();
    sorted.sort_by(|a, b| a.attribute.cmp(&b.attribute).then(b.confidence.total_cmp(&a.confidence)));
    let is_contradicted = |attribute: Attribute| device.contradictions.iter().any(|found| found.attribute == attribute);
    sorted
        .chunk_by(|a, b| a.attribute == b.attribute)
        .filter_map(|group| {
            let attribute = group.first()?.attribute;
            Some(Group {
                name: word(attribute.name()),
                is_contradicted: is_contradicted(attribute),
                rows: group.iter().map(|evidence| evidence_row(evidence)).collect(),
            })
        })
        .collect()
}

fn evidence_row(evidence: &Evidence) -> EvidenceRow {
    EvidenceRow {
        value: evidence.value.to_string(),
        source: evidence.source.name(),
        meaning: evidence.source.meaning(),
        confidence: percent(evidence.confidence),
        first_seen: Moment::new(evidence.first_seen),
        last_seen: Moment::new(evidence.last_seen),
        count: count(evidence.count),
    }
}
