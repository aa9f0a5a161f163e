//! H09: HL7 in clear text with an end outside, or between segments that do not trust each other.

use super::{Rule, boundary, draft::Findings, scene::Scene};
use wardwatch_model::config::RuleConfig;

pub(super) static RULE: Rule = Rule {
    id: "H09",
    kind: "hl7-clear-text-across-boundary",
    severities: boundary::SEVERITIES,
    settings: boundary::SETTINGS,
    detect,
};

fn detect<'s>(scene: &'s Scene<'s>, config: &RuleConfig, findings: &mut Findings<'s>) {
    boundary::clear_text("hl7", scene, config, findings);
}
