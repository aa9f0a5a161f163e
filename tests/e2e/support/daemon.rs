//! `wardwatch watch`, running.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::process::{Command, ExitStatus};

use serde_json::Value;

use super::http::{self, Answer};
use super::process::{Server, run};
use super::scratch::Scratch;
use super::wait;

/// A watch. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    server: Server,
    address: SocketAddr,
}

impl Daemon {
    /// Starts `wardwatch watch ARGUMENTS` with its page on a free port of the loopback address.
    pub(crate) fn start<S: AsRef<OsStr>>(scratch: &Scratch, arguments: &[S]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardwatch"));
        command.arg("watch").args(arguments).args(["--web.listen-address", "127.0.0.1:0"]);
        Self::run(scratch, command)
    }

    /// Runs a command that is a watch, wherever it runs, and waits until it serves.
    pub(crate) fn run(scratch: &Scratch, command: Command) -> Self {
        let mut server = Server::start(command, &scratch.join(format!("watch-{}.log", super::scratch::unique())));
        let address = wait::until("the watch says where its page is", || {
            server.assert_alive();
            let log = server.log();
            let rest = log.split_once("http://")?.1;
            rest.split_once('/')?.0.parse().ok()
        });
        Self { server, address }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }

    pub(crate) fn log(&self) -> String {
        self.server.log()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let answer = http::get(self.address, path).unwrap_or_else(|| panic!("{path}: no answer: {}", self.log()));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    }

    /// The value of a series of `/metrics`, as it is written there; 0 where there is none yet.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        value(&self.get("/metrics").body, series).unwrap_or_default()
    }

    /// Waits until a replay has come to its end and everything of it is judged.
    pub(crate) fn finished(self) -> Self {
        wait::until("the replay ends", || {
            let metrics = http::get(self.address, "/metrics")?.body;
            (value(&metrics, "wardwatch_agent_capture_up{interface=\"replay\"}")? == 0.0).then_some(())
        });
        self
    }

    /// The devices, as in the document of an analysis.
    pub(crate) fn devices(&self) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.get("/api/v1/devices").body).unwrap();
        document["devices"].as_array().unwrap().clone()
    }

    /// The findings, as in the document of an analysis, with their lives.
    pub(crate) fn findings(&self) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.get("/api/v1/findings").body).unwrap();
        document["findings"].as_array().unwrap().clone()
    }

    pub(crate) fn signal(&self, signal: &str) {
        run(Command::new("/bin/sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &self.id().to_string()]));
    }

    /// Ends it, as a service manager does.
    pub(crate) fn terminate(self) -> ExitStatus {
        self.signal("TERM");
        self.server.wait()
    }
}

/// The value of a series in a text of metrics.
pub(crate) fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}
