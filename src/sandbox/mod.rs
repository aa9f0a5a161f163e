//! What the process gives up once it is running: rights it has no use for are none that an attacker could use.
//!
//! It is entered on the first thread, before any other is started but the one that opens packet sockets; the kernel hands
//! all of it down to each thread that is started later, also by libraries. docs/sandbox.md says what is left.

mod calls;
mod files;
mod rights;

use calls::Filters;
pub(crate) use files::Paths;
use std::sync::Arc;
use wardwatch_agent::live::Restrict;
use wardwatch_model::config::Sandboxing;

/// What a process is restricted by, as in the metric `wardwatch_sandbox_restriction`, and whether it holds.
pub(crate) type Held = [(&'static str, bool); 5];

/// The restrictions, ready to be entered.
pub(crate) struct Sandbox {
    mode: Sandboxing,
    filters: Option<Arc<Filters>>,
}

impl Sandbox {
    /// `speaks` is whether this process connects to others.
    pub(crate) fn new(mode: Sandboxing, speaks: bool) -> Result<Self, String> {
        if mode == Sandboxing::Off {
            return Ok(Self { mode, filters: None });
        }
        match Filters::new(speaks) {
            Ok(filters) => Ok(Self { mode, filters: Some(Arc::new(filters)) }),
            Err(problem) if mode == Sandboxing::Require => Err(required(&problem)),
            Err(problem) => {
                tracing::warn!(problem, "system calls are not restricted");
                Ok(Self { mode, filters: None })
            }
        }
    }

    /// For the thread that opens packet sockets: it keeps the right to, and little else.
    pub(crate) fn opener(&self) -> Restrict {
        let (mode, filters) = (self.mode, self.filters.clone());
        Arc::new(move || {
            if mode == Sandboxing::Off {
                return Ok(());
            }
            let result = rights::keep_only_net_raw()
                .and_then(|()| files::enter(&Paths::default()).map(drop))
                .and_then(|()| filters.as_ref().map_or(Ok(()), |filters| filters.restrict_opener()));
            tolerate(mode, result)
        })
    }

    /// For threads that read packets: what they are given is what an attacker can write.
    pub(crate) fn capture(&self) -> Restrict {
        let (mode, filters) = (self.mode, self.filters.clone());
        Arc::new(move || {
            let result = filters.as_ref().map_or(Ok(()), |filters| filters.restrict_capture());
            tolerate(mode, result)
        })
    }

    /// Gives up everything on this thread, and on those that it will start.
    pub(crate) fn enter(&self, paths: &Paths) -> Result<Held, String> {
        if self.mode == Sandboxing::Off {
            tracing::warn!("security.sandbox is off: this process keeps all its rights");
            return Ok(held([false; 5]));
        }
        let rights = rights::drop_all();
        let files = files::enter(paths);
        let calls = match &self.filters {
            Some(filters) => filters.restrict_process(),
            None => Err("there is no filter for this kind of processor".to_owned()),
        };
        let (reads, connects) = files.as_ref().map_or((false, false), |files| (files.reads, files.connects));
        // Filters are not taken without.
        let no_new = calls.is_ok() || files.as_ref().is_ok_and(|files| files.no_new_privileges);
        let held = held([rights.is_ok(), no_new, reads, connects, calls.is_ok()]);
        for problem in [rights.err(), files.err(), calls.err()].into_iter().flatten() {
            tracing::warn!(problem, "a restriction is missing");
        }
        let missing: Vec<&str> = held.iter().filter(|(_, holds)| !holds).map(|(name, _)| *name).collect();
        if missing.is_empty() {
            tracing::info!("every restriction holds");
        } else if self.mode == Sandboxing::Require {
            return Err(required(&missing.join(", ")));
        } else {
            tracing::warn!(
                missing = missing.join(", "),
                "this kernel lacks restrictions; the watch goes on without them"
            );
        }
        Ok(held)
    }
}

fn held([rights, no_new, reads, connects, calls]: [bool; 5]) -> Held {
    [
        ("capabilities", rights),
        ("no_new_privs", no_new),
        ("landlock_files", reads),
        ("landlock_network", connects),
        ("seccomp", calls),
    ]
}

fn required(problem: &str) -> String {
    format!("security.sandbox is \"require\", and this system lacks: {problem}; \"try\" goes on without it")
}

/// Where restrictions are only tried, one that is missing is told and no more.
fn tolerate(mode: Sandboxing, result: Result<(), String>) -> Result<(), String> {
    match result {
        Err(problem) if mode == Sandboxing::Require => Err(required(&problem)),
        Err(problem) => {
            tracing::warn!(problem, "a restriction is missing on a thread");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
