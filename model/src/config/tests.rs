//! What a configuration means and what is said of a wrong one.

use super::*;
use crate::analysis::Severity;
use proptest::prelude::*;
use std::collections::BTreeSet;
use toml::{Table, Value};

const TIMES: Setting =
    Setting { key: "times", meaning: "how often", form: Form::Number { default: 5, least: 2, most: 9 } };
const EXCEPT: Setting = Setting { key: "except", meaning: "not those", form: Form::Nets };
const ALLOWED: Setting = Setting { key: "allowed", meaning: "these may", form: Form::SegmentPairs };
const RULES: &[RuleKeys] =
    &[RuleKeys { id: "X01", settings: &[TIMES, EXCEPT, ALLOWED] }, RuleKeys { id: "X02", settings: &[] }];

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read("w.toml", text, environment, RULES).map_err(|errors| errors.to_string())
}

#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(read("", &[]), Ok(Config::default()));
    assert_eq!(Config::default().internal_nets.len(), DEFAULT_INTERNAL_NETS.len());
}

#[test]
fn every_known_key_is_taken() {
    let config = read(
        r#"
        site = "north"
        internal_nets = ["10.0.0.0/8", "fd00::/8"]
        [capture]
        workers = 2
        backend = "pnet"
        ring_mib = 8
        [limits]
        flows = 1000
        reassembly_mib = 8
        devices = 50
        conversations = 70
        descriptions = 30
        [privacy]
        hostnames = "hash"
        [segments]
        "10.20.0.0/16" = "imaging"
        "vlan:120" = "wards"
        "#,
        &[],
    )
    .unwrap();
    assert_eq!(config.site, "north");
    assert_eq!(
        config.limits,
        Limits { flows: 1000, reassembly_mib: 8, devices: 50, conversations: 70, descriptions: 30 }
    );
    assert_eq!((config.backend, config.ring_mib), (Backend::Pnet, 8));
    assert_eq!((config.workers, config.hostnames, config.segments.len()), (2, Names::Hash, 2));
}

