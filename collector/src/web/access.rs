//! Who may read: those with a user name and password where there are any, and, where there are none, whoever is on this
//! machine; but not a page of another site that gave its name our address.

use super::{Shared, plain};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use std::net::IpAddr;

/// Lets a request through, or answers it.
pub(super) async fn guard(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let protection = state.web.protection.current();
    let Some(credentials) = &protection.credentials else {
        // Over TLS, another site's name would not be in our certificate.
        if protection.tls.is_none() && is_named_by_another(headers) {
            return plain(
                StatusCode::MISDIRECTED_REQUEST,
                "Without basic_auth_users this server answers to an IP address or localhost only, so that no other site's \
                 page can read it under its own name.\n",
            );
        }
        return next.run(request).await;
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if credentials.allow(authorization.as_deref()).await {
        return next.run(request).await;
    }
    let mut refusal = plain(StatusCode::UNAUTHORIZED, "A user name and a password are needed.\n");
    let challenge = HeaderValue::from_static("Basic realm=\"Wardwatch\", charset=\"UTF-8\"");
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    refusal
}

/// The host of a request is a name, other than of this machine.
fn is_named_by_another(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return false };
    let Ok(host) = host.to_str() else { return true };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    address.parse::<IpAddr>().is_err() && !name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_ours() {
        let is_foreign = |host: &str| {
            is_named_by_another(&HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host).unwrap())]))
        };
        for host in ["127.0.0.1:9847", "127.0.0.1", "localhost", "LOCALHOST:9847", "[::1]:9847", "[::1]", "10.1.2.3:80"]
        {
            assert!(!is_foreign(host), "{host}");
        }
        for host in ["evil.example", "evil.example:9847", "localhost.evil.example", "127.0.0.1.evil.example:1", ":9847"]
        {
            assert!(is_foreign(host), "{host}");
        }
        assert!(!is_named_by_another(&HeaderMap::new()));
    }
}
