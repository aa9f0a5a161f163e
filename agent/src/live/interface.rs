//! One interface: a thread that reads packets into batches.

use super::{Batch, Clock, Counters, LiveError};
use crate::source::{LinkType, MAX_FRAME};
use pnet_datalink::{Channel, ChannelType, Config, DataLinkReceiver, NetworkInterface};
use std::{
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

/// How long a packet waits for others to go to the engine with.
const LINGER: Duration = Duration::from_millis(20);

/// Bytes and frames of a full batch.
const BATCH_BYTES: usize = 256 * 1024;
const BATCH_FRAMES: usize = 1024;

/// How long to wait before an interface that failed is opened again.
const RETRY: Duration = Duration::from_secs(2);

/// An interface, open.
pub(super) struct Interface {
    interface: NetworkInterface,
    link: LinkType,
    receiver: Box<dyn DataLinkReceiver>,
}

impl Interface {
    pub(super) fn open(name: &str) -> Result<Self, LiveError> {
        let interfaces = pnet_datalink::interfaces();
        let known = || interfaces.iter().map(|interface| interface.name.clone()).collect();
        let interface = interfaces
            .iter()
            .find(|interface| interface.name == name)
            .ok_or_else(|| LiveError::NotFound { name: name.to_owned(), known: known() })?
            .clone();
        let link = link_type(name)?;
        let receiver = channel(&interface).map_err(|error| LiveError::io(name, error))?;
        Ok(Self { interface, link, receiver })
    }

    pub(super) fn name(&self) -> &str {
        &self.interface.name
    }

    /// Reads packets on a thread of their own, until told to stop.
    pub(super) fn listen(
        self,
        sender: SyncSender<Batch>,
        counters: Arc<Counters>,
        stop: Arc<AtomicBool>,
        clock: Clock,
    ) -> Result<(), LiveError> {
        let name = self.interface.name.clone();
        counters.is_up.store(true, Relaxed);
        let run = move || Listener { interface: self, sender, counters, clock }.run(&stop);
        let thread = thread::Builder::new().name(format!("capture-{name}"));
        thread.spawn(run).map_err(|error| LiveError::io(&name, error))?;
        Ok(())
    }
}

struct Listener {
    interface: Interface,
    sender: SyncSender<Batch>,
    counters: Arc<Counters>,
    clock: Clock,
}

impl Listener {
    fn run(mut self, stop: &AtomicBool) {
        let mut batch = self.empty();
        while !stop.load(Relaxed) {
            match self.interface.receiver.next() {
                Ok(frame) => {
                    let at = (self.clock)();
                    batch.bytes.extend_from_slice(frame);
                    batch.frames.push((at, batch.bytes.len()));
                    self.counters.packets.fetch_add(1, Relaxed);
                    self.counters.bytes.fetch_add(frame.len() as u64, Relaxed);
                    self.counters.last_packet.store(at.0, Relaxed);
                    let first = batch.frames.first().map_or(at, |(first, _)| *first);
                    let waited = Duration::from_nanos(at.since(first));
                    if batch.bytes.len() >= BATCH_BYTES || batch.frames.len() >= BATCH_FRAMES || waited >= LINGER {
                        batch = self.hand_over(batch);
                    }
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    batch = self.hand_over(batch);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    batch = self.hand_over(batch);
                    self.reopen(&error, stop);
                }
            }
        }
    }

    fn empty(&self) -> Batch {
        Batch { link: self.interface.link, bytes: Vec::new(), frames: Vec::new() }
    }

    /// Gives a batch to the engine, which never makes capture wait: what finds no room is counted.
    fn hand_over(&self, batch: Batch) -> Batch {
        if batch.frames.is_empty() {
            return batch;
        }
        let frames = batch.frames.len() as u64;
        if let Err(TrySendError::Full(_)) = self.sender.try_send(batch) {
            self.counters.queue.fetch_add(frames, Relaxed);
        }
        self.empty()
    }

    /// The interface failed, most often because it went down: says so and waits until it can be read again.
    fn reopen(&mut self, error: &io::Error, stop: &AtomicBool) {
        self.counters.is_up.store(false, Relaxed);
        tracing::warn!(interface = self.interface.name(), %error, "capture stopped; trying again");
        while !stop.load(Relaxed) {
            thread::sleep(RETRY);
            // It opens while it is down, only to fail at once.
            if let Ok(interface) = Interface::open(self.interface.name())
                && interface.interface.is_up()
            {
                self.interface = interface;
                self.counters.is_up.store(true, Relaxed);
                tracing::info!(interface = self.interface.name(), "capture goes on");
                return;
            }
        }
    }
}

fn channel(interface: &NetworkInterface) -> io::Result<Box<dyn DataLinkReceiver>> {
    let config = Config {
        read_buffer_size: MAX_FRAME as usize,
        read_timeout: Some(LINGER),
        channel_type: ChannelType::Layer2,
        promiscuous: true,
        ..Config::default()
    };
    match pnet_datalink::channel(interface, config)? {
        Channel::Ethernet(_sender, receiver) => Ok(receiver),
        _ => Err(io::Error::other("no channel for frames")),
    }
}

/// Frames that an interface sent since it is there, whoever sent them; `None` where the system does not tell.
pub(super) fn transmitted(name: &str) -> Option<u64> {
    fs::read_to_string(format!("/sys/class/net/{name}/statistics/tx_packets")).ok()?.trim().parse().ok()
}

/// The kind of link of an interface, from the kernel's ARPHRD number (linux/if_arp.h).
fn link_type(name: &str) -> Result<LinkType, LiveError> {
    const ETHER: u32 = 1;
    const LOOPBACK: u32 = 772;
    const NONE: u32 = 0xfffe;
    let text = fs::read_to_string(format!("/sys/class/net/{name}/type")).map_err(|error| LiveError::io(name, error))?;
    match text.trim().parse() {
        Ok(ETHER | LOOPBACK) => Ok(LinkType::Ethernet),
        Ok(NONE) => Ok(LinkType::Raw),
        Ok(link_type) => Err(LiveError::LinkType { name: name.to_owned(), link_type }),
        Err(_) => Err(LiveError::LinkType { name: name.to_owned(), link_type: 0 }),
    }
}
