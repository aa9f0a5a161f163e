//! `wardwatch doctor`: what is right and wrong with this machine, its interfaces and its captures, and what to type about it.

mod machine;
mod traffic;
mod uplink;

use crate::{
    DONE, FAILED, WRONG_USAGE,
    cli::Doctor,
    setup::{complain, configuration, ended},
};
use std::{
    fmt::Write as _,
    io::{self, Write},
};
use wardwatch_agent::checkup::{self, Check, Verdict};
use wardwatch_model::config::Config;

/// Checks of one thing: this machine, an interface, captures.
struct Section {
    name: String,
    checks: Vec<Check>,
}

pub(crate) fn run(options: &Doctor) -> u8 {
    let config = match effective(options) {
        Ok(config) => config,
        Err(problem) => {
            complain(&problem);
            return WRONG_USAGE;
        }
    };
    let mut sections = vec![Section { name: "this machine".to_owned(), checks: machine::checks(&config) }];
    sections.extend(config.interfaces.iter().map(|name| Section { name: name.clone(), checks: interface(name) }));
    if let Some(seconds) = options.listen {
        sections.extend(traffic::of_interfaces(&config, seconds));
    }
    if !options.files.is_empty() {
        sections.push(traffic::of_files(&options.files, &config));
    }
    let is_bad = sections.iter().flat_map(|section| &section.checks).any(|check| check.verdict == Verdict::Bad);
    ended(io::stdout().lock().write_all(page(&sections).as_bytes())).max(if is_bad { FAILED } else { DONE })
}

/// The configuration, with what the flags say.
fn effective(options: &Doctor) -> Result<Config, String> {
    let mut config = configuration(&options.common)?;
    if !options.interfaces.is_empty() {
        config.interfaces.clone_from(&options.interfaces);
    }
    config.interfaces.sort();
    config.interfaces.dedup();
    if let Some(folder) = &options.data_dir {
        config.store.path = Some(folder.clone());
    }
    if options.listen.is_some() && config.interfaces.is_empty() {
        return Err("nothing to listen on: give --interface IF, or name capture.interfaces in the configuration".into());
    }
    Ok(config)
}

fn interface(name: &str) -> Vec<Check> {
    checkup::interface(name).unwrap_or_else(|error| vec![Check::new("interface", Verdict::Bad, error.to_string())])
}

/// What is printed: for people, one line for each check, and under it what to type.
fn page(sections: &[Section]) -> String {
    let mut page = String::new();
    let width = sections.iter().flat_map(|section| &section.checks).map(|check| check.what.len()).max().unwrap_or(0);
    for Section { name, checks } in sections {
        let _ = writeln!(page, "{name}");
        for Check { what, verdict, found, advice } in checks {
            let _ = writeln!(page, "  {:8} {what:width$} {found}", word(*verdict));
            for line in advice {
                let _ = writeln!(page, "  {:8} {:width$} > {line}", "", "");
            }
        }
    }
    let count = |wanted: Verdict| {
        sections.iter().flat_map(|section| &section.checks).filter(|check| check.verdict == wanted).count()
    };
    let (bad, warnings, unknown) = (count(Verdict::Bad), count(Verdict::Warning), count(Verdict::Unknown));
    let _ = writeln!(page, "{bad} bad, {warnings} warnings, {unknown} unknown");
    page
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Bad => "BAD",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_type_stands_under_what_is_wrong() {
        let checks = vec![
            Check::new("link", Verdict::Good, "up"),
            Check::new("arp", Verdict::Bad, "on").advise("ip link set dev eth1 arp off"),
        ];
        let lines = page(&[Section { name: "eth1".to_owned(), checks }]);
        let lines: Vec<&str> = lines.lines().map(str::trim).collect();
        let expected = [
            "eth1",
            "good     link up",
            "BAD      arp  on",
            "> ip link set dev eth1 arp off",
            "1 bad, 0 warnings, 0 unknown",
        ];
        assert_eq!(lines, expected);
    }
}
