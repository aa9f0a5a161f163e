//! The process itself, read from /proc: a few files, so no library for it. What cannot be read is absent.

use super::{family::Samples, table};
use std::fs;

/// Clock ticks a second in /proc: USER_HZ, which is 100 on every Linux that Wardwatch is built for.
const TICKS: f64 = 100.0;

/// Adds what /proc says of this process.
pub(super) fn collect(samples: &mut Samples) {
    if let Some((cpu, started)) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(times) {
        samples.set(&table::PROCESS_CPU, &[], cpu / TICKS);
        if let Some(booted) = fs::read_to_string("/proc/stat").ok().as_deref().and_then(boot_time) {
            samples.set(&table::PROCESS_START, &[], booted + started / TICKS);
        }
    }
    if let Some(kib) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_kib) {
        samples.set(&table::PROCESS_MEMORY, &[], kib * 1024.0);
    }
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        samples.set(&table::PROCESS_FDS, &[], entries.count() as f64);
    }
}

/// CPU time and start after boot, in ticks: fields 14, 15 and 22 of proc(5), counted from behind the name, which may hold
/// anything.
fn times(stat: &str) -> Option<(f64, f64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
    Some((field(14)? + field(15)?, field(22)?))
}

fn boot_time(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

fn resident_kib(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_moves_no_field() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 9 0 0 0 25 75 0 0 20 0 4 0 12345 1 2";
        assert_eq!(times(stat), Some((100.0, 12345.0)));
    }
}
