//! End to end: the built command against captures of real peers, each result held against a second witness.
//!
//! Two witnesses: what a test did itself (it started the peers), and what tshark reads in the same packets.
//! Tests that need programs or captures which are not here say `skipped:` on standard error; on Debian with
//! `CI=true` a missing program is a failure, since `tests/run` installs them all.

// `cfg(test)` marks helper functions as test code, so that clippy.toml's allowances for tests hold for them too.
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod first_light;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod packaging;
#[cfg(test)]
mod patient;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod shared_captures;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tshark;
#[cfg(test)]
mod tunnels;
#[cfg(test)]
mod watch;
