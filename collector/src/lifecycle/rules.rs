//! The rules that compare dates with a day: L1, L2, L3, L5 and L7.

use super::{Day, End, Record};
use wardwatch_model::analysis::Stage;

/// The stage of a record, and what led to it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) stage: Stage,
    pub(super) reasons: Vec<String>,
}

/// Judges a record as of a day. The day that is stated is still supported.
pub(super) fn judge(record: &Record<'_>, at: Day) -> Judged {
    let (dates, name) = (&record.dates, &record.name);
    let mut reasons = Vec::new();
    let stage = if let Some(end) = end_of_support(record).filter(|end| at > *end) {
        reasons.push(format!("L1: {name}: support ended {end}"));
        if let Some(End::After(extended)) = dates.end_of_extended_security
            && at <= extended
        {
            reasons.push(format!("L5: {name}: security updates until {extended} need a contract, and none is known"));
        }
        Stage::EndOfSupport
    } else if let Some(passed) = [dates.end_of_guaranteed_support, dates.end_of_security_support]
        .into_iter()
        .flatten()
        .filter_map(End::day)
        .filter(|end| at > *end)
        .min()
    {
        let by = record.superseded_by.as_ref().map(|next| format!(", superseded by {next}")).unwrap_or_default();
        reasons.push(format!("L2: {name}: full support ended {passed}{by}"));
        Stage::LimitedSupport
    } else if let Some(next) = next_end(record, at) {
        reasons.push(format!("L3: {name}: supported until {next}"));
        Stage::EolAnnounced
    } else if let Some(End::After(sold)) = dates.end_of_sale {
        reasons.push(format!("L3: {name}: not sold after {sold}"));
        Stage::EolAnnounced
    } else if record.is_supported {
        reasons.push(format!("L3: {name}: said to be supported by the {}", record.authority.name()));
        Stage::Supported
    } else {
        reasons.push(format!("L3: {name}: nobody says until when it is supported"));
        Stage::Unknown
    };
    if dates.named().any(|(_, end)| end == End::ToBeAnnounced) {
        reasons.push(format!("L7: {name}: an end that is to be announced"));
    }
    Judged { stage, reasons }
}

/// The last day of any support. Where no later date is recorded it is the last known end; what needs a contract does not
/// count.
fn end_of_support(record: &Record<'_>) -> Option<Day> {
    let dates = &record.dates;
    match dates.end_of_support {
        Some(end) => end.day(),
        None if record.goes_on => None,
        None => {
            let ends = [dates.end_of_guaranteed_support, dates.end_of_security_support];
            let is_open = ends.contains(&Some(End::ToBeAnnounced));
            ends.into_iter().flatten().filter_map(End::day).max().filter(|_| !is_open)
        }
    }
}

/// The first end, today or later, that everyone meets.
fn next_end(record: &Record<'_>, at: Day) -> Option<Day> {
    let dates = &record.dates;
    [dates.end_of_sale, dates.end_of_guaranteed_support, dates.end_of_security_support, dates.end_of_support]
        .into_iter()
        .flatten()
        .filter_map(End::day)
        .filter(|end| at <= *end)
        .min()
}
