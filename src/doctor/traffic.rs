//! What traffic itself tells of a mirror: what is lost, and why.

use super::Section;
use crate::setup::{limits, listen};
use std::{ops::ControlFlow, path::PathBuf, thread, time::Duration};
use wardwatch_agent::{
    Cuts, Plan, assemble,
    checkup::{Check, Verdict, explain_drop, explain_loss},
    live::{Opener, unrestricted},
    replay,
};
use wardwatch_model::{CaptureFacts, Facts, InterfaceHealth, config::Config};

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
    let mut sections = vec![Section { name, checks: judge(&finished.capture) }];
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
    let mut checks = judge(&facts.capture);
    checks.extend(errors.iter().map(|error| Check::new("file", Verdict::Bad, error.to_string())));
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Section { name: names.join(", "), checks }
}

fn judge(capture: &CaptureFacts) -> Vec<Check> {
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
    let losses = capture.losses.iter().filter(|(_, count)| **count > 0);
    checks.extend(losses.map(|(reason, count)| explain_loss(reason, *count, packets)));
    let failures = capture.protocols.iter().filter(|(_, protocol)| protocol.parse_failures > 0);
    checks.extend(failures.map(|(name, protocol)| {
        let found = format!("{} messages of {name} were not as the standard wants them", protocol.parse_failures);
        Check::new("parse failures", Verdict::Warning, found)
    }));
    if checks.iter().all(|check| check.verdict == Verdict::Good) {
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
    use wardwatch_model::Name;

    fn capture(packets: u64, flows: u64, losses: &[(&'static str, u64)]) -> CaptureFacts {
        let losses = losses.iter().map(|(reason, count)| (Name::new(reason), *count)).collect();
        CaptureFacts { packets, flows, losses, ..CaptureFacts::default() }
    }

    fn told(checks: &[Check]) -> Vec<(&'static str, Verdict)> {
        checks.iter().map(|check| (check.what, check.verdict)).collect()
    }

    #[test]
    fn silence_broadcasts_and_losses_are_told_apart() {
        assert_eq!(told(&judge(&capture(0, 0, &[]))), [("packets", Verdict::Bad)]);
        assert_eq!(told(&judge(&capture(9, 0, &[]))), [("packets", Verdict::Good), ("flows", Verdict::Warning)]);
        let whole = judge(&capture(9, 2, &[("truncated_frames", 0)]));
        assert_eq!(told(&whole), [("packets", Verdict::Good), ("losses", Verdict::Good)]);
        let cut = judge(&capture(9, 2, &[("truncated_frames", 4)]));
        assert_eq!(told(&cut), [("packets", Verdict::Good), ("truncated_frames", Verdict::Warning)]);
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
