//! What associations reveal (PS3.4: who provides and who uses a service class).

use super::Gathered;
use crate::knowledge::{Clue, Clues};
use wardwatch_model::{
    Bounded, ConversationKey, Seen,
    dicom::{Association, AssociationActivity, ContextResult, Dimse, Operations, PresentationContext},
};

/// All storage SOP classes of the standard begin so (PS3.4 B.5).
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";

/// SOP classes of the modality's workflow: modality worklist (PS3.4 K), performed procedure step (PS3.4 F.7).
const WORKFLOW: [&str; 2] = ["1.2.840.10008.5.1.4.31", "1.2.840.10008.3.1.2.3.3"];

/// Services that only who keeps objects gives.
const OF_AN_ARCHIVE: [Dimse; 4] = [Dimse::CStore, Dimse::CFind, Dimse::CMove, Dimse::CGet];

/// Notes what the associations of a conversation tell of its ends.
pub(super) fn associations<'a>(
    clues: &mut Gathered<'a, '_>,
    key: &ConversationKey,
    window: Seen,
    associations: &'a Bounded<Association, AssociationActivity>,
) {
    for (association, activity) in &associations.entries {
        let seen = activity.seen(&window);
        let (client, server) = clues.workshop.ends(key, seen.first);
        let operations = &activity.operations.0;
        // The objects of a C-GET come back on the same association (PS3.4 C.4.3).
        let is_get = operations.contains_key(&Dimse::CGet);
        let stores = operations.get(&Dimse::CStore).filter(|_| !is_get);
        for (service, done) in operations {
            if *service == Dimse::CStore && is_get || *service == Dimse::NEventReport {
                continue;
            }
            if done.requests > 0 {
                clues.see(client, Clue::Performs, service.name(), seen);
            }
            if is_served(done) {
                clues.see(server, Clue::Serves, service.name(), seen);
            }
        }
        if stores.is_some_and(is_served) {
            clues.see(server, Clue::StoredBy, key.client.to_string(), seen);
        }
        for context in association.contexts.iter().filter(|context| context.result == ContextResult::Accepted) {
            let Some(sop_class) = context.abstract_syntax.as_deref() else { continue };
            let (user, provider) = if is_reversed(context) { (server, client) } else { (client, server) };
            clues.see(user, Clue::Requests, sop_class, seen);
            clues.see(provider, Clue::Provides, sop_class, seen);
            if sop_class.starts_with(STORAGE) {
                clues.see(provider, Clue::Receives, sop_class, seen);
            }
            if stores.is_some_and(|done| done.requests > 0) && clues.workshop.catalogue.is_telling(sop_class) {
                clues.see(user, Clue::Stores, sop_class, seen);
            }
        }
    }
}

fn is_served(done: &Operations) -> bool {
    done.requests > 0 && done.success + done.warning + done.pending > 0
}

/// Whether the requestor is the provider, by role selection (PS3.7 D.3.3.4).
fn is_reversed(context: &PresentationContext) -> bool {
    context.scp_role == Some(true) && context.scu_role != Some(true)
}

/// Leaves the objects that a device stores only where it made them: who keeps objects for others, or passes on those of
/// others and takes no part in the workflow of a modality, is none.
pub(super) fn own_account(clues: &mut Clues<'_>) {
    let told = |clue, wanted: &[&str]| wanted.iter().any(|wanted| clues.has(clue, wanted));
    let keeps = told(Clue::Serves, &OF_AN_ARCHIVE.map(Dimse::name));
    let passes_on = !clues.of(Clue::Forwards).is_empty() && !told(Clue::Requests, &WORKFLOW);
    if keeps || passes_on {
        clues.remove(Clue::Stores);
    }
}
