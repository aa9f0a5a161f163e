//! Listening through pnet: an interface has a thread that copies packets into batches, which one worker takes.

use super::{
    Clock, LiveError, Opener, Restrict, Source,
    interface::{Interface, Taken},
};
use crate::{
    engine::Worker,
    source::{Frame, LinkType, MAX_FRAME},
};
use pnet_datalink::{Channel, ChannelType, Config, DataLinkReceiver};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel},
    },
    thread,
    time::Duration,
};
use wardwatch_model::PacketTime;
use wardwatch_ring::Device;

/// Batches that wait for the worker, of all interfaces.
const QUEUE: usize = 64;

/// How long a packet waits for others to go to the worker with.
const LINGER: Duration = Duration::from_millis(20);

/// Bytes and frames of a full batch.
const BATCH_BYTES: usize = 256 * 1024;
const BATCH_FRAMES: usize = 1024;

/// Memory of the queue at the worst, bytes: a batch may end with the longest frame.
pub(super) const QUEUE_BYTES: u64 = (QUEUE * (BATCH_BYTES + MAX_FRAME as usize)) as u64;

/// How long to wait before an interface that failed is opened again.
const RETRY: Duration = Duration::from_secs(2);

/// The batches of all interfaces.
pub(super) struct Batches {
    batches: Receiver<(Arc<Interface>, Batch)>,
    stop: Arc<AtomicBool>,
}

/// Frames of one interface, in the order they came.
struct Batch {
    link: LinkType,
    bytes: Vec<u8>,
    /// When a frame came, and where it ends in `bytes`.
    frames: Vec<(PacketTime, usize)>,
}

/// Listens on interfaces, all of which are opened before one is read.
pub(super) fn open(
    interfaces: &[Arc<Interface>],
    clock: Clock,
    opener: &Opener,
    restrict: &Restrict,
) -> Result<Batches, LiveError> {
    let (sender, batches) = sync_channel(QUEUE);
    let stop = Arc::new(AtomicBool::new(false));
    let channels = interfaces.iter().map(|interface| {
        let receiver =
            opener.channel(interface.name(), false).map_err(|error| LiveError::io(interface.name(), error))?;
        let (sender, interface) = (sender.clone(), Arc::clone(interface));
        Ok(Listener { interface, receiver, sender, clock, opener: opener.clone() })
    });
    for listener in channels.collect::<Result<Vec<_>, LiveError>>()? {
        let (stop, name) = (Arc::clone(&stop), format!("capture-{}", listener.interface.name()));
        let (restrict, (restricted, is_restricted)) = (Arc::clone(restrict), channel());
        let run = move || {
            let result = restrict();
            if result.is_ok() & restricted.send(result).is_ok() {
                listener.run(&stop);
            }
        };
        thread::Builder::new().name(name).spawn(run).map_err(LiveError::Thread)?;
        is_restricted.recv().unwrap_or_else(|_| Err("a thread ended".to_owned())).map_err(LiveError::Restriction)?;
    }
    Ok(Batches { batches, stop })
}

impl Source for Batches {
    fn read(&mut self, patience: Duration, worker: &mut Worker) -> bool {
        let Ok((interface, batch)) = self.batches.recv_timeout(patience) else { return false };
        let passage = worker.frames(batch.frames());
        if let Some(share) = interface.share(0) {
            share.passed(batch.frames.len() as u64, &passage);
        }
        true
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

impl Batch {
    fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut start = 0;
        self.frames.iter().map(move |(at, end)| {
            let bytes = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            let wire_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            Frame { at: *at, bytes, wire_len, link: self.link, outer_vlan: None }
        })
    }
}

struct Listener {
    interface: Arc<Interface>,
    receiver: Box<dyn DataLinkReceiver>,
    sender: SyncSender<(Arc<Interface>, Batch)>,
    clock: Clock,
    opener: Opener,
}

impl Listener {
    /// Reads packets, until told to stop.
    fn run(mut self, stop: &AtomicBool) {
        let mut batch = self.empty();
        while !stop.load(Relaxed) {
            match self.receiver.next() {
                Ok(frame) => {
                    let at = (self.clock)();
                    batch.bytes.extend_from_slice(frame);
                    batch.frames.push((at, batch.bytes.len()));
                    self.interface.received(Taken { packets: 1, bytes: frame.len() as u64, last: at });
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
        Batch { link: self.interface.link(), bytes: Vec::new(), frames: Vec::new() }
    }

    /// Gives a batch to the worker, which never makes capture wait: what finds no room is counted.
    fn hand_over(&self, batch: Batch) -> Batch {
        if batch.frames.is_empty() {
            return batch;
        }
        let frames = batch.frames.len() as u64;
        if let Err(TrySendError::Full(_)) = self.sender.try_send((Arc::clone(&self.interface), batch)) {
            self.interface.queue.fetch_add(frames, Relaxed);
        }
        self.empty()
    }

    /// The interface failed, most often because it went down: says so and waits until it can be read again.
    fn reopen(&mut self, error: &io::Error, stop: &AtomicBool) {
        self.interface.note_up(false, || error.to_string());
        while !stop.load(Relaxed) {
            thread::sleep(RETRY);
            if let Ok(receiver) = self.opener.channel(self.interface.name(), true) {
                self.receiver = receiver;
                return self.interface.note_up(true, String::new);
            }
        }
    }
}

/// A channel that only receives: its sending half is dropped before a packet is read.
pub(super) fn open_channel(name: &str, must_be_up: bool) -> io::Result<Box<dyn DataLinkReceiver>> {
    // It opens while the interface is down, only to fail at once.
    if must_be_up && !Device::new(name)?.is_set_up()? {
        return Err(io::ErrorKind::NetworkDown.into());
    }
    let config = Config {
        read_buffer_size: MAX_FRAME as usize,
        read_timeout: Some(LINGER),
        channel_type: ChannelType::Layer2,
        promiscuous: true,
        ..Config::default()
    };
    let interfaces = pnet_datalink::interfaces();
    let interface = interfaces.iter().find(|interface| interface.name == name).ok_or(io::ErrorKind::NotFound)?;
    match pnet_datalink::channel(interface, config)? {
        Channel::Ethernet(_sender, receiver) => Ok(receiver),
        _ => Err(io::Error::other("no channel for frames")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_gives_back_its_frames_in_order() {
        let frames = vec![(PacketTime(1), 2), (PacketTime(2), 2), (PacketTime(3), 5)];
        let batch = Batch { link: LinkType::Ethernet, bytes: vec![1, 2, 3, 4, 5], frames };
        let mut seen = Vec::new();
        seen.extend(batch.frames().map(|frame| (frame.at.0, frame.bytes.to_vec())));
        assert_eq!(seen, [(1, vec![1, 2]), (2, vec![]), (3, vec![3, 4, 5])]);
    }
}
