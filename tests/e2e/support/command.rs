//! The command under test.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::process::{output, text};

/// The date of every evaluation, so that life-cycle answers do not move with the day.
pub(crate) const AT: &str = "2026-11-24";

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Run {
    /// The one JSON document on standard output.
    pub(crate) fn document(&self) -> Value {
        assert!(self.stdout.ends_with(b"\n"), "no document with a newline at its end, but {self}");
        let document: Value =
            serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("not one document: {error}: {self}"));
        assert_eq!(document["schema"], "wardwatch.analysis/1", "{self}");
        document
    }

    pub(crate) fn errors(&self) -> String {
        text(&self.stderr)
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (stdout, stderr) = (text(&self.stdout), text(&self.stderr));
        write!(f, "exit {:?}, stdout {:.400}, stderr {stderr}", self.code, stdout)
    }
}

/// Runs `wardwatch` with these arguments.
pub(crate) fn wardwatch<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    let output = output(Command::new(env!("CARGO_BIN_EXE_wardwatch")).args(arguments));
    Run { code: output.status.code(), stdout: output.stdout, stderr: output.stderr }
}

/// Runs `wardwatch analyze FILES --format json --at DATE MORE`.
pub(crate) fn analyze(files: &[&Path], more: &[&str]) -> Run {
    let mut arguments = vec![Path::new("analyze")];
    arguments.extend(files);
    arguments.extend(["--format", "json", "--at", AT].iter().chain(more).map(Path::new));
    wardwatch(&arguments)
}

/// The document for one good capture.
pub(crate) fn document(capture: &Path) -> Value {
    let run = analyze(&[capture], &[]);
    assert_eq!(run.code, Some(0), "{}: {run}", capture.display());
    run.document()
}
