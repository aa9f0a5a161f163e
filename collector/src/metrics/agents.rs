//! How agents are and what they lose.

use super::{
    About,
    family::Samples,
    fleet::{of, seconds},
    table,
};
use crate::{AgentView, View, reading::DROPS};
use wardwatch_model::{InterfaceHealth, TransmitRisk};

/// Loss reasons that are flow evictions, and the reason of those.
const FLOW_EVICTIONS: [(&str, &str); 2] = [("flows_evicted", "limit"), ("reassembly_evicted", "memory")];

/// Why a message cannot be parsed. Agents do not tell them apart yet.
const PARSE_FAILURE: &str = "other";

/// The families as they are, for `/metrics` of a process that is both agent and collector.
pub(super) fn own(samples: &mut Samples, view: &View, about: &About) {
    view.agents.iter().for_each(|agent| health(samples, agent));
    capture(samples, view, about);
}

/// The families with `agent` and `site` in front.
pub(super) fn relayed(samples: &mut Samples, view: &View, about: &About) {
    for agent in &view.agents {
        samples.in_front(&[("agent", &agent.agent), ("site", &view.site)]);
        health(samples, agent);
        samples.set(&table::AGENT_LAST_REPORT, &[], seconds(agent.reported_at));
    }
    // What was captured is known of all agents together only.
    if view.agents.len() == 1 {
        capture(samples, view, about);
    }
}

fn health(samples: &mut Samples, agent: &AgentView) {
    let health = &agent.health;
    samples.set(&table::AGENT_INFO, &[&health.version, std::env::consts::OS, &health.capture_method], 1.0);
    samples.add(&table::FLOWS, &[], health.flows as f64);
    samples.add(&table::FLOWS_LIMIT, &[], health.flows_limit as f64);
    health.interfaces.iter().for_each(|(name, state)| interface(samples, name, state));
}

fn interface(samples: &mut Samples, name: &str, state: &InterfaceHealth) {
    samples.set(&table::CAPTURE_UP, &[name], f64::from(u8::from(state.is_up)));
    samples.add(&table::PACKETS_RECEIVED, &[name], state.packets as f64);
    samples.add(&table::BYTES_RECEIVED, &[name], state.bytes as f64);
    if let Some(transmitted) = state.transmitted {
        samples.add(&table::PACKETS_TRANSMITTED, &[name], transmitted as f64);
    }
    if let Some(risks) = &state.may_transmit {
        for risk in TransmitRisk::ALL {
            samples.set(&table::MAY_TRANSMIT, &[name, risk.name()], f64::from(u8::from(risks.contains(risk))));
        }
    }
    for reason in DROPS {
        let is_known = state.dropped.contains_key(reason);
        samples.set(&table::DROPS_KNOWN, &[name, reason], f64::from(u8::from(is_known)));
    }
    for (reason, count) in &state.dropped {
        samples.add(&table::PACKETS_DROPPED, &[name, of(&DROPS, reason)], *count as f64);
    }
    if let Some(freezes) = state.freezes {
        samples.add(&table::CAPTURE_FREEZES, &[name], freezes as f64);
    }
    for (number, worker) in state.workers.iter().enumerate() {
        let number = number.to_string();
        samples.add(&table::WORKER_PACKETS_RECEIVED, &[name, &number], worker.packets as f64);
        if let Some(dropped) = worker.dropped {
            samples.add(&table::WORKER_PACKETS_DROPPED, &[name, &number], dropped as f64);
        }
        for (condition, count) in &worker.conditions {
            samples.add(&table::WORKER_CONDITIONS, &[name, &number, condition], *count as f64);
        }
    }
    if let Some(last) = state.last_packet {
        samples.set(&table::LAST_PACKET, &[name], seconds(last));
    }
}

fn capture(samples: &mut Samples, view: &View, about: &About) {
    for protocol in &about.protocols {
        samples.add(&table::MESSAGES, &[protocol], 0.0);
        samples.add(&table::PARSE_FAILURES, &[protocol, PARSE_FAILURE], 0.0);
    }
    for (protocol, seen) in &view.capture.protocols {
        samples.add(&table::MESSAGES, &[protocol], seen.messages as f64);
        samples.add(&table::PARSE_FAILURES, &[protocol, PARSE_FAILURE], seen.parse_failures as f64);
    }
    for reason in &about.loss_reasons {
        samples.add(&table::CAPTURE_LOSSES, &[reason], 0.0);
    }
    for (reason, count) in &view.capture.losses {
        samples.add(&table::CAPTURE_LOSSES, &[reason], *count as f64);
    }
    for condition in &about.conditions {
        samples.add(&table::CAPTURE_CONDITIONS, &[condition], 0.0);
    }
    for (condition, count) in &view.capture.conditions {
        samples.add(&table::CAPTURE_CONDITIONS, &[condition], *count as f64);
    }
    samples.add(&table::STREAM_BYTES, &[], view.capture.stream_bytes as f64);
    if let Some(ratio) = view.capture.estimated_loss() {
        samples.set(&table::CAPTURE_LOSS, &[], ratio);
    }
    let lost = |reason: &str| view.capture.losses.get(reason).copied().unwrap_or(0) as f64;
    samples.add(&table::STREAM_GAP_BYTES, &[], lost("stream_gap_bytes"));
    for (loss, reason) in FLOW_EVICTIONS {
        samples.add(&table::FLOW_EVICTIONS, &[reason], lost(loss));
    }
}
