//! TLS by rustls. Certificates are read again when their files change, so that they can be renewed under a running monitor.

use super::config::{ClientCertificates, TlsFiles, TlsVersion};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};
use thiserror::Error;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig, SupportedProtocolVersion,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
        server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
        version::{TLS12, TLS13},
    },
};

/// Why TLS cannot be spoken.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("{key}: {path}: {source}")]
    File {
        /// Key of the configuration that names the file.
        key: &'static str,
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// Certificate and key do not go together, or are of a kind that is not supported.
    #[error("tls_server_config: {0}")]
    Refused(#[from] tokio_rustls::rustls::Error),
    /// The certificates that clients' are held against cannot be used.
    #[error("client_ca_file: {0}")]
    ClientCa(#[from] VerifierBuilderError),
}

/// When a file changed last and how long it is; none where it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// How connections are secured, as of the files' last change.
pub(super) struct Tls {
    files: TlsFiles,
    current: Mutex<(Vec<Stamp>, TlsAcceptor)>,
}

impl Tls {
    pub(super) fn new(files: &TlsFiles) -> Result<Self, TlsError> {
        let current = Mutex::new((stamps(files), acceptor(files)?));
        Ok(Self { files: files.clone(), current })
    }

    /// What accepts a connection now. Files that changed and cannot be used change nothing.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = stamps(&self.files);
        if stamps != current.0 {
            match acceptor(&self.files) {
                Ok(acceptor) => *current = (stamps, acceptor),
                Err(error) => {
                    tracing::warn!(%error, "the changed certificate cannot be used; the one before it stays");
                    current.0 = stamps;
                }
            }
        }
        current.1.clone()
    }
}

fn stamps(files: &TlsFiles) -> Vec<Stamp> {
    let stamp = |path: &Path| fs::metadata(path).and_then(|data| Ok((data.modified()?, data.len()))).ok();
    let client_ca = files.clients.as_ref().map(|clients| clients.ca_file.as_path());
    [files.cert_file.as_path(), files.key_file.as_path()].into_iter().chain(client_ca).map(stamp).collect()
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let versions: Vec<&SupportedProtocolVersion> = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)]
        .into_iter()
        .filter_map(|(version, supported)| {
            (files.min_version..=files.max_version).contains(&version).then_some(supported)
        })
        .collect();
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&versions)?;
    let builder = match &files.clients {
        Some(clients) => builder.with_client_cert_verifier(verifier(clients, provider)?),
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::from_pem_file(&files.key_file).map_err(|source| TlsError::File {
        key: "key_file",
        path: shown(&files.key_file),
        source,
    })?;
    let mut config = builder.with_single_cert(certificates("cert_file", &files.cert_file)?, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn verifier(
    clients: &ClientCertificates,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("client_ca_file", &clients.ca_file)? {
        roots.add(certificate)?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = if clients.is_required { builder } else { builder.allow_unauthenticated() };
    Ok(builder.build()?)
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|source| TlsError::File {
        key,
        path: shown(path),
        source,
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
