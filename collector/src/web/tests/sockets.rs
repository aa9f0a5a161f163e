//! The server on real sockets.

use super::*;
use std::{net::SocketAddr, path::PathBuf, process::Command};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

fn config(text: &str) -> WebConfig {
    WebConfig::read(text, Path::new("/etc/wardwatch")).unwrap()
}

fn hash() -> String {
    bcrypt::hash("secret", 4).unwrap()
}

#[test]
fn an_address_that_others_reach_needs_authentication() {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let (open, users) = (WebConfig::default(), config(&format!("basic_auth_users: {{ a: '{}' }}", hash())));
    let tls = "cert_file: c, key_file: k";
    let one_way = config(&format!("tls_server_config: {{ {tls} }}"));
    let optional = format!("{tls}, client_ca_file: a, client_auth_type: VerifyClientCertIfGiven");
    let optional = config(&format!("tls_server_config: {{ {optional} }}"));
    let mutual = format!("{tls}, client_ca_file: a, client_auth_type: RequireAndVerifyClientCert");
    let mutual = config(&format!("tls_server_config: {{ {mutual} }}"));
    for loopback in ["127.0.0.1:9847", "127.9.9.9:1", "[::1]:9847", "[::ffff:127.0.0.1]:1"] {
        assert!(require_auth(address(loopback), &open).is_ok(), "{loopback}");
    }
    for reached in ["0.0.0.0:9847", "[::]:9847", "10.1.2.3:9847", "[::ffff:10.1.2.3]:1", "[fe80::1]:1"] {
        for refused in [&open, &one_way, &optional] {
            let error = require_auth(address(reached), refused).unwrap_err().to_string();
            assert!(error.contains("basic_auth_users") && error.contains("127.0.0.1"), "{error}");
        }
        assert!(require_auth(address(reached), &users).is_ok() && require_auth(address(reached), &mutual).is_ok());
    }
}

#[test]
fn a_web_configuration_is_read_or_refused_with_key_paths() {
    let read = WebConfig::read(
        &format!(
            "tls_server_config:\n  cert_file: web.crt\n  key_file: /keys/web.key\n  min_version: TLS13\n\
             http_server_config:\n  http2: false\n  headers:\n    Strict-Transport-Security: max-age=31536000\n\
             basic_auth_users:\n  prometheus: {}\n",
            hash()
        ),
        Path::new("/etc/wardwatch"),
    )
    .unwrap();
    let tls = read.tls.unwrap();
    assert_eq!(
        (tls.cert_file, tls.key_file),
        (PathBuf::from("/etc/wardwatch/web.crt"), PathBuf::from("/keys/web.key"))
    );
    assert_eq!((tls.min_version, tls.max_version), (TlsVersion::Tls13, TlsVersion::Tls13));
    assert_eq!(read.headers.len(), 1);
    assert_eq!(read.users.keys().collect::<Vec<_>>(), ["prometheus"]);
    for empty in ["", "# nothing\n", "basic_auth_users:\n", "{}"] {
        assert_eq!(WebConfig::read(empty, Path::new("/")).unwrap(), WebConfig::default(), "{empty:?}");
    }

    let refused = "tls_server_config: { key_file: 7, min_version: TLS10, cipher_suites: [], client_auth_type: Any }\n\
                   http_server_config: { http2: maybe, headers: { Set-Cookie: a } }\n\
                   basic_auth_users: { a: plaintext }\nrate_limit: { interval: 1s }\nuser: {}\n";
    let problems = WebConfig::read(refused, Path::new("/")).unwrap_err().problems;
    for path in [
        "tls_server_config.cert_file: is missing",
        "tls_server_config.key_file: is not text",
        "tls_server_config.min_version: TLS below",
        "tls_server_config.cipher_suites: is not supported",
        "tls_server_config.client_auth_type: is none of",
        "http_server_config.http2: is neither",
        "http_server_config.headers.Set-Cookie: is not a header that may be set",
        "basic_auth_users.a: is not a bcrypt hash",
        "rate_limit: is not supported",
        "user: is unknown",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(path)), "{path}: {problems:#?}");
    }
    for broken in ["[1]", "a: b: c", "a: 1\na: 2", "&a [*a]"] {
        assert!(WebConfig::read(broken, Path::new("/")).is_err(), "{broken}");
    }
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    std::str::from_utf8(&answer).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_until_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let web = web(testing::view(), WebConfig::default());
    let server = tokio::spawn(serve(listener, web, async { drop(stopped.await) }));
    let answer = exchange(address, "GET /-/healthy HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let refused = exchange(address, "GET /-/healthy HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 421"), "{refused}");
    // A connection that waits for its next request does not hold up the end.
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /-/ready HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    idle.read_u8().await.unwrap();
    drop(stop);
    tokio::time::timeout(std::time::Duration::from_secs(3), server).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn an_address_that_others_reach_is_not_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = serve(listener, web(View::default(), WebConfig::default()), async {}).await.unwrap_err();
    assert!(matches!(error, WebError::Unprotected { .. }));
}

/// A certificate for localhost, by openssl; none where that is missing.
fn certificate(name: &str) -> Option<(tempdir::Dir, WebConfig)> {
    let dir = tempdir::Dir::new(name);
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            "web.key",
            "-out",
            "web.crt",
        ])
        .current_dir(dir.path())
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no openssl\n");
        return None;
    }
    let text = "tls_server_config: { cert_file: web.crt, key_file: web.key }";
    let config = WebConfig::read(text, dir.path()).unwrap();
    Some((dir, config))
}

mod tempdir {
    use std::{
        env, fs,
        path::{Path, PathBuf},
        process,
    };

    /// A directory that goes with the test.
    pub(super) struct Dir(PathBuf);

    impl Dir {
        pub(super) fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("wardwatch-web-{name}-{}", process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub(super) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_and_clear_text_is_not() {
    let Some((dir, config)) = certificate("tls") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, web(testing::view(), config), std::future::pending()));
    let port = address.port().to_string();
    let fetched = tokio::task::spawn_blocking(move || {
        Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error", "-servername", "localhost", "-CAfile"])
            .arg(dir.path().join("web.crt"))
            .args(["-connect", &format!("127.0.0.1:{port}")])
            .stdin(request_file(dir.path()))
            .output()
            .unwrap()
    });
    let fetched = fetched.await.unwrap();
    assert!(fetched.stdout.starts_with(b"HTTP/1.1 200 OK"), "{}", fetched.stderr.escape_ascii());
    let answer = exchange_raw(address).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
    server.abort();
}

fn request_file(dir: &Path) -> std::fs::File {
    let path = dir.join("request");
    std::fs::write(&path, "GET /-/healthy HTTP/1.1\r\nhost: wardwatch.example\r\nconnection: close\r\n\r\n").unwrap();
    std::fs::File::open(path).unwrap()
}

async fn exchange_raw(address: SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[test]
fn a_changed_certificate_is_taken_and_a_broken_one_is_not() {
    let Some((dir, config)) = certificate("renewal") else { return };
    let tls = super::super::tls::Tls::new(config.tls.as_ref().unwrap()).unwrap();
    let same = |a: &tokio_rustls::TlsAcceptor, b: &tokio_rustls::TlsAcceptor| Arc::ptr_eq(a.config(), b.config());
    let first = tls.acceptor();
    assert!(same(&first, &tls.acceptor()));
    let path = dir.path().join("web.crt");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, "nothing").unwrap();
    assert!(same(&first, &tls.acceptor()));
    std::fs::write(&path, format!("{text}\n\n")).unwrap();
    assert!(!same(&first, &tls.acceptor()));
}
