//! What HL7 interfaces reveal: who sends what, under how many names.

use super::Gathered;
use crate::knowledge::{Clue, Clues};
use wardwatch_model::{
    Bounded, Seen,
    hl7::{Link, LinkActivity},
};

/// Notes what the links of a conversation tell of its ends.
pub(super) fn links<'a>(
    clues: &mut Gathered<'a, '_>,
    window: Seen,
    links: &'a Bounded<Link, LinkActivity>,
    (client, server): (Option<usize>, Option<usize>),
) {
    for (link, activity) in &links.entries {
        let seen = Seen { count: activity.message_types.sum().max(1), ..window };
        for kind in activity.message_types.kinds() {
            clues.see(client, Clue::Sends, kind.as_str(), seen);
        }
        for profile in &link.profiles {
            clues.see(client, Clue::Profile, profile.as_str(), seen);
        }
        // MSH-3 and MSH-4 together name an application (HL7 v2.5.1 2.15.9.3).
        let parts = [&link.sending_application, &link.sending_facility].map(|part| part.as_deref().unwrap_or(""));
        let name = parts.join("^");
        if name.len() > 1 {
            clues.see(client, Clue::SendsAs, name.clone(), seen);
            clues.see(server, Clue::ReceivesFrom, name, seen);
        }
    }
}

/// Notes the applications whose messages a device both receives and sends.
pub(super) fn passes_on(clues: &mut Clues<'_>) {
    let both = clues.of(Clue::SendsAs).iter().filter(|told| clues.has(Clue::ReceivesFrom, &told.value));
    let both: Vec<_> = both.map(|told| (told.value.clone(), told.known)).collect();
    if !both.is_empty() {
        both.into_iter().for_each(|(name, known)| clues.note(Clue::PassesOn, name, known));
        clues.settle();
    }
}
