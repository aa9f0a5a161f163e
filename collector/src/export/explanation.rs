//! An explanation for a person: attribute by attribute, from what is believed down to where it was read.

use crate::{
    explanation::{Explanation, FIRM, SINGLE},
    identity::Reason,
    knowledge::Catalogue,
    reading,
};
use std::io::{self, Write};
use wardwatch_model::{
    Attribute, PacketTime, Source,
    analysis::{Address, Device, Evidence},
};

/// Writes why a device is said to be what it is.
pub fn write_explanation(explanation: &Explanation, catalogue: &Catalogue, out: &mut impl Write) -> io::Result<()> {
    let device = &explanation.device;
    writeln!(out, "{}\nid {}", reading::title(device), device.id)?;
    device.addresses.iter().try_for_each(|address| writeln!(out, "address {}", place(address)))?;
    if let Some(speaker) = &device.behind {
        writeln!(out, "known only by what {speaker} says of it")?;
    }
    for attribute in Attribute::ALL {
        let mut told: Vec<&Evidence> = device.evidence.iter().filter(|told| told.attribute == *attribute).collect();
        if told.is_empty() {
            continue;
        }
        // As values are chosen: the surest, then the most often seen, then the latest.
        told.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then((b.count, b.last_seen).cmp(&(a.count, a.last_seen)))
        });
        writeln!(out, "\n{}: {}", attribute.name(), attribute.meaning())?;
        let believed = believed(device, &told);
        for evidence in &told {
            let word = standing(evidence, believed, catalogue);
            writeln!(out, "  {word} {:?}, {:.2}", evidence.value.as_str(), evidence.confidence)?;
            let because = explanation.reasons.iter();
            let mut because = because.filter(|reason| reason.is_of(evidence)).peekable();
            if because.peek().is_none() {
                let source = evidence.source;
                let seen = seen(evidence.first_seen, evidence.last_seen, evidence.count);
                writeln!(out, "    read in {}: {} {seen}", source.name(), source.meaning())?;
            }
            because.try_for_each(|reason| conclusion(reason, out))?;
        }
    }
    device.contradictions.iter().try_for_each(|contradiction| {
        let values = contradiction.values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" and ");
        writeln!(out, "\nThe evidence for {} does not agree: {values}", contradiction.attribute.name())
    })
}

impl Reason {
    /// Whether it is why something is claimed.
    fn is_of(&self, evidence: &Evidence) -> bool {
        evidence.source == Source::Catalogue && (self.attribute, &self.value) == (evidence.attribute, &evidence.value)
    }
}

/// What is told of an attribute that is shown as the device's; none where it has several.
fn believed<'a>(device: &Device, told: &[&'a Evidence]) -> Option<&'a Evidence> {
    let first = told.first().filter(|first| SINGLE.contains(&first.attribute))?;
    match first.attribute {
        Attribute::Class => told.iter().find(|told| told.value.as_str() == device.class.name()).copied(),
        _ => Some(first),
    }
}

/// How a value stands to the one that is believed.
fn standing(told: &Evidence, believed: Option<&Evidence>, catalogue: &Catalogue) -> &'static str {
    let Some(believed) = believed else { return "told" };
    let form = |told: &Evidence| match told.attribute {
        Attribute::Manufacturer => catalogue.maker(&told.value).to_lowercase(),
        _ => told.value.to_lowercase(),
    };
    match (told == believed, form(told) == form(believed), told.attribute) {
        (true, ..) => "believed",
        (false, true, _) => "agrees",
        (_, _, Attribute::Manufacturer | Attribute::Model | Attribute::SerialNumber) if told.confidence >= FIRM => {
            "contradicts"
        }
        _ => "weaker",
    }
}

/// A rule, and what it was concluded from.
fn conclusion(reason: &Reason, out: &mut impl Write) -> io::Result<()> {
    let origin = &reason.origin;
    writeln!(
        out,
        "    concluded by {}:{}, {:?}, {:.2}: {}",
        origin.file, origin.line, origin.name, reason.confidence, origin.source
    )?;
    for premise in &reason.premises {
        match premise.source {
            Some(source) => writeln!(
                out,
                "      from {} {:?}, read in {}: {}",
                premise.about,
                premise.value,
                source.name(),
                source.meaning()
            )?,
            None => writeln!(out, "      from {} {:?}", premise.about, premise.value)?,
        }
    }
    writeln!(out, "      {}", seen(reason.seen.first, reason.seen.last, reason.seen.count))
}

fn place(address: &Address) -> String {
    let mac = address.mac.map(|mac| format!(", {mac}")).unwrap_or_default();
    let vlans = address.vlan.iter().map(|vlan| format!(", VLAN {vlan}")).collect::<String>();
    format!("{}{mac}{vlans}, {} to {}", address.ip, address.first_seen, address.last_seen)
}

fn seen(first: PacketTime, last: PacketTime, count: u64) -> String {
    match count {
        1 => format!("Once, at {first}."),
        _ => format!("{count} times, {first} to {last}."),
    }
}
