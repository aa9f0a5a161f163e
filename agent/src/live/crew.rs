//! Workers on threads of their own. Each has all the shards, and its share of the packets: the kernel sends both directions
//! of a flow to the same one, so what they tell can be put together.

use super::{LiveError, Restrict, Source};
use crate::{
    Limits,
    engine::{Part, Worker},
};
use std::{
    panic,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use wardwatch_ring::pin_to_processor;

/// How long a worker sleeps where nothing comes, before it looks at its orders.
const IDLE: Duration = Duration::from_millis(200);

/// Turns at most in which what has come is read when all is over.
const LAST_TURNS: usize = 256;

/// The workers.
pub(super) struct Crew {
    members: Vec<Member>,
    limits: Limits,
}

struct Member {
    orders: Sender<Order>,
    parts: Receiver<Vec<Part>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy)]
enum Order {
    Cut,
    Finish,
}

impl Crew {
    /// A worker for each source.
    pub(super) fn start(sources: Vec<impl Source>, limits: &Limits, restrict: &Restrict) -> Result<Self, LiveError> {
        let count = sources.len();
        let limits = limits.shared_by(count);
        let members = sources.into_iter().enumerate();
        let members = members.map(|(number, source)| {
            Member::start(source, &limits, (count > 1).then_some(number), Arc::clone(restrict))
        });
        Ok(Self { members: members.collect::<Result<_, _>>()?, limits })
    }

    /// Memory that the workers may take at the worst, bytes.
    pub(super) const fn worst_case_bytes(&self) -> u64 {
        self.limits.worst_case_bytes().saturating_mul(self.members.len() as u64)
    }

    pub(super) fn cut(&mut self) -> Vec<Part> {
        self.told(Order::Cut)
    }

    pub(super) fn finish(&mut self) -> Vec<Part> {
        self.told(Order::Finish)
    }

    /// What all of them say to an order. They are all asked before one is waited for.
    fn told(&mut self, order: Order) -> Vec<Part> {
        for member in &self.members {
            // One that is gone is found out below.
            let _ = member.orders.send(order);
        }
        self.members.iter_mut().flat_map(Member::parts).collect()
    }
}

impl Member {
    fn start(
        mut source: impl Source,
        limits: &Limits,
        processor: Option<usize>,
        restrict: Restrict,
    ) -> Result<Self, LiveError> {
        let ((orders, ordered), (sender, parts), (restricted, is_restricted)) = (channel(), channel(), channel());
        let mut worker = Worker::new(0, 1, limits);
        let run = move || {
            if let Some(Err(error)) = processor.map(pin_to_processor) {
                tracing::warn!(%error, "a worker is not bound to a processor");
            }
            let result = restrict();
            // Not a packet is read before that.
            if result.is_err() | restricted.send(result).is_err() {
                return;
            }
            loop {
                let parts = match ordered.try_recv() {
                    Ok(Order::Cut) => worker.cut(),
                    Ok(Order::Finish) => {
                        let more = |_: &usize| source.read(Duration::ZERO, &mut worker);
                        (0..LAST_TURNS).take_while(more).for_each(drop);
                        source.count();
                        // Nobody to tell: the watch is over.
                        let _ = sender.send(worker.finish());
                        return;
                    }
                    Err(TryRecvError::Empty) => {
                        source.read(IDLE, &mut worker);
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => return,
                };
                source.count();
                if sender.send(parts).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("worker".to_owned()).spawn(run).map_err(LiveError::Thread)?;
        is_restricted.recv().unwrap_or_else(|_| Err("a worker ended".to_owned())).map_err(LiveError::Restriction)?;
        Ok(Self { orders, parts, thread: Some(thread) })
    }

    fn parts(&mut self) -> Vec<Part> {
        if let Ok(parts) = self.parts.recv() {
            return parts;
        }
        // A worker that panicked would leave a part of the truth out.
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(payload)) => panic::resume_unwind(payload),
            _ => Vec::new(),
        }
    }
}
