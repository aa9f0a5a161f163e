//! The thread that opens packet sockets, the only one with the right to: an interface that went away and came again needs new
//! ones, however long the process has given up that right. It does nothing else.

use super::{LiveError, Restrict, pnet};
use pnet_datalink::DataLinkReceiver;
use std::{
    io,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};
use wardwatch_ring::{Ring, RingError, Settings};

/// Asks that thread. Clones ask the same one; when none is left, it ends.
#[derive(Clone)]
pub struct Opener {
    requests: Sender<Request>,
}

/// What it can be asked for, and where the answer goes.
enum Request {
    Rings(String, Settings, Sender<Result<Vec<Ring>, RingError>>),
    Channel(String, bool, Sender<io::Result<Box<dyn DataLinkReceiver>>>),
}

impl Opener {
    /// Starts the thread with the rights of this one, and has it give up what it does not need.
    ///
    /// # Errors
    ///
    /// When the system has no thread, or it cannot be restricted as it must be.
    pub fn start(restrict: Restrict) -> Result<Self, LiveError> {
        let (requests, received) = channel();
        let (restricted, answer) = channel();
        let run = move || {
            let result = restrict();
            let is_restricted = result.is_ok();
            // Whoever starts it waits for that.
            let _ = restricted.send(result);
            if is_restricted {
                serve(&received);
            }
        };
        thread::Builder::new().name("opener".to_owned()).spawn(run).map_err(LiveError::Thread)?;
        answer.recv().unwrap_or_else(|_| Err("the thread ended".to_owned())).map_err(LiveError::Restriction)?;
        Ok(Self { requests })
    }

    /// Opens the rings of an interface.
    pub(super) fn rings(&self, name: &str, settings: Settings) -> Result<Vec<Ring>, RingError> {
        self.ask(|answer| Request::Rings(name.to_owned(), settings, answer)).unwrap_or_else(|| {
            Err(RingError { step: "ask the thread that opens rings", error: io::ErrorKind::BrokenPipe.into() })
        })
    }

    /// Opens a channel of pnet; of an interface that is down, only where that does not matter.
    pub(super) fn channel(&self, name: &str, must_be_up: bool) -> io::Result<Box<dyn DataLinkReceiver>> {
        self.ask(|answer| Request::Channel(name.to_owned(), must_be_up, answer))
            .unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn ask<T>(&self, request: impl FnOnce(Sender<T>) -> Request) -> Option<T> {
        let (answer, answered) = channel();
        self.requests.send(request(answer)).ok()?;
        answered.recv().ok()
    }
}

fn serve(requests: &Receiver<Request>) {
    for request in requests {
        // Whoever asked may be gone by now.
        match request {
            Request::Rings(name, settings, answer) => drop(answer.send(Ring::open(&name, &settings))),
            Request::Channel(name, must_be_up, answer) => drop(answer.send(pnet::open_channel(&name, must_be_up))),
        }
    }
}
