//! Listening by rings: each worker has one of each interface, and the kernel shares out the flows among them.

use super::{
    LiveError, Opener, Source,
    interface::{Interface, Taken},
};
use crate::{Passage, engine::Worker, source::Frame};
use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};
use wardwatch_model::PacketTime;
use wardwatch_ring::{Block, Losses, Packet, Ring, Settings, wait};

/// Blocks that are read of an interface before it is the next one's turn.
const TURN: usize = 16;

/// What each worker listens on.
pub(super) fn open(
    interfaces: &[Arc<Interface>],
    settings: &Settings,
    opener: &Opener,
) -> Result<Vec<Rings>, LiveError> {
    let mut sources: Vec<Rings> = (0..settings.rings).map(|_| Rings(Vec::new())).collect();
    for interface in interfaces {
        // What a loop sends comes in again.
        let settings = Settings { outgoing: !interface.is_loopback(), ..*settings };
        let rings =
            opener.rings(interface.name(), settings).map_err(|error| LiveError::ring(interface.name(), error))?;
        let group = Arc::new(Group { settings, opener: opener.clone(), spare: Mutex::new(Vec::new()) });
        for (number, (ring, source)) in rings.into_iter().zip(&mut sources).enumerate() {
            let (interface, group) = (Arc::clone(interface), Arc::clone(&group));
            source.0.push(Listener { interface, group, number, ring, told: Losses::default(), is_down: false });
        }
    }
    Ok(sources)
}

/// The rings of one interface.
struct Group {
    settings: Settings,
    opener: Opener,
    /// Those that were opened anew and that their workers have not taken yet, by the workers' numbers.
    spare: Mutex<Vec<Option<Ring>>>,
}

impl Group {
    /// A new ring in place of one whose interface is gone: they must all be opened by the same worker to share out flows.
    fn renewed(&self, name: &str, number: usize) -> Option<Ring> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if !spare.get(number).is_some_and(Option::is_some) {
            *spare = self.opener.rings(name, self.settings).ok()?.into_iter().map(Some).collect();
        }
        spare.get_mut(number)?.take()
    }
}

/// What a worker listens on.
pub(super) struct Rings(Vec<Listener>);

impl Source for Rings {
    fn read(&mut self, patience: Duration, worker: &mut Worker) -> bool {
        let mut any = self.turn(worker);
        if !any && !patience.is_zero() {
            if wait(self.0.iter().map(|listener| &listener.ring), patience).is_err() {
                // It cannot be waited for, but it must not take all of the processor either.
                thread::sleep(patience);
            }
            self.0.iter_mut().for_each(Listener::look);
            any = self.turn(worker);
        }
        any
    }

    fn count(&mut self) {
        for listener in &mut self.0 {
            // Where another interface never rests, this is when one that is down is looked at.
            listener.look();
            listener.count();
        }
    }
}

impl Rings {
    /// Reads some blocks of each ring that has any.
    fn turn(&mut self, worker: &mut Worker) -> bool {
        let mut any = false;
        for listener in &mut self.0 {
            for _ in 0..TURN {
                let Some(block) = listener.ring.next_block() else { break };
                any = true;
                let (taken, passage, left) = hand_on(&block, &listener.interface, worker);
                listener.interface.received(taken);
                if let Some(share) = listener.interface.share(listener.number) {
                    share.passed(taken.packets, &passage);
                    share.lost(left);
                }
            }
        }
        any
    }
}

/// Hands on the packets of a block; tells how much that was, what became of it, and how many packets it announced that are not
/// in it: never seen.
fn hand_on(block: &Block<'_>, interface: &Interface, worker: &mut Worker) -> (Taken, Passage, u64) {
    let mut taken = Taken::default();
    let mut packets = block.packets();
    let passage = worker.frames(packets.by_ref().map(|Packet { nanos, bytes, wire_len, vlan, .. }| {
        let at = PacketTime(nanos);
        let frame = Frame { at, bytes, wire_len, link: interface.link(), outer_vlan: vlan.map(|tag| tag.tci & 0xfff) };
        taken.packets += 1;
        taken.bytes += u64::from(frame.whole_wire_len());
        taken.last = taken.last.max(at);
        frame
    }));
    (taken, passage, packets.left().into())
}

/// A ring of an interface.
struct Listener {
    interface: Arc<Interface>,
    group: Arc<Group>,
    /// Of the worker.
    number: usize,
    ring: Ring,
    /// What was counted already of what the ring lost.
    told: Losses,
    is_down: bool,
}

impl Listener {
    /// Looks whether the interface went down or came up.
    fn look(&mut self) {
        if let Some(error) = self.ring.take_error() {
            self.is_down = true;
            self.interface.note_up(false, || error.to_string());
        }
        if !self.is_down || !self.ring.is_set_up(self.interface.name()) {
            return;
        }
        // The ring of an interface that is back goes on; another one of the same name needs a new ring.
        if !self.ring.is_attached() {
            self.count();
            let Some(ring) = self.group.renewed(self.interface.name(), self.number) else { return };
            self.ring = ring;
            self.told = Losses::default();
        }
        self.is_down = false;
        self.interface.note_up(true, String::new);
    }

    /// Counts what the ring lost since it was asked for the last time.
    fn count(&mut self) {
        if let Ok(losses) = self.ring.losses() {
            if let Some(share) = self.interface.share(self.number) {
                share.lost(losses.dropped - self.told.dropped);
            }
            self.interface.freezes.fetch_add(losses.freezes - self.told.freezes, Relaxed);
            self.told = losses;
        }
    }
}
