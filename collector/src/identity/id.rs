//! Names of devices: stable, opaque, and of no use outside the site.

/// Makes device ids for one site.
pub(super) struct Ids {
    key: [u8; 32],
}

impl Ids {
    pub(super) fn new(site: &str) -> Self {
        Self { key: blake3::derive_key("wardwatch device id 1", site.as_bytes()) }
    }

    /// Sixteen hexadecimal digits for a key such as `mac 00:00:5e:00:53:01`: 64 bits keep a hundred thousand devices
    /// apart.
    pub(super) fn id(&self, key: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, key.as_bytes());
        hash.to_hex().as_str().chars().take(16).collect()
    }

    /// A name that may be a person's, hidden: the same name gives the same hash on one site.
    pub(super) fn hidden(&self, name: &str) -> String {
        format!("hash:{}", self.id(&format!("name {name}")))
    }
}
