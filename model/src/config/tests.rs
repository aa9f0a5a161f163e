//! What a configuration means and what is said of a wrong one.

use super::*;
use crate::analysis::Severity;

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
        [limits]
        flows = 1000
        reassembly_mib = 8
        devices = 50
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
    assert_eq!(config.limits, Limits { flows: 1000, reassembly_mib: 8, devices: 50 });
    assert_eq!((config.workers, config.hostnames, config.segments.len()), (2, Names::Hash, 2));
}

#[test]
fn every_error_is_told_at_once_with_its_key_path() {
    let errors = read(
        "sight = 1\ninternal_nets = [\"10.0.0.0/99\"]\n[limits]\nflows = 0\nflow = 2\n[segments]\n\"vlan:9999\" = \"x\"\n",
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
    ] {
        assert!(errors.contains(part), "{part} in:\n{errors}");
    }
    assert_eq!(errors.lines().count(), 6);
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
        "[capture]\ninterfaces = [\"eth1\"]\nring_mib = 64\n[store]\nkind = \"sled\"\n[[sink]]\nkind = \"syslog\"\n";
    assert_eq!(read(text, &[]), Ok(Config { interfaces: vec!["eth1".to_owned()], ..Config::default() }));
    assert!(read("[capture]\ninterface = 1\n", &[]).unwrap_err().contains("capture.interface: unknown key"));
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
