//! From TOML to [`Config`], collecting every error with its key path.

use super::{
    Backend, Config, ConfigErrors, Names, Sandboxing, Segment,
    rules::{self, RuleKeys},
};
use ipnet::IpNet;
use std::{fmt::Display, net::IpAddr, path::PathBuf};
use toml::{Table, Value};

/// Prefix of environment variables; sections and keys are separated by two underscores.
const ENVIRONMENT: &str = "WARDWATCH__";

/// Sections and keys of the commands that watch a network: a file made for them serves here as well.
const OTHER_COMMANDS: [&str; 3] = ["spool", "ingest", "sink"];

pub(super) fn read(
    origin: &str,
    text: &str,
    environment: impl IntoIterator<Item = (String, String)>,
    rules: &[RuleKeys],
) -> Result<Config, ConfigErrors> {
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or_default().matches('\n').count());
        ConfigErrors(vec![format!("{origin}: line {line}: {}", error.message().replace('\n', " "))])
    })?;
    let mut errors = Vec::new();
    let mut variables: Vec<_> = environment.into_iter().filter(|(name, _)| name.starts_with(ENVIRONMENT)).collect();
    variables.sort();
    for (name, value) in variables {
        if let Err(problem) = overlay(&mut table, &name, &value) {
            errors.push(format!("{name}: {problem}"));
        }
    }
    let mut section = Section { origin, path: String::new(), table, errors: &mut errors };
    let config = top(&mut section, rules);
    section.refuse_the_rest();
    if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
}

/// Puts an environment variable where its name says; its value is TOML, or else a text.
fn overlay(table: &mut Table, name: &str, value: &str) -> Result<(), String> {
    let path: Vec<String> = name.trim_start_matches(ENVIRONMENT).split("__").map(str::to_lowercase).collect();
    let Some((key, sections)) = path.split_last() else { return Ok(()) };
    let mut here = table;
    for section in sections {
        // Names of variables are in capitals, as are the ids of rules in a file.
        let known = here.keys().find(|known| known.eq_ignore_ascii_case(section)).unwrap_or(section).clone();
        let inner = here.entry(known).or_insert_with(|| Value::Table(Table::new()));
        here = inner.as_table_mut().ok_or_else(|| format!("`{section}` is a key, not a section"))?;
    }
    let parsed = format!("value = {value}").parse::<Table>().ok().and_then(|mut parsed| parsed.remove("value"));
    here.insert(key.clone(), parsed.unwrap_or_else(|| Value::String(value.to_owned())));
    Ok(())
}

