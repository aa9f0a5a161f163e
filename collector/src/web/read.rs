//! Reading a YAML document by hand, so that each problem can be named by its key path and all are named at once.
//!
//! serde_yaml is no longer maintained, and its forks keep its C parser in another language. serde-saphyr is safe Rust all the
//! way down, and bounds what aliases may make of a document.

use serde_json::{Map, Value};

/// Takes note of problems.
#[derive(Default)]
pub(super) struct Reader {
    /// Key path and what is wrong there.
    pub(super) problems: Vec<String>,
}

impl Reader {
    pub(super) fn problem(&mut self, path: &str, what: &str) {
        self.problems.push(format!("{path}: {what}"));
    }

    /// The document as a table; an empty one is an empty table.
    pub(super) fn document(&mut self, text: &str) -> Option<Table> {
        match serde_saphyr::from_str::<Value>(text) {
            Ok(Value::Object(entries)) => Some(Table { path: String::new(), entries }),
            Ok(Value::Null) => Some(Table { path: String::new(), entries: Map::new() }),
            Ok(_) => {
                self.problems.push("is not a table of settings".to_owned());
                None
            }
            Err(error) => {
                self.problems.push(format!("is not YAML: {error}"));
                None
            }
        }
    }
}

/// A table of which each entry is taken once; what is left at the [`Table::end`] is unknown.
pub(super) struct Table {
    path: String,
    entries: Map<String, Value>,
}

impl Table {
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The keys that are left.
    pub(super) fn keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    pub(super) fn table(&mut self, reader: &mut Reader, key: &str) -> Option<Self> {
        match self.entries.remove(key)? {
            Value::Object(entries) => Some(Self { path: self.path(key), entries }),
            Value::Null => None,
            _ => {
                reader.problem(&self.path(key), "is not a table of settings");
                None
            }
        }
    }

    pub(super) fn text(&mut self, reader: &mut Reader, key: &str) -> Option<String> {
        match self.entries.remove(key)? {
            Value::String(text) => Some(text),
            Value::Null => None,
            _ => {
                reader.problem(&self.path(key), "is not text; put it between quotes");
                None
            }
        }
    }

    pub(super) fn required_text(&mut self, reader: &mut Reader, key: &str) -> Option<String> {
        let is_there = self.entries.contains_key(key);
        let text = self.text(reader, key).filter(|text| !text.is_empty());
        if !is_there {
            reader.problem(&self.path(key), "is missing");
        }
        text
    }

    pub(super) fn boolean(&mut self, reader: &mut Reader, key: &str) {
        if self.entries.remove(key).is_some_and(|value| !value.is_boolean()) {
            reader.problem(&self.path(key), "is neither true nor false");
        }
    }

    /// A setting that exporters know and we do not heed.
    pub(super) fn refuse(&mut self, reader: &mut Reader, key: &str, why: &str) {
        if self.entries.remove(key).is_some() {
            reader.problem(&self.path(key), why);
        }
    }

    /// Whatever was not taken is unknown.
    pub(super) fn end(self, reader: &mut Reader) {
        for key in self.entries.keys() {
            reader.problem(&self.path(key), "is unknown");
        }
    }
}
