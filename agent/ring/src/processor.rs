//! Which processor a thread runs on.

use std::{io, mem};

/// Binds the calling thread to one of the processors that it may run on: the one at `index`, counted round. A flow's
/// memory then stays in the cache of one processor.
///
/// # Errors
///
/// When the system does not allow it.
pub fn pin_to_processor(index: usize) -> io::Result<()> {
    let length = mem::size_of::<libc::cpu_set_t>();
    // SAFETY: a set of processors is plain bits, for which zeros are the empty set.
    let mut allowed: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the pointer is to a set of the length given, which is ours alone.
    if unsafe { libc::sched_getaffinity(0, length, &raw mut allowed) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both look at bits of the set only; the number is less than the bits of a set.
    let is_allowed = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &allowed) };
    let processors: Vec<usize> = (0..length * 8).filter(is_allowed).collect();
    let count = processors.len().max(1);
    let Some(processor) = processors.get(index % count) else { return Ok(()) };
    // SAFETY: as above.
    let mut one: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: as above: the number came out of a set of this length.
    unsafe { libc::CPU_SET(*processor, &mut one) };
    // SAFETY: the pointer is to a set of the length given, which is only read.
    if unsafe { libc::sched_setaffinity(0, length, &raw const one) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_may_be_bound_to_any_of_its_processors() {
        let bound = std::thread::spawn(|| (0..3).try_for_each(pin_to_processor));
        bound.join().unwrap().unwrap();
    }
}
