//! The edge of a watch: pages and metrics, signals, and what a service manager is told.

use super::{collect::Orders, effective};
use crate::{catalogue::own_rules, cli::Watch, clock, import::imports, setup::web};
use sd_notify::NotifyState;
use std::{
    io,
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::Sender,
    },
    time::Duration,
};
use tokio::{
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
    sync::{oneshot, watch},
    time,
};
use wardwatch_agent::{CONDITIONS, LOSS_REASONS, protocol::Protocol};
use wardwatch_collector::{
    View,
    knowledge::Catalogue,
    metrics::{About, Build, Instruments},
    web::{Protection, Reload, Web, serve},
};
use wardwatch_model::config::Config;

/// What serving needs.
pub(super) struct Serving {
    pub(super) listener: TcpListener,
    pub(super) protection: Protection,
    pub(super) instruments: Instruments,
    pub(super) pictures: watch::Receiver<Arc<View>>,
    pub(super) beat: Arc<AtomicU64>,
    pub(super) orders: Sender<Box<Orders>>,
    /// Told when the capture has ended as it should; gone without a word after a panic.
    pub(super) capture: oneshot::Receiver<()>,
    pub(super) options: Watch,
    pub(super) config: Config,
}

/// The signals of a watch: once this is made, none of them ends the process by itself. It needs no thread, so that those
/// which serve can be started when the process has given up what they do not need.
pub(super) struct Edge {
    runtime: Runtime,
    signals: Signals,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Hears them in a runtime.
    fn of(runtime: &Runtime) -> Result<Self, String> {
        let _context = runtime.enter();
        let hear = |kind| signal(kind).map_err(|error| format!("signals cannot be heard: {error}"));
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
            hang_up: hear(SignalKind::hangup())?,
        })
    }
}

/// What came up to now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    End,
    Reload,
}

impl Edge {
    pub(super) fn new() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("signals cannot be heard: {error}"))?;
        Ok(Self { signals: Signals::of(&runtime)?, runtime })
    }

    /// Whether a signal to end came, which is thereby heard.
    pub(super) fn is_told_to_end(&mut self) -> bool {
        self.told() == Told::End
    }

    fn told(&mut self) -> Told {
        let Signals { terminate, interrupt, hang_up } = &mut self.signals;
        self.runtime.block_on(async {
            // What comes in is looked at while others wait.
            tokio::task::yield_now().await;
            tokio::select! {
                biased;
                _ = terminate.recv() => Told::End,
                _ = interrupt.recv() => Told::End,
                _ = hang_up.recv() => Told::Reload,
                () = std::future::ready(()) => Told::Nothing,
            }
        })
    }
}

/// Serves until a signal ends it, or something fails.
pub(super) fn run(mut edge: Edge, serving: Serving) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to serve with: {error}"))?;
    // From here on they hear signals; what came before is asked of the edge.
    let signals = Signals::of(&runtime)?;
    match edge.told() {
        Told::End => Ok(()),
        told => runtime.block_on(until_told(signals, serving, told == Told::Reload)),
    }
}

async fn until_told(mut signals: Signals, serving: Serving, is_stale: bool) -> Result<(), String> {
    let is_wanted = serving.options.enable_lifecycle;
    let mut pictures = serving.pictures.clone();
    let beat = Arc::clone(&serving.beat);
    let reload = reload(&serving);
    let mut capture = serving.capture;
    let mut is_capturing = true;
    serving.instruments.configuration_loaded(true, clock::now());
    let web = Web {
        view: serving.pictures,
        about: Arc::new(about()?),
        instruments: serving.instruments,
        clock: Arc::new(clock::now),
        protection: serving.protection,
        reload: is_wanted.then(|| Arc::clone(&reload)),
    };
    serving.listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    let listener = tokio::net::TcpListener::from_std(serving.listener).map_err(|error| error.to_string())?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut server = tokio::spawn(serve(listener, web, async move { ended.await.unwrap_or_default() }));
    tell(&[NotifyState::Ready]);
    if is_stale {
        reload_and_tell(&reload).await;
    }
    let mut watchdog =
        time::interval(sd_notify::watchdog_enabled().map_or(Duration::from_secs(3600), |limit| limit / 2));
    let result = loop {
        tokio::select! {
            _ = signals.terminate.recv() => break Ok(()),
            _ = signals.interrupt.recv() => break Ok(()),
            _ = signals.hang_up.recv() => reload_and_tell(&reload).await,
            _ = watchdog.tick() => stroke(&beat),
            served = &mut server => break Err(match served {
                Ok(Ok(())) => "the web server ended".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            }),
            ended = &mut capture, if is_capturing => match ended {
                Ok(()) => is_capturing = false,
                Err(_) => break Err("the capture failed; nothing more is seen of the network".to_owned()),
            },
            picture = pictures.changed() => if picture.is_err() { break Err("the collector ended".to_owned()) },
        }
    };
    if let Err(problem) = &result {
        tracing::error!("the watch ends: {problem}");
    }
    tell(&[NotifyState::Stopping]);
    let _ = end.send(());
    if !server.is_finished() {
        // It gives the answers under way a few seconds; whatever becomes of it, the process ends.
        let _ = server.await;
    }
    result
}

