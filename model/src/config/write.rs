//! From [`Config`] back to TOML: the configuration in force.

use super::{Backend, Config, Names, Sandboxing, Segment};
use toml::{Table, Value};

/// The configuration as a file that [`Config::read`] turns into the same configuration.
pub(super) fn write(config: &Config) -> String {
    let texts = |items: Vec<String>| Value::Array(items.into_iter().map(Value::String).collect());
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let nets = config.internal_nets.iter().map(ToString::to_string).collect();
    let mut web = Table::from_iter([("listen".to_owned(), Value::String(config.web.listen.to_string()))]);
    if let Some(file) = &config.web.config_file {
        web.insert("config_file".to_owned(), Value::String(file.display().to_string()));
    }
    let mut store = Table::from_iter([
        ("kind".to_owned(), Value::String("sled".to_owned())),
        ("facts_mib".to_owned(), number(config.store.facts_mib)),
    ]);
    if let Some(path) = &config.store.path {
        store.insert("path".to_owned(), Value::String(path.display().to_string()));
    }
    let hostnames = match config.hostnames {
        Names::Keep => "keep",
        Names::Hash => "hash",
    };
    let backend = match config.backend {
        Backend::Ring => "ring",
        Backend::Pnet => "pnet",
    };
    let segments = config.segments.iter().map(|(segment, name)| {
        let key = match segment {
            Segment::Net(net) => net.to_string(),
            Segment::Vlan(id) => format!("vlan:{id}"),
        };
        (key, Value::String(name.clone()))
    });
    let rules = config.detect.iter().map(|(id, rule)| ((*id).to_owned(), Value::Table(rule.write())));
    let learning_days = Value::Integer(i64::try_from(config.learning_days).unwrap_or(i64::MAX));
    let sandbox = match config.sandbox {
        Sandboxing::Require => "require",
        Sandboxing::Try => "try",
        Sandboxing::Off => "off",
    };
    let uplink = config.uplink.iter().map(|endpoint| ("endpoint".to_owned(), Value::String(endpoint.to_string())));
    let dirs = texts(config.catalogue_dirs.iter().map(|dir| dir.display().to_string()).collect());
    let sections = [
        ("catalogue", Table::from_iter([("dirs".to_owned(), dirs)])),
        (
            "capture",
            Table::from_iter([
                ("interfaces".to_owned(), texts(config.interfaces.clone())),
                ("workers".to_owned(), number(config.workers)),
                ("backend".to_owned(), Value::String(backend.to_owned())),
                ("ring_mib".to_owned(), number(config.ring_mib)),
            ]),
        ),
        (
            "limits",
            Table::from_iter([
                ("flows".to_owned(), number(config.limits.flows)),
                ("reassembly_mib".to_owned(), number(config.limits.reassembly_mib)),
                ("devices".to_owned(), number(config.limits.devices)),
                ("conversations".to_owned(), number(config.limits.conversations)),
                ("descriptions".to_owned(), number(config.limits.descriptions)),
            ]),
        ),
        ("privacy", Table::from_iter([("hostnames".to_owned(), Value::String(hostnames.to_owned()))])),
        ("security", Table::from_iter([("sandbox".to_owned(), Value::String(sandbox.to_owned()))])),
        ("segments", segments.collect()),
        ("detect", rules.chain([("learning_days".to_owned(), learning_days)]).collect()),
        ("store", store),
        ("uplink", uplink.collect()),
        ("web", web),
    ];
    let mut all = Table::from_iter([
        ("site".to_owned(), Value::String(config.site.clone())),
        ("internal_nets".to_owned(), texts(nets)),
        ("imports".to_owned(), texts(config.imports.iter().map(ToString::to_string).collect())),
    ]);
    all.extend(sections.map(|(name, section)| (name.to_owned(), Value::Table(section))));
    all.to_string()
}
