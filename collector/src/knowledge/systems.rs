//! Operating systems by what DHCP clients say of themselves (RFC 2132, options 55 and 60).

use super::{CatalogueError, File, Origin};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    system: Vec<Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    name: String,
    version: Option<String>,
    #[serde(default)]
    vendor_class: Vec<String>,
    #[serde(default)]
    parameters: Vec<String>,
    version_after: Option<String>,
    #[serde(default)]
    releases: Vec<String>,
    confidence: f64,
    source: String,
    examples: Vec<Example>,
    /// Where it begins in the file.
    #[serde(skip)]
    line: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Example {
    vendor_class: Option<String>,
    parameters: Option<String>,
    system: String,
}

/// An operating system, as far as it is certain.
#[derive(Debug, PartialEq)]
pub struct System {
    /// Name, and the releases it may be.
    pub title: String,
    /// From 0 to 1.
    pub confidence: f64,
    /// Where this is said.
    pub origin: Origin,
}

#[derive(Debug)]
pub(super) struct Systems {
    entries: Vec<Entry>,
}

impl Systems {
    pub(super) fn read(file: &File<'_>, is_release: impl Fn(&str) -> bool) -> Result<Self, CatalogueError> {
        let Table { system: entries } = file.parse()?;
        let at_its_line = |entry: Spanned<Entry>| {
            let line = file.line(entry.span().start);
            Entry { line, ..entry.into_inner() }
        };
        let entries: Vec<Entry> = entries.into_iter().map(at_its_line).collect();
        for entry in &entries {
            let title = entry.title(None);
            file.require_source(&title, &entry.source, &entry.examples)?;
            for (key, list) in [
                ("vendor-class", &entry.vendor_class),
                ("parameters", &entry.parameters),
                ("releases", &entry.releases),
            ] {
                file.require_sorted(&title, key, list)?;
            }
            if let Some(unknown) = entry.releases.iter().find(|release| !is_release(release)) {
                return Err(file.wrong(&title, "releases", format!("{unknown:?} is not in lifecycle.toml")));
            }
            if entry.vendor_class.is_empty() && entry.parameters.is_empty() {
                return Err(file.wrong(&title, "vendor-class", "neither this nor parameters"));
            }
        }
        let systems = Self { entries };
        for example in systems.entries.iter().flat_map(|entry| &entry.examples) {
            let found = systems.find(example.vendor_class.as_deref(), example.parameters.as_deref());
            if found.as_ref().map(|system| &system.title) != Some(&example.system) {
                return Err(file.wrong(&example.system, "examples", format!("{example:?} gives {found:?}")));
            }
        }
        Ok(systems)
    }

    /// By vendor class and parameter list: the one that knows more of both.
    pub(super) fn find(&self, vendor_class: Option<&str>, parameters: Option<&str>) -> Option<System> {
        let fits = |entry: &&Entry| {
            let parameters_fit = entry.parameters.is_empty()
                || parameters.is_some_and(|list| entry.parameters.iter().any(|known| known == list));
            let class_fits = match vendor_class {
                Some(class) => entry.beginning(class).is_some(),
                None => entry.vendor_class.is_empty(),
            };
            parameters_fit && class_fits
        };
        let entry = self.entries.iter().filter(fits).max_by_key(|entry| {
            (!entry.parameters.is_empty(), vendor_class.and_then(|class| entry.beginning(class)))
        })?;
        let (file, name) = (super::SYSTEMS.name.to_owned(), entry.title(None));
        let origin = Origin { file, line: entry.line, name, source: entry.source.clone() };
        Some(System { title: entry.title(vendor_class), confidence: entry.confidence, origin })
    }

    /// Name and version of a title; the version is what follows the name.
    pub(super) fn split<'a>(&self, title: &'a str) -> (&'a str, Option<&'a str>) {
        let names = self.entries.iter().map(|entry| entry.name.as_str());
        let rest_of = |name: &str| {
            let rest = title.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with(' ')).then_some((name.len(), rest.trim_start()))
        };
        match names.filter_map(rest_of).max() {
            Some((length, rest)) => (title.get(..length).unwrap_or(title), Some(rest).filter(|rest| !rest.is_empty())),
            // A version begins with a digit.
            None => match title.rsplit_once(' ') {
                Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => (name, Some(version)),
                _ => (title, None),
            },
        }
    }

    /// The releases that a title may mean.
    pub(super) fn releases(&self, title: &str) -> Option<&[String]> {
        let entry = self.entries.iter().find(|entry| !entry.releases.is_empty() && entry.title(None) == title)?;
        Some(&entry.releases)
    }
}

impl Entry {
    /// Length of the beginning of a vendor class that is this entry's.
    fn beginning(&self, vendor_class: &str) -> Option<usize> {
        let fits = |known: &&String| {
            vendor_class.get(..known.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(known))
        };
        self.vendor_class.iter().filter(fits).map(String::len).max()
    }

    fn title(&self, vendor_class: Option<&str>) -> String {
        let told = self.version_after.as_deref().and_then(|before| {
            let (_, rest) = vendor_class?.split_once(before)?;
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            rest.get(..end).map(|version| version.trim_end_matches('.')).filter(|version| !version.is_empty())
        });
        match told.or(self.version.as_deref()) {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Catalogue;

    fn title(vendor_class: Option<&str>, parameters: Option<&str>) -> Option<String> {
        Catalogue::embedded().unwrap().operating_system(vendor_class, parameters).map(|system| system.title)
    }

    #[test]
    fn a_list_of_parameters_tells_a_family_and_the_vendor_class_alone_does_not() {
        let xp = Some("1,15,3,6,44,46,47,31,33,249,43");
        assert_eq!(title(Some("MSFT 5.0"), xp).as_deref(), Some("Windows XP or Server 2003"));
        assert_eq!(title(Some("MSFT 5.0"), Some("1,3,6")).as_deref(), Some("Windows"));
        assert_eq!(title(Some("MSFT 5.0"), None).as_deref(), Some("Windows"));
    }

    #[test]
    fn a_client_that_sends_another_vendor_class_is_not_what_its_list_looks_like() {
        let apple = Some("1,121,3,6,15,119,252");
        assert_eq!(title(None, apple).as_deref(), Some("macOS or iOS"));
        assert_eq!(title(Some("Cisco AP c1840i"), apple), None);
        assert_eq!(title(Some("android-dhcp-13"), apple).as_deref(), Some("Android 13"));
        assert_eq!(title(None, None), None);
    }

    #[test]
    fn a_title_is_told_as_name_and_version() {
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(catalogue.split_system("Windows XP or Server 2003"), ("Windows", Some("XP or Server 2003")));
        assert_eq!(catalogue.split_system("macOS or iOS"), ("macOS or iOS", None));
        assert_eq!(catalogue.split_system("Debian 12"), ("Debian", Some("12")));
        assert_eq!(catalogue.split_system("Windowsill"), ("Windowsill", None));
    }
}
