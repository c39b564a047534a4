//! Pages as a browser first sees them.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
    routing::get,
};
use tower::ServiceExt as _;

use crate::{
    app::App,
    auth::Actor,
    clock::Clock,
    config::Settings,
    store::{Store, tests::record, user::NewUser},
};

async fn app(dir: &tempfile::TempDir) -> App {
    // Another test may have been quicker.
    let _ = any_spawner::Executor::init_tokio();
    let store = Store::open(None, dir.path()).await.expect("opens");
    App::new(Settings::with_data_dir(dir.path()), store, Clock::system(), None).await.expect("starts")
}

async fn with_account(app: &App) {
    let user = NewUser { id: "u".into(), username: "ops-c".into(), password_hash: "x".into(), language: Some("zh-CN".into()), now: 0 };
    app.store().create_user(user, Some("operator"), record("create")).await.expect("made");
}

#[expect(clippy::disallowed_methods, reason = "a router of the test's own")]
fn api(delay: Duration) -> Router {
    let session = move || async move {
        tokio::time::sleep(delay).await;
        Json(
            serde_json::json!({"user_id": "u", "username": "ops-c", "theme": "dark", "permissions": [], "platform": true, "via": "session"}),
        )
    };
    let containers = move || async move {
        tokio::time::sleep(delay).await;
        Json(serde_json::json!({"items": [], "total": 0, "groups": [], "counts": {}, "snapshot": 1}))
    };
    Router::new().route("/api/v1/session", get(session)).route("/api/v1/containers", get(containers))
}

async fn call(app: &App, api: Router, path: &str, actor: Option<Actor>, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::get(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    if let Some(actor) = actor {
        request.extensions_mut().insert(Arc::new(actor));
    }
    super::router(app.clone(), api).oneshot(request).await.expect("infallible")
}

fn location(response: &Response<Body>) -> (StatusCode, &str) {
    (response.status(), response.headers().get(header::LOCATION).and_then(|h| h.to_str().ok()).unwrap_or_default())
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("whole");
    String::from_utf8(bytes.into()).expect("UTF-8")
}

#[tokio::test]
async fn pages_lead_to_set_up_then_to_sign_in_and_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let app = app(&dir).await;
    let api = || api(Duration::ZERO);
    assert_eq!(location(&call(&app, api(), "/containers", None, &[]).await), (StatusCode::SEE_OTHER, "/setup"));
    with_account(&app).await;
    assert_eq!(location(&call(&app, api(), "/setup", None, &[]).await), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(location(&call(&app, api(), "/", None, &[]).await), (StatusCode::SEE_OTHER, "/sign-in"));
    let deep = call(&app, api(), "/containers?q=a%20b&group=host", None, &[]).await;
    assert_eq!(location(&deep), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fcontainers%3Fq%3Da%2520b%26group%3Dhost"));
    assert_eq!(location(&call(&app, api(), "/sign-in", Some(Actor::command_line()), &[]).await), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(call(&app, api(), "/api/v1/nothing", None, &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_carries_its_policy_language_and_theme_and_no_style_attribute() {
    let dir = tempfile::tempdir().expect("a directory");
    let app = app(&dir).await;
    with_account(&app).await;
    let signed_out = call(&app, api(Duration::ZERO), "/sign-in", None, &[("accept-language", "zh-CN,zh;q=0.9")]).await;
    assert!(text(signed_out).await.contains("lang=\"zh-CN\""));
    let missing = call(&app, api(Duration::ZERO), "/nowhere", Some(Actor::command_line()), &[]).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    let policy = missing.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(missing.headers()[header::CACHE_CONTROL], "no-store");
    let html = text(missing).await;
    assert!(html.contains("data-theme=\"system\"") && html.contains("There is no such page") && !html.contains("style=\""), "{html}");
}

#[tokio::test]
async fn a_slow_call_does_not_hold_the_page_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let app = app(&dir).await;
    with_account(&app).await;
    let quick = text(call(&app, api(Duration::ZERO), "/containers", Some(Actor::command_line()), &[]).await).await;
    assert!(quick.contains("No containers") && !quick.contains("skeleton"), "{quick}");
    let page = call(&app, api(Duration::from_hours(1)), "/containers", Some(Actor::command_line()), &[]);
    // The bound is far from the deadline of 300 ms: it tells a page that waits from one that does not.
    let page = tokio::time::timeout(Duration::from_secs(30), page).await.expect("the page does not wait for the call");
    assert_eq!(page.status(), StatusCode::OK);
    let html = text(page).await;
    // What is late stands as its skeleton, and the browser is told to fetch it.
    assert!(html.contains("skeleton") && html.contains("Later") && !html.contains("No containers"), "{html}");
}

/// Leptos keeps whose page is rendered in variables of the thread: pages rendered at once must not meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_rendered_at_once_are_whole_and_each_has_its_own_nonce() {
    let dir = tempfile::tempdir().expect("a directory");
    let app = app(&dir).await;
    with_account(&app).await;
    let pages = (0..200_u32).map(|i| {
        let app = app.clone();
        tokio::spawn(async move {
            let path = ["/containers", "/hosts", "/audit", "/nowhere"][i as usize % 4];
            let page = call(&app, api(Duration::from_millis(u64::from(i % 3))), path, Some(Actor::command_line()), &[]).await;
            assert_eq!(page.status().as_u16(), if i % 4 == 3 { 404 } else { 200 }, "{path}");
            let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
            let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
            let html = text(page).await;
            let others = html.split("nonce=\"").skip(1).filter(|rest| !rest.starts_with(&format!("{nonce}\""))).count();
            assert!(html.contains("</html>") && html.contains(&nonce) && others == 0, "{path}: {others} nonces of others in {html}");
            nonce
        })
    });
    let mut seen = std::collections::HashSet::new();
    for page in pages.collect::<Vec<_>>() {
        assert!(seen.insert(page.await.expect("rendered")), "a nonce is for one answer");
    }
}
