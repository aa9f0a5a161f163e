//! Bounded waiting for a condition.

use std::thread;
use std::time::Duration;

const STEP: Duration = Duration::from_millis(10);
/// Two minutes: far more than any peer needs, so that only a hang meets it.
const STEPS: u32 = 12_000;

/// Asks `ready` until it answers. Panics with `what` when it never does.
pub(crate) fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    for _ in 0..STEPS {
        if let Some(answer) = ready() {
            return answer;
        }
        thread::sleep(STEP);
    }
    panic!("waited two minutes in vain: {what}");
}
