//! Programs that run beside a test, and end with it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::wait;

/// A running program. Its output goes to a log, shown when it fails. Killed, by its own id, when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let out = File::create(log).unwrap();
        let err = out.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log: log.to_owned() }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> String {
        text(&fs::read(&self.log).unwrap_or_default())
    }

    /// Waits until the program, in whatever network namespace it lives, accepts TCP connections on `port`.
    pub(crate) fn listening(mut self, port: u16) -> Self {
        let tables = ["tcp", "tcp6"].map(|table| format!("/proc/{}/net/{table}", self.id()));
        wait::until(&format!("port {port} opens"), || {
            self.assert_alive();
            tables.iter().any(|table| listens(&fs::read_to_string(table).unwrap_or_default(), port)).then_some(())
        });
        self
    }

    pub(crate) fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("a peer ended early, {status}: {}", self.log());
        }
    }

    /// Asks the program to end, as Ctrl-C does, and waits for it.
    pub(crate) fn interrupt(self) -> ExitStatus {
        let id = self.id().to_string();
        run(Command::new("/bin/sh").args(["-c", "kill -INT \"$0\"", &id]));
        self.wait()
    }

    /// Waits for the end of a program that was asked to end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        wait::until("the program ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// State 0A is LISTEN in `/proc/net/tcp`; the second column is address:port in hexadecimal.
fn listens(table: &str, port: u16) -> bool {
    let port = format!(":{port:04X}");
    table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .any(|columns| columns.get(1).is_some_and(|local| local.ends_with(&port)) && columns.get(3) == Some(&"0A"))
}

/// Runs a program to its end; panics with its output where it fails.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// Runs a program to its end, whatever that is.
pub(crate) fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Bytes of a peer as text for a message: what is not UTF-8 shows as its escape.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii())).collect()
}
