//! What HL7 interfaces reveal: who sends what, under how many names.

use super::Gathered;
use crate::knowledge::{Clue, Clues};
use std::collections::BTreeMap;
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
    let (Some(sends), Some(receives)) = (clues.get(&Clue::SendsAs), clues.get(&Clue::ReceivesFrom)) else { return };
    let both = sends.iter().filter(|(name, _)| receives.contains_key(*name));
    let both: BTreeMap<_, _> = both.map(|(name, known)| (name.clone(), *known)).collect();
    if !both.is_empty() {
        clues.insert(Clue::PassesOn, both);
    }
}