#[test]
fn every_error_is_told_at_once_with_its_key_path() {
    let errors = read(
        "sight = 1\ninternal_nets = [\"10.0.0.0/99\"]\n[limits]\nflows = 0\nflow = 2\n[segments]\n\"vlan:9999\" = \"x\"\n[capture]\nbackend = \"xdp\"\nring_mib = 4096\n",
        &[("WARDWATCH__PRIVACY__HOSTNAMES", "maybe"), ("OTHER", "1")],
    )
    .unwrap_err();
    for part in [
        "w.toml: sight: unknown key",
        "internal_nets: `10.0.0.0/99`",
        "limits.flows: must be",
        "limits.flow: unknown key",
        "segments.vlan:9999: a VLAN",
        "privacy.hostnames: must be",
        "capture.backend: must be",
        "capture.ring_mib: must be",
    ] {
        assert!(errors.contains(part), "{part} in:\n{errors}");
    }
    assert_eq!(errors.lines().count(), 8);
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_its_line() {
    assert!(read("site = \"a\"\nlimits = [\n", &[]).unwrap_err().starts_with("w.toml: line "));
}

#[test]
fn the_environment_overrides_the_file() {
    let config =
        read("[limits]\nflows = 1\n", &[("WARDWATCH__LIMITS__FLOWS", "7"), ("WARDWATCH__SITE", "south wing")]).unwrap();
    assert_eq!((config.limits.flows, config.site.as_str()), (7, "south wing"));
}

#[test]
fn the_longest_range_names_the_segment_before_any_vlan() {
    let config =
        read("[segments]\n\"10.0.0.0/8\" = \"all\"\n\"10.20.0.0/16\" = \"imaging\"\n\"vlan:7\" = \"seven\"\n", &[])
            .unwrap();
    let mut vlans = Vlans::default();
    vlans.push(7);
    assert_eq!(config.segment("10.20.3.4".parse().unwrap(), vlans), Some("imaging"));
    assert_eq!(config.segment("10.9.3.4".parse().unwrap(), vlans), Some("all"));
    assert_eq!(config.segment("192.0.2.1".parse().unwrap(), vlans), Some("seven"));
    assert_eq!(config.segment("192.0.2.1".parse().unwrap(), Vlans::default()), None);
}

#[test]
fn a_file_made_for_watching_a_network_serves_too() {
    let text =
        "[capture]\ninterfaces = [\"eth1\"]\nsnaplen = 0\n[store]\nkind = \"sled\"\n[[sink]]\nkind = \"syslog\"\n";
    assert_eq!(read(text, &[]), Ok(Config { interfaces: vec!["eth1".to_owned()], ..Config::default() }));
    assert!(read("[capture]\ninterface = 1\n", &[]).unwrap_err().contains("capture.interface: unknown key"));
    assert!(read("[capture]\nsnaplen = 96\n", &[]).unwrap_err().contains("capture.snaplen: must be 0"));
}

#[test]
fn folders_of_rules_are_named_and_written_back() {
    let config = read("[catalogue]\ndirs = [\"/etc/rules.d\", \"b\"]\n", &[]).unwrap();
    assert_eq!(config.catalogue_dirs, [std::path::Path::new("/etc/rules.d"), std::path::Path::new("b")]);
    assert_eq!(read(&config.to_toml(), &[]), Ok(config));
    for (wrong, told) in [("dirs = \"a\"", "catalogue.dirs: must be a list"), ("dirs = [\"\"]", "must name folders")] {
        assert!(read(&format!("[catalogue]\n{wrong}\n"), &[]).unwrap_err().contains(told), "{wrong}");
    }
}

#[test]
fn a_rule_has_the_keys_it_declares() {
    let text = r#"
        [segments]
        "10.20.0.0/16" = "imaging"
        "10.30.0.0/16" = "archive"
        [detect]
        learning_days = 14
        [detect.X01]
        severity = "high"
        times = 7
        except = ["10.0.0.5", "10.1.0.0/24"]
        allowed = ["imaging > archive"]
        [detect.X02]
        enabled = false
        "#;
    let config = read(text, &[]).unwrap();
    let rule = config.rule("X01");
    assert_eq!((rule.enabled, rule.severity, rule.number(&TIMES)), (true, Some(Severity::High), 7));
    for (ip, covered) in [("10.0.0.5", true), ("10.0.0.6", false), ("10.1.0.200", true)] {
        assert_eq!(rule.covers(&EXCEPT, ip.parse().unwrap()), covered, "{ip}");
    }
    assert_eq!(rule.pairs(&ALLOWED), Some(&[("imaging".to_owned(), "archive".to_owned())].into()));
    assert!(!config.rule("X02").enabled);
    assert_eq!(config.rule("X03"), RuleConfig::DEFAULT);
    assert_eq!(read(&config.to_toml(), &[]), Ok(config), "written and read again");
    assert_eq!(RuleConfig::DEFAULT.number(&TIMES), 5);
    assert_eq!(RuleConfig::DEFAULT.pairs(&ALLOWED), None);
}

#[test]
fn what_is_wrong_with_a_rule_is_told_with_its_key_path() {
    let text = r#"
        [segments]
        "10.20.0.0/16" = "imaging"
        [detect]
        learning_days = -1
        X09 = { enabled = true }
        [detect.X01]
        severity = "awful"
        times = 1
        except = ["10.0.0.5.6"]
        allowed = ["imaging > archive", "imaging"]
        [detect.X02]
        enabled = "no"
        times = 5
        "#;
    let errors = read(text, &[]).unwrap_err();
    for part in [
        "detect.learning_days: must be",
        "detect.X09: unknown key",
        "detect.X01.severity: must be one of info, low",
        "detect.X01.times: must be a whole number from 2 to 9",
        "detect.X01.except: `10.0.0.5.6`",
        "detect.X01.allowed: `archive` is the name of no segment",
        "detect.X01.allowed: `imaging` is no pair",
        "detect.X02.enabled: must be true or false, not a text",
        "detect.X02.times: unknown key",
    ] {
        assert!(errors.contains(part), "{part} in:\n{errors}");
    }
    assert_eq!(errors.lines().count(), 9, "{errors}");
}

#[test]
fn the_environment_reaches_a_rule_that_the_file_names_in_capitals() {
    let config = read("[detect.X01]\ntimes = 3\n", &[("WARDWATCH__DETECT__X01__ENABLED", "false")]).unwrap();
    assert_eq!((config.rule("X01").enabled, config.rule("X01").number(&TIMES)), (false, 3));
}

#[test]
fn the_store_is_sled_in_a_folder_and_another_kind_is_refused_with_what_there_is() {
    let config = read("[store]\nkind = \"sled\"\npath = \"/var/lib/wardwatch\"\nfacts_mib = 64\n", &[]).unwrap();
    assert_eq!(config.store, Store { path: Some("/var/lib/wardwatch".into()), facts_mib: 64 });
    let errors = read("[store]\nkind = \"postgres\"\npath = \"\"\nfacts_mib = 0\nurl_file = \"x\"\n", &[]).unwrap_err();
    for part in [
        "store.kind: \"postgres\" is not built yet",
        "store.path: must",
        "store.facts_mib: must",
        "store.url_file: unknown",
    ] {
        assert!(errors.contains(part), "{part} in:\n{errors}");
    }
}

#[test]
fn a_segment_that_is_named_twice_is_refused() {
    let errors = read("[segments]\n\"vlan:7\" = \"a\"\n\"vlan:07\" = \"b\"\n", &[]).unwrap_err();
    assert!(errors.contains("segments.vlan:7: names the same segment as another key"), "{errors}");
    assert!(read("[segments]\n\"FD00::/8\" = \"a\"\n\"fd00::/8\" = \"b\"\n", &[]).is_err());
}

/// Text that a valid file may have anywhere, with what TOML must escape.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 _.:/\"'\\\\\u{e4}\n\t=#>-]{0,12}"
}

