//! What every command that judges starts from: the configuration, the catalogue.

use crate::cli::Common;
use std::{env, fs, path::Path};
use wardwatch_agent::Limits;
use wardwatch_collector::{
    detect::rule_keys,
    web::{Protection, WebConfig, require_auth},
};
use wardwatch_model::config::Config;

/// The configuration file, the environment, then the flags.
pub(crate) fn configuration(flags: &Common) -> Result<Config, String> {
    let mut config = read(flags.config_file.as_deref())?;
    if let Some(site) = &flags.site {
        config.site.clone_from(site);
    }
    if let Some(workers) = flags.workers {
        config.workers = workers.into();
    }
    if !flags.internal_nets.is_empty() {
        config.internal_nets.clone_from(&flags.internal_nets);
    }
    Ok(config)
}

/// The configuration file and the environment.
pub(crate) fn read(file: Option<&Path>) -> Result<Config, String> {
    let (origin, text) = match file {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            (path.display().to_string(), text)
        }
        None => ("environment".to_owned(), String::new()),
    };
    let variables =
        env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::read(&origin, &text, variables, &rule_keys()).map_err(|errors| errors.to_string())
}

/// Who may read the page, and over what: the file that the configuration names.
pub(crate) fn web(config: &Config) -> Result<WebConfig, String> {
    let Some(file) = &config.web.config_file else { return Ok(WebConfig::default()) };
    let told = |problem: &dyn std::fmt::Display| format!("{}: {problem}", file.display());
    let text = fs::read_to_string(file).map_err(|error| told(&error))?;
    WebConfig::read(&text, file.parent().unwrap_or(Path::new("."))).map_err(|error| told(&error))
}

/// The page's protection at the start, with the certificates that are named: nothing is wrong with it.
pub(crate) fn protection(config: &Config) -> Result<Protection, String> {
    let web = web(config)?;
    require_auth(config.web.listen, &web).map_err(|error| format!("web.listen: {error}"))?;
    Protection::new(web).map_err(|error| error.to_string())
}

/// What the engine may keep.
pub(crate) fn limits(config: &Config) -> Limits {
    Limits {
        flows: config.limits.flows,
        reassembly_bytes: config.limits.reassembly_mib << 20,
        devices: config.limits.devices,
    }
}

/// Tells whoever called the command what is wrong.
#[allow(clippy::print_stderr, reason = "errors of the command itself are told whatever the log level")]
pub(crate) fn complain(problem: &str) {
    for line in problem.lines() {
        eprintln!("wardwatch: {line}");
    }
}
