//! Findings while what belongs to them comes together.

use super::{
    bpf::{self, Links},
    community_id,
    rule::Rule,
    scene::{Talk, across},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ptr,
};
use wardwatch_model::{
    CaptureFacts, End, Seen,
    analysis::{Finding, Severity},
};

/// Most values of one name in the evidence, and most community ids.
pub(super) const MAX_LISTED: usize = 16;

/// The findings of a rule, by device and key: what is found twice is one finding.
#[derive(Default)]
pub(crate) struct Findings<'a> {
    drafts: BTreeMap<(&'a str, String), Draft<'a>>,
}

impl<'a> Findings<'a> {
    /// The finding under a key on the device at an end of a conversation; none where no device is there.
    pub(crate) fn on(&mut self, talk: &'a Talk<'a>, end: End, key: impl Into<String>) -> Option<&mut Draft<'a>> {
        let device = talk.end(end).device()?;
        let draft = self.drafts.entry((device, key.into())).or_default();
        if draft.talks.last().is_none_or(|(last, _)| !ptr::eq(*last, talk)) {
            draft.talks.push((talk, end));
        }
        Some(draft)
    }

    /// The findings. `severity`: in place of the rule's own. `capture`: where the packets came from.
    pub(super) fn finish(
        self,
        rule: &'static Rule,
        severity: Option<Severity>,
        capture: &CaptureFacts,
    ) -> impl Iterator<Item = Finding> + use<'a> {
        let links = if capture.other_links { Links::Any } else { Links::Ethernet };
        self.drafts
            .into_iter()
            .filter_map(move |((device, key), draft)| draft.finish(rule, severity, links, device, key))
    }
}

/// A finding to be.
#[derive(Default)]
pub(crate) struct Draft<'a> {
    judged: Option<(Severity, f64)>,
    seen: Option<Seen>,
    texts: BTreeMap<&'static str, BTreeSet<String>>,
    counts: BTreeMap<&'static str, u64>,
    talks: Vec<(&'a Talk<'a>, End)>,
}

impl<'a> Draft<'a> {
    /// How bad it is, and how sure, from 0 to 1. Of several the worst counts, then the surest.
    pub(crate) fn judge(&mut self, severity: Severity, confidence: f64) -> &mut Self {
        self.judged = Some(match self.judged {
            Some((known, sure)) if known > severity => (known, sure),
            Some((known, sure)) if known == severity => (known, sure.max(confidence)),
            _ => (severity, confidence),
        });
        self
    }

    /// When it was seen, and how often.
    pub(crate) fn seen(&mut self, seen: &Seen) -> &mut Self {
        match &mut self.seen {
            Some(all) => all.merge(seen),
            none => *none = Some(*seen),
        }
        self
    }

    /// Adds to the evidence; a name with several values lists them. Allow-listed facts only.
    pub(crate) fn tell(&mut self, name: &'static str, value: impl ToString) -> &mut Self {
        self.texts.entry(name).or_default().insert(value.to_string());
        self
    }

    /// The same, where there is something to tell.
    pub(crate) fn tell_if(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.tell(name, value);
        }
    }

    /// Adds a number to the evidence; those of one name are added up.
    pub(crate) fn count(&mut self, name: &'static str, times: u64) -> &mut Self {
        let sum = self.counts.entry(name).or_default();
        *sum = sum.saturating_add(times);
        self
    }

    fn finish(
        mut self,
        rule: &'static Rule,
        said: Option<Severity>,
        links: Links,
        device: &str,
        key: String,
    ) -> Option<Finding> {
        let ((severity, confidence), seen) = (self.judged?, self.seen?);
        for (talk, _) in &self.talks {
            let facts = talk.key;
            for (name, value) in [
                ("client_addresses", facts.client.to_string()),
                ("server_addresses", facts.server.to_string()),
                ("ports", facts.port.to_string()),
            ] {
                self.texts.entry(name).or_default().insert(value);
            }
        }
        let counts = self.counts.iter().map(|(name, count)| ((*name).to_owned(), count.to_string()));
        let texts = self.texts.iter().map(|(name, values)| ((*name).to_owned(), listed(values)));
        Some(Finding {
            rule: rule.id.into(),
            kind: rule.kind.into(),
            severity: said.unwrap_or(severity),
            confidence,
            device: device.to_owned(),
            peer: self.peer(),
            key,
            first_seen: seen.first,
            last_seen: seen.last,
            count: seen.count,
            evidence: texts.chain(counts).collect(),
            bpf_filter: bpf::filter(&self.talks, links),
            community_ids: community_id::of_talks(self.talks.iter().map(|(talk, _)| *talk)),
        })
    }

    /// The device across, where there is one only.
    fn peer(&self) -> Option<String> {
        let mut others = self.talks.iter().map(|(talk, end)| talk.end(across(*end)));
        let first = others.next()?;
        let alone =
            others.all(
                |other| if first.device().is_some() { other.device() == first.device() } else { other.ip == first.ip },
            );
        first.device().filter(|_| alone).map(str::to_owned)
    }
}

/// The first values; how many there are where some are left out.
fn listed(values: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = values.iter().take(MAX_LISTED).map(String::as_str).collect();
    let left_out = values.len() - shown.len();
    if left_out == 0 { shown.join(", ") } else { format!("{} and {left_out} more", shown.join(", ")) }
}
