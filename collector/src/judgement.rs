//! From facts to what is thought of them. A pure function, so that a capture and a watch of the same traffic end in the same
//! judgement.

use crate::{
    detect,
    identity::{self, IdKey, Inventory},
    knowledge::Catalogue,
    lifecycle, visibility,
};
use std::cmp::Reverse;
use wardwatch_model::{Facts, analysis::Finding, config::Config};

/// Most findings kept.
const MAX_FINDINGS: usize = 10_000;

/// What is thought of facts.
pub struct Judgement {
    /// The devices.
    pub inventory: Inventory,
    /// What is wrong with them, by rule, device, peer and key.
    pub findings: Vec<Finding>,
    /// Findings that found no room, none of them worse than one that did.
    pub findings_dropped: u64,
}

/// Judges facts as of a date, `YYYY-MM-DD` in UTC, with the ids of the site.
pub fn judge(facts: &Facts, config: &Config, catalogue: &Catalogue, evaluated_at: &str) -> Judgement {
    let inventory = identity::resolve(facts, config, catalogue, IdKey::of_site(&config.site));
    judge_inventory(inventory, facts, config, catalogue, evaluated_at)
}

/// The same of devices that are made of the facts already, under whatever ids.
pub(crate) fn judge_inventory(
    mut inventory: Inventory,
    facts: &Facts,
    config: &Config,
    catalogue: &Catalogue,
    evaluated_at: &str,
) -> Judgement {
    identity::age(&mut inventory.devices, evaluated_at);
    lifecycle::judge(&mut inventory.devices, catalogue, evaluated_at);
    inventory.devices.iter_mut().for_each(|device| device.visibility = visibility::score(device));
    let (findings, findings_dropped) = worst(detect::findings(facts, &inventory, config, catalogue), MAX_FINDINGS);
    Judgement { inventory, findings, findings_dropped }
}

/// The worst findings, in the order they were in, and how many are left out.
fn worst(findings: Vec<Finding>, most: usize) -> (Vec<Finding>, u64) {
    let dropped = findings.len().saturating_sub(most);
    let mut ranked: Vec<(usize, Finding)> = findings.into_iter().enumerate().collect();
    if dropped > 0 {
        ranked.sort_by_key(|(_, finding)| Reverse(finding.severity));
        ranked.truncate(most);
        ranked.sort_by_key(|(place, _)| *place);
    }
    (ranked.into_iter().map(|(_, finding)| finding).collect(), dropped as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use wardwatch_model::{PacketTime, analysis::Severity};

    #[test]
    fn the_worst_findings_find_room_and_keep_their_order() {
        let finding = |(number, severity): (u8, Severity)| Finding {
            rule: "X01".into(),
            kind: "x".into(),
            severity,
            confidence: 1.0,
            device: number.to_string(),
            peer: None,
            key: String::new(),
            first_seen: PacketTime(0),
            last_seen: PacketTime(0),
            count: 1,
            evidence: BTreeMap::new(),
            bpf_filter: String::new(),
            community_ids: Vec::new(),
        };
        let severities = [Severity::Low, Severity::Critical, Severity::Low, Severity::High, Severity::Info];
        let all: Vec<Finding> = (0..).zip(severities).map(finding).collect();
        let kept = |most| {
            let (kept, dropped) = worst(all.clone(), most);
            (kept.iter().map(|finding| finding.device.parse::<u8>().unwrap()).collect::<Vec<_>>(), dropped)
        };
        assert_eq!(kept(3), (vec![0, 1, 3], 2));
        assert_eq!(kept(5), (vec![0, 1, 2, 3, 4], 0));
    }
}
