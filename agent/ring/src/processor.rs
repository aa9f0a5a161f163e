//! What is asked of a processor: which one a thread runs on, what it should load, whether its clock is set.

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

/// Whether something such as NTP or PTP keeps the clock of this machine right (STA_UNSYNC of adjtimex(2)).
///
/// # Errors
///
/// When the system does not tell.
pub fn clock_is_synchronised() -> io::Result<bool> {
    // SAFETY: the structure is plain numbers, for which zeros are a value; with `modes` 0 nothing is changed.
    let mut clock: libc::timex = unsafe { mem::zeroed() };
    // SAFETY: the pointer is to a structure of ours, which the kernel fills.
    match unsafe { libc::adjtimex(&raw mut clock) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(clock.status & libc::STA_UNSYNC == 0),
    }
}

/// Bytes that a processor loads at once.
const LINE: usize = 64;

/// Asks the processor to load what will be read soon, at most the first eight lines of it, and does not wait for them. A
/// processor of a kind that is not known is not asked.
#[inline(always)]
pub fn prefetch<T>(soon: &T) {
    for offset in (0..mem::size_of::<T>()).step_by(LINE).take(8) {
        let line = std::ptr::from_ref(soon).cast::<i8>().wrapping_add(offset);
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a prefetch is a hint that never faults, whatever the address; this one lies within `soon`.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_ahead_stays_what_it_is() {
        let large = vec![[7_u8; 1000]; 3];
        large.iter().for_each(prefetch);
        prefetch(&());
        assert!(large.iter().flatten().all(|byte| *byte == 7));
    }

    #[test]
    fn the_clock_says_whether_it_is_set() {
        clock_is_synchronised().unwrap();
    }

    #[test]
    fn a_thread_may_be_bound_to_any_of_its_processors() {
        let bound = std::thread::spawn(|| (0..3).try_for_each(pin_to_processor));
        bound.join().unwrap().unwrap();
    }
}
