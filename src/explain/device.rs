//! A device and how we know: of captures, or of what a watch keeps.

use crate::{
    FAILED, WRONG_USAGE, analyze,
    catalogue::prepared,
    cli::Explain,
    setup::{complain, ended},
};
use std::{
    io::{self, BufWriter, Write},
    path::Path,
};
use wardwatch_collector::{
    Collector, ExplainError, Explanation, explain, export::write_explanation, knowledge::Catalogue,
    store::latest_snapshot,
};
use wardwatch_model::config::Config;

pub(super) fn run(wanted: &str, options: &Explain) -> u8 {
    let (config, catalogue) = match prepared(&options.common, &options.imports.imports) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    match (options.files.as_slice(), options.data_dir.as_ref().or(config.store.path.as_ref())) {
        ([], None) => {
            complain("explain it of what? Name captures, or with --data-dir the folder of a watch");
            WRONG_USAGE
        }
        ([], Some(folder)) => of_watch(wanted, folder, &config, catalogue),
        (files, _) => {
            let (facts, _, errors) = analyze::read(files, &config);
            errors.iter().for_each(|error| complain(&error.to_string()));
            let code = show(explain(&facts, &config, &catalogue, wanted), &catalogue);
            if errors.is_empty() { code } else { code.max(FAILED) }
        }
    }
}

/// By the latest snapshot, which can be read while the watch runs.
fn of_watch(wanted: &str, folder: &Path, config: &Config, catalogue: Catalogue) -> u8 {
    let store = match latest_snapshot(folder) {
        Ok(Some(store)) => store,
        Ok(None) => {
            complain(&format!(
                "{}: no snapshot of a watch yet: the first is written after ten minutes, or when it ends",
                folder.display()
            ));
            return FAILED;
        }
        Err(error) => {
            complain(&error.to_string());
            return FAILED;
        }
    };
    match Collector::start(Box::new(store), config.clone(), catalogue) {
        Ok(collector) => show(collector.explain(wanted), collector.catalogue()),
        Err(error) => {
            complain(&format!("{}: {error}", folder.display()));
            FAILED
        }
    }
}

fn show(explained: Result<Explanation, ExplainError>, catalogue: &Catalogue) -> u8 {
    let explanation = match explained {
        Ok(explanation) => explanation,
        Err(error) => {
            complain(&error.to_string());
            return FAILED;
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    ended(write_explanation(&explanation, catalogue, &mut out).and_then(|()| out.flush()))
}
