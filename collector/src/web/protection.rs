//! Who may read and over what, at this moment: the web configuration and what was made of it. Another one takes its place
//! whole, or not at all.

use super::{
    config::WebConfig,
    credentials::Credentials,
    listen::{WebError, require_auth},
    tls::Tls,
};
use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

/// The protection of a server. Clones are the same one.
#[derive(Clone)]
pub struct Protection(Arc<RwLock<Arc<Current>>>);

/// The protection of one request or connection.
pub(super) struct Current {
    pub(super) config: WebConfig,
    pub(super) credentials: Option<Credentials>,
    pub(super) tls: Option<Tls>,
}

impl Protection {
    /// Makes it, with the certificates that the configuration names.
    ///
    /// # Errors
    /// When TLS cannot be spoken with these files.
    pub fn new(config: WebConfig) -> Result<Self, WebError> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(Current::new(config)?)))))
    }

    /// Puts another configuration in its place, for requests and connections from now on. `address`: where is listened.
    ///
    /// # Errors
    /// When the address needs authentication and would have none, or TLS cannot be spoken. Then all stays as it was.
    pub fn replace(&self, config: WebConfig, address: SocketAddr) -> Result<(), WebError> {
        require_auth(address, &config)?;
        let current = Arc::new(Current::new(config)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(())
    }

    /// Whether connections are TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.current().tls.is_some()
    }

    pub(super) fn current(&self) -> Arc<Current> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Current {
    fn new(config: WebConfig) -> Result<Self, WebError> {
        let tls = config.tls.as_ref().map(Tls::new).transpose()?;
        let credentials = Credentials::new(&config.users);
        Ok(Self { config, credentials, tls })
    }
}
