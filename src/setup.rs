//! What every command that judges starts from: the configuration, the catalogue.

use crate::{DONE, FAILED, cli::Common, clock};
use std::{env, fs, io, net::IpAddr, path::Path};
use wardwatch_agent::{
    Limits,
    checkup::{UplinkRefusal, refuse_monitored_way},
    live::{Listening, Live, LiveError, Opener, Restrict},
};
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
        conversations: config.limits.conversations,
        descriptions: config.limits.descriptions,
    }
}

/// Listens on the interfaces of a configuration.
pub(crate) fn listen(config: &Config, opener: &Opener, restrict: &Restrict) -> Result<Live, LiveError> {
    let listening = Listening {
        interfaces: &config.interfaces,
        backend: config.backend,
        workers: config.workers,
        ring_bytes: config.ring_mib << 20,
        limits: limits(config),
        opener,
        restrict,
    };
    Live::open(&listening, clock::now)
}

/// Where an uplink would leave this machine.
pub(crate) enum Way {
    /// By an interface that is not listened on.
    Known(String),
    /// It is not known, and why.
    Unknown(String),
}

/// Looks where the uplink would leave, and refuses it where that is an interface that is listened on. A name is not looked up
/// here; but those who would be asked for it must not be reached by such an interface either.
pub(crate) fn uplink(config: &Config) -> Result<Option<Way>, String> {
    let Some(endpoint) = &config.uplink else { return Ok(None) };
    let told = |error: UplinkRefusal| error.to_string();
    if let Some(address) = endpoint.address() {
        let way = refuse_monitored_way(address, &config.interfaces).map_err(told)?;
        let none = || Way::Unknown(format!("there is no route to {address} now"));
        return Ok(Some(way.map_or_else(none, Way::Known)));
    }
    let servers = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    for server in name_servers(&servers) {
        refuse_monitored_way(server, &config.interfaces).map_err(told)?;
    }
    Ok(Some(Way::Unknown(format!("{} is a name, which is looked up when it is connected to", endpoint.host))))
}

/// Those who are asked for names, in the form of resolv.conf(5).
fn name_servers(text: &str) -> impl Iterator<Item = IpAddr> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let server = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        server.split('%').next()?.parse().ok()
    })
}

/// What to end with once a result was written. Whoever read the output may have seen enough of it.
pub(crate) fn ended(written: io::Result<()>) -> u8 {
    match written {
        Ok(()) => DONE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            FAILED
        }
    }
}

/// Tells whoever called the command what is wrong.
#[allow(clippy::print_stderr, reason = "errors of the command itself are told whatever the log level")]
pub(crate) fn complain(problem: &str) {
    for line in problem.lines() {
        eprintln!("wardwatch: {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_found_among_other_lines() {
        let text =
            "# nameserver 192.0.2.9\nsearch example\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver x\n";
        let found: Vec<String> = name_servers(text).map(|server| server.to_string()).collect();
        assert_eq!(found, ["192.0.2.1", "fe80::1"]);
    }
}
