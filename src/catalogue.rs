//! What is known: the catalogue of the program, and the rules of the hospital itself in the folders of `catalogue.dirs`.

use crate::{
    DONE, WRONG_USAGE,
    cli::Common,
    import::imports,
    setup::{complain, configuration},
};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use wardwatch_collector::knowledge::{Catalogue, OwnRules};
use wardwatch_model::{ImportFile, config::Config};

/// Longest file of rules, bytes: thousands of rules.
const MAX_FILE: u64 = 1 << 20;

/// Most files of rules.
const MAX_FILES: usize = 64;

/// The catalogue with a hospital's own rules and the files that it imports.
pub(crate) fn catalogue(config: &Config) -> Result<Catalogue, String> {
    let mut catalogue = Catalogue::embedded().map_err(|error| error.to_string())?;
    catalogue.set_own(own_rules(&config.catalogue_dirs)?);
    catalogue.set_imports(imports(&config.imports)?);
    Ok(catalogue)
}

/// What a command that judges starts from: the configuration, with more files to import, and the catalogue. Where one of them
/// cannot be used that is told, and answered what to end with.
pub(crate) fn prepared(flags: &Common, imports: &[ImportFile]) -> Result<(Config, Catalogue), u8> {
    let prepared = configuration(flags).and_then(|config| {
        let config = config.with_imports(imports);
        let catalogue = catalogue(&config)?;
        Ok((config, catalogue))
    });
    prepared.map_err(|problems| {
        complain(&problems);
        WRONG_USAGE
    })
}

/// The rules in all files of folders whose names end with `.toml`; each file that cannot be used is named.
pub(crate) fn own_rules(dirs: &[PathBuf]) -> Result<OwnRules, String> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for dir in dirs {
        match files_of(dir) {
            Ok(more) => files.extend(more),
            Err(problem) => problems.push(format!("catalogue.dirs: {}: {problem}", dir.display())),
        }
    }
    if files.len() > MAX_FILES {
        problems.push(format!("catalogue.dirs: more than {MAX_FILES} files"));
        files.clear();
    }
    read(&files, problems)
}

/// `wardwatch check-catalogue`: whether files of rules, or all in a folder, can be used.
pub(crate) fn check(paths: &[PathBuf]) -> u8 {
    let (folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) = paths.iter().cloned().partition(|path| path.is_dir());
    let mut problems = Vec::new();
    for folder in &folders {
        match files_of(folder) {
            Ok(more) if more.is_empty() => problems.push(format!("{}: no file *.toml in it", folder.display())),
            Ok(more) => files.extend(more),
            Err(problem) => problems.push(format!("{}: {problem}", folder.display())),
        }
    }
    match read(&files, problems) {
        Ok(rules) => {
            let (rules, files) = (rules.len(), files.len());
            // Whoever reads it has seen enough where it cannot be written.
            let _ = writeln!(io::stdout().lock(), "valid: {rules} rules in {files} files");
            DONE
        }
        Err(problems) => {
            complain(&problems);
            WRONG_USAGE
        }
    }
}

/// The files of rules in a folder, by name.
fn files_of(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(dir).map_err(|error| error.to_string())?;
    let files = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut files = files.collect::<io::Result<Vec<PathBuf>>>().map_err(|error| error.to_string())?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml") && file.is_file());
    files.sort();
    Ok(files)
}

fn read(files: &[PathBuf], mut problems: Vec<String>) -> Result<OwnRules, String> {
    let mut texts = Vec::new();
    for file in files {
        match text(file) {
            Ok(text) => texts.push((file.display().to_string(), text)),
            Err(problem) => problems.push(format!("{}: {problem}", file.display())),
        }
    }
    let rules = OwnRules::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let rules = rules.map_err(|errors| problems.extend(errors.iter().map(ToString::to_string)));
    match rules {
        Ok(rules) if problems.is_empty() => Ok(rules),
        _ => Err(problems.join("\n")),
    }
}

fn text(file: &Path) -> Result<String, String> {
    let length = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if length > MAX_FILE {
        return Err(format!("longer than {} KiB: make several files of it", MAX_FILE >> 10));
    }
    fs::read_to_string(file).map_err(|error| error.to_string())
}
