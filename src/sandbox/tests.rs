//! Each restriction is entered on a thread of its own, or in a process of its own where it ends that.

use super::*;
use std::{
    fs,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
};
use wardwatch_agent::live::Opener;

/// Runs something on a thread that will be restricted, and ends with it.
fn apart<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(run).join().unwrap()
}

fn sandbox() -> Sandbox {
    Sandbox::new(Sandboxing::Require, false).unwrap()
}

/// A folder of this test, with one file in it.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("wardwatch-sandbox-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("file"), "text").unwrap();
    folder
}

/// Whether this kernel has everything; where not, says that the test did not run.
fn possible(test: &str) -> bool {
    let held = apart(|| Sandbox::new(Sandboxing::Try, false).unwrap().enter(&Paths::default()).unwrap());
    let whole = held.iter().all(|(_, holds)| *holds);
    if !whole {
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("skipped: {test}: {held:?}\n"));
    }
    whole
}

fn capabilities() -> String {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    status.lines().filter(|line| line.starts_with("CapEff") || line.starts_with("CapPrm")).collect()
}

#[test]
fn nothing_is_left_but_the_paths_that_are_named() {
    if !possible("nothing_is_left_but_the_paths_that_are_named") {
        return;
    }
    let (data, config, other) = (folder("data"), folder("config"), folder("other"));
    let folders = [data.clone(), config.clone(), other.clone()];
    apart(move || {
        let read = vec![config.clone(), "/proc".into()];
        sandbox().enter(&Paths { write: vec![data.clone()], read, connect: None }).unwrap();
        fs::write(data.join("new"), "text").unwrap();
        fs::remove_file(data.join("new")).unwrap();
        assert_eq!(fs::read_to_string(config.join("file")).unwrap(), "text");
        let refused = |result: std::io::Result<()>| result.unwrap_err().kind() == std::io::ErrorKind::PermissionDenied;
        assert!(refused(fs::write(config.join("file"), "other")), "what is read is not written");
        assert!(refused(fs::read(other.join("file")).map(drop)), "the rest is not even read");
        assert!(refused(fs::read("/etc/passwd").map(drop)));
        assert_eq!(capabilities(), "CapPrm:\t0000000000000000CapEff:\t0000000000000000");
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        assert!(status.contains("NoNewPrivs:\t1\n") && status.contains("Seccomp:\t2\n"), "{status}");
    });
    folders.iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
}

#[test]
fn connections_go_to_the_port_of_the_uplink_alone() {
    if !possible("connections_go_to_the_port_of_the_uplink_alone") {
        return;
    }
    let (uplink, other) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = uplink.local_addr().unwrap();
    apart(move || {
        let speaking = Sandbox::new(Sandboxing::Require, true).unwrap();
        speaking.enter(&Paths { connect: Some(port.port()), ..Paths::default() }).unwrap();
        TcpStream::connect(port).unwrap();
        assert_eq!(
            TcpStream::connect(other.local_addr().unwrap()).unwrap_err().kind(),
            std::io::ErrorKind::PermissionDenied
        );
        assert_eq!(TcpListener::bind("127.0.0.1:0").unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
    });
    // Without an uplink there is no socket for it, whatever the port.
    apart(move || {
        sandbox().enter(&Paths { connect: Some(port.port()), ..Paths::default() }).unwrap();
        assert!(TcpStream::connect(port).is_err() && UdpSocket::bind("127.0.0.1:0").is_err());
    });
}

#[test]
fn a_capture_thread_has_no_socket_no_connection_and_no_file() {
    if !possible("a_capture_thread_has_no_socket_no_connection_and_no_file") {
        return;
    }
    apart(|| {
        let sandbox = sandbox();
        let existing = std::os::unix::net::UnixDatagram::unbound().unwrap();
        sandbox.enter(&Paths { read: vec!["/".into()], ..Paths::default() }).unwrap();
        fs::read("/etc/passwd").unwrap();
        sandbox.capture()().unwrap();
        let refused = |error: std::io::Error| error.raw_os_error() == Some(libc::EPERM);
        assert!(refused(fs::read("/etc/passwd").unwrap_err()), "open");
        assert!(refused(std::os::unix::net::UnixDatagram::unbound().unwrap_err()), "socket");
        assert!(refused(existing.connect("/nowhere").unwrap_err()), "connect");
        // What it is there for goes on.
        thread::sleep(std::time::Duration::from_millis(1));
        assert_eq!(vec![7_u8; 1 << 22].iter().filter(|byte| **byte == 7).count(), 1 << 22);
    });
}

/// Asks [`start_a_program`] to do so: the process that runs all tests must survive it, also where none is left out.
const IN_A_PROCESS_OF_ITS_OWN: &str = "WARDWATCH_TEST_START_A_PROGRAM";

/// Not a test: what the test below runs in a process of its own.
#[test]
#[ignore = "ends its process"]
fn start_a_program() {
    if std::env::var_os(IN_A_PROCESS_OF_ITS_OWN).is_none() {
        return;
    }
    sandbox().enter(&Paths { read: vec!["/".into()], ..Paths::default() }).unwrap();
    // Answered by nobody: the process is gone.
    let _ = std::os::unix::process::CommandExt::exec(&mut Command::new("/bin/true"));
}

#[test]
fn starting_a_program_ends_the_process() {
    if !possible("starting_a_program_ends_the_process") {
        return;
    }
    let own = std::env::current_exe().unwrap();
    let arguments = ["--exact", "sandbox::tests::start_a_program", "--ignored", "--test-threads=1"];
    let status = Command::new(own).args(arguments).env(IN_A_PROCESS_OF_ITS_OWN, "1").output().unwrap().status;
    assert_eq!(status.signal(), Some(libc::SIGSYS), "{status}");
}

#[test]
fn the_opener_keeps_nothing_but_its_right() {
    if !possible("the_opener_keeps_nothing_but_its_right") {
        return;
    }
    let restrict = sandbox().opener();
    let seen: Restrict = Arc::new(move || {
        restrict()?;
        let refused = |error: std::io::Error| error.raw_os_error() == Some(libc::EPERM);
        assert!(refused(fs::read("/proc/self/status").unwrap_err()), "open");
        assert!(refused(std::os::unix::net::UnixDatagram::unbound().unwrap().connect("/x").unwrap_err()), "connect");
        Ok(())
    });
    Opener::start(seen).unwrap();
}

#[test]
fn nothing_is_given_up_where_that_is_switched_off() {
    let held = apart(|| {
        let off = Sandbox::new(Sandboxing::Off, false).unwrap();
        off.capture()().unwrap();
        off.opener()().unwrap();
        let held = off.enter(&Paths::default()).unwrap();
        fs::read("/etc/passwd").unwrap();
        held
    });
    assert!(held.iter().all(|(_, holds)| !holds));
}

#[test]
fn a_file_that_may_be_replaced_is_read_with_its_folder() {
    let mut paths = Paths::default();
    paths.read_around(Path::new("wardwatch.toml"));
    paths.read_around(Path::new("/etc/wardwatch/none.yml"));
    assert!(paths.read.contains(&PathBuf::from(".")) && paths.read.contains(&PathBuf::from("/etc/wardwatch")));
}
