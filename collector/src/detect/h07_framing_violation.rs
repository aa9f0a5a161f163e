//! H07: HL7 whose blocks do not begin and end as MLLP has it, or whose messages hold what no message does.

use super::{Rule, draft::Findings, scene::Scene};
use wardwatch_model::{
    Violation,
    analysis::Severity,
    config::{Form, RuleConfig, Setting},
};

pub(super) static RULE: Rule = Rule {
    id: "H07",
    kind: "hl7-framing-violation",
    severities: &[Severity::Low],
    settings: &[IN_A_FLOW, RAW],
    detect,
};

const IN_A_FLOW: Setting = Setting {
    key: "in_a_flow",
    meaning: "faults in one connection",
    form: Form::Number { default: 3, least: 1, most: 1_000_000 },
};
const RAW: Setting =
    Setting { key: "raw", meaning: "addresses and ranges of senders known to speak without MLLP", form: Form::Nets };

const FAULTS: &[Violation] = &[
    Violation::MllpStart,
    Violation::MllpEnd,
    Violation::Hl7Nul,
    Violation::Hl7SecondHeader,
    Violation::Hl7Length,
];

/// Old senders know no MLLP.
const CONFIDENCE: f64 = 0.8;

fn detect<'s>(scene: &'s Scene<'s>, config: &RuleConfig, findings: &mut Findings<'s>) {
    for faults in scene.faults([(FAULTS, config.number(&IN_A_FLOW))]) {
        if !config.covers(&RAW, faults.by().ip)
            && let Some(draft) = faults.found(findings)
        {
            draft.judge(Severity::Low, CONFIDENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};
    use wardwatch_model::End;

    const SENDER: &str = "10.0.0.1";
    const RECEIVER: &str = "10.0.0.2";

    fn breaks(by: End, broken: &[(Violation, u64)]) -> Network {
        Network::of(&[SENDER, RECEIVER]).breaks(SENDER, RECEIVER, "hl7", by, broken)
    }

    #[test]
    fn three_faults_in_a_connection_are_found_on_whoever_made_them() {
        let network = breaks(End::Client, &[(Violation::MllpStart, 2), (Violation::Hl7Nul, 1)]);
        let found = network.one(&RULE);
        assert_eq!((found.severity, found.device, found.count), (Severity::Low, network.id(SENDER), 3));
        assert_eq!(found.evidence["faults"], "hl7-nul, mllp-start");
        let network = breaks(End::Server, &[(Violation::MllpEnd, 3)]);
        assert_eq!(network.one(&RULE).device, network.id(RECEIVER));
    }

    #[test]
    fn two_are_none_and_the_two_ends_are_not_added_up() {
        let network = breaks(End::Client, &[(Violation::MllpStart, 1), (Violation::MllpEnd, 1)]);
        assert_eq!(network.breaks(SENDER, RECEIVER, "hl7", End::Server, &[(Violation::MllpEnd, 2)]).found(&RULE), []);
    }

    #[test]
    fn a_sender_known_to_speak_without_blocks_is_none() {
        let configured = |raw: &str| {
            breaks(End::Client, &[(Violation::MllpStart, 90)]).configured(&format!("[detect.H07]\nraw = [\"{raw}\"]\n"))
        };
        assert_eq!(configured(SENDER).found(&RULE), []);
        assert_eq!(configured("10.0.0.0/24").found(&RULE), []);
        assert_eq!(configured(RECEIVER).found(&RULE).len(), 1);
    }
}
