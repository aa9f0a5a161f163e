//! The edge of a watch: pages and metrics, signals, and what a service manager is told.

use super::effective;
use crate::{cli::Watch, clock};
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
    signal::unix::{SignalKind, signal},
    sync::watch,
    time,
};
use wardwatch_agent::{LOSS_REASONS, protocol::Protocol};
use wardwatch_collector::{
    View,
    knowledge::Catalogue,
    metrics::{About, Build, Instruments},
    web::{Reload, Web, WebConfig, serve},
};
use wardwatch_model::config::Config;

/// What serving needs.
pub(super) struct Serving {
    pub(super) listener: TcpListener,
    pub(super) web: WebConfig,
    pub(super) instruments: Instruments,
    pub(super) pictures: watch::Receiver<Arc<View>>,
    pub(super) beat: Arc<AtomicU64>,
    pub(super) configurations: Sender<Box<Config>>,
    pub(super) options: Watch,
    pub(super) config: Config,
}

/// Serves until a signal ends it, or something fails.
pub(super) fn run(serving: Serving) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to serve with: {error}"))?;
    runtime.block_on(until_told(serving))
}

async fn until_told(serving: Serving) -> Result<(), String> {
    let hear = |kind| signal(kind).map_err(|error| format!("signals cannot be heard: {error}"));
    let (mut terminate, mut interrupt, mut hang_up) =
        (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?, hear(SignalKind::hangup())?);
    let is_wanted = serving.options.enable_lifecycle;
    let mut pictures = serving.pictures.clone();
    let beat = Arc::clone(&serving.beat);
    let reload = reload(&serving);
    serving.instruments.configuration_loaded(true, clock::now());
    let web = Web {
        view: serving.pictures,
        about: Arc::new(about()?),
        instruments: serving.instruments,
        clock: Arc::new(clock::now),
        config: serving.web,
        reload: is_wanted.then(|| Arc::clone(&reload)),
    };
    serving.listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    let listener = tokio::net::TcpListener::from_std(serving.listener).map_err(|error| error.to_string())?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut server = tokio::spawn(serve(listener, web, async move { ended.await.unwrap_or_default() }));
    tell(&[NotifyState::Ready]);
    let mut watchdog =
        time::interval(sd_notify::watchdog_enabled().map_or(Duration::from_secs(3600), |limit| limit / 2));
    let result = loop {
        tokio::select! {
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = hang_up.recv() => reload_and_tell(&reload).await,
            _ = watchdog.tick() => stroke(&beat),
            served = &mut server => break Err(match served {
                Ok(Ok(())) => "the web server ended".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            }),
            picture = pictures.changed() => if picture.is_err() { break Err("the collector ended".to_owned()) },
        }
    };
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
            revision: option_env!("WARDWATCH_REVISION").unwrap_or("unknown"),
            rustversion: env!("CARGO_PKG_RUST_VERSION"),
        },
        catalogue: Arc::new(Catalogue::embedded().map_err(|error| error.to_string())?),
        protocols: Protocol::ALL.iter().map(|protocol| protocol.name()).collect(),
        loss_reasons: LOSS_REASONS.iter().map(|(reason, _)| *reason).collect(),
    })
}

/// Reads the configuration anew: valid, it takes the place of the old one; else that stays.
fn reload(serving: &Serving) -> Reload {
    let (options, instruments) = (serving.options.clone(), serving.instruments.clone());
    let configurations = serving.configurations.clone();
    let running = Mutex::new(serving.config.clone());
    Arc::new(move || {
        let result = effective(&options).and_then(|(mut config, _)| {
            let mut running = running.lock().map_err(|_| "an earlier reload failed".to_owned())?;
            for key in keep_until_restart(&running, &mut config) {
                tracing::warn!(key, "a change of this key counts from the next start");
            }
            running.clone_from(&config);
            configurations.send(Box::new(config)).map_err(|_| "the collector has ended".to_owned())
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
        ("capture.interfaces", keep(&running.interfaces, &mut new.interfaces)),
        ("capture.workers", keep(&running.workers, &mut new.workers)),
        ("limits", keep(&running.limits, &mut new.limits)),
        ("site", keep(&running.site, &mut new.site)),
        ("store", keep(&running.store, &mut new.store)),
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
