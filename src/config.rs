//! `check-config` and `print-config`.

use crate::{
    WRONG_USAGE,
    catalogue::own_rules,
    import::imports,
    setup::{complain, ended, protection, read, uplink},
};
use std::{
    io::{self, Write},
    path::Path,
};
use wardwatch_model::config::Config;

/// Says whether a configuration file can be used: whether a watch would start with it, as far as that can be known without
/// starting one.
pub(crate) fn check(file: &Path) -> u8 {
    let is_usable = |config: Config| {
        protection(&config)?;
        own_rules(&config.catalogue_dirs)?;
        imports(&config.imports)?;
        uplink(&config).map(drop)
    };
    match read(Some(file)).and_then(is_usable) {
        Ok(()) => print(&format!("{}: valid\n", file.display())),
        Err(problems) => {
            complain(&problems);
            WRONG_USAGE
        }
    }
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
    ended(io::stdout().lock().write_all(text.as_bytes()))
}
