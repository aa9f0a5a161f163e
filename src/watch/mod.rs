//! `wardwatch watch`: an agent and a collector in one process, which meet in reports and nowhere else.
//!
//! One thread makes reports ([`capture`]), one takes, keeps and judges them ([`collect`]), and a runtime serves pages and
//! hears signals ([`serve`]). They start in the order in which what can go wrong is found out, and end in the order of the
//! reports, so that nothing that was seen is lost.

mod bound;
mod capture;
mod collect;
mod serve;

use crate::{
    DONE, FAILED, WRONG_USAGE,
    catalogue::catalogue,
    cli::Watch,
    clock,
    sandbox::{Paths, Sandbox},
    setup::{complain, configuration, listen, protection, uplink, web},
};
use collect::{Collecting, Inbox};
use serve::{Edge, Serving};
use std::{
    ffi::OsString,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{SyncSender, channel, sync_channel},
    },
    thread,
};
use tokio::sync::oneshot;
use wardwatch_agent::{
    live::{Live, Opener},
    source::Captures,
};
use wardwatch_collector::{
    Collector,
    knowledge::Catalogue,
    metrics::Instruments,
    store::{Claimed, MemoryStore, Store, claim, run_probe},
};
use wardwatch_model::{Report, config::Config};

/// Reports that wait for the collector.
const QUEUE: usize = 4;

/// First argument of the process that tries a store out, which may be taken down by it. It is for this program alone, so no
/// help and no shell knows it.
const PROBE: &str = "probe-store";

/// The store to try out, where the program was started for that.
pub(crate) fn store_to_probe(mut arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    arguments.nth(1).filter(|first| *first == PROBE).and(arguments.next()).map(PathBuf::from)
}

/// Why a watch ends, and with which exit code.
struct Failure(u8, String);

impl Failure {
    fn usage(problem: impl ToString) -> Self {
        Self(WRONG_USAGE, problem.to_string())
    }

    fn running(problem: impl ToString) -> Self {
        Self(FAILED, problem.to_string())
    }
}

pub(crate) fn run(options: &Watch) -> u8 {
    match watch(options) {
        Ok(()) => DONE,
        Err(Failure(code, problem)) => {
            complain(&problem);
            code
        }
    }
}

fn watch(options: &Watch) -> Result<(), Failure> {
    // Before all that takes time, so that a signal ends even a watch that only begins in good order.
    let mut edge = Edge::new().map_err(Failure::running)?;
    let config = effective(options).map_err(Failure::usage)?;
    if options.replay.is_empty() && config.interfaces.is_empty() {
        return Err(Failure::usage(
            "nothing to watch: give --interface IF or --replay FILE, or name capture.interfaces in the configuration",
        ));
    }
    let protection = protection(&config).map_err(Failure::usage)?;
    uplink(&config).map_err(Failure::usage)?;
    let catalogue = catalogue(&config).map_err(Failure::usage)?;
    readable(&options.replay)?;
    let instruments = Instruments::new().map_err(Failure::running)?;
    let claimed = match claimed(&config) {
        // A service manager ends the process that tries the store out together with this one.
        Err(_) if edge.is_told_to_end() => return Ok(()),
        claimed => claimed?,
    };
    let listener = TcpListener::bind(config.web.listen)
        .map_err(|error| Failure::running(format!("{}: {error}", config.web.listen)))?;
    // Up to here there is one thread. What it gives up, those have given up that it starts.
    let sandbox = Sandbox::new(config.sandbox, config.uplink.is_some()).map_err(Failure::running)?;
    let opener = match options.replay.as_slice() {
        [] => Some(Opener::start(sandbox.opener()).map_err(Failure::running)?),
        _ => None,
    };
    let held = sandbox.enter(&paths(options, &config)).map_err(Failure::running)?;
    held.iter().for_each(|(restriction, holds)| instruments.restricted(restriction, *holds));
    let mut collector = collector(&config, catalogue, claimed)?;
    // What the store held is shown at once, however long the first report takes.
    let collecting = Collecting::new(collector.evaluate(&clock::today()), instruments.clone());
    let live =
        opener.map(|opener| listen(&config, &opener, &sandbox.capture())).transpose().map_err(Failure::running)?;
    greet(options, &config, live.as_ref(), &listener, protection.is_tls())?;

    let stop = Arc::new(AtomicBool::new(false));
    let (reports, received) = sync_channel(QUEUE);
    let (orders, ordered) = channel();
    let inbox = Inbox { reports: received, orders: ordered };
    let (capture_ended, capture) = oneshot::channel();
    let serving = Serving {
        listener,
        protection,
        instruments,
        pictures: collecting.pictures(),
        beat: collecting.beat(),
        orders,
        capture,
        options: options.clone(),
        config: config.clone(),
    };
    let collector = thread::spawn({
        let stop = Arc::clone(&stop);
        move || collecting.run(collector, &inbox, &stop)
    });
    let agent = thread::spawn({
        let (options, stop, reports) = (options.clone(), Arc::clone(&stop), reports.clone());
        move || {
            let is_whole = agent(live, &options, &config, &stop, &reports);
            // Not told after a panic, which is how that is noticed.
            let _ = capture_ended.send(());
            is_whole
        }
    });
    let served = serve::run(edge, serving);
    stop.store(true, Relaxed);
    let watched = agent.join();
    // Nothing more comes: the collector ends, also that of a replay which was over long ago.
    drop(reports);
    let collected = collector.join();
    served.map_err(Failure::running)?;
    match (watched, collected) {
        (Ok(true), Ok(())) => Ok(()),
        (Ok(false), Ok(())) => Err(Failure::running("not everything could be replayed, as was said before")),
        // A thread that panicked has told why already.
        _ => Err(Failure::running("a part of the watch failed")),
    }
}

