//! What conversations tell of the two ends: roles, AE titles, DICOM implementations.

use super::{Premise, Workshop, own};
use crate::knowledge::Kind;
use std::sync::Arc;
use wardwatch_model::{
    Attribute, Conversation, Detail, DeviceText, Facts, Seen, Source,
    analysis::{Role, Software, SoftwareRole},
    dicom::{Association, AssociationActivity, AssociationResult, Dimse},
};

/// An AE title, an implementation identity: said by the device itself, and by its configuration.
const SELF_NAMED: (Source, f64) = (Source::DicomAssociation, 0.9);

/// A maker concluded from a DICOM implementation that is the maker's own product.
const BY_IMPLEMENTATION: f64 = 0.6;

/// Adds what the conversations of a report tell.
pub(super) fn conversations(workshop: &mut Workshop<'_>, report: &Facts) {
    for (key, conversation) in &report.conversations {
        match &conversation.detail {
            Detail::Dicom(associations) => {
                for (association, activity) in &associations.entries {
                    let seen = activity.seen(&conversation.seen);
                    let (client, server) = workshop.ends(key, seen.first);
                    if let Some(client) = client {
                        requestor(workshop, client, association, &seen);
                    }
                    if let Some(server) = server {
                        acceptor(workshop, server, association, activity, &seen);
                    }
                }
            }
            Detail::Hl7(_) => {
                let (client, server) = workshop.ends(key, conversation.seen.first);
                hl7(workshop, client, server, conversation);
            }
            Detail::Dhcp(messages) => {
                let (_, server) = workshop.ends(key, conversation.seen.first);
                if let Some(draft) = server.filter(|_| messages.replies > 0).and_then(|index| workshop.draft(index)) {
                    let source = if key.protocol.as_str() == "dhcpv6" { Source::Dhcpv6 } else { Source::Dhcp };
                    draft.play(Role::DhcpServer, source, &conversation.seen);
                }
            }
            Detail::Tls { .. } | Detail::Snmp(_) | Detail::Notes(_) | Detail::None => {}
        }
    }
}

fn requestor(workshop: &mut Workshop<'_>, index: usize, association: &Association, seen: &Seen) {
    let uid = association.client_implementation_uid.as_ref();
    implementation(workshop, index, uid, association.client_implementation_version.as_ref(), seen);
    if let Some(title) = &association.calling_ae {
        own::learn(workshop, index, (Attribute::AeTitle, title), SELF_NAMED, seen);
    }
    let Some(draft) = workshop.draft(index) else { return };
    draft.play(Role::DicomScu, Source::DicomAssociation, seen);
}

fn acceptor(
    workshop: &mut Workshop<'_>,
    index: usize,
    association: &Association,
    activity: &AssociationActivity,
    seen: &Seen,
) {
    let uid = association.server_implementation_uid.as_ref();
    implementation(workshop, index, uid, association.server_implementation_version.as_ref(), seen);
    match association.result {
        AssociationResult::Unanswered => return,
        // Whoever rejects a title does not own it.
        AssociationResult::Rejected => {}
        AssociationResult::Accepted | AssociationResult::StartMissed => {
            if let Some(title) = &association.called_ae {
                own::learn(workshop, index, (Attribute::AeTitle, title), SELF_NAMED, seen);
            }
        }
    }
    let Some(draft) = workshop.draft(index) else { return };
    draft.play(Role::DicomScp, Source::DicomAssociation, seen);
    let served = [Dimse::CStore, Dimse::CFind, Dimse::CMove, Dimse::CGet];
    draft.serves_objects |= served.iter().any(|service| activity.operations.0.contains_key(service));
}

/// The implementation of one end, and what the catalogue knows of it.
fn implementation(
    workshop: &mut Workshop<'_>,
    index: usize,
    uid: Option<&DeviceText>,
    version: Option<&DeviceText>,
    seen: &Seen,
) {
    let known = uid.and_then(|uid| workshop.catalogue.implementation(uid, version.map(DeviceText::as_str)));
    let software = match &known {
        // That someone of this maker wrote it is no name of a software.
        Some(known) if known.kind == Kind::VendorRoot && known.version.is_none() => None,
        Some(known) => Some((Some(known.name.to_owned()), known.version.clone())),
        None => version.map(|version| (None, Some(version.to_string()))),
    };
    let maker = known
        .filter(|known| known.kind != Kind::Toolkit)
        .and_then(|known| Some((DeviceText::new(known.vendor?)?, known)));
    for (attribute, value) in [(Attribute::ImplementationUid, uid), (Attribute::ImplementationVersion, version)] {
        if let Some(value) = value {
            own::learn(workshop, index, (attribute, value), SELF_NAMED, seen);
        }
    }
    let Some(draft) = workshop.draft(index) else { return };
    if let Some((name, version)) = software {
        draft.software.insert(Software { name, version, role: SoftwareRole::DicomImplementation });
    }
    if let Some((maker, known)) = maker {
        draft.conclude(Attribute::Manufacturer, &maker, BY_IMPLEMENTATION * known.confidence, seen, || {
            let said = [(Attribute::ImplementationUid, uid), (Attribute::ImplementationVersion, version)];
            let premise = |(attribute, words): (_, Option<&DeviceText>)| {
                Some(Premise::of(attribute, words?, Source::DicomAssociation))
            };
            (Arc::new(known.origin()), said.into_iter().filter_map(premise).collect())
        });
    }
}

fn hl7(workshop: &mut Workshop<'_>, client: Option<usize>, server: Option<usize>, conversation: &Conversation) {
    let seen = conversation.seen;
    if let Some(draft) = client.and_then(|index| workshop.draft(index)) {
        draft.play(Role::Hl7Sender, Source::Hl7Header, &seen);
    }
    // A listener that never answers is still one: the sender goes on talking to it.
    if let Some(draft) = server.and_then(|index| workshop.draft(index)) {
        draft.play(Role::Hl7Receiver, Source::Hl7Header, &seen);
    }
}
