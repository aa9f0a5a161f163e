//! OpenSSL: TLS of each version, as both of its ends speak it.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use super::{done, said};
use crate::support::lab::Lab;
use crate::support::process::run;
use crate::support::{command, devices, programs};

const PORT: u16 = 2762;

/// What a device tells from a source of one attribute.
fn told<'a>(document: &'a Value, address: &str, source: &str, attribute: &str) -> Vec<&'a str> {
    let device = devices::at(document, address).unwrap_or(&Value::Null);
    let evidence = device["evidence"].as_array().into_iter().flatten();
    let fits = evidence.filter(|told| told["source"] == source && told["attribute"] == attribute);
    fits.filter_map(|told| told["value"].as_str()).collect()
}

#[test]
fn both_ends_of_tls_are_told_and_the_certificate_where_it_is_in_clear() {
    let test = "both_ends_of_tls_are_told_and_the_certificate_where_it_is_in_clear";
    if !programs::lab_available(test, &["openssl"]) {
        return;
    }
    for (option, version) in [("-tls1_2", "TLS 1.2"), ("-tls1_3", "TLS 1.3")] {
        let lab = Lab::new(&[11, 20]);
        let (key, file) = certificate(&lab);
        let mut server = lab.host(20).command("openssl");
        server.args(["s_server", "-quiet", "-alpn", "dicom", "-accept", &PORT.to_string(), option]);
        server.arg("-key").arg(key).arg("-cert").arg(file);
        let server = lab.serve(20, PORT, server);

        let sniffer = lab.sniff("tls");
        let mut client = lab.host(11).command("openssl");
        client.args(["s_client", "-servername", "PACS.example", "-alpn", "dicom", "-connect", "10.0.0.20:2762"]);
        client.stdin(Stdio::null());
        said(client);
        let capture = sniffer.stop();
        done(server);

        let document = command::document(&capture);
        let client = |attribute| told(&document, "10.0.0.11", "tls", attribute);
        let server = |source, attribute| told(&document, "10.0.0.20", source, attribute);
        assert_eq!(client("tls_versions")[0].split(',').next(), Some("TLS 1.3"), "{document}");
        assert!(client("ja4")[0].starts_with("t13d") && client("ja4")[0].contains("dm_"), "{document}");
        assert_eq!(client("alpn"), ["dicom"]);
        assert_eq!(server("tls", "tls_version"), [version], "{document}");
        assert_eq!(server("tls.server-name", "hostname"), ["pacs.example"]);
        let is_in_clear = version == "TLS 1.2";
        let expected = |text| if is_in_clear { vec![text] } else { vec![] };
        assert_eq!(server("tls.certificate", "certificate_subject"), expected("CN=archive.example"));
        assert_eq!(server("tls.certificate", "certificate_key"), expected("RSA 2048"));
        assert_eq!(server("tls.certificate", "certificate_signature"), expected("sha256WithRSAEncryption"));
        let conversation = devices::conversations(&document, "tls")[0];
        assert_eq!((&conversation["encrypted"], &conversation["detail"]["hint"]), (&true.into(), &"dicom-port".into()));
    }
}

/// A key and a certificate for it.
pub(super) fn certificate(lab: &Lab) -> (PathBuf, PathBuf) {
    let (key, certificate) = (lab.scratch().join("key.pem"), lab.scratch().join("certificate.pem"));
    let mut command = programs::command("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=archive.example"]);
    run(command.arg("-keyout").arg(&key).arg("-out").arg(&certificate).stdin(std::process::Stdio::null()));
    (key, certificate)
}
