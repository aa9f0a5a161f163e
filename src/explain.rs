//! `wardwatch explain`: how we know what a device is; and the closed lists, from the code that uses them.

mod device;

use crate::{DONE, FAILED, cli::Explain};
use std::io::{self, Write};
use wardwatch_agent::{CONDITIONS, LOSS_REASONS, protocol::Protocol};
use wardwatch_collector::{detect::RULES, knowledge::Catalogue};
use wardwatch_model::{
    Attribute, DeviceClass, JoinedBy, Note, Refusal, Source, TransmitRisk, Violation,
    analysis::{Role, Scope, Severity, SoftwareRole, Stage},
};

pub(crate) fn run(options: &Explain) -> u8 {
    if let Some(wanted) = &options.device {
        return device::run(wanted, options);
    }
    if options.lists && lists(&mut io::stdout().lock()).is_err() {
        return FAILED;
    }
    DONE
}

fn lists(out: &mut impl Write) -> io::Result<()> {
    /// Names and meanings of a closed list.
    macro_rules! items {
        ($list:ty) => {
            <$list>::ALL.iter().map(|item| (item.name(), item.meaning())).collect()
        };
    }
    let lists: [(&str, Vec<(&str, &str)>); 16] = [
        ("protocols", items!(Protocol)),
        ("device classes", items!(DeviceClass)),
        ("roles", items!(Role)),
        ("software roles", items!(SoftwareRole)),
        ("life-cycle stages", items!(Stage)),
        ("life-cycle scopes", items!(Scope)),
        ("attributes", items!(Attribute)),
        ("sources", items!(Source)),
        ("joins of imported entries", items!(JoinedBy)),
        ("violations", items!(Violation)),
        ("notes", items!(Note)),
        ("loss reasons", LOSS_REASONS.to_vec()),
        ("conditions of a capture", CONDITIONS.to_vec()),
        ("refusals of reports", items!(Refusal)),
        ("transmit risks", items!(TransmitRisk)),
        ("severities", items!(Severity)),
    ];
    for (name, items) in lists {
        writeln!(out, "{name}:")?;
        for (item, meaning) in items {
            writeln!(out, "  {item:26} {meaning}")?;
        }
    }
    detections(out)
}

/// The kinds of findings: rule, severities, and what it is about.
fn detections(out: &mut impl Write) -> io::Result<()> {
    let catalogue = Catalogue::embedded().map_err(io::Error::other)?;
    writeln!(out, "detections:")?;
    for rule in RULES {
        let severities: Vec<&str> = rule.severities.iter().map(|severity| severity.name()).collect();
        let title = catalogue.detection(rule.id).map_or("", |texts| &texts.title);
        writeln!(out, "  {:34} {} ({}). {title}.", rule.kind, rule.id, severities.join(", "))?;
    }
    Ok(())
}
