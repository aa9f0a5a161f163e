//! Files to import: those of the configuration and of the flag `--import`; and `wardwatch import`, which tells what they would
//! bring and changes nothing.

use crate::{
    DONE, FAILED, WRONG_USAGE, analyze,
    catalogue::prepared,
    cli::{Import, ReportFormat},
    clock,
    setup::{complain, ended},
};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};
use wardwatch_collector::{
    Collector,
    export::{write_imports_json, write_imports_table},
    import::{Imports, MAX_BYTES},
    judge,
    knowledge::Catalogue,
    store::latest_snapshot,
};
use wardwatch_model::{ImportFile, ImportReport, PacketTime, config::Config};

/// Most files.
const MAX_FILES: usize = 64;

/// Reads all files that are named; each that cannot be read is told. Entries that cannot be read are logged.
pub(crate) fn imports(files: &[ImportFile]) -> Result<Imports, String> {
    if files.len() > MAX_FILES {
        return Err(format!("imports: more than {MAX_FILES} files"));
    }
    let mut problems = Vec::new();
    let mut room = MAX_BYTES;
    let read = files.iter().filter_map(|file| match bytes(&file.path, room) {
        Ok((bytes, written)) => {
            room = room.saturating_sub(bytes.len() as u64);
            Some((file.clone(), bytes, written))
        }
        Err(problem) => {
            problems.push(format!("{file}: {problem}"));
            None
        }
    });
    let imports = Imports::read(read);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    for report in imports.reports() {
        let first = report.problems.first().map(|problem| (problem.line, problem.reason));
        if let Some((line, reason)) = first {
            tracing::warn!(file = %report.file, refused = report.refused, line, reason, "entries of an import are refused");
        }
        tracing::info!(file = %report.file, lines = report.lines, entries = report.entries, "imported");
    }
    Ok(imports)
}

/// What is in a file, which may have so many bytes, and when it was written.
fn bytes(path: &Path, room: u64) -> Result<(Vec<u8>, PacketTime), String> {
    let told = |error: io::Error| error.to_string();
    // Whoever opens a pipe waits for its other end, and a reload must not.
    if !fs::metadata(path).map_err(told)?.is_file() {
        return Err("not a file".to_owned());
    }
    let file = File::open(path).map_err(told)?;
    let written = file.metadata().and_then(|metadata| metadata.modified()).map_err(told)?;
    let mut bytes = Vec::new();
    file.take(room + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > room {
        return Err(format!("all files together may have {} MiB: import a shorter span of time", MAX_BYTES >> 20));
    }
    Ok((bytes, clock::of(written)))
}

/// `wardwatch import`: what became of each file, compared with the devices of captures, or of what a watch keeps.
pub(crate) fn run(options: &Import) -> u8 {
    let (config, catalogue) = match prepared(&options.common, &options.files) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    if config.imports.is_empty() {
        complain("import what? Name KIND=FILE, or files in `imports` of the configuration");
        return WRONG_USAGE;
    }
    match reports(options, &config, catalogue) {
        Ok((reports, is_whole)) => {
            let is_whole = is_whole && reports.iter().all(|report| report.refused == 0);
            show(&reports, options.format).max(if is_whole { DONE } else { FAILED })
        }
        Err(problem) => {
            complain(&problem);
            FAILED
        }
    }
}

/// The reports, and whether all captures could be read.
fn reports(options: &Import, config: &Config, catalogue: Catalogue) -> Result<(Vec<ImportReport>, bool), String> {
    let today = clock::today();
    match (options.captures.as_slice(), options.data_dir.as_ref().or(config.store.path.as_ref())) {
        ([], None) => Ok((catalogue.imports().reports(), true)),
        ([], Some(folder)) => {
            let snapshot = latest_snapshot(folder).map_err(|error| error.to_string())?;
            let missing = || format!("{}: no snapshot of a watch yet", folder.display());
            let store = Box::new(snapshot.ok_or_else(missing)?);
            let mut collector =
                Collector::start(store, config.clone(), catalogue).map_err(|error| error.to_string())?;
            Ok((collector.evaluate(&today).imports.clone(), true))
        }
        (captures, _) => {
            let (facts, _, errors) = analyze::read(captures, config);
            errors.iter().for_each(|error| complain(&error.to_string()));
            Ok((judge(&facts, config, &catalogue, &today).inventory.imports, errors.is_empty()))
        }
    }
}

fn show(reports: &[ImportReport], format: ReportFormat) -> u8 {
    let mut out = io::stdout().lock();
    let written = match format {
        ReportFormat::Table => write_imports_table(reports, &mut out),
        ReportFormat::Json => write_imports_json(reports, &mut out),
    };
    ended(written.and_then(|()| out.flush()))
}
