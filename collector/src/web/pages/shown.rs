//! Values as people read them.

use wardwatch_model::{
    PacketTime,
    analysis::{Severity, Stage},
};

/// A moment: for programs, and for people to the second.
pub(super) struct Moment {
    pub(super) exact: String,
    pub(super) text: String,
}

impl Moment {
    pub(super) fn new(at: PacketTime) -> Self {
        let exact = at.to_string();
        let text = exact.get(..16).unwrap_or(&exact).replace('T', " ");
        Self { exact, text }
    }
}

/// A label with its tone: the word says everything, the tone only repeats it.
pub(super) struct Badge {
    pub(super) tone: &'static str,
    pub(super) text: String,
}

impl Badge {
    pub(super) fn severity(severity: Severity) -> Self {
        let tone = match severity {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Info => "quiet",
        };
        Self { tone, text: word(severity.name()) }
    }

    pub(super) fn stage(stage: Stage) -> Self {
        let tone = match stage {
            Stage::EndOfSupport => "high",
            Stage::LimitedSupport | Stage::EolAnnounced => "medium",
            Stage::Supported => "good",
            Stage::Unknown => "quiet",
        };
        Self { tone, text: stage_word(stage) }
    }
}

/// A life-cycle stage in words.
pub(super) fn stage_word(stage: Stage) -> String {
    match stage {
        Stage::EolAnnounced => "End announced".to_owned(),
        Stage::Unknown => "Support unknown".to_owned(),
        stage => word(stage.name()),
    }
}

/// Abbreviations of the field, which are written in capitals.
const CAPITALS: [&str; 29] = [
    "ae", "bpf", "cr", "ct", "dhcp", "dicom", "dx", "ecg", "eeg", "gmdn", "his", "hl7", "id", "ip", "lis", "mac", "mr",
    "mri", "nic", "nm", "os", "pacs", "pdu", "pet", "ris", "tls", "udi", "uid", "xa",
];

/// A name of a closed list in words: `ct-scanner` is "CT scanner", `ae_title` "AE title".
pub(super) fn word(name: &str) -> String {
    let words = name
        .split(['-', '_'])
        .map(|part| if CAPITALS.contains(&part) { part.to_ascii_uppercase() } else { part.to_owned() });
    let text = words.collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Text cut to so many characters.
pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// A count with commas between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A confidence as a percentage.
pub(super) fn percent(confidence: f64) -> String {
    format!("{:.0} %", confidence.clamp(0.0, 1.0) * 100.0)
}

/// How long ago something was.
pub(super) fn ago(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    let units = [(120, 1, "second"), (7_200, 60, "minute"), (172_800, 3_600, "hour"), (u64::MAX, 86_400, "day")];
    let unit = units.iter().find(|(below, ..)| seconds < *below);
    let (number, unit) = unit.map_or((seconds, "second"), |(_, length, unit)| (seconds / length, *unit));
    format!("{} {unit}{} ago", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(ago(1_000_000_000), "1 second ago");
        assert_eq!(ago(3_600_000_000_000), "60 minutes ago");
        assert_eq!(word("ct-scanner"), "CT scanner");
        assert_eq!(word("infusion-pump"), "Infusion pump");
        assert_eq!(Moment::new(crate::testing::NOW).text, "2026-11-24 05:00");
    }
}
