//! `/findings`: what is wrong, by cause. And a finding as every page shows it.

use super::{
    Frame, page,
    pager::Pager,
    render,
    shown::{Badge, Moment, count, percent, word},
};
use crate::{
    FindingRecord, FindingState, View,
    knowledge::Catalogue,
    reading::{self, SEVERITIES},
    web::{
        Shared,
        query::{Pages, Query},
    },
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use foldhash::HashMap;
use wardwatch_model::analysis::Severity;

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPage {
    frame: Frame,
    tabs: Vec<Tab>,
    causes: Vec<Cause>,
    summary: String,
    pager: Pager,
}

/// A choice of which findings are shown.
struct Tab {
    label: String,
    link: String,
    is_here: bool,
}

/// Findings of one rule.
struct Cause {
    anchor: String,
    title: String,
    rule: String,
    severity: Badge,
    texts: Option<Texts>,
    findings: Vec<FindingRow>,
}

/// What a rule means to people.
struct Texts {
    meaning: String,
    false_positives: String,
    security: String,
    biomed: String,
}

impl Texts {
    fn new(catalogue: &Catalogue, rule: &str) -> Option<Self> {
        let texts = catalogue.detection(rule)?;
        Some(Self {
            meaning: texts.meaning.clone(),
            false_positives: texts.false_positives.clone(),
            security: texts.security.clone(),
            biomed: texts.biomed.clone(),
        })
    }
}

/// A finding.
pub(super) struct FindingRow {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) rule: String,
    pub(super) severity: Badge,
    pub(super) confidence: String,
    pub(super) device: Link,
    pub(super) peer: Option<Link>,
    pub(super) first_seen: Moment,
    pub(super) last_seen: Moment,
    pub(super) count: String,
    /// When it was resolved.
    pub(super) resolved: Option<Moment>,
    pub(super) evidence: Vec<(String, String)>,
    pub(super) bpf_filter: String,
    pub(super) community_ids: String,
}

/// A device by its title.
pub(super) struct Link {
    pub(super) id: String,
    pub(super) title: String,
    /// It is among the devices shown.
    pub(super) is_there: bool,
}

/// The titles of devices, to link to them.
pub(super) struct Titles(HashMap<String, String>);

impl Titles {
    pub(super) fn new(view: &View) -> Self {
        Self(view.devices.iter().map(|device| (device.id.clone(), reading::title(device))).collect())
    }

    pub(super) fn link(&self, id: &str) -> Link {
        let title = self.0.get(id);
        Link { id: id.to_owned(), title: title.cloned().unwrap_or_else(|| id.to_owned()), is_there: title.is_some() }
    }
}

impl FindingRow {
    pub(super) fn new(record: &FindingRecord, titles: &Titles, catalogue: &Catalogue) -> Self {
        let finding = &record.finding;
        Self {
            id: record.id.clone(),
            title: catalogue.detection(&finding.rule).map_or_else(|| word(&finding.kind), |texts| texts.title.clone()),
            rule: finding.rule.to_string(),
            severity: Badge::severity(finding.severity),
            confidence: percent(finding.confidence),
            device: titles.link(&finding.device),
            peer: finding.peer.as_deref().map(|peer| titles.link(peer)),
            first_seen: Moment::new(finding.first_seen),
            last_seen: Moment::new(finding.last_seen),
            count: count(finding.count),
            resolved: (record.state == FindingState::Resolved).then(|| record.resolved_at.map(Moment::new)).flatten(),
            evidence: finding.evidence.iter().map(|(name, value)| (word(name), value.clone())).collect(),
            bpf_filter: finding.bpf_filter.clone(),
            community_ids: finding.community_ids.join(", "),
        }
    }
}

pub(in crate::web) async fn findings(State(state): State<Shared>, RawQuery(raw): RawQuery) -> Response {
    render(state, move |state| {
        let (view, query) = (state.view(), Query::read(raw.as_deref()));
        let wanted = if query.get("state") == Some("resolved") { FindingState::Resolved } else { FindingState::Open };
        let severity = query.get("severity");
        let is_wanted =
            |record: &&FindingRecord| severity.is_none_or(|severity| severity == record.finding.severity.name());
        let mut records: Vec<&FindingRecord> =
            view.findings.iter().filter(|record| record.state == wanted).filter(is_wanted).collect();
        records.sort_by_key(|record| (rank(record.finding.severity), record.finding.kind));
        let pages = Pages::of(records.len(), query.page());
        let (titles, catalogue) = (Titles::new(&view), &state.web.about.catalogue);
        let mut causes: Vec<Cause> = Vec::new();
        for record in records.iter().skip(pages.skipped).take(Pages::SIZE) {
            let row = FindingRow::new(record, &titles, catalogue);
            match causes.last_mut() {
                Some(cause) if cause.title == row.title && cause.severity.text == row.severity.text => {
                    cause.findings.push(row);
                }
                _ => causes.push(Cause {
                    anchor: format!("cause-{}", causes.len() + 1),
                    title: row.title.clone(),
                    rule: row.rule.clone(),
                    severity: Badge::severity(record.finding.severity),
                    texts: Texts::new(catalogue, &row.rule),
                    findings: vec![row],
                }),
            }
        }
        let kind = if wanted == FindingState::Open { "open" } else { "resolved" };
        let noun = if records.len() == 1 { "finding" } else { "findings" };
        page(
            StatusCode::OK,
            &FindingsPage {
                frame: Frame::new(state, &view, "findings", "Findings"),
                tabs: tabs(&view, &query, wanted),
                causes,
                summary: format!("{} {kind} {noun}", count(records.len() as u64)),
                pager: Pager::new(pages, &query, "/findings"),
            },
        )
    })
    .await
}

fn rank(severity: Severity) -> usize {
    SEVERITIES.iter().position(|known| *known == severity).unwrap_or(SEVERITIES.len())
}

fn tabs(view: &View, query: &Query, wanted: FindingState) -> Vec<Tab> {
    let number = |state, severity: Option<&str>| {
        let records = view.findings.iter().filter(|record| record.state == state);
        records.filter(|record| severity.is_none_or(|severity| severity == record.finding.severity.name())).count()
    };
    let (open, resolved) = (FindingState::Open, FindingState::Resolved);
    let severity = query.get("severity");
    let tab = |label: &str, state, chosen: Option<&str>| Tab {
        label: format!("{label} ({})", count(number(state, chosen) as u64)),
        link: query.link(
            "/findings",
            &[("state", if state == open { "" } else { "resolved" }), ("severity", chosen.unwrap_or_default())],
        ),
        is_here: state == wanted && severity == chosen,
    };
    let by_severity = SEVERITIES.map(Severity::name).into_iter().filter(|severity| number(open, Some(severity)) > 0);
    let by_severity = by_severity.map(|severity| tab(&word(severity), open, Some(severity)));
    [tab("Open", open, None)].into_iter().chain(by_severity).chain([tab("Resolved", resolved, None)]).collect()
}
