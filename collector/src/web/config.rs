//! `--web.config.file`: who may read and over what, in the YAML that Prometheus' exporters use. What it has and we have not is
//! refused, with its key path: a setting for security that nothing heeds would be worse than none.

use super::read::Reader;
use axum::http::{HeaderName, HeaderValue, header};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Headers that may be set, as in exporters.
const HEADERS: [HeaderName; 5] = [
    header::CONTENT_SECURITY_POLICY,
    header::STRICT_TRANSPORT_SECURITY,
    header::X_CONTENT_TYPE_OPTIONS,
    header::X_FRAME_OPTIONS,
    header::X_XSS_PROTECTION,
];

/// The file does not hold; every problem at once, with its key path.
#[derive(Debug, Error)]
#[error("web configuration:{}", .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
pub struct WebConfigError {
    /// Key path and what is wrong there.
    pub problems: Vec<String>,
}

/// Who may read, and over what. By default everyone, in clear text: for loopback.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebConfig {
    /// TLS.
    pub tls: Option<TlsFiles>,
    /// Headers that every answer gets, in place of ours of the same name.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// bcrypt hashes of passwords, by user name.
    pub users: BTreeMap<String, String>,
}

/// Files and versions of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate chain, PEM.
    pub cert_file: PathBuf,
    /// Private key, PEM.
    pub key_file: PathBuf,
    /// Certificates that clients must or may have.
    pub clients: Option<ClientCertificates>,
    /// Lowest version.
    pub min_version: TlsVersion,
    /// Highest version.
    pub max_version: TlsVersion,
}

/// Certificates of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificates {
    /// Who signs them, PEM.
    pub ca_file: PathBuf,
    /// None is served without.
    pub is_required: bool,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

impl WebConfig {
    /// Reads the YAML; relative paths in it start at `base`, the directory of the file.
    ///
    /// # Errors
    /// With all that does not hold.
    pub fn read(text: &str, base: &Path) -> Result<Self, WebConfigError> {
        let mut reader = Reader::default();
        let mut config = Self::default();
        if let Some(mut root) = reader.document(text) {
            config.tls = root.table(&mut reader, "tls_server_config").and_then(|table| tls(&mut reader, table, base));
            if let Some(mut table) = root.table(&mut reader, "http_server_config") {
                // HTTP/1.1 is all that is spoken, so that either answer holds.
                table.boolean(&mut reader, "http2");
                config.headers = headers(&mut reader, &mut table);
                table.end(&mut reader);
            }
            config.users = users(&mut reader, &mut root);
            root.refuse(&mut reader, "rate_limit", "is not supported; bcrypt is already one guess at a time");
            root.end(&mut reader);
        }
        if reader.problems.is_empty() { Ok(config) } else { Err(WebConfigError { problems: reader.problems }) }
    }

    /// Nobody reads without saying who they are.
    #[must_use]
    pub fn asks_who_reads(&self) -> bool {
        let needs_certificate = |tls: &TlsFiles| tls.clients.as_ref().is_some_and(|clients| clients.is_required);
        !self.users.is_empty() || self.tls.as_ref().is_some_and(needs_certificate)
    }
}

fn tls(reader: &mut Reader, mut table: super::read::Table, base: &Path) -> Option<TlsFiles> {
    let cert_file = table.required_text(reader, "cert_file");
    let key_file = table.required_text(reader, "key_file");
    let min_version = version(reader, &mut table, "min_version", TlsVersion::Tls12);
    let max_version = version(reader, &mut table, "max_version", TlsVersion::Tls13);
    if min_version > max_version {
        reader.problem(&table.path("min_version"), "is above max_version");
    }
    let clients = clients(reader, &mut table, base);
    for key in ["cipher_suites", "curve_preferences", "client_allowed_sans"] {
        table.refuse(reader, key, "is not supported");
    }
    // The server's own order is used either way.
    table.boolean(reader, "prefer_server_cipher_suites");
    table.end(reader);
    Some(TlsFiles {
        cert_file: base.join(cert_file?),
        key_file: base.join(key_file?),
        clients,
        min_version,
        max_version,
    })
}

fn version(reader: &mut Reader, table: &mut super::read::Table, key: &str, default: TlsVersion) -> TlsVersion {
    match table.text(reader, key).as_deref() {
        None => default,
        Some("TLS12") => TlsVersion::Tls12,
        Some("TLS13") => TlsVersion::Tls13,
        Some("TLS10" | "TLS11") => {
            reader.problem(&table.path(key), "TLS below 1.2 is not spoken: TLS12 or TLS13");
            default
        }
        Some(_) => {
            reader.problem(&table.path(key), "is neither TLS12 nor TLS13");
            default
        }
    }
}

fn clients(reader: &mut Reader, table: &mut super::read::Table, base: &Path) -> Option<ClientCertificates> {
    let ca_file = table.text(reader, "client_ca_file").map(|path| base.join(path));
    let is_required = match table.text(reader, "client_auth_type").as_deref() {
        None | Some("" | "NoClientCert") => None,
        Some("VerifyClientCertIfGiven") => Some(false),
        Some("RequireAndVerifyClientCert") => Some(true),
        Some(_) => {
            let only = "is none of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert";
            reader.problem(&table.path("client_auth_type"), only);
            None
        }
    };
    match (ca_file, is_required) {
        (Some(ca_file), Some(is_required)) => Some(ClientCertificates { ca_file, is_required }),
        (Some(_), None) => {
            reader.problem(&table.path("client_ca_file"), "needs a client_auth_type that verifies");
            None
        }
        (None, Some(_)) => {
            reader.problem(&table.path("client_auth_type"), "needs a client_ca_file");
            None
        }
        (None, None) => None,
    }
}

fn headers(reader: &mut Reader, table: &mut super::read::Table) -> Vec<(HeaderName, HeaderValue)> {
    let Some(mut headers) = table.table(reader, "headers") else { return Vec::new() };
    let mut values = Vec::new();
    for key in headers.keys() {
        let Some(text) = headers.text(reader, &key) else { continue };
        let name = HEADERS.iter().find(|name| name.as_str().eq_ignore_ascii_case(&key));
        match (name, HeaderValue::from_str(&text)) {
            (Some(name), Ok(value)) => values.push((name.clone(), value)),
            (None, _) => reader.problem(&headers.path(&key), "is not a header that may be set"),
            (Some(_), Err(_)) => reader.problem(&headers.path(&key), "is not the value of a header"),
        }
    }
    values
}

fn users(reader: &mut Reader, root: &mut super::read::Table) -> BTreeMap<String, String> {
    let Some(mut table) = root.table(reader, "basic_auth_users") else { return BTreeMap::new() };
    let mut users = BTreeMap::new();
    for name in table.keys() {
        let Some(hash) = table.text(reader, &name) else { continue };
        if hash.parse::<bcrypt::HashParts>().is_err() {
            reader.problem(&table.path(&name), "is not a bcrypt hash; htpasswd -nBC 10 \"\" makes one");
        } else if name.contains(':') || name.is_empty() {
            reader.problem(&table.path(&name), "a user name is not empty and has no colon");
        } else {
            users.insert(name, hash);
        }
    }
    users
}
