//! Which class is a device of? Gathers what may reveal it, for the catalogue to judge.

mod dicom;
mod hl7;

use super::{Premise, Reason, Workshop};
use crate::knowledge::{Catalogue, ClassReason, Clue, Clues, Known};
use foldhash::HashMap;
use std::borrow::Cow;
use wardwatch_model::{Attribute, Conversation, ConversationKey, Detail, DeviceText, Facts, Seen, Source};

/// Gives every draft its class, with the evidence.
pub(super) fn classes(workshop: &mut Workshop<'_>, report: &Facts) {
    let gathered = gather(workshop, report);
    let verdicts: Vec<_> = gathered.iter().map(|clues| workshop.catalogue.classes(clues)).collect();
    let reasons: Vec<Vec<Reason>> = match workshop.explains {
        true => gathered.iter().map(|clues| reasons(workshop.catalogue, clues)).collect(),
        false => Vec::new(),
    };
    for (draft, reasons) in workshop.drafts.iter_mut().zip(reasons) {
        if let Some(all) = &mut draft.reasons {
            reasons.into_iter().for_each(|reason| all.add(reason));
        }
    }
    for (draft, verdicts) in workshop.drafts.iter_mut().zip(verdicts) {
        draft.class = verdicts.first().map(|verdict| (verdict.class, verdict.confidence));
        for verdict in verdicts {
            if let Some(name) = DeviceText::new(verdict.class.name()) {
                draft.add(Attribute::Class, &name, Source::Catalogue, verdict.confidence, &verdict.seen);
            }
        }
    }
}

/// Why clues lead to classes.
fn reasons(catalogue: &Catalogue, clues: &Clues<'_>) -> Vec<Reason> {
    let reasons = catalogue.class_reasons(clues).into_iter();
    let reason = reasons.map(|ClassReason { verdict, origin, met }| {
        let premise = |(clue, value): (Clue, String)| Premise { about: clue.name(), value, source: None };
        Some(Reason {
            attribute: Attribute::Class,
            value: DeviceText::new(verdict.class.name())?,
            origin,
            premises: met.into_iter().map(premise).collect(),
            confidence: verdict.confidence,
            seen: verdict.seen,
        })
    });
    reason.flatten().collect()
}

/// The clues of every draft, in their order.
fn gather<'a>(workshop: &'a Workshop<'_>, report: &'a Facts) -> Vec<Clues<'a>> {
    let mut clues = Gathered { workshop, clues: vec![Clues::default(); workshop.drafts.len()] };
    for (key, conversation) in &report.conversations {
        let ends = || workshop.ends(key, conversation.seen.first);
        match &conversation.detail {
            Detail::Dicom(associations) => dicom::associations(&mut clues, key, conversation.seen, associations),
            Detail::Hl7(links) => hl7::links(&mut clues, conversation.seen, links, ends()),
            Detail::Tls { .. } | Detail::Dhcp(_) | Detail::Snmp(_) | Detail::Notes(_) | Detail::None => {
                clues.answers(key, conversation, ends().1)
            }
        }
    }
    clues.own();
    clues.others();
    for known in &mut clues.clues {
        known.settle();
        hl7::passes_on(known);
        dicom::own_account(known);
    }
    clues.clues
}

struct Gathered<'a, 'w> {
    workshop: &'a Workshop<'w>,
    clues: Vec<Clues<'a>>,
}

impl<'a> Gathered<'a, '_> {
    /// Notes a clue about a device, where it is one.
    fn note(&mut self, index: Option<usize>, clue: Clue, value: impl Into<Cow<'a, str>>, sure: f64, seen: Seen) {
        if let Some(clues) = index.and_then(|index| self.clues.get_mut(index)) {
            clues.note(clue, value, Known { sure, seen });
        }
    }

    /// Notes what was seen in a conversation.
    fn see(&mut self, index: Option<usize>, clue: Clue, value: impl Into<Cow<'a, str>>, seen: Seen) {
        self.note(index, clue, value, 1.0, seen);
    }

    /// A service that answers at a port.
    fn answers(&mut self, key: &ConversationKey, conversation: &Conversation, server: Option<usize>) {
        if let Some(server) = server.filter(|_| conversation.bytes_to_client > 0) {
            let port = format!("{}/{}", key.transport.name(), key.port);
            self.see(Some(server), Clue::Answers, port, conversation.seen);
        }
    }

    /// What is said of the devices themselves.
    fn own(&mut self) {
        for (index, draft) in self.workshop.drafts.iter().enumerate() {
            for ((attribute, value, source), (sure, seen)) in &draft.evidence {
                if matches!(source, Source::Intellivue | Source::Poct1a) {
                    self.note(Some(index), Clue::Tells, source.name(), *sure, *seen);
                }
                let clue = match attribute {
                    Attribute::Class => Clue::Fingerprint,
                    Attribute::DeviceType => Clue::DeviceType,
                    Attribute::DhcpVendorClass => Clue::DhcpVendorClass,
                    Attribute::Modality => Clue::Modality,
                    Attribute::Model => Clue::Model,
                    Attribute::Role => Clue::Role,
                    _ => continue,
                };
                self.note(Some(index), clue, value.as_str(), *sure, *seen);
            }
        }
    }

    /// What devices say of others.
    fn others(&mut self) {
        let drafts = &self.workshop.drafts;
        let by_id: HashMap<&str, usize> =
            drafts.iter().enumerate().map(|(index, draft)| (draft.id.as_str(), index)).collect();
        for draft in drafts {
            let Some(speaker) = draft.behind.as_deref().and_then(|id| by_id.get(id)) else { continue };
            for ((_, _, source), (_, seen)) in &draft.evidence {
                self.speaks(*speaker, *source, &draft.id, *seen);
            }
        }
        for (index, draft) in drafts.iter().enumerate() {
            for ((attribute, words, source), (_, seen)) in &draft.evidence {
                if *attribute == Attribute::SpeaksFor {
                    self.speaks(index, *source, words, *seen);
                }
            }
        }
    }

    fn speaks(&mut self, speaker: usize, source: Source, other: &'a str, seen: Seen) {
        let clue = match source {
            Source::DicomDataset => Clue::Forwards,
            Source::Hl7Observation | Source::Hl7Participation | Source::Hl7Equipment | Source::Hl7Device => {
                Clue::SpeaksFor
            }
            Source::Astm | Source::Poct1a => Clue::SpeaksFor,
            _ => return,
        };
        self.see(Some(speaker), clue, other, seen);
    }
}

#[cfg(test)]
mod tests;