/// What does not change while the program runs.
fn about() -> Result<About, String> {
    Ok(About {
        build: Build {
            version: env!("CARGO_PKG_VERSION"),
            revision: env!("WARDWATCH_REVISION"),
            rustversion: env!("CARGO_PKG_RUST_VERSION"),
        },
        catalogue: Arc::new(Catalogue::embedded().map_err(|error| error.to_string())?),
        protocols: Protocol::ALL.iter().map(|protocol| protocol.name()).collect(),
        loss_reasons: LOSS_REASONS.iter().map(|(reason, _)| *reason).collect(),
        conditions: CONDITIONS.iter().map(|(condition, _)| *condition).collect(),
    })
}

/// Reads the configuration anew: valid, it takes the place of the old one; else that stays.
fn reload(serving: &Serving) -> Reload {
    let (options, instruments) = (serving.options.clone(), serving.instruments.clone());
    let orders = serving.orders.clone();
    let (running, protection) = (Mutex::new(serving.config.clone()), serving.protection.clone());
    Arc::new(move || {
        let result = effective(&options).and_then(|mut config| {
            let mut running = running.lock().map_err(|_| "an earlier reload failed".to_owned())?;
            for key in keep_until_restart(&running, &mut config) {
                tracing::warn!(key, "a change of this key counts from the next start");
            }
            let (own, imports) = (own_rules(&config.catalogue_dirs)?, imports(&config.imports)?);
            protection.replace(web(&config)?, config.web.listen).map_err(|error| error.to_string())?;
            running.clone_from(&config);
            orders.send(Box::new(Orders { config, own, imports })).map_err(|_| "the collector has ended".to_owned())
        });
        instruments.configuration_loaded(result.is_ok(), clock::now());
        match &result {
            Ok(()) => tracing::info!("the configuration was reloaded"),
            Err(problem) => tracing::error!("the configuration is not reloaded: {problem}"),
        }
        result
    })
}

/// Leaves what is looked at once, at the start, as it was; answers the keys that differ.
fn keep_until_restart(running: &Config, new: &mut Config) -> Vec<&'static str> {
    let differs = [
        ("capture.backend", keep(&running.backend, &mut new.backend)),
        ("capture.interfaces", keep(&running.interfaces, &mut new.interfaces)),
        ("capture.ring_mib", keep(&running.ring_mib, &mut new.ring_mib)),
        ("capture.workers", keep(&running.workers, &mut new.workers)),
        ("catalogue", keep(&running.catalogue_dirs, &mut new.catalogue_dirs)),
        ("imports", keep(&running.imports, &mut new.imports)),
        ("limits", keep(&running.limits, &mut new.limits)),
        ("security", keep(&running.sandbox, &mut new.sandbox)),
        ("site", keep(&running.site, &mut new.site)),
        ("store", keep(&running.store, &mut new.store)),
        ("uplink", keep(&running.uplink, &mut new.uplink)),
        ("web", keep(&running.web, &mut new.web)),
    ];
    differs.into_iter().filter_map(|(key, differs)| differs.then_some(key)).collect()
}

/// Whether they differ, which they then no longer do.
fn keep<T: Clone + PartialEq>(running: &T, new: &mut T) -> bool {
    let differs = running != new;
    new.clone_from(running);
    differs
}

async fn reload_and_tell(reload: &Reload) {
    let mut state = vec![NotifyState::Reloading];
    state.extend(NotifyState::monotonic_usec_now());
    tell(&state);
    let reload = Arc::clone(reload);
    // It reads files and waits for the collector.
    let _ = tokio::task::spawn_blocking(move || reload()).await;
    tell(&[NotifyState::Ready]);
}

/// Tells the watchdog that all is well, if it is: the collector looks at its orders.
fn stroke(beat: &AtomicU64) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let silent = Duration::from_nanos(clock::now().0.saturating_sub(beat.load(Relaxed)));
    if silent < limit {
        tell(&[NotifyState::Watchdog]);
    }
}

/// Tells the service manager, if there is one.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::{sync::mpsc::channel, thread};
    use wardwatch_collector::web::WebConfig;

    /// A watch of nothing, whose capture is told of through the sender.
    fn serving() -> (Serving, oneshot::Sender<()>, watch::Sender<Arc<View>>) {
        #[derive(Parser)]
        struct Flags {
            #[command(flatten)]
            watch: Watch,
        }
        let ((picture, pictures), (capture_ended, capture)) = (watch::channel(Arc::default()), oneshot::channel());
        let serving = Serving {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            protection: Protection::new(WebConfig::default()).unwrap(),
            instruments: Instruments::new().unwrap(),
            pictures,
            beat: Arc::default(),
            orders: channel().0,
            capture,
            options: Flags::parse_from(["watch"]).watch,
            config: Config::default(),
        };
        (serving, capture_ended, picture)
    }

    #[test]
    fn a_capture_that_panics_ends_the_watch_at_once() {
        let (serving, capture_ended, _picture) = serving();
        let thread = thread::spawn(move || {
            let _dropped_unsent = capture_ended;
            std::panic::resume_unwind(Box::new("as a bug would"));
        });
        assert!(thread.join().is_err());
        assert!(run(Edge::new().unwrap(), serving).unwrap_err().contains("the capture failed"));
    }

    #[test]
    fn a_capture_that_ends_does_not_end_the_watch() {
        let (serving, capture_ended, picture) = serving();
        capture_ended.send(()).unwrap();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            drop(picture);
        });
        assert_eq!(run(Edge::new().unwrap(), serving), Err("the collector ended".to_owned()));
    }
}
