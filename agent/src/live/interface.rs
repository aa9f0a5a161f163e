//! One interface: what it is and what is counted of it, for all who listen on it.

use super::LiveError;
use crate::{Passage, checkup::transmit_risks, source::LinkType};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};
use wardwatch_model::{InterfaceHealth, Name, PacketTime, TransmitRisk, WorkerHealth, config::Backend};

/// An interface.
pub(super) struct Interface {
    name: String,
    link: LinkType,
    is_loopback: bool,
    is_up: AtomicBool,
    packets: AtomicU64,
    bytes: AtomicU64,
    last_packet: AtomicU64,
    /// What each worker took of it.
    shares: Vec<Share>,
    /// How often it came to have none.
    pub(super) freezes: AtomicU64,
    /// Frames for which the queue to the worker had no room.
    pub(super) queue: AtomicU64,
    /// What the system had counted before.
    transmitted_before: Option<u64>,
    missed_before: Option<u64>,
    /// What was said last of why something might be sent on it.
    told: Mutex<Option<BTreeSet<TransmitRisk>>>,
}

/// What a worker took of an interface.
#[derive(Default)]
pub(super) struct Share {
    packets: AtomicU64,
    /// Frames for which the kernel had no room.
    kernel: AtomicU64,
    /// In the order of [`Passage::NAMES`].
    conditions: [AtomicU64; Passage::NAMES.len()],
}

impl Share {
    /// Counts what became of frames.
    pub(super) fn passed(&self, packets: u64, passage: &Passage) {
        self.packets.fetch_add(packets, Relaxed);
        for (sum, count) in self.conditions.iter().zip(passage.counts()).filter(|(_, count)| *count > 0) {
            sum.fetch_add(count, Relaxed);
        }
    }

    /// Counts frames for which the kernel had no room.
    pub(super) fn lost(&self, count: u64) {
        self.kernel.fetch_add(count, Relaxed);
    }

    fn health(&self, is_ring: bool) -> WorkerHealth {
        let named = |(name, count): (&&'static str, &AtomicU64)| (Name::new(name), count.load(Relaxed));
        WorkerHealth {
            packets: self.packets.load(Relaxed),
            dropped: is_ring.then(|| self.kernel.load(Relaxed)),
            conditions: Passage::NAMES.iter().zip(&self.conditions).map(named).collect(),
        }
    }
}

/// Frames that were taken together.
#[derive(Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) packets: u64,
    /// On the wire.
    pub(super) bytes: u64,
    /// When the last one came.
    pub(super) last: PacketTime,
}