/// The configuration, with what the flags say.
fn effective(options: &Watch) -> Result<Config, String> {
    let mut config = configuration(&options.common)?.with_imports(&options.imports.imports);
    if !options.interfaces.is_empty() {
        config.interfaces.clone_from(&options.interfaces);
    }
    if let Some(address) = options.listen_address {
        config.web.listen = address;
    }
    if let Some(file) = &options.web_config_file {
        config.web.config_file = Some(file.clone());
    }
    if let Some(folder) = &options.data_dir {
        config.store.path = Some(folder.clone());
    }
    Ok(config)
}

/// Refuses to replay what cannot be read at all, so that nobody waits for it. Some of several captures is enough to go on.
fn readable(files: &[PathBuf]) -> Result<(), Failure> {
    // A pipe can be opened once.
    if files.is_empty() || !files.iter().all(|file| fs::metadata(file).map_or(true, |file| file.is_file())) {
        return Ok(());
    }
    let (_, errors) = Captures::open(files);
    if errors.len() < files.len() {
        return Ok(());
    }
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Err(Failure::running(told.join("\n")))
}

/// The folder of the store, tried out by a process of its own: afterwards no process can be started any more.
fn claimed(config: &Config) -> Result<Option<Claimed>, Failure> {
    let probe = |home: &Path| run_probe(Command::new(std::env::current_exe()?).arg(PROBE).arg(home), home);
    let claimed = config.store.path.as_ref().map(|folder| claim(folder, &probe));
    claimed.transpose().map_err(Failure::running)
}

/// The collector with its store: on disk where there is a folder for it.
fn collector(config: &Config, catalogue: Catalogue, claimed: Option<Claimed>) -> Result<Collector, Failure> {
    let (store, is_rebuilt): (Box<dyn Store>, bool) = match claimed {
        Some(claimed) => {
            let opened = claimed.open().map_err(Failure::running)?;
            (Box::new(opened.store), opened.rebuilt.is_some())
        }
        None => (Box::new(MemoryStore::default()), false),
    };
    let mut collector = Collector::start(store, config.clone(), catalogue).map_err(Failure::running)?;
    if is_rebuilt {
        collector.note_rebuilt();
    }
    Ok(collector)
}

/// The files that a watch still needs: its store, what a reload reads, what it replays, what the system tells.
fn paths(options: &Watch, config: &Config) -> Paths {
    let mut paths = Paths { connect: config.uplink.as_ref().map(|endpoint| endpoint.port), ..Paths::default() };
    paths.write.extend(config.store.path.clone());
    paths.read.extend(["/proc", "/sys"].map(PathBuf::from));
    paths.read.extend(options.replay.iter().chain(&config.catalogue_dirs).cloned());
    let tls = web(config).ok().and_then(|web| web.tls);
    let tls = tls.iter().flat_map(|tls| {
        let clients = tls.clients.as_ref().map(|clients| &clients.ca_file);
        [Some(&tls.cert_file), Some(&tls.key_file), clients].into_iter().flatten()
    });
    let imports = config.imports.iter().map(|import| &import.path);
    for file in imports.chain(&options.common.config_file).chain(&config.web.config_file).chain(tls) {
        paths.read_around(file);
    }
    paths
}

/// Says where to look, and what it may cost.
fn greet(
    options: &Watch,
    config: &Config,
    live: Option<&Live>,
    listener: &TcpListener,
    is_tls: bool,
) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(Failure::running)?;
    complain(&format!("page and metrics on {}://{address}/", if is_tls { "https" } else { "http" }));
    complain(&format!("memory: at most {} MiB with these limits", bound::of(config, live) >> 20));
    tracing::info!(%address, interfaces = ?config.interfaces, replay = ?options.replay, "watching");
    if config.store.path.is_none() {
        complain("what is learnt is kept in memory and ends with this process; --data-dir DIR keeps it");
    }
    Ok(())
}

/// The agent's thread. Answers whether everything that was to be replayed could be.
fn agent(
    live: Option<Live>,
    options: &Watch,
    config: &Config,
    stop: &AtomicBool,
    reports: &SyncSender<Box<Report>>,
) -> bool {
    let Some(live) = live else {
        let errors = capture::from_files(&options.replay, options.replay_speed, config, stop, reports);
        errors.iter().for_each(|error| complain(&error.to_string()));
        tracing::info!("the replay has ended");
        return errors.is_empty();
    };
    capture::from_interfaces(live, config, stop, reports);
    true
}
