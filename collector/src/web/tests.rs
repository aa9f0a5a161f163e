use super::*;
use crate::{
    knowledge::Catalogue,
    metrics::Build,
    testing::{self, HOSTILE, NOW},
};
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use std::{path::Path, sync::LazyLock};
use tower::ServiceExt;
use wardwatch_model::DeviceClass;

mod browser;
mod sockets;

fn web(view: View, config: WebConfig) -> Web {
    let (sender, receiver) = watch::channel(Arc::new(view));
    // What is shown does not change in a test; a channel without a sender still has its last picture.
    drop(sender);
    let build = Build { version: "0.1.0", revision: "abc", rustversion: "1.95.0" };
    Web {
        view: receiver,
        about: Arc::new(About {
            build,
            catalogue: CATALOGUE.clone(),
            protocols: vec!["dicom"],
            loss_reasons: Vec::new(),
            conditions: Vec::new(),
        }),
        instruments: Instruments::new().unwrap(),
        clock: Arc::new(|| NOW),
        protection: Protection::new(config).unwrap(),
        reload: None,
    }
}

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::embedded().unwrap()));

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    #[track_caller]
    fn has(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.text().contains(text), "no {text} in\n{}", self.text());
        }
    }
}

async fn ask(web: &Web, request: Request<Body>) -> Answer {
    let response = router(web.clone()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
}

async fn get_with(web: &Web, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    ask(web, request.body(Body::empty()).unwrap()).await
}

async fn get_view(path: &str) -> Answer {
    get_with(&web(testing::view(), WebConfig::default()), path, &[]).await
}

const PAGES: [&str; 7] = [
    "/",
    "/findings",
    "/findings?state=resolved",
    "/devices/c7a0000000000001",
    "/devices/e000000000000006",
    "/nowhere",
    "/?q=%3Cscript%3E%22%27",
];

#[tokio::test]
async fn what_is_hostile_is_text_on_every_page() {
    for path in PAGES {
        let page = get_view(path).await;
        for raw in ["<script", "alert(\"", "' onload", "\u{202e}"] {
            assert!(!page.text().contains(raw), "{path}: {raw}\n{}", page.text());
        }
        assert_eq!(page.text().matches("<html").count(), 1);
    }
    let page = get_view("/devices/e000000000000006").await;
    page.has(&["&#60;script&#62;alert(&#34;1&#34;)", "<bdi>", "שלום"]);
    assert!(HOSTILE.contains("<script>"));
}

#[tokio::test]
async fn every_answer_is_locked_down() {
    for path in PAGES.into_iter().chain(["/metrics", "/metrics/devices", "/-/healthy", "/assets/none.css"]) {
        let page = get_view(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert!(!page.headers.contains_key("set-cookie"));
        assert!(!page.text().contains("style=") && !page.text().contains("javascript:"), "{path}");
    }
}

#[tokio::test]
async fn the_style_sheet_is_kept_by_browsers() {
    let page = get_view("/").await;
    let link = page.text().split("href=\"").find(|rest| rest.starts_with("/assets/")).unwrap();
    let style = get_view(link.split('"').next().unwrap()).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn devices_are_found_by_what_is_known_of_them() {
    for (search, found) in [
        ("siemens%20somatom", "SOMATOM Definition AS"),
        ("990111", "SOMATOM Definition AS"),
        ("OLDPACS", "OLDPACS"),
        ("10.20.0.4", "d1ed000000000004"),
        ("00:00:5e:00:53:04", "d1ed000000000004"),
        ("windows+7", "SOMATOM"),
    ] {
        let page = get_view(&format!("/?q={search}")).await;
        page.has(&[found, "1 of 5 devices"]);
    }
    get_view("/?q=nothing+of+the+kind").await.has(&["0 of 5 devices", "No device is like that."]);
}

#[tokio::test]
async fn facets_join_and_count_what_they_would_add() {
    let page = get_view("/?class=ct-scanner&class=archive&stage=unknown").await;
    page.has(&[
        "1 of 5 devices",
        "value=\"ct-scanner\" checked",
        "value=\"archive\" checked",
        "value=\"unknown\" checked",
        // The class is chosen, so the life cycle counts those of the two classes only.
        "<span>End of support</span> <span class=\"count\">1<",
        // The life cycle is chosen, so the classes count those of unknown support only.
        "<span>CT scanner</span> <span class=\"count\">0<",
    ]);
    get_view("/?severity=none&class=mr-scanner").await.has(&["1 of 5 devices", "behind another"]);
    get_view("/?class=%3Cb%3E").await.has(&["0 of 5 devices", "value=\"&#60;b&#62;\" checked"]);
}

#[tokio::test]
async fn columns_sort_both_ways() {
    let place = |page: &Answer, text: &str| page.text().find(text).unwrap();
    let page = get_view("/?sort=class&q=").await;
    page.has(&["aria-sort=\"ascending\"><a href=\"/?sort=-class\""]);
    assert!(place(&page, "/devices/c7a") < place(&page, "/devices/d1ed"));
    let page = get_view("/?sort=-class").await;
    page.has(&["aria-sort=\"descending\""]);
    assert!(place(&page, "/devices/c7a") > place(&page, "/devices/d1ed"));
    get_view("/?sort=nonsense").await.has(&["5 devices"]);
}

#[tokio::test]
async fn a_long_list_has_pages() {
    let devices = (0..120).map(|number| testing::device(&format!("{number:016x}"), DeviceClass::Viewer, 1)).collect();
    let web = web(View { devices, ..testing::view() }, WebConfig::default());
    let page = get_with(&web, "/?class=viewer&page=3", &[]).await;
    page.has(&["120 devices, 101 to 120 shown", "Page 3 of 3", "/?class=viewer&#38;page=2"]);
    assert_eq!(page.text().matches("href=\"/devices/").count(), 20);
    get_with(&web, "/?page=99999999999999999999", &[]).await.has(&["1 to 50 shown"]);
}

#[tokio::test]
async fn a_page_is_loaded_anew_only_where_that_was_asked_for() {
    let page = get_view("/?class=archive&refresh=on").await;
    assert_eq!(page.header("refresh"), "60");
    page.has(&["<a href=\"/?class=archive\">Stop</a>"]);
    assert!(!get_view("/").await.headers.contains_key("refresh"));
}

/// The largest fleet: prints how long it takes.
#[tokio::test]
#[ignore = "takes long without optimisation"]
async fn a_hundred_thousand_devices_are_shown() {
    let template = testing::view();
    let named = |number: usize| {
        let mut device = template.devices[number % template.devices.len()].clone();
        device.id = format!("{number:016x}");
        device
    };
    let web = web(View { devices: (0..100_000).map(named).collect(), ..template.clone() }, WebConfig::default());
    for path in ["/", "/?q=somatom+990111&class=ct-scanner", "/metrics", "/metrics/devices"] {
        let (began, answer) = (tokio::time::Instant::now(), get_with(&web, path, &[("accept-encoding", "gzip")]).await);
        assert_eq!(answer.status, StatusCode::OK);
        eprintln!("{path}: {} bytes in {:?}", answer.body.len(), began.elapsed());
    }
}

#[tokio::test]
async fn a_device_shows_why() {
    let page = get_view("/devices/c7a0000000000001").await;
    page.has(&[
        "<h1><bdi>Siemens Healthineers SOMATOM Definition AS</bdi></h1>",
        "95 % sure",
        "dicom.dataset",
        "The evidence does not agree",
        "VA44A · VA48A",
        "no security updates since 2020-01-14",
        "Microsoft Lifecycle",
        "Superseded by Windows 8",
        "host 10.20.0.11 and host 10.20.0.2 and tcp port 104",
        "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    ]);
    get_view("/devices/9ac5000000000002").await.has(&["Speaks for", "Philips Gyroscan Intera"]);
    get_view("/devices/be41000000000003").await.has(&["it was not seen on the network itself"]);
    assert_eq!(get_view("/devices/0").await.status, StatusCode::NOT_FOUND);
    let moved = get_view("/devices/01d0000000000007").await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::TEMPORARY_REDIRECT, "/devices/c7a0000000000001"));
}

#[tokio::test]
async fn findings_say_what_to_do() {
    let page = get_view("/findings").await;
    page.has(&[
        "2 open findings",
        "Somebody tries DICOM titles one after the other",
        "Look at the client: which program",
    ]);
    get_view("/findings?severity=medium").await.has(&["1 open finding<", "aria-current=\"true\">Medium (1)"]);
    get_view("/findings?state=resolved").await.has(&["1 resolved finding<", "Resolved <time"]);
    get_view("/findings?severity=info").await.has(&["does not say that nothing is there"]);
}

#[tokio::test]
async fn the_page_says_how_blind_we_are() {
    get_view("/").await.has(&[
        "1 of 2 interfaces deliver no packets.",
        "3 frames on eth1 (kernel)",
        "4,096 stream gap bytes",
        "2 DICOM parse failures",
        "eth2: kernel, interface, queue, rate limit, memory",
        "Last report 12 seconds ago",
    ]);
    let mut view = testing::view();
    view.agents[0].health.interfaces.get_mut("eth1").unwrap().transmitted = Some(7);
    get_with(&web(view, WebConfig::default()), "/", &[]).await.has(&["7 frames on eth1, not by Wardwatch"]);
    let mut view = testing::view();
    view.store.is_failing = true;
    get_with(&web(view, WebConfig::default()), "/", &[]).await.has(&["The store cannot be written"]);
    let page = get_with(&web(View::default(), WebConfig::default()), "/", &[]).await;
    page.has(&["nothing is being seen", "No device has been seen yet"]);
}

#[tokio::test]
async fn metrics_come_as_asked_for() {
    let plain = get_view("/metrics").await;
    assert!(plain.header("content-type").starts_with("text/plain; version=0.0.4"));
    let headers = [("accept", "application/openmetrics-text;version=1.0.0"), ("accept-encoding", "gzip")];
    let zipped = get_with(&web(testing::view(), WebConfig::default()), "/metrics/devices", &headers).await;
    assert!(zipped.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(zipped.body.as_slice()), &mut text).unwrap();
    assert!(text.ends_with("# EOF\n"));
    let refused = get_view("/metrics/devices?collect[]=nothing").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(get_view("/metrics/devices?collect%5B%5D=seen&site=main").await.text().contains("_last_seen_"));
}

#[tokio::test]
async fn requests_are_counted() {
    let web = web(testing::view(), WebConfig::default());
    for path in ["/devices/1", "/devices/2", "/.env"] {
        get_with(&web, path, &[]).await;
    }
    let page = get_with(&web, "/metrics", &[]).await;
    page.has(&[
        "wardwatch_http_requests_total{code=\"404\",handler=\"device\"} 2",
        "wardwatch_http_requests_total{code=\"404\",handler=\"other\"} 1",
    ]);
}

#[tokio::test]
async fn health_readiness_and_reload() {
    assert_eq!(get_view("/-/healthy").await.status, StatusCode::OK);
    assert_eq!(get_view("/-/ready").await.status, StatusCode::OK);
    let mut web = web(View::default(), WebConfig::default());
    assert_eq!(get_with(&web, "/-/ready", &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let post = |site: &str| Request::post("/-/reload").header("sec-fetch-site", site).body(Body::empty()).unwrap();
    assert_eq!(ask(&web, post("none")).await.status, StatusCode::FORBIDDEN);
    web.reload = Some(Arc::new(|| Err("capture.workers: is not a number".to_owned())));
    let failed = ask(&web, post("none")).await;
    assert_eq!(
        (failed.status, failed.text()),
        (StatusCode::INTERNAL_SERVER_ERROR, "capture.workers: is not a number\n")
    );
    assert_eq!(ask(&web, post("cross-site")).await.status, StatusCode::FORBIDDEN);
    web.reload = Some(Arc::new(|| Ok(())));
    assert_eq!(ask(&web, post("same-origin")).await.status, StatusCode::OK);
    let refused = get_with(&web, "/-/reload", &[]).await;
    assert_eq!((refused.status, refused.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn only_users_read_where_there_are_users() {
    let config = format!("basic_auth_users: {{ prometheus: '{}' }}", bcrypt::hash("secret", 4).unwrap());
    let web = web(testing::view(), WebConfig::read(&config, Path::new("/")).unwrap());
    for path in ["/", "/metrics", "/-/healthy", "/assets/x", "/nowhere"] {
        let refused = get_with(&web, path, &[]).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(refused.header("www-authenticate").starts_with("Basic realm="));
        assert!(!refused.text().contains("SOMATOM"));
    }
    // prometheus:secret
    let let_in = get_with(&web, "/", &[("authorization", "Basic cHJvbWV0aGV1czpzZWNyZXQ=")]).await;
    assert_eq!(let_in.status, StatusCode::OK);
    let wrong = get_with(&web, "/", &[("authorization", "Basic cHJvbWV0aGV1czpTZWNyZXQ=")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn users_and_headers_are_swapped_whole_or_not_at_all() {
    let read = |text: String| WebConfig::read(&text, Path::new("/")).unwrap();
    let users = |password| format!("basic_auth_users: {{ prometheus: '{}' }}", bcrypt::hash(password, 4).unwrap());
    let web = web(testing::view(), read(users("secret")));
    let let_in = async || {
        let answer = get_with(&web, "/", &[("authorization", "Basic cHJvbWV0aGV1czpzZWNyZXQ=")]).await;
        (answer.status == StatusCode::OK, answer.header("x-frame-options").to_owned())
    };
    assert_eq!(let_in().await, (true, "DENY".to_owned()));
    let reached = "10.0.0.1:9847".parse().unwrap();
    let no_files = "tls_server_config: { cert_file: no.crt, key_file: no.key }\n";
    for refused in [String::new(), format!("{no_files}{}", users("other"))] {
        assert!(web.protection.replace(read(refused), reached).is_err());
        assert_eq!(let_in().await, (true, "DENY".to_owned()));
    }
    let other = format!("{}\nhttp_server_config: {{ headers: {{ X-Frame-Options: SAMEORIGIN }} }}", users("other"));
    web.protection.replace(read(other), reached).unwrap();
    assert_eq!(let_in().await, (false, "SAMEORIGIN".to_owned()));
}

#[tokio::test]
async fn another_sites_name_for_our_address_is_refused() {
    let web = web(testing::view(), WebConfig::default());
    let rebound = get_with(&web, "/metrics/devices", &[("host", "evil.example:9847")]).await;
    assert_eq!(rebound.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(get_with(&web, "/", &[("host", "localhost:9847")]).await.status, StatusCode::OK);
}
