//! What pages and metrics read off a device, said once so that both say the same.

use wardwatch_model::{
    DeviceText, PacketTime, Spot,
    analysis::{Device, Severity, Stage},
};

const DAY: u64 = 86_400_000_000_000;

/// Severities, the worst first.
pub(crate) const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// Life-cycle stages, the worst first.
pub(crate) const STAGES: [Stage; 5] =
    [Stage::EndOfSupport, Stage::LimitedSupport, Stage::EolAnnounced, Stage::Supported, Stage::Unknown];

/// Whether a device still speaks, as of the latest packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Activity {
    /// Within a day.
    Active,
    /// Within 30 days.
    Idle,
    /// Not for 30 days.
    Retired,
}

impl Activity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Retired => "retired",
        }
    }
}

/// How surely a device is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sureness {
    High,
    Medium,
    Low,
    None,
}

impl Sureness {
    pub(crate) const ALL: [Self; 4] = [Self::High, Self::Medium, Self::Low, Self::None];

    /// From 0.8 on high, from 0.5 on medium, above 0 low.
    pub(crate) fn of(ratio: f64) -> Self {
        match ratio {
            ratio if ratio >= 0.8 => Self::High,
            ratio if ratio >= 0.5 => Self::Medium,
            ratio if ratio > 0.0 => Self::Low,
            _ => Self::None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
        }
    }
}

/// Places on the way where an agent may lose a frame before it is read.
pub(crate) const DROPS: [&str; 5] = ["kernel", "interface", "queue", "rate_limit", "memory"];

/// Earliest and latest sight of a device: of its addresses, or, for one that only others speak of, of what they said.
pub(crate) fn window(device: &Device) -> Option<(PacketTime, PacketTime)> {
    let addresses = device.addresses.iter().map(|address| (address.first_seen, address.last_seen));
    // A file tells when it knew something, not that the device spoke.
    let heard = device.evidence.iter().filter(|evidence| evidence.source.import_kind().is_none());
    let evidence = heard.map(|evidence| (evidence.first_seen, evidence.last_seen));
    addresses.chain(evidence).reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))
}

/// A device that was never dated counts as retired: nothing speaks for its being there.
pub(crate) fn activity(device: &Device, latest: Option<PacketTime>) -> Activity {
    let silence = window(device).zip(latest).map(|((_, last), latest)| latest.since(last));
    match silence {
        Some(silence) if silence <= DAY => Activity::Active,
        Some(silence) if silence <= 30 * DAY => Activity::Idle,
        _ => Activity::Retired,
    }
}

/// The site of a device, as the most exact entry of a file has it that names one.
pub(crate) fn site(device: &Device) -> Option<&DeviceText> {
    device.locations.iter().find_map(|place| place.spot.site.as_ref())
}

/// Where a device is, in words: the switch and port or the access point of the most exact entry, then segment, site and VLAN.
pub(crate) fn place(spot: &Spot) -> Vec<String> {
    let port = match (&spot.switch, &spot.port) {
        (Some(switch), Some(port)) => Some(format!("{switch} {port}")),
        (one, other) => one.as_ref().or(other.as_ref()).map(ToString::to_string),
    };
    let rest = [&spot.access_point, &spot.segment, &spot.site].into_iter().flatten().map(ToString::to_string);
    port.into_iter().chain(rest).chain(spot.vlan.map(|vlan| format!("VLAN {vlan}"))).collect()
}

/// How old something is.
pub(crate) fn age(days: Option<u64>) -> String {
    match days {
        None => String::new(),
        Some(0) => "today".to_owned(),
        Some(1) => "1 day old".to_owned(),
        Some(days) => format!("{days} days old"),
    }
}

/// The confidence in the model; where no model is known, half of that in maker or class, since these alone do not say
/// which device it is.
pub(crate) fn identification(device: &Device) -> f64 {
    let claimed = device.confidence;
    let others = claimed.manufacturer.into_iter().chain(claimed.class).fold(0.0, f64::max);
    claimed.model.unwrap_or(others / 2.0).clamp(0.0, 1.0)
}

/// The support status that a life-cycle stage means.
pub(crate) const fn support(stage: Stage) -> &'static str {
    match stage {
        Stage::Supported => "supported",
        Stage::EolAnnounced | Stage::LimitedSupport => "ending",
        Stage::EndOfSupport => "ended",
        Stage::Unknown => "unknown",
    }
}

/// What to call a device: its maker and model, its name, its address; its id where nothing is known.
pub(crate) fn title(device: &Device) -> String {
    let model = [device.manufacturer.as_deref(), device.model.as_deref()];
    let made = model.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = || device.device_name.as_deref().or_else(|| device.hostnames.first().map(|name| name.as_str()));
    let address = || device.addresses.first().map(|address| address.ip.to_string());
    match (device.model.is_some(), name()) {
        (true, _) => made,
        (false, Some(name)) => name.to_owned(),
        (false, None) if !made.is_empty() => made,
        (false, None) => address().unwrap_or_else(|| device.id.clone()),
    }
}
