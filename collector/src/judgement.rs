//! From facts to what is thought of them. A pure function, so that a capture and a watch of the same traffic end in the same
//! judgement.

use crate::{
    detect,
    identity::{self, Inventory},
    knowledge::Catalogue,
    lifecycle,
};
use wardwatch_model::{Facts, analysis::Finding, config::Config};

/// What is thought of facts.
pub struct Judgement {
    /// The devices.
    pub inventory: Inventory,
    /// What is wrong with them, by rule, device and peer.
    pub findings: Vec<Finding>,
}

/// Judges facts as of a date, `YYYY-MM-DD` in UTC.
pub fn judge(facts: &Facts, config: &Config, catalogue: &Catalogue, evaluated_at: &str) -> Judgement {
    let mut inventory = identity::resolve(facts, config, catalogue);
    for device in &mut inventory.devices {
        device.lifecycle = lifecycle::judge(device, catalogue, evaluated_at);
    }
    let findings = detect::findings(facts, &inventory, config, catalogue);
    Judgement { inventory, findings }
}
