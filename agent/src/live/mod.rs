//! Packets from network interfaces, and the workers that take them.
//!
//! A [`Live`] listens by rings that are shared with the kernel ([`wardwatch_ring`]): a worker takes packets out of them where
//! they lie, sleeps when there are none, and knows what was lost. Where there can be no rings, or when told so, it listens
//! through pnet, which works in more places, for a few hundred thousand packets a second, and has two limits that are told and
//! not hidden: how many packets the kernel dropped is not known, and the outermost VLAN tag is not seen.
//!
//! Nothing is ever sent.

mod crew;
mod error;
mod interface;
mod opener;
mod pnet;
mod rings;

pub use error::LiveError;
pub use opener::Opener;

use crate::{
    Limits, SHARDS,
    engine::{Part, Worker},
};
use crew::Crew;
use interface::Interface;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
    time::Duration,
};
use wardwatch_model::{InterfaceHealth, Name, PacketTime, config::Backend};
use wardwatch_ring::{RingError, Settings};

/// Reads the wall clock, which stands in for the time of a packet where the kernel gives none.
pub type Clock = fn() -> PacketTime;

/// Gives up what a thread does not need, on the thread that calls it. An error, where it must be restricted and cannot be.
pub type Restrict = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Threads of a process that restricts none.
pub fn unrestricted() -> Restrict {
    Arc::new(|| Ok(()))
}

/// How to listen.
#[derive(Clone, Copy)]
pub struct Listening<'a> {
    /// Names of interfaces.
    pub interfaces: &'a [String],
    /// By which means.
    pub backend: Backend,
    /// Worker threads; 0: one for each processor.
    pub workers: usize,
    /// Memory of the rings of one interface together, bytes.
    pub ring_bytes: usize,
    /// What may be kept, by all workers together.
    pub limits: Limits,
    /// Who opens sockets.
    pub opener: &'a Opener,
    /// What threads that read packets give up first.
    pub restrict: &'a Restrict,
}

/// Where packets come from.
trait Source: Send + 'static {
    /// Gives a worker the packets that are there; where there are none, waits for some at most so long. Answers whether there
    /// were any.
    fn read(&mut self, patience: Duration, worker: &mut Worker) -> bool;

    /// Brings up to date what is counted.
    fn count(&mut self) {}
}

/// Interfaces that are listened on, with the workers that do.
pub struct Live {
    interfaces: Vec<Arc<Interface>>,
    backend: Backend,
    crew: Crew,
    memory: u64,
}

impl Live {
    /// Listens on interfaces.
    ///
    /// # Errors
    ///
    /// When one of them is not there, is of a kind that cannot be read, or may not be listened on.
    pub fn open(listening: &Listening<'_>, clock: Clock) -> Result<Self, LiveError> {
        // One that is named twice would be counted twice.
        let names: BTreeSet<&String> = listening.interfaces.iter().collect();
        let workers = workers(listening.workers);
        let find = |workers| names.iter().map(|name| Interface::find(name, workers)).collect::<Result<Vec<_>, _>>();
        let interfaces = find(workers)?;
        let settings = Settings { bytes: listening.ring_bytes, rings: workers, outgoing: true };
        if listening.backend == Backend::Ring {
            // All of them are opened before one is read, so that an error leaves nothing running.
            match rings::open(&interfaces, &settings, listening.opener) {
                Ok(sources) => {
                    let crew = Crew::start(sources, &listening.limits, listening.restrict)?;
                    let rings = settings.memory() as u64 * interfaces.len() as u64;
                    let memory = crew.worst_case_bytes().saturating_add(rings);
                    return Ok(Self { interfaces, backend: Backend::Ring, crew, memory });
                }
                Err(error) if error.is_about_rights() => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "no ring: listening through pnet, which cannot tell what it loses")
                }
            }
        }
        // One worker takes all of them.
        let interfaces = find(1)?;
        let source = pnet::open(&interfaces, clock, listening.opener, listening.restrict)?;
        let crew = Crew::start(vec![source], &listening.limits, listening.restrict)?;
        let memory = crew.worst_case_bytes().saturating_add(pnet::QUEUE_BYTES);
        Ok(Self { interfaces, backend: Backend::Pnet, crew, memory })
    }

    /// By which means it listens: `ring` or `pnet`.
    pub fn method(&self) -> Name {
        Name::new(match self.backend {
            Backend::Ring => "ring",
            Backend::Pnet => "pnet",
        })
    }

    /// Memory that listening and the workers may take at the worst, bytes.
    pub const fn worst_case_bytes(&self) -> u64 {
        self.memory
    }

    /// What is over since the last cut, and everything that goes on, of all workers.
    pub fn cut(&mut self) -> Vec<Part> {
        self.crew.cut()
    }

    /// Ends every flow: what is over since the last cut. What the rings hold is read before.
    pub fn finish(&mut self) -> Vec<Part> {
        self.crew.finish()
    }

    /// How the interfaces are, as of the last cut.
    pub fn health(&self) -> BTreeMap<String, InterfaceHealth> {
        let health = |interface: &Arc<Interface>| (interface.name().to_owned(), interface.health(self.backend));
        self.interfaces.iter().map(health).collect()
    }
}

/// Whether an interface is a loop.
pub(crate) fn is_loopback(name: &str) -> Result<bool, LiveError> {
    interface::known_kind(name).map(|(_, is_loopback)| is_loopback)
}

/// Why there is no ring, and what to do.
pub(crate) fn ring_error(name: &str, error: RingError) -> LiveError {
    LiveError::ring(name, error)
}

/// One for each processor, unless told.
fn workers(wanted: usize) -> usize {
    match wanted {
        0 => thread::available_parallelism().map_or(1, usize::from).min(SHARDS),
        workers => workers.min(SHARDS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_not_there_is_told_with_those_that_are() {
        for backend in [Backend::Ring, Backend::Pnet] {
            let interfaces = ["wardwatch-none".to_owned()];
            let limits = Limits::default();
            let (restrict, opener) = (unrestricted(), Opener::start(unrestricted()).unwrap());
            let (opener, restrict) = (&opener, &restrict);
            let listening = Listening {
                interfaces: &interfaces,
                backend,
                workers: 1,
                ring_bytes: 1 << 20,
                limits,
                opener,
                restrict,
            };
            let error = Live::open(&listening, || PacketTime(1)).err().unwrap().to_string();
            assert!(error.starts_with("interface wardwatch-none: not found; there are: "), "{error}");
            assert!(error.contains("lo"), "{error}");
        }
    }
}