impl Interface {
    /// The interface of a name, of which so many workers take a share.
    pub(super) fn find(name: &str, workers: usize) -> Result<Arc<Self>, LiveError> {
        let (link, is_loopback) = known_kind(name)?;
        Ok(Arc::new(Self {
            name: name.to_owned(),
            link,
            is_loopback,
            is_up: AtomicBool::new(true),
            packets: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            last_packet: AtomicU64::new(0),
            shares: (0..workers).map(|_| Share::default()).collect(),
            freezes: AtomicU64::new(0),
            queue: AtomicU64::new(0),
            transmitted_before: statistic(name, TRANSMITTED),
            missed_before: statistic(name, MISSED),
            told: Mutex::new(None),
        }))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The kind of its frames.
    pub(super) const fn link(&self) -> LinkType {
        self.link
    }

    /// Whether what it sends comes in again.
    pub(super) const fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Notes, and says once, that it delivers packets or does not.
    pub(super) fn note_up(&self, is_up: bool, why: impl FnOnce() -> String) {
        match (self.is_up.swap(is_up, Relaxed), is_up) {
            (true, false) => tracing::warn!(interface = self.name, error = why(), "capture stopped; trying again"),
            (false, true) => tracing::info!(interface = self.name, "capture goes on"),
            _ => {}
        }
    }

    /// Why this machine might send something on it, which is said where it is new. A loop has no other end.
    fn risks(&self) -> Option<BTreeSet<TransmitRisk>> {
        let risks = transmit_risks(&self.name).filter(|_| !self.is_loopback)?;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !risks.is_empty() && told.as_ref() != Some(&risks) {
            let reasons: Vec<&str> = risks.iter().map(|risk| risk.name()).collect();
            tracing::warn!(
                interface = self.name,
                reasons = reasons.join(", "),
                "frames could be sent by this machine on an interface that is listened on; `wardwatch doctor --interface {}` \
                 says what to type",
                self.name
            );
        }
        *told = Some(risks.clone());
        Some(risks)
    }

    /// What a worker took of it.
    pub(super) fn share(&self, worker: usize) -> Option<&Share> {
        self.shares.get(worker)
    }

    /// Counts frames that were received.
    pub(super) fn received(&self, taken: Taken) {
        self.packets.fetch_add(taken.packets, Relaxed);
        self.bytes.fetch_add(taken.bytes, Relaxed);
        self.last_packet.fetch_max(taken.last.0, Relaxed);
    }

    /// How it is.
    pub(super) fn health(&self, backend: Backend) -> InterfaceHealth {
        let since = |what, before: Option<u64>| Some(statistic(&self.name, what)?.saturating_sub(before?));
        let is_ring = backend == Backend::Ring;
        let dropped = [
            ("kernel", is_ring.then(|| self.shares.iter().map(|share| share.kernel.load(Relaxed)).sum())),
            ("interface", since(MISSED, self.missed_before)),
            ("queue", Some(self.queue.load(Relaxed))),
            // This agent limits no rate, and gives up no frame for want of memory.
            ("rate_limit", Some(0)),
            ("memory", Some(0)),
        ];
        let known = |(reason, count): (&'static str, Option<u64>)| Some((Name::new(reason), count?));
        InterfaceHealth {
            is_up: self.is_up.load(Relaxed),
            packets: self.packets.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            dropped: dropped.into_iter().filter_map(known).collect::<BTreeMap<_, _>>(),
            freezes: is_ring.then(|| self.freezes.load(Relaxed)),
            last_packet: Some(PacketTime(self.last_packet.load(Relaxed))).filter(|at| at.0 > 0),
            transmitted: since(TRANSMITTED, self.transmitted_before),
            may_transmit: self.risks(),
            workers: self.shares.iter().map(|share| share.health(is_ring)).collect(),
        }
    }
}

/// Frames that an interface sent since it is there, whoever sent them.
const TRANSMITTED: &str = "tx_packets";
/// Frames that it had no buffers for.
const MISSED: &str = "rx_missed_errors";

/// What the system counts of an interface; `None` where it does not tell.
fn statistic(name: &str, what: &str) -> Option<u64> {
    fs::read_to_string(format!("/sys/class/net/{name}/statistics/{what}")).ok()?.trim().parse().ok()
}

/// The kind of link of an interface, which must be there, and whether it is a loop.
pub(super) fn known_kind(name: &str) -> Result<(LinkType, bool), LiveError> {
    let known: Vec<String> = pnet_datalink::interfaces().into_iter().map(|interface| interface.name).collect();
    if !known.iter().any(|known| known == name) {
        return Err(LiveError::NotFound { name: name.to_owned(), known });
    }
    kind(name)
}

/// The kind of link of an interface, from the kernel's ARPHRD number (linux/if_arp.h), and whether it is a loop.
fn kind(name: &str) -> Result<(LinkType, bool), LiveError> {
    const ETHER: u32 = 1;
    const LOOPBACK: u32 = 772;
    const NONE: u32 = 0xfffe;
    let text = fs::read_to_string(format!("/sys/class/net/{name}/type")).map_err(|error| LiveError::io(name, error))?;
    match text.trim().parse() {
        Ok(ETHER) => Ok((LinkType::Ethernet, false)),
        Ok(LOOPBACK) => Ok((LinkType::Ethernet, true)),
        Ok(NONE) => Ok((LinkType::Raw, false)),
        Ok(link_type) => Err(LiveError::LinkType { name: name.to_owned(), link_type }),
        Err(_) => Err(LiveError::LinkType { name: name.to_owned(), link_type: 0 }),
    }
}
