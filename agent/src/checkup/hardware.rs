//! How the card of an interface is set: what is good for a server is not what is good for listening.

use super::{Check, Verdict};
use std::io;
use wardwatch_ring::{Amount, Device, Spreading};

/// What the card says; an error where its driver has no such thing, as those of virtual interfaces.
struct Facts {
    ring: io::Result<Amount>,
    queues: io::Result<Amount>,
    spreading: io::Result<Spreading>,
    offloads: [(&'static str, io::Result<bool>); 2],
}

pub(super) fn checks(name: &str) -> Vec<Check> {
    match Device::new(name) {
        Ok(device) => judge(
            name,
            &Facts {
                ring: device.receive_ring(),
                queues: device.receive_queues(),
                spreading: device.spreading(),
                offloads: [("gro", device.generic_receive_offload()), ("lro", device.large_receive_offload())],
            },
        ),
        Err(error) => vec![Check::new("hardware", Verdict::Unknown, error.to_string())],
    }
}

fn judge(name: &str, facts: &Facts) -> Vec<Check> {
    vec![ring(name, facts), channels(facts), hashing(name, facts), offloads(name, facts)]
}

/// The card bridges a moment in which the kernel does not look at it.
fn ring(name: &str, facts: &Facts) -> Check {
    const WHAT: &str = "ring of the card";
    match &facts.ring {
        Err(_) => Check::new(WHAT, Verdict::Unknown, "its driver does not tell"),
        Ok(Amount { now, most }) if now < most => {
            Check::new(WHAT, Verdict::Warning, format!("{now} of {most} frames: bursts may be lost in the card"))
                .advise(format!("ethtool -G {name} rx {most}"))
        }
        Ok(Amount { now, .. }) => Check::new(WHAT, Verdict::Good, format!("{now} frames, as many as it can")),
    }
}

fn channels(facts: &Facts) -> Check {
    const WHAT: &str = "channels";
    match &facts.queues {
        Err(_) => Check::new(WHAT, Verdict::Unknown, "its driver does not tell"),
        Ok(Amount { now, most }) => Check::new(WHAT, Verdict::Good, format!("{now} of {most} receive queues")),
    }
}

/// Packets of several queues are handled by several processors: of a flow with one direction in each, an answer may overtake
/// its question.
fn hashing(name: &str, facts: &Facts) -> Check {
    const WHAT: &str = "hashing";
    match (&facts.queues, &facts.spreading) {
        (Ok(Amount { now: ..=1, .. }), _) => Check::new(WHAT, Verdict::Good, "one queue keeps the order of all"),
        (_, Ok(spreading)) if spreading.is_symmetric() => {
            Check::new(WHAT, Verdict::Good, "symmetric: both directions of a flow come to one queue")
        }
        (Ok(Amount { now, .. }), Ok(spreading)) => {
            let check = Check::new(
                WHAT,
                Verdict::Warning,
                "not symmetric: both directions of a flow may come to different queues, and out of order",
            );
            let check = match spreading.key.len() {
                0 => check,
                length => check.advise(format!("ethtool -X {name} hkey {} equal {now}", symmetric_key(length))),
            };
            check.advise(format!("ethtool -L {name} combined 1   # instead, where one queue is fast enough"))
        }
        _ => Check::new(WHAT, Verdict::Unknown, "its driver does not tell"),
    }
}

/// A key that repeats after 16 bits.
fn symmetric_key(length: usize) -> String {
    let bytes: Vec<&str> = ["6d", "5a"].into_iter().cycle().take(length).collect();
    bytes.join(":")
}

fn offloads(name: &str, facts: &Facts) -> Check {
    const WHAT: &str = "offloads";
    let on: Vec<&str> =
        facts.offloads.iter().filter(|(_, is_on)| is_on.as_ref().is_ok_and(|on| *on)).map(|(name, _)| *name).collect();
    if on.is_empty() {
        return Check::new(WHAT, Verdict::Good, "off: frames are seen as they were on the wire");
    }
    let off: Vec<String> = on.iter().map(|offload| format!("{offload} off")).collect();
    Check::new(
        WHAT,
        Verdict::Warning,
        format!("{} on: segments are put together before they are seen, and are counted as one frame", on.join(", ")),
    )
    .advise(format!("ethtool -K {name} {}", off.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card as it comes.
    fn facts() -> Facts {
        Facts {
            ring: Ok(Amount { now: 512, most: 4096 }),
            queues: Ok(Amount { now: 4, most: 8 }),
            spreading: Ok(Spreading { key: vec![1, 2, 3, 4, 5, 6], is_made_symmetric: false }),
            offloads: [("gro", Ok(true)), ("lro", Ok(false))],
        }
    }

    fn of(facts: &Facts, what: &str) -> (Verdict, Vec<String>) {
        let check = judge("eth1", facts).into_iter().find(|check| check.what == what).unwrap();
        (check.verdict, check.advice)
    }

    #[test]
    fn a_card_as_it_comes_is_told_what_to_type() {
        let facts = facts();
        assert_eq!(of(&facts, "ring of the card"), (Verdict::Warning, vec!["ethtool -G eth1 rx 4096".to_owned()]));
        let (verdict, advice) = of(&facts, "hashing");
        assert_eq!(verdict, Verdict::Warning);
        assert_eq!(advice.first().unwrap(), "ethtool -X eth1 hkey 6d:5a:6d:5a:6d:5a equal 4");
        assert_eq!(of(&facts, "offloads"), (Verdict::Warning, vec!["ethtool -K eth1 gro off".to_owned()]));
    }

    #[test]
    fn a_card_that_is_set_for_listening_is_good() {
        let facts = Facts {
            ring: Ok(Amount { now: 4096, most: 4096 }),
            spreading: Ok(Spreading { key: vec![0x6d, 0x5a, 0x6d, 0x5a], is_made_symmetric: false }),
            offloads: [("gro", Ok(false)), ("lro", Err(io::ErrorKind::Unsupported.into()))],
            ..facts()
        };
        assert!(judge("eth1", &facts).iter().all(|check| check.verdict == Verdict::Good));
    }

    #[test]
    fn one_queue_needs_no_symmetric_key() {
        let facts = Facts { queues: Ok(Amount { now: 1, most: 8 }), ..facts() };
        assert_eq!(of(&facts, "hashing").0, Verdict::Good);
    }

    #[test]
    fn what_a_driver_does_not_tell_is_unknown_and_not_good() {
        let none = || io::Error::from(io::ErrorKind::Unsupported);
        let facts = Facts { ring: Err(none()), queues: Err(none()), spreading: Err(none()), ..facts() };
        for what in ["ring of the card", "channels", "hashing"] {
            assert_eq!(of(&facts, what).0, Verdict::Unknown, "{what}");
        }
    }
}
