//! Packets from network interfaces, through pnet: the portable way to capture, for a few hundred thousand packets a
//! second. It sees what the kernel hands to a packet socket, which has two limits that are told and not hidden:
//!
//! - How many packets the kernel dropped cannot be known this way, so no number is given.
//! - The kernel takes the outermost VLAN tag off before the packet comes here, so it is not seen.
//!
//! Nothing is ever sent: the sending half of each channel is dropped before the first packet is read.

mod error;
mod interface;

pub use error::LiveError;

use crate::source::{Frame, LinkType};
use interface::Interface;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};
use wardwatch_model::{InterfaceHealth, Name, PacketTime};

/// Reads the wall clock, which stands in for the time of a packet: a packet socket read this way gives none.
pub type Clock = fn() -> PacketTime;

/// Batches that wait for the engine, of all interfaces.
const QUEUE: usize = 64;

/// Interfaces that are listened on.
pub struct Live {
    batches: Receiver<Batch>,
    interfaces: BTreeMap<String, Arc<Counters>>,
    stop: Arc<AtomicBool>,
}

/// Frames of one interface, in the order they came.
pub struct Batch {
    link: LinkType,
    bytes: Vec<u8>,
    /// When a frame came, and where it ends in `bytes`.
    frames: Vec<(PacketTime, usize)>,
}

impl Batch {
    /// The frames.
    pub fn iter(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut start = 0;
        self.frames.iter().filter_map(move |(at, end)| {
            let bytes = self.bytes.get(start..*end)?;
            start = *end;
            let wire_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            Some(Frame { at: *at, bytes, wire_len, link: self.link, outer_vlan: None })
        })
    }
}

/// What an interface counts.
#[derive(Default)]
struct Counters {
    is_up: AtomicBool,
    packets: AtomicU64,
    bytes: AtomicU64,
    /// Frames for which the queue to the engine had no room.
    queue: AtomicU64,
    last_packet: AtomicU64,
    /// Frames the interface had sent before.
    transmitted_before: Option<u64>,
}

impl Live {
    /// Listens on interfaces.
    ///
    /// # Errors
    ///
    /// When one of them is not there, is of a kind that cannot be read, or may not be listened on.
    pub fn open(names: &[String], clock: Clock) -> Result<Self, LiveError> {
        let (sender, batches) = sync_channel(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let mut interfaces = BTreeMap::new();
        // One that is named twice would be counted twice.
        let names: BTreeSet<&String> = names.iter().collect();
        // All of them are opened before one is read, so that an error leaves nothing running.
        let opened = names.into_iter().map(|name| Interface::open(name)).collect::<Result<Vec<_>, _>>()?;
        for interface in opened {
            let before = interface::transmitted(interface.name());
            let counters = Arc::new(Counters { transmitted_before: before, ..Counters::default() });
            interfaces.insert(interface.name().to_owned(), Arc::clone(&counters));
            interface.listen(sender.clone(), counters, Arc::clone(&stop), clock)?;
        }
        Ok(Self { batches, interfaces, stop })
    }

    /// The next frames; none within the time given.
    pub fn next(&self, timeout: Duration) -> Option<Batch> {
        self.batches.recv_timeout(timeout).ok()
    }

    /// How the interfaces are.
    pub fn health(&self) -> BTreeMap<String, InterfaceHealth> {
        let health = |name: &str, counters: &Counters| InterfaceHealth {
            is_up: counters.is_up.load(Relaxed),
            packets: counters.packets.load(Relaxed),
            bytes: counters.bytes.load(Relaxed),
            dropped: [(Name::new("queue"), counters.queue.load(Relaxed))].into(),
            last_packet: Some(PacketTime(counters.last_packet.load(Relaxed))).filter(|at| at.0 > 0),
            transmitted: counters
                .transmitted_before
                .and_then(|before| Some(interface::transmitted(name)?.saturating_sub(before))),
        };
        self.interfaces.iter().map(|(name, counters)| (name.clone(), health(name, counters))).collect()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> PacketTime {
        PacketTime(1)
    }

    #[test]
    fn an_interface_that_is_not_there_is_told_with_those_that_are() {
        let error = Live::open(&["wardwatch-none".to_owned()], clock).err().unwrap().to_string();
        assert!(error.starts_with("interface wardwatch-none: not found; there are: "), "{error}");
        assert!(error.contains("lo"), "{error}");
    }

    #[test]
    fn a_batch_gives_back_its_frames_in_order() {
        let frames = vec![(PacketTime(1), 2), (PacketTime(2), 2), (PacketTime(3), 5)];
        let batch = Batch { link: LinkType::Ethernet, bytes: vec![1, 2, 3, 4, 5], frames };
        let seen: Vec<(u64, &[u8])> = batch.iter().map(|frame| (frame.at.0, frame.bytes)).collect();
        assert_eq!(seen, [(1, &[1, 2][..]), (2, &[]), (3, &[3, 4, 5])]);
    }
}
