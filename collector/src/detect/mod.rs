//! What is abnormal: one file for each detection, one line for each in the registry below.

mod boundary;
mod bpf;
mod community_id;
mod draft;
mod rule;
mod scene;
mod window;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::{identity::Inventory, knowledge::Catalogue};
use draft::Findings;
pub use rule::Rule;
use scene::Scene;
use wardwatch_model::{
    Facts,
    analysis::Finding,
    config::{Config, RuleKeys},
};

/// Names the files of detections; their rules make [`RULES`].
macro_rules! detections {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// Every detection, by id.
        pub static RULES: &[&Rule] = &[$(&$file::RULE,)*];
    };
}

detections! {
    d04_default_ae_title,
    d05_ae_title_enumeration,
    d17_malformed_pdu,
    d19_credentials_in_clear,
    d22_clear_text_across_boundary,
    h07_framing_violation,
    h09_clear_text_across_boundary,
}

/// The tables that the section `[detect]` of a configuration may have.
pub fn rule_keys() -> Vec<RuleKeys> {
    RULES.iter().map(|rule| RuleKeys { id: rule.id, settings: rule.settings }).collect()
}

/// Everything that is found in facts, by rule, device, peer and key.
pub(crate) fn findings(facts: &Facts, inventory: &Inventory, config: &Config, catalogue: &Catalogue) -> Vec<Finding> {
    let scene = Scene::new(facts, inventory, config, catalogue);
    let mut all = Vec::new();
    for rule in RULES {
        let said = config.rule(rule.id);
        if said.enabled {
            let mut findings = Findings::default();
            (rule.detect)(&scene, said, &mut findings);
            all.extend(findings.finish(rule, said.severity, &facts.capture));
        }
    }
    all.sort_by(|a, b| (a.rule, &a.device, &a.peer, &a.key).cmp(&(b.rule, &b.device, &b.peer, &b.key)));
    all
}
