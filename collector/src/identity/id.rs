//! Names of devices: stable, opaque, and of no use outside the site.

/// The key under which devices and findings get their ids.
///
/// An analysis makes it of the site's name, so that the same capture gives the same ids everywhere. A watch has a random
/// one, made once and kept in its store: then nobody who knows the site's name can find out a MAC address by its id.
#[derive(Clone, Copy)]
pub struct IdKey([u8; 32]);

impl IdKey {
    /// The key of a site.
    pub fn of_site(site: &str) -> Self {
        Self(blake3::derive_key("wardwatch device id 1", site.as_bytes()))
    }

    /// A key that was made at random.
    pub const fn random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Sixteen hexadecimal digits for a key such as `mac 00:00:5e:00:53:01`: 64 bits keep a hundred thousand devices
    /// apart.
    pub(crate) fn id(&self, key: &str) -> String {
        let hash = blake3::keyed_hash(&self.0, key.as_bytes());
        hash.to_hex().get(..16).unwrap_or_default().to_owned()
    }

    /// A name that may be a person's, hidden: the same name gives the same hash on one site.
    pub(super) fn hidden(&self, name: &str) -> String {
        format!("hash:{}", self.id(&format!("name {name}")))
    }
}
