//! The pages in a real browser, with Node and Chromium; the walk itself is tests/e2e/browser/walk.mjs.

use super::*;
use std::{env, io::Write, path::PathBuf, process::Command};
use tokio::net::TcpListener;

/// Where `tests/run` puts the packages of tests/e2e/browser: in the target directory, three folders above this program.
fn packages() -> Option<PathBuf> {
    let folder = env::current_exe().ok()?.ancestors().nth(3)?.join("browser");
    folder.join("node_modules/axe-core").is_dir().then_some(folder)
}

/// With WARDWATCH_PICTURES, pictures of the pages are left in the folder it names.
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_hold_what_they_promise_in_a_browser() {
    let (Some(packages), true) = (packages(), Path::new("/usr/bin/chromium").exists()) else {
        let _ = writeln!(std::io::stderr(), "skipped: no browser, or none of its packages: run tests/run once");
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, web(testing::view(), WebConfig::default()), std::future::pending()));
    let walk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/e2e/browser/walk.mjs");
    let walked = tokio::task::spawn_blocking(move || {
        let mut command = Command::new("node");
        command.arg(walk).arg(base).args(env::var_os("WARDWATCH_PICTURES")).env("WARDWATCH_BROWSER", packages);
        command.output().unwrap()
    });
    let walked = walked.await.unwrap();
    server.abort();
    assert!(walked.status.success(), "{}{}", text(&walked.stdout), text(&walked.stderr));
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