fn top(section: &mut Section<'_>, rules: &[RuleKeys]) -> Config {
    let mut config = Config::default();
    if let Some(site) = section.text("site") {
        if site.trim().is_empty() || site.len() > 64 {
            section.error("site", "must have 1 to 64 characters");
        }
        config.site = site;
    }
    if let Some(nets) = section.texts("internal_nets") {
        config.internal_nets = nets.iter().filter_map(|net| section.net("internal_nets", net)).collect();
    }
    for file in section.texts("imports").unwrap_or_default() {
        match file.parse() {
            Ok(file) => config.imports.push(file),
            Err(problem) => section.error("imports", &problem),
        }
    }
    for other in OTHER_COMMANDS {
        section.table.remove(other);
    }
    section.inner("capture", |capture| {
        if capture.table.remove("snaplen").is_some_and(|length| length != Value::Integer(0)) {
            capture.error("snaplen", "must be 0: frames are read whole, and only what is allowed of them is kept");
        }
        if let Some(workers) = capture.number("workers", 0, 64) {
            config.workers = workers;
        }
        if let Some(interfaces) = capture.texts("interfaces") {
            config.interfaces = interfaces;
        }
        match capture.text("backend").as_deref() {
            None => {}
            Some("ring") => config.backend = Backend::Ring,
            Some("pnet") => config.backend = Backend::Pnet,
            Some(_) => capture.error("backend", "must be \"ring\" or \"pnet\""),
        }
        // The kernel has no ring of 4 GiB.
        if let Some(mib) = capture.number("ring_mib", 1, 4095) {
            config.ring_mib = mib;
        }
    });
    section.inner("uplink", |uplink| {
        match uplink.text("endpoint").map(|endpoint| endpoint.parse()) {
            None => {}
            Some(Ok(endpoint)) => config.uplink = Some(endpoint),
            Some(Err(problem)) => uplink.error("endpoint", problem),
        }
        // Its certificates are for a role that is not built yet.
        uplink.table.clear();
    });
    section.inner("security", |security| match security.text("sandbox").as_deref() {
        None => {}
        Some("require") => config.sandbox = Sandboxing::Require,
        Some("try") => config.sandbox = Sandboxing::Try,
        Some("off") => config.sandbox = Sandboxing::Off,
        Some(_) => security.error("sandbox", "must be \"require\", \"try\" or \"off\""),
    });
    section.inner("limits", |limits| {
        for (key, most, into) in [
            ("flows", 100_000_000, &mut config.limits.flows),
            ("reassembly_mib", 65_536, &mut config.limits.reassembly_mib),
            ("devices", 10_000_000, &mut config.limits.devices),
            ("conversations", 100_000_000, &mut config.limits.conversations),
            ("descriptions", 100_000_000, &mut config.limits.descriptions),
        ] {
            if let Some(limit) = limits.number(key, 1, most) {
                *into = limit;
            }
        }
    });
    section.inner("web", |web| {
        if let Some(listen) = web.text("listen") {
            match listen.parse() {
                Ok(listen) => config.web.listen = listen,
                Err(_) => web.error("listen", &format!("`{listen}` is no address and port such as 127.0.0.1:9847")),
            }
        }
        if let Some(file) = web.text("config_file") {
            config.web.config_file = Some(file.into());
        }
    });
    section.inner("store", |store| {
        match store.text("kind").as_deref() {
            None | Some("sled") => {}
            Some("postgres") => store.error("kind", "\"postgres\" is not built yet; use \"sled\""),
            Some(_) => store.error("kind", "must be \"sled\""),
        }
        match store.text("path") {
            Some(path) if path.is_empty() => store.error("path", "must name a folder"),
            path => config.store.path = path.map(PathBuf::from),
        }
        if let Some(mib) = store.number("facts_mib", 1, 1_048_576) {
            config.store.facts_mib = mib;
        }
    });
    section.inner("catalogue", |catalogue| {
        let dirs = catalogue.texts("dirs").unwrap_or_default();
        if dirs.iter().any(String::is_empty) {
            catalogue.error("dirs", "must name folders");
        }
        config.catalogue_dirs = dirs.into_iter().map(PathBuf::from).collect();
    });
    section.inner("privacy", |privacy| match privacy.text("hostnames").as_deref() {
        None => {}
        Some("keep") => config.hostnames = Names::Keep,
        Some("hash") => config.hostnames = Names::Hash,
        Some(_) => privacy.error("hostnames", "must be \"keep\" or \"hash\""),
    });
    section.inner("segments", |segments| {
        for key in segments.table.keys().cloned().collect::<Vec<_>>() {
            let Some(name) = segments.text(&key) else { continue };
            let segment = match key.strip_prefix("vlan:") {
                Some(id) => match id.parse() {
                    Ok(id @ 1..=4094) => Some(Segment::Vlan(id)),
                    _ => {
                        segments.error(&key, "a VLAN identifier is a number from 1 to 4094");
                        None
                    }
                },
                None => segments.net(&key, &key).map(Segment::Net),
            };
            // As `vlan:7` and `vlan:07` do.
            if config.segments.iter().any(|(known, _)| Some(*known) == segment) {
                segments.error(&key, "names the same segment as another key");
            }
            config.segments.extend(segment.map(|segment| (segment, name)));
        }
        config.segments.sort();
    });
    // After the segments, whose names it may use.
    section.inner("detect", |detect| rules::read(detect, rules, &mut config));
    config
}

/// A table whose keys are taken out one by one; what is left at the end is unknown.
pub(super) struct Section<'a> {
    origin: &'a str,
    path: String,
    pub(super) table: Table,
    errors: &'a mut Vec<String>,
}

impl Section<'_> {
    pub(super) fn error(&mut self, key: &str, problem: &str) {
        self.errors.push(format!("{}: {}{key}: {problem}", self.origin, self.path));
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) => Some(text),
            other => {
                self.error(key, &format!("must be a text, not {}", kind(&other)));
                None
            }
        }
    }

    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let value = self.table.remove(key)?;
        let texts = value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
        if texts.is_none() {
            self.error(key, &format!("must be a list of texts, not {}", kind(&value)));
        }
        texts
    }

    pub(super) fn number<N: TryFrom<i64> + Copy + PartialOrd + Display>(
        &mut self,
        key: &str,
        least: N,
        most: N,
    ) -> Option<N> {
        let value = self.table.remove(key)?;
        let number = value.as_integer().and_then(|number| N::try_from(number).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.error(key, &format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.table.remove(key)? {
            Value::Boolean(flag) => Some(flag),
            other => {
                self.error(key, &format!("must be true or false, not {}", kind(&other)));
                None
            }
        }
    }

    pub(super) fn net(&mut self, key: &str, text: &str) -> Option<IpNet> {
        let net = text.parse().ok();
        if net.is_none() {
            self.error(key, &format!("`{text}` is no address range such as 10.20.0.0/16"));
        }
        net
    }

    /// An address counts as the range of itself.
    pub(super) fn net_or_address(&mut self, key: &str, text: &str) -> Option<IpNet> {
        text.parse::<IpAddr>().map(IpNet::from).ok().or_else(|| self.net(key, text))
    }

    pub(super) fn inner(&mut self, key: &str, read: impl FnOnce(&mut Section<'_>)) {
        match self.table.remove(key) {
            None => {}
            Some(Value::Table(table)) => {
                let path = format!("{}{key}.", self.path);
                let mut inner = Section { origin: self.origin, path, table, errors: self.errors };
                read(&mut inner);
                inner.refuse_the_rest();
            }
            Some(other) => self.error(key, &format!("must be a section, not {}", kind(&other))),
        }
    }

    fn refuse_the_rest(&mut self) {
        for key in std::mem::take(&mut self.table).keys() {
            self.error(key, "unknown key; docs/configuration.md lists the known ones");
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}