fn nets() -> impl Strategy<Value = String> {
    prop_oneof![
        (any::<[u8; 4]>(), 0..=32u8).prop_map(|(ip, length)| format!("{}/{length}", std::net::Ipv4Addr::from(ip))),
        (any::<[u16; 8]>(), 0..=128u8)
            .prop_map(|(ip, length)| { format!("{}/{length}", std::net::Ipv6Addr::from(ip)).to_uppercase() }),
    ]
}

/// A section of some of these keys, each with a value.
fn section(name: &'static str, keys: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<(String, Value)> {
    let keys = keys.into_iter().map(|(key, value)| prop::option::of(value).prop_map(move |value| (key, value)));
    let table = |keys: Vec<(&str, Option<Value>)>| {
        Value::Table(keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
    };
    keys.collect::<Vec<_>>().prop_map(move |keys| (name.to_owned(), table(keys))).boxed()
}

fn number(least: i64, most: i64) -> BoxedStrategy<Value> {
    (least..=most).prop_map(Value::Integer).boxed()
}

fn one_of(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(values).prop_map(|value| Value::String(value.to_owned())).boxed()
}

fn text(texts: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Value> {
    texts.prop_map(Value::String).boxed()
}

fn list(texts: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Value> {
    prop::collection::vec(text(texts), 0..4).prop_map(Value::Array).boxed()
}

/// Any valid file.
fn files() -> impl Strategy<Value = Table> {
    let rule = vec![
        ("enabled", any::<bool>().prop_map(Value::Boolean).boxed()),
        ("severity", one_of(&["info", "low", "medium", "high", "critical"])),
        ("times", number(2, 9)),
        ("except", list(nets())),
        ("allowed", list(Just("imaging > old > archive".to_owned()))),
    ];
    let detect = (prop::option::of(0..=365i64), prop::option::of(section("X01", rule)), any::<bool>());
    let detect = detect.prop_map(|(days, rule, second)| {
        let days = days.map(|days| ("learning_days".to_owned(), Value::Integer(days)));
        let second = second.then(|| ("X02".to_owned(), Value::Table(Table::new())));
        ("detect".to_owned(), Value::Table(days.into_iter().chain(rule).chain(second).collect()))
    });
    let segments = prop::collection::btree_map(
        prop_oneof![nets(), (1..=4094u16).prop_map(|id| format!("vlan:{id}"))],
        text(words()),
        0..5,
    );
    let segments = segments.prop_map(|named| {
        let known = [("vlan:1", "imaging"), ("vlan:2", "old > archive")];
        let known = known.map(|(key, name)| (key.to_owned(), Value::String(name.to_owned())));
        ("segments".to_owned(), Value::Table(named.into_iter().chain(known).collect()))
    });
    let sections = (
        segments,
        detect,
        section("capture", vec![("workers", number(0, 64)), ("interfaces", list(words()))]),
        section(
            "limits",
            vec![
                ("flows", number(1, 9)),
                ("reassembly_mib", number(1, 65_536)),
                ("devices", number(1, 9)),
                ("conversations", number(1, 9)),
                ("descriptions", number(1, 9)),
            ],
        ),
        section("privacy", vec![("hostnames", one_of(&["keep", "hash"]))]),
        section(
            "store",
            vec![
                ("kind", one_of(&["sled"])),
                ("path", text(words().prop_filter("a folder", |path| !path.is_empty()))),
                ("facts_mib", number(1, 1_048_576)),
            ],
        ),
        section(
            "web",
            vec![("listen", one_of(&["0.0.0.0:1", "[::1]:9847", "[fe80::1%3]:80"])), ("config_file", text(words()))],
        ),
        text(words().prop_filter("a site", |site| !site.trim().is_empty())),
        list(nets()),
    );
    let more = (
        section("security", vec![("sandbox", one_of(&["require", "try", "off"]))]),
        section(
            "uplink",
            vec![("endpoint", one_of(&["https://a", "https://10.0.0.5:1", "https://[2001:DB8::1]:443/"]))],
        ),
    );
    (sections, more).prop_map(
        |((segments, detect, capture, limits, privacy, store, web, site, nets), (security, uplink))| {
            let sections = [segments, detect, capture, limits, privacy, store, web, security, uplink];
            sections.into_iter().chain([("site".to_owned(), site), ("internal_nets".to_owned(), nets)]).collect()
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_of_any_valid_configuration_is_that_configuration(file in files()) {
        let config = read(&file.to_string(), &[]).unwrap();
        let printed = config.to_toml();
        prop_assert_eq!(read(&printed, &[]), Ok(config), "{}", printed);
    }
}

/// The sections and keys of a file, one level deep.
fn keys(file: &Table) -> BTreeSet<String> {
    let inner = |(name, value): (&String, &Value)| match value {
        Value::Table(table) => table.keys().map(|key| format!("{name}.{key}")).collect::<Vec<_>>(),
        _ => vec![name.clone()],
    };
    file.iter().flat_map(inner).collect()
}

#[test]
fn every_key_that_is_heeded_is_printed() {
    let text = "site = \"a\"\ninternal_nets = []\nimports = []\n[capture]\nworkers = 1\ninterfaces = []\n\
                backend = \"ring\"\nring_mib = 1\n[catalogue]\ndirs = []\n[limits]\nflows = 1\n\
                reassembly_mib = 1\ndevices = 1\nconversations = 1\ndescriptions = 1\n[privacy]\nhostnames = \"hash\"\n[segments]\n\"vlan:1\" = \"a\"\n\
                [security]\nsandbox = \"require\"\n[uplink]\nendpoint = \"https://a:1\"\n\
                [detect]\nlearning_days = 3\nX01 = {}\n[store]\nkind = \"sled\"\npath = \"a\"\nfacts_mib = 1\n\
                [web]\nlisten = \"127.0.0.1:1\"\nconfig_file = \"b\"\n";
    let printed = read(text, &[]).unwrap().to_toml();
    assert_eq!(keys(&printed.parse().unwrap()), keys(&text.parse().unwrap()), "{printed}");
    assert!(printed.contains("learning_days = 3"), "{printed}");
}

#[test]
fn files_to_import_are_read_written_and_refused_with_their_key() {
    let config = read("imports = [\"dhcp-kea=/var/lib/kea/kea-leases4.csv\", \"ipam=plan=2.csv\"]", &[]).unwrap();
    let told: Vec<String> = config.imports.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["dhcp-kea=/var/lib/kea/kea-leases4.csv", "ipam=plan=2.csv"]);
    assert_eq!(read(&config.to_toml(), &[]), Ok(config), "written and read again");
    let refused = read("imports = [\"floppy=x\"]", &[]).unwrap_err().to_string();
    assert!(refused.contains("imports: `floppy` is no kind of file"), "{refused}");
}
