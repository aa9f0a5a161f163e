//! The section `[detect]`: one table for each rule, with the keys that the rule declares.

use super::{Config, read::Section};
use crate::analysis::Severity;
use ipnet::IpNet;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};
use toml::{Table, Value};

/// The table `[detect.ID]` of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleKeys {
    /// Id of the rule.
    pub id: &'static str,
    /// Its keys, beside `enabled` and `severity`.
    pub settings: &'static [Setting],
}

/// A key that a rule declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub key: &'static str,
    /// What it changes, in a line, with the unit of a number.
    pub meaning: &'static str,
    /// What its value must be.
    pub form: Form,
}

/// What the value of a key must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number.
    Number {
        /// Where nothing is said.
        default: u64,
        /// Smallest that makes sense.
        least: u64,
        /// Largest that makes sense.
        most: u64,
    },
    /// Addresses and address ranges; none by default.
    Nets,
    /// Pairs of segments, `"client's > server's"`; not said by default.
    SegmentPairs,
}

/// What a configuration says of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleConfig {
    /// The rule is judged at all.
    pub enabled: bool,
    /// In place of the rule's own.
    pub severity: Option<Severity>,
    numbers: BTreeMap<&'static str, u64>,
    nets: BTreeMap<&'static str, Vec<IpNet>>,
    pairs: BTreeMap<&'static str, BTreeSet<(String, String)>>,
}

impl RuleConfig {
    /// Where nothing is said.
    pub const DEFAULT: &'static Self = &Self {
        enabled: true,
        severity: None,
        numbers: BTreeMap::new(),
        nets: BTreeMap::new(),
        pairs: BTreeMap::new(),
    };

    /// A number, or its default.
    pub fn number(&self, setting: &Setting) -> u64 {
        let default = if let Form::Number { default, .. } = setting.form { default } else { 0 };
        self.numbers.get(setting.key).copied().unwrap_or(default)
    }

    /// Whether an address is in one of the ranges.
    pub fn covers(&self, setting: &Setting, ip: IpAddr) -> bool {
        self.nets.get(setting.key).is_some_and(|nets| nets.iter().any(|net| net.contains(&ip)))
    }

    /// Pairs of segments; none where nothing is said.
    pub fn pairs(&self, setting: &Setting) -> Option<&BTreeSet<(String, String)>> {
        self.pairs.get(setting.key)
    }
}

impl RuleConfig {
    /// The table as a file has it.
    pub(super) fn write(&self) -> Table {
        let list = |items: Vec<String>| Value::Array(items.into_iter().map(Value::String).collect());
        let mut table = Table::from_iter([("enabled".to_owned(), Value::Boolean(self.enabled))]);
        table.extend(self.severity.map(|severity| ("severity".to_owned(), Value::String(severity.name().to_owned()))));
        let numbers =
            self.numbers.iter().map(|(key, number)| (*key, Value::Integer(i64::try_from(*number).unwrap_or(i64::MAX))));
        let nets = self.nets.iter().map(|(key, nets)| (*key, list(nets.iter().map(ToString::to_string).collect())));
        let pairs = self.pairs.iter().map(|(key, pairs)| {
            (*key, list(pairs.iter().map(|(client, server)| format!("{client} > {server}")).collect()))
        });
        table.extend(numbers.chain(nets).chain(pairs).map(|(key, value)| (key.to_owned(), value)));
        table
    }
}

/// Reads the section.
pub(super) fn read(detect: &mut Section<'_>, rules: &[RuleKeys], config: &mut Config) {
    if let Some(days) = detect.number("learning_days", 0, 365) {
        config.learning_days = days;
    }
    let segments: BTreeSet<&str> = config.segments.iter().map(|(_, name)| name.as_str()).collect();
    for name in detect.table.keys().cloned().collect::<Vec<_>>() {
        let Some(rule) = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(&name)) else { continue };
        let mut settings = RuleConfig::DEFAULT.clone();
        detect.inner(&name, |table| {
            settings.enabled = table.flag("enabled").unwrap_or(true);
            settings.severity = table.text("severity").and_then(|name| severity(table, &name));
            rule.settings.iter().for_each(|setting| setting.read(table, &segments, &mut settings));
        });
        config.detect.insert(rule.id, settings);
    }
}

fn severity(table: &mut Section<'_>, name: &str) -> Option<Severity> {
    let known = Severity::ALL.iter().find(|severity| severity.name() == name).copied();
    if known.is_none() {
        let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
        table.error("severity", &format!("must be one of {}", names.join(", ")));
    }
    known
}

impl Setting {
    fn read(&self, table: &mut Section<'_>, segments: &BTreeSet<&str>, into: &mut RuleConfig) {
        let key = self.key;
        match self.form {
            Form::Number { least, most, .. } => {
                into.numbers.extend(table.number(key, least, most).map(|number| (key, number)));
            }
            Form::Nets => {
                if let Some(texts) = table.texts(key) {
                    into.nets.insert(key, texts.iter().filter_map(|text| table.net_or_address(key, text)).collect());
                }
            }
            Form::SegmentPairs => {
                if let Some(texts) = table.texts(key) {
                    into.pairs.insert(key, texts.iter().filter_map(|text| pair(table, key, text, segments)).collect());
                }
            }
        }
    }
}

fn pair(table: &mut Section<'_>, key: &str, text: &str, segments: &BTreeSet<&str>) -> Option<(String, String)> {
    let Some((client, server)) = text.split_once('>').map(|(client, server)| (client.trim(), server.trim())) else {
        table.error(key, &format!("`{text}` is no pair such as \"imaging > archive\", client first"));
        return None;
    };
    for name in [client, server] {
        if !segments.contains(name) {
            table.error(key, &format!("`{name}` is the name of no segment in [segments]"));
            return None;
        }
    }
    Some((client.to_owned(), server.to_owned()))
}
