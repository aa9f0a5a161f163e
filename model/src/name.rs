//! Names of closed lists that another crate owns: protocols, loss reasons.

use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Borrow, collections::BTreeSet, fmt, ops::Deref, sync::Mutex};

/// The name of an item of a closed list, kept for as long as the process runs.
///
/// An agent names its protocols and loss reasons, a collector reads those names back without knowing the agent's lists.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(&'static str);

/// Names read back so far.
static READ: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Name {
    /// Most names that are read back in the life of a process: closed lists are short, whatever a store or a peer claims.
    pub const MAX: usize = 512;

    /// Longest name read back, bytes.
    pub const MAX_LENGTH: usize = 64;

    /// A name of this program.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// A name from outside; `None` where it is too long or there are too many.
    pub fn read(name: &str) -> Option<Self> {
        let mut read = READ.lock().ok()?;
        if let Some(known) = read.get(name) {
            return Some(Self(known));
        }
        if name.len() > Self::MAX_LENGTH || read.len() >= Self::MAX {
            return None;
        }
        let kept: &'static str = Box::leak(name.into());
        read.insert(kept);
        Some(Self(kept))
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::read(&name).ok_or_else(|| serde::de::Error::custom("a name of no closed list"))
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self(name)
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.0
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.0
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_read_back_is_the_name_that_was_written() {
        assert_eq!(Name::read("dicom"), Some(Name::new("dicom")));
        assert_eq!(Name::read(&"x".repeat(Name::MAX_LENGTH + 1)), None);
    }
}
