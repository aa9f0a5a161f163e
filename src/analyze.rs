//! `wardwatch analyze`: captures in, one document out.

use crate::{
    FAILED,
    catalogue::prepared,
    cli::{Analyze, Format},
    clock,
    progress::Progress,
    setup::{complain, ended, limits},
};
use std::{
    fs,
    io::{self, BufWriter, IsTerminal, Write},
    ops::ControlFlow,
    os::fd::AsFd,
    path::PathBuf,
};
use wardwatch_agent::{Cuts, Plan, replay, source::SourceError};
use wardwatch_collector::{
    analyse,
    export::{write_csv, write_json, write_table},
};
use wardwatch_model::{Facts, analysis::Analysis, config::Config};

pub(crate) fn run(options: &Analyze) -> u8 {
    let (config, catalogue) = match prepared(&options.common, &options.imports.imports) {
        Ok(prepared) => prepared,
        Err(code) => return code,
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
        Ok(()) if !errors.is_empty() => FAILED,
        written => ended(written),
    }
}

/// Reads the captures: what was seen, how many files could be read, and what went wrong.
pub(crate) fn read(files: &[PathBuf], config: &Config) -> (Facts, usize, Vec<SourceError>) {
    let plan = Plan { workers: config.workers, limits: limits(config), cuts: Cuts::never() };
    let progress = Progress::new();
    let mut facts = Facts::default();
    let replayed = replay(
        files,
        &plan,
        |read, total| progress.at(read, total),
        |cut| {
            facts = cut.finished;
            ControlFlow::Continue(())
        },
    );
    (facts, replayed.readable, replayed.errors)
}

fn write(analysis: &Analysis, format: Format) -> io::Result<()> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(terminal_width);
    // Not by way of the standard library, which would look for the last line end in everything.
    let stdout = fs::File::from(stdout.as_fd().try_clone_to_owned()?);
    let mut out = BufWriter::with_capacity(64 * 1024, stdout);
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
