//! When an agent tells what it knows: at whole multiples of an interval of packet time, so that the same traffic is cut at
//! the same packets however fast it comes and however many workers share it.

use wardwatch_model::{AgentHealth, Facts, PacketTime, Report, StreamId};

/// What the engine knows at one moment.
#[derive(Debug, Default)]
pub struct Cut {
    /// What is over since the cut before.
    pub finished: Facts,
    /// What goes on.
    pub open: Facts,
    /// Flows that go on.
    pub flows: u64,
    /// No packet comes after this one.
    pub is_last: bool,
}

/// The clock of the cuts.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// Nanoseconds between two cuts.
    every: u64,
    next: Option<u64>,
}

impl Cuts {
    /// A cut every so many nanoseconds, at least 1.
    pub const fn every(nanos: u64) -> Self {
        Self { every: if nanos == 0 { 1 } else { nanos }, next: None }
    }

    /// Never.
    pub const fn never() -> Self {
        Self { every: u64::MAX, next: Some(u64::MAX) }
    }

    /// Whether a cut is due before what happens at `at`.
    pub fn is_due(&mut self, at: PacketTime) -> bool {
        match self.next {
            Some(next) if at.0 < next => false,
            known => {
                self.next = Some((at.0 / self.every).saturating_add(1).saturating_mul(self.every));
                known.is_some_and(|next| next < u64::MAX)
            }
        }
    }
}

/// Numbers what an agent tells.
pub struct Uplink {
    agent: String,
    stream: StreamId,
    sequence: u64,
}

impl Uplink {
    /// The beginning of a stream.
    pub fn new(agent: &str, stream: StreamId) -> Self {
        Self { agent: agent.to_owned(), stream, sequence: 0 }
    }

    /// The next report.
    pub fn report(&mut self, cut: Cut, health: AgentHealth) -> Report {
        self.sequence += 1;
        Report {
            agent: self.agent.clone(),
            stream: self.stream,
            sequence: self.sequence,
            finished: cut.finished,
            open: cut.open,
            health,
            is_last: cut.is_last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_due_before_the_first_packet() {
        let mut cuts = Cuts::every(10);
        let due: Vec<bool> = [5, 9, 10, 11, 19, 45, 44, 50].iter().map(|at| cuts.is_due(PacketTime(*at))).collect();
        assert_eq!(due, [false, false, true, false, false, true, false, true]);
        assert!(!Cuts::never().is_due(PacketTime::MAX));
    }

    proptest! {
        #[test]
        fn between_two_cuts_lies_at_most_the_interval(every in 1u64..1_000, steps in prop::collection::vec(0u64..300, 1..200)) {
            let mut cuts = Cuts::every(every);
            let (mut at, mut since) = (0, None::<u64>);
            for step in steps {
                at += step;
                if cuts.is_due(PacketTime(at)) {
                    since = Some(at);
                }
                let since = *since.get_or_insert(at);
                prop_assert!(at / every == since / every, "{at} belongs to the interval of the last cut {since}");
            }
        }
    }
}
