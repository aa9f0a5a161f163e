//! D17: DICOM that breaks its own rules, as attacks on parsers do, and broken software.

use super::{Rule, draft::Findings, scene::Scene};
use wardwatch_model::{
    Violation,
    analysis::Severity,
    config::{Form, RuleConfig, Setting},
};

pub(super) static RULE: Rule = Rule {
    id: "D17",
    kind: "dicom-malformed-pdu",
    severities: &[Severity::Medium],
    settings: &[IN_A_FLOW],
    detect,
};

const IN_A_FLOW: Setting = Setting {
    key: "in_a_flow",
    meaning: "milder faults in one connection: titles, data sets, PDUs longer than agreed",
    form: Form::Number { default: 5, least: 1, most: 1_000_000 },
};

/// One is enough: what a receiver must survive, and what no working sender makes.
const CRITICAL: &[Violation] = &[
    Violation::DicomPduType,
    Violation::DicomPduLength,
    Violation::DicomItemOverrun,
    Violation::DicomPdvLength,
    Violation::DicomTransferSyntaxes,
];

/// Old devices do these.
const MILD: &[Violation] = &[Violation::DicomAeTitle, Violation::DicomDataSet, Violation::DicomPduExceedsMaximum];

/// A capture with holes can look like it.
const CONFIDENCE: f64 = 0.8;

fn detect<'s>(scene: &'s Scene<'s>, config: &RuleConfig, findings: &mut Findings<'s>) {
    for faults in scene.faults([(CRITICAL, 1), (MILD, config.number(&IN_A_FLOW))]) {
        let name = if faults.kinds == CRITICAL { "critical_faults" } else { "milder_faults" };
        if let Some(draft) = faults.found(findings) {
            draft.judge(Severity::Medium, CONFIDENCE).count(name, faults.times.seen.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};
    use wardwatch_model::End;

    const CLIENT: &str = "10.0.0.1";
    const SERVER: &str = "10.0.0.2";

    fn breaks(by: End, broken: &[(Violation, u64)]) -> Network {
        Network::of(&[CLIENT, SERVER]).breaks(CLIENT, SERVER, "dicom", by, broken)
    }

    #[test]
    fn one_critical_fault_is_found_on_whoever_made_it() {
        for kind in CRITICAL {
            let network = breaks(End::Client, &[(*kind, 1)]);
            let found = network.one(&RULE);
            assert_eq!((found.device, found.peer), (network.id(CLIENT), Some(network.id(SERVER))));
            assert_eq!((found.severity, found.count), (Severity::Medium, 1));
            assert_eq!(found.evidence["faults"], kind.name());
            let network = breaks(End::Server, &[(*kind, 1)]);
            assert_eq!(network.one(&RULE).device, network.id(SERVER));
        }
    }

    #[test]
    fn milder_faults_are_found_from_five_in_a_connection() {
        let found = breaks(End::Client, &[(Violation::DicomAeTitle, 2), (Violation::DicomDataSet, 3)]).one(&RULE);
        assert_eq!((found.evidence["milder_faults"].as_str(), found.count), ("5", 5));
        assert_eq!(breaks(End::Client, &[(Violation::DicomAeTitle, 2), (Violation::DicomDataSet, 2)]).found(&RULE), []);
    }

    #[test]
    fn an_old_device_that_exceeds_the_length_once_in_many_connections_is_none() {
        let network = (0..20).fold(Network::of(&[CLIENT, SERVER]), |network, _| {
            network.breaks(CLIENT, SERVER, "dicom", End::Client, &[(Violation::DicomPduExceedsMaximum, 1)])
        });
        assert_eq!(network.found(&RULE), []);
    }
}
