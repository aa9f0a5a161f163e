//! The strip on every page that says whether we see at all: what is listened on, what was lost, and what cannot be known.

use super::shown::{Moment, ago, count};
use crate::{AgentView, View, reading::DROPS};
use wardwatch_model::{InterfaceHealth, PacketTime};

/// How well we see.
pub(super) struct Strip {
    /// `good`, `blind` or `partly`.
    pub(super) tone: &'static str,
    /// The same in words.
    pub(super) verdict: String,
    pub(super) interfaces: Vec<Listener>,
    /// When the latest report came; none came where it is none.
    pub(super) last_report: Option<String>,
    /// The latest packet.
    pub(super) latest: Option<Moment>,
    /// What was lost, by reason.
    pub(super) losses: Vec<String>,
    /// What interfaces sent that should only listen.
    pub(super) sent: Vec<String>,
    /// Losses that cannot be known, by interface.
    pub(super) unknown: Vec<String>,
}

/// An interface.
pub(super) struct Listener {
    pub(super) name: String,
    pub(super) is_up: bool,
    pub(super) packets: String,
}

impl Strip {
    pub(super) fn new(view: &View, now: PacketTime) -> Self {
        let interfaces = || view.agents.iter().flat_map(interfaces);
        let losses = losses(view);
        let sent: Vec<String> = interfaces().filter_map(|(name, state)| sent(&name, state)).collect();
        let unknown: Vec<String> = interfaces().filter_map(|(name, state)| unknown(name, state)).collect();
        let silent = interfaces().filter(|(_, state)| !state.is_up).count();
        let is_over = !view.agents.is_empty() && view.agents.iter().all(|agent| agent.is_finished);
        let (tone, verdict) = match interfaces().count() {
            _ if view.store.is_failing => {
                ("blind", "The store cannot be written: what is seen is not kept.".to_owned())
            }
            0 => ("blind", "No agent has reported: nothing is being seen.".to_owned()),
            _ if is_over => ("good", "The captures have been read to their end.".to_owned()),
            all if silent == all => ("blind", "No interface delivers packets: nothing is being seen.".to_owned()),
            all if silent > 0 => ("partly", format!("{silent} of {all} interfaces deliver no packets.")),
            _ if !sent.is_empty() => {
                ("partly", "Listening; an interface that should be silent sent something.".to_owned())
            }
            _ if !losses.is_empty() => ("partly", "Listening; some traffic was lost.".to_owned()),
            _ => ("good", "Listening; nothing was lost that we know of.".to_owned()),
        };
        Self {
            tone,
            verdict,
            interfaces: interfaces()
                .map(|(name, state)| Listener { name, is_up: state.is_up || is_over, packets: count(state.packets) })
                .collect(),
            last_report: view.agents.iter().map(|agent| agent.reported_at).max().map(|at| ago(now.since(at))),
            latest: view.latest.map(Moment::new),
            losses,
            sent,
            unknown,
        }
    }
}

/// By name, which says the agent too where there are several interfaces of that name.
fn interfaces(agent: &AgentView) -> impl Iterator<Item = (String, &InterfaceHealth)> {
    agent.health.interfaces.iter().map(|(name, state)| (name.clone(), state))
}

fn losses(view: &View) -> Vec<String> {
    let dropped = view.agents.iter().flat_map(interfaces).flat_map(|(name, state)| {
        let lost = state.dropped.iter().filter(|(_, lost)| **lost > 0);
        lost.map(move |(reason, lost)| format!("{} frames on {name} ({})", count(*lost), reason.replace('_', " ")))
    });
    let reasons = view.capture.losses.iter().filter(|(_, lost)| **lost > 0);
    let reasons = reasons.map(|(reason, lost)| format!("{} {}", count(*lost), reason.replace('_', " ")));
    let failures = view.capture.protocols.iter().filter(|(_, protocol)| protocol.parse_failures > 0);
    let failures = failures
        .map(|(name, protocol)| format!("{} {} parse failures", count(protocol.parse_failures), name.to_uppercase()));
    dropped.chain(reasons).chain(failures).collect()
}

/// An interface on a mirror port sends nothing: whatever it sent came from something else on this machine.
fn sent(name: &str, state: &InterfaceHealth) -> Option<String> {
    let frames = state.transmitted.filter(|frames| *frames > 0)?;
    Some(format!("{} frames on {name}, not by Wardwatch", count(frames)))
}

/// The reasons of which an interface can tell nothing.
fn unknown(name: String, state: &InterfaceHealth) -> Option<String> {
    let reasons: Vec<String> = DROPS
        .iter()
        .filter(|reason| !state.dropped.contains_key(**reason))
        .map(|reason| reason.replace('_', " "))
        .collect();
    (!reasons.is_empty()).then(|| format!("{name}: {}", reasons.join(", ")))
}
