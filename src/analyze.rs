//! `wardwatch analyze`: captures in, one document out.

use crate::{
    DONE, FAILED, WRONG_USAGE,
    cli::{Analyze, Format},
    clock,
    progress::Progress,
};
use std::{
    env, fs,
    io::{self, BufWriter, IsTerminal, Write},
    path::PathBuf,
    thread,
};
use wardwatch_agent::{
    Limits, Part, SHARDS, Worker, assemble,
    source::{Captures, SourceError},
};
use wardwatch_collector::{
    analyse,
    export::{write_csv, write_json, write_table},
    knowledge::Catalogue,
};
use wardwatch_model::{Facts, analysis::Analysis, config::Config};

pub(crate) fn run(options: &Analyze) -> u8 {
    let config = match configuration(options) {
        Ok(config) => config,
        Err(problem) => {
            complain(&problem);
            return WRONG_USAGE;
        }
    };
    let catalogue = match Catalogue::embedded() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            complain(&error.to_string());
            return FAILED;
        }
    };
    let (report, files, errors) = read(&options.files, &config);
    for error in &errors {
        complain(&error.to_string());
    }
    let at = options.at.clone().unwrap_or_else(clock::today);
    let analysis = analyse(report, files, &config, &catalogue, &at);
    let written = write(&analysis, options.format);
    // The process ends: giving back a large document piece by piece would take as long as writing a part of it.
    std::mem::forget(analysis);
    match written {
        Ok(()) if errors.is_empty() => DONE,
        Ok(()) => FAILED,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            FAILED
        }
    }
}

#[allow(
    clippy::print_stderr,
    reason = "errors of the command itself are for whoever called it, whatever the log level"
)]
fn complain(problem: &str) {
    for line in problem.lines() {
        eprintln!("wardwatch: {line}");
    }
}

/// The configuration file, the environment, then the flags.
fn configuration(options: &Analyze) -> Result<Config, String> {
    let (origin, text) = match &options.config_file {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            (path.display().to_string(), text)
        }
        None => ("environment".to_owned(), String::new()),
    };
    let mut config = Config::read(
        &origin,
        &text,
        env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
    )
    .map_err(|errors| errors.to_string())?;
    if let Some(site) = &options.site {
        config.site.clone_from(site);
    }
    if let Some(workers) = options.workers {
        config.workers = workers.into();
    }
    if !options.internal_nets.is_empty() {
        config.internal_nets.clone_from(&options.internal_nets);
    }
    Ok(config)
}

/// Reads the captures: what was seen, how many files could be read, and what went wrong.
fn read(files: &[PathBuf], config: &Config) -> (Facts, usize, Vec<SourceError>) {
    let limits = Limits {
        flows: config.limits.flows,
        reassembly_bytes: config.limits.reassembly_mib << 20,
        devices: config.limits.devices,
    };
    let workers = workers(files, config);
    let (mut captures, mut errors) = Captures::open(files);
    let readable = files.len() - errors.len();
    let others: Vec<_> = (1..workers)
        .map(|index| {
            let files = files.to_vec();
            thread::spawn(move || work(Worker::new(index, workers, &limits), &mut Captures::open(&files).0, None))
        })
        .collect();
    let progress = Progress::new();
    let mut finished = work(Worker::new(0, workers, &limits), &mut captures, Some(&progress));
    drop(progress);
    errors.extend(captures.take_errors());
    for other in others {
        // A worker that panicked would leave a part of the truth out.
        finished.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    }
    (assemble(finished).0, readable, errors)
}

/// One for each processor, unless told; one only where a file is a pipe, which can be read but once.
fn workers(files: &[PathBuf], config: &Config) -> usize {
    let regular = files.iter().all(|file| fs::metadata(file).is_ok_and(|metadata| metadata.is_file()));
    match config.workers {
        _ if !regular => 1,
        0 => thread::available_parallelism().map_or(1, usize::from).min(SHARDS),
        workers => workers.min(SHARDS),
    }
}

fn work(mut worker: Worker, captures: &mut Captures, progress: Option<&Progress>) -> Vec<Part> {
    while let Some(batch) = captures.next_batch() {
        for frame in batch {
            worker.frame(&frame);
        }
        if let Some(progress) = progress {
            let (read, total) = captures.progress();
            progress.at(read, total);
        }
    }
    worker.finish()
}

fn write(analysis: &Analysis, format: Format) -> io::Result<()> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(terminal_width);
    let mut out = BufWriter::with_capacity(64 * 1024, stdout.lock());
    match format {
        Format::Json => write_json(analysis, &mut out)?,
        Format::Csv => write_csv(analysis, &mut out)?,
        Format::Table => write_table(analysis, width, &mut out)?,
    }
    out.flush()
}

/// Columns of the terminal, else a common width.
fn terminal_width() -> u16 {
    console::Term::stdout().size_checked().map_or(140, |(_, columns)| columns)
}
