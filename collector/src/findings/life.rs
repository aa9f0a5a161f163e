//! From one state of a finding to the next, by packet time alone.

use super::quiet::quiet;
use crate::{FindingRecord, FindingState};
use wardwatch_model::{PacketTime, analysis::Finding};

/// A finding seen for the first time. One of an old capture may be over already.
pub(super) fn opened(id: &str, finding: &Finding, latest: PacketTime) -> FindingRecord {
    let open = FindingRecord {
        id: id.to_owned(),
        finding: finding.clone(),
        state: FindingState::Open,
        opened_at: finding.first_seen,
        resolved_at: None,
    };
    if is_quiet(finding, latest) { resolved(&open, finding, latest) } else { open }
}

/// A finding that is judged again.
pub(super) fn go_on(record: &FindingRecord, finding: &Finding, latest: PacketTime) -> FindingRecord {
    let updated = FindingRecord { finding: finding.clone(), ..record.clone() };
    match (record.state, is_quiet(finding, latest)) {
        (FindingState::Open, false) | (FindingState::Resolved, true) => updated,
        (FindingState::Open, true) => resolved(record, finding, latest),
        (FindingState::Resolved, false) => {
            FindingRecord { state: FindingState::Open, opened_at: finding.last_seen, resolved_at: None, ..updated }
        }
    }
}

/// A finding that is over: since its quiet time ended, or since now if it is no longer judged so.
pub(super) fn resolved(record: &FindingRecord, finding: &Finding, latest: PacketTime) -> FindingRecord {
    FindingRecord {
        finding: finding.clone(),
        state: FindingState::Resolved,
        resolved_at: Some(quiet_since(finding).min(latest)),
        ..record.clone()
    }
}

fn quiet_since(finding: &Finding) -> PacketTime {
    PacketTime(finding.last_seen.0.saturating_add(quiet(finding.rule)))
}

fn is_quiet(finding: &Finding, latest: PacketTime) -> bool {
    latest > quiet_since(finding)
}
