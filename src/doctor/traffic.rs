//! What traffic itself tells of a mirror: what is lost, what is seen badly, and why.

use super::Section;
use crate::setup::{limits, listen};
use std::{ops::ControlFlow, path::PathBuf, thread, time::Duration};
use wardwatch_agent::{
    Cuts, Plan, assemble,
    checkup::{Check, Verdict, explain_capture, explain_drop},
    live::{Opener, unrestricted},
    replay,
};
use wardwatch_model::{Facts, InterfaceHealth, config::Config};

/// Listens for so many seconds, and judges what came.
pub(super) fn of_interfaces(config: &Config, seconds: u64) -> Vec<Section> {
    let name = format!("traffic of {seconds} seconds");
    let opened = Opener::start(unrestricted()).and_then(|opener| listen(config, &opener, &unrestricted()));
    let mut live = match opened {
        Ok(live) => live,
        // What is wrong with each of them is told already.
        Err(error) => {
            return vec![Section { name, checks: vec![Check::new("capture", Verdict::Bad, error.to_string())] }];
        }
    };
    thread::sleep(Duration::from_secs(seconds));
    let (finished, _, _) = assemble(live.finish());
    let mut sections = vec![Section { name, checks: judge(&finished) }];
    sections.extend(live.health().into_iter().map(|(interface, health)| Section {
        checks: arrived(&interface, &health),
        name: format!("traffic of {interface}"),
    }));
    sections
}

/// Judges captures.
pub(super) fn of_files(files: &[PathBuf], config: &Config) -> Section {
    let plan = Plan { workers: config.workers, limits: limits(config), cuts: Cuts::never() };
    let mut facts = Facts::default();
    let each = |cut: wardwatch_agent::Cut| {
        facts = cut.finished;
        ControlFlow::Continue(())
    };
    let errors = replay(files, &plan, |_, _| {}, each).errors;
    let mut checks = judge(&facts);
    checks.extend(errors.iter().map(|error| Check::new("file", Verdict::Bad, error.to_string())));
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Section { name: names.join(", "), checks }
}

fn judge(facts: &Facts) -> Vec<Check> {
    let capture = &facts.capture;
    let packets = capture.packets;
    if packets == 0 {
        return vec![Check::new("packets", Verdict::Bad, "none at all: is the mirror on, and does it lead here?")];
    }
    let mut checks = vec![Check::new("packets", Verdict::Good, format!("{packets}, of {} flows", capture.flows))];
    if capture.flows == 0 {
        checks.push(Check::new(
            "flows",
            Verdict::Warning,
            "none: no TCP and no UDP. A port that is not mirrored to shows the broadcasts of its network only",
        ));
    }
    checks.extend(explain_capture(facts));
    let failures = capture.protocols.iter().filter(|(_, protocol)| protocol.parse_failures > 0);
    checks.extend(failures.map(|(name, protocol)| {
        let found = format!("{} messages of {name} were not as the standard wants them", protocol.parse_failures);
        Check::new("parse failures", Verdict::Warning, found)
    }));
    if capture.losses.values().all(|count| *count == 0) {
        checks.push(Check::new("losses", Verdict::Good, "nothing that we know of"));
    }
    checks
}

/// How the packets of an interface came.
fn arrived(interface: &str, health: &InterfaceHealth) -> Vec<Check> {
    let packets = match health.packets {
        0 => Check::new("packets", Verdict::Bad, "none at all: is the mirror on, and does it lead here?")
            .advise(format!("tcpdump -c 5 -i {interface}")),
        packets => Check::new("packets", Verdict::Good, packets.to_string()),
    };
    let dropped = health.dropped.iter().filter(|(_, count)| **count > 0);
    let dropped = dropped.map(|(reason, count)| explain_drop(interface, reason, *count));
    let sent = health.transmitted.filter(|frames| *frames > 0).map(|frames| {
        Check::new("sent", Verdict::Bad, format!("{frames} frames were sent meanwhile, not by Wardwatch"))
            .advise(format!("tcpdump -i {interface} -Q out"))
    });
    [packets].into_iter().chain(dropped).chain(sent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use wardwatch_model::{CaptureFacts, Name};

    fn capture(packets: u64, flows: u64, stream_bytes: u64, losses: &[(&'static str, u64)]) -> Facts {
        let losses = losses.iter().map(|(reason, count)| (Name::new(reason), *count)).collect();
        let capture = CaptureFacts { packets, flows, stream_bytes, losses, ..CaptureFacts::default() };
        Facts { capture, ..Facts::default() }
    }

    fn told(checks: &[Check]) -> Vec<(&'static str, Verdict)> {
        checks.iter().map(|check| (check.what, check.verdict)).collect()
    }

    #[test]
    fn silence_broadcasts_and_losses_are_told_apart() {
        const PACKETS: (&str, Verdict) = ("packets", Verdict::Good);
        const WHOLE: (&str, Verdict) = ("capture loss", Verdict::Good);
        const NOTHING: (&str, Verdict) = ("losses", Verdict::Good);
        assert_eq!(told(&judge(&capture(0, 0, 0, &[]))), [("packets", Verdict::Bad)]);
        let broadcasts = [PACKETS, ("flows", Verdict::Warning), ("capture loss", Verdict::Unknown), NOTHING];
        assert_eq!(told(&judge(&capture(9, 0, 0, &[]))), broadcasts);
        assert_eq!(told(&judge(&capture(9, 2, 70, &[("truncated_frames", 0)]))), [PACKETS, WHOLE, NOTHING]);
        let cut = [PACKETS, WHOLE, ("truncated_frames", Verdict::Warning)];
        assert_eq!(told(&judge(&capture(9, 2, 70, &[("truncated_frames", 4)]))), cut);
    }

    #[test]
    fn what_an_interface_dropped_and_sent_is_told() {
        let dropped = BTreeMap::from([(Name::new("kernel"), 3), (Name::new("queue"), 0)]);
        let health = InterfaceHealth { packets: 5, dropped, transmitted: Some(1), ..InterfaceHealth::default() };
        let checks = arrived("eth1", &health);
        let expected = [("packets", Verdict::Good), ("dropped", Verdict::Warning), ("sent", Verdict::Bad)];
        assert_eq!(told(&checks), expected);
    }
}
