//! `check-config` and `print-config`.

use crate::{
    DONE, FAILED, WRONG_USAGE,
    setup::{complain, read, web},
};
use std::{
    io::{self, Write},
    path::Path,
};
use wardwatch_collector::web::require_auth;
use wardwatch_model::config::Config;

/// Says whether a configuration file can be used.
pub(crate) fn check(file: &Path) -> u8 {
    match read(Some(file)).and_then(|config| usable(&config)) {
        Ok(()) => print(&format!("{}: valid\n", file.display())),
        Err(problems) => {
            complain(&problems);
            WRONG_USAGE
        }
    }
}

/// Whether a watch would start with it, as far as that can be known without starting one.
fn usable(config: &Config) -> Result<(), String> {
    let web = web(config)?;
    require_auth(config.web.listen, &web).map_err(|error| format!("web.listen: {error}"))
}

/// Prints the configuration in force.
pub(crate) fn print_effective(file: Option<&Path>) -> u8 {
    match read(file) {
        Ok(config) => print(&config.to_toml()),
        Err(problems) => {
            complain(&problems);
            WRONG_USAGE
        }
    }
}

fn print(text: &str) -> u8 {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => DONE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            FAILED
        }
    }
}
