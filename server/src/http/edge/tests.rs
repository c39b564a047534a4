//! The rules of the edge, each through the in-process router with a few routes behind it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, Request, Response, StatusCode, header, request::Builder},
    routing::{get, post},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tower_sessions::Session;

use crate::{
    app::App,
    auth::{Actor, secret},
    clock::Clock,
    config::{Network, PublicUrl, Secret, Settings},
    http::{assemble, peer::Peer, session},
    store::{Draft, Store, token::Token, user::NewUser},
};

const HOUR: i64 = 3_600_000;

/// A console with the edge around a few routes.
struct House {
    app: App,
    clock: Clock,
    router: Router,
    _dir: tempfile::TempDir,
}

fn record() -> Draft {
    Draft { id: uuid::Uuid::now_v7().to_string(), kind: "done".into(), action: "test".into(), outcome: "done".into(), ..Draft::default() }
}

impl House {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::with_data_dir(dir.path());
        change(&mut settings);
        let clock = Clock::manual(1_700_000_000_000);
        let store = Store::open(None, dir.path()).await.unwrap();
        let user = NewUser { id: "u1".into(), username: "ops-c".into(), password_hash: "x".into(), language: None, now: clock.now() };
        store.create_user(user, Some("platform-admin"), record()).await.unwrap();
        let app = App::new(settings, store, clock.clone(), None).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "routes of this test alone")]
        let behind = Router::new()
            .route("/api/v1/who", get(who).post(who))
            .route("/api/v1/echo", post(|body: Bytes| async move { body.len().to_string() }))
            .route("/api/v1/panic", get(broken))
            .route("/api/v1/session", post(sign_in).delete(sign_out))
            .route("/page", get(|| async { "page" }))
            .route("/long", get(|| async { axum::response::Html("<p>long</p>".repeat(1_000)) }))
            .route(
                "/log",
                get(|| async { Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>("a line\n".repeat(1_000))])) }),
            )
            .fallback(|| async { StatusCode::NOT_FOUND })
            .with_state(app.clone());
        let router = assemble(&app, &TaskTracker::new(), behind);
        Self { app, clock, router, _dir: dir }
    }

    async fn answer(&self, request: Builder) -> Response<Body> {
        self.send(request, Body::empty()).await
    }

    async fn send(&self, request: Builder, body: Body) -> Response<Body> {
        let mut request = request.body(body).unwrap();
        if !request.headers().contains_key(header::HOST) {
            request.headers_mut().insert(header::HOST, "localhost:3000".parse().unwrap());
        }
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4711))));
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Status and the problem's code.
    async fn refusal(&self, request: Builder) -> (u16, String) {
        let response = self.answer(request).await;
        let status = response.status().as_u16();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        (status, json(response).await["code"].as_str().unwrap().to_owned())
    }

    /// Signs in; the cookie as a `Cookie` header has it.
    async fn cookie(&self) -> String {
        let response = self.answer(Request::post("/api/v1/session")).await;
        assert_eq!(response.status(), StatusCode::OK);
        let line = response.headers()[header::SET_COOKIE].to_str().unwrap();
        line.split(';').next().unwrap().to_owned()
    }

    async fn token(&self, expires_at: Option<i64>) -> String {
        let bearer = secret::generate_token(self.app.random());
        let token = Token {
            id: uuid::Uuid::now_v7().to_string(),
            user_id: "u1".into(),
            name: "ci".into(),
            hash: secret::hash(&bearer),
            role: None,
            project_id: None,
            environment_id: None,
            created_at: self.clock.now(),
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        self.app.store().create_token(token, record()).await.unwrap();
        bearer
    }

    /// Who the request with this cookie is.
    async fn who(&self, cookie: &str) -> String {
        text(self.answer(Request::get("/api/v1/who").header(header::COOKIE, cookie)).await).await
    }
}

async fn broken() -> &'static str {
    panic!("sesame")
}

async fn who(actor: Option<Extension<Arc<Actor>>>, Extension(peer): Extension<Peer>) -> String {
    format!("{} from {peer}", actor.map_or_else(|| "nobody".to_owned(), |a| a.name().to_owned()))
}

async fn sign_in(State(app): State<App>, session: Session, Extension(peer): Extension<Peer>, headers: HeaderMap) -> String {
    let user_agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let sign_in = session::SignIn { user_id: "u1", password_hash: "x", peer, user_agent, step_up_until: 0 };
    session::start(&app, &session, sign_in, record()).await.unwrap().id
}

async fn sign_out(State(app): State<App>, session: Session) {
    session::end(&app, &session, record()).await.unwrap();
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn json(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

#[tokio::test]
async fn the_request_id_is_ours() {
    let house = House::new().await;
    let response = house.answer(Request::get("/api/v1/nothing").header("x-request-id", "theirs")).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!(json(response).await["request_id"], id);
}

#[tokio::test]
async fn a_rebound_name_is_refused_and_told_the_setting() {
    let house = House::new().await;
    for path in ["/page", "/api/v1/who", "/nowhere"] {
        let response = house.answer(Request::get(path).header(header::HOST, "evil.example:3000")).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(json(response).await["detail"].as_str().unwrap().contains("ECOS_PUBLIC_URL"));
    }
    for host in ["localhost", "127.0.0.1:3000", "192.0.2.7", "[::1]:3000"] {
        assert_eq!(house.answer(Request::get("/page").header(header::HOST, host)).await.status(), StatusCode::OK, "{host}");
    }
    let probe = house.answer(Request::get("/healthz").header(header::HOST, "10-0-0-7.pod")).await;
    assert_eq!(probe.status(), StatusCode::OK);
    // HTTP/2 has the host in the target.
    assert_eq!(house.refusal(Request::get("http://evil.example/page")).await, (403, "foreign_host".to_owned()));
}

#[tokio::test]
async fn cookie_and_bearer_together_are_refused() {
    let house = House::new().await;
    let both = Request::get("/api/v1/who").header(header::COOKIE, house.cookie().await);
    let both = both.header(header::AUTHORIZATION, format!("Bearer {}", house.token(None).await));
    assert_eq!(house.refusal(both).await, (400, "two_credentials".to_owned()));
}

#[tokio::test]
async fn only_a_valid_token_is_somebody() {
    let house = House::new().await;
    let bearer = |t: &str| Request::get("/api/v1/who").header(header::AUTHORIZATION, format!("Bearer {t}"));
    let good = house.token(Some(house.clock.now() + HOUR)).await;
    assert_eq!(text(house.answer(bearer(&good)).await).await, "ops-c from 127.0.0.1");
    let revoked = house.token(None).await;
    let id = house.app.store().token_by_hash(&secret::hash(&revoked)).await.unwrap().unwrap().id;
    house.app.store().revoke_token(&id, house.clock.now(), record()).await.unwrap();
    house.clock.advance(HOUR);
    for token in [good.as_str(), &revoked, "ecos_", "ecos_x", "nonsense", &format!("ecos_{}", "x".repeat(5000))] {
        let response = house.answer(bearer(token)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }
    let basic = Request::get("/api/v1/who").header(header::AUTHORIZATION, "Basic YTpi");
    assert_eq!(house.refusal(basic).await.0, 401);
}

#[tokio::test]
async fn a_socket_by_cookie_needs_our_origin() {
    let house = House::new().await;
    let cookie = house.cookie().await;
    let socket = |origin: &str| {
        let request = Request::get("/api/v1/who").header("upgrade", "websocket").header("connection", "upgrade");
        request.header(header::COOKIE, &cookie).header(header::ORIGIN, origin)
    };
    for origin in ["https://evil.example", "null", "http://localhost:3001", "https://localhost:3000"] {
        assert_eq!(house.refusal(socket(origin)).await, (403, "foreign_origin".to_owned()), "{origin}");
    }
    assert_eq!(house.answer(socket("http://localhost:3000")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let house = House::new().await;
    let cookie = house.cookie().await;
    let change = || Request::post("/api/v1/who").header(header::COOKIE, &cookie);
    let page = || change().header("x-ecos-page", "1");
    for foreign in [
        page().header(header::ORIGIN, "https://evil.example"),
        page().header(header::ORIGIN, "null"),
        page().header(header::ORIGIN, "http://localhost:3000").header("sec-fetch-site", "cross-site"),
        page(),
        change().header(header::ORIGIN, "http://localhost:3000"),
        // Without a cookie, as a form of another site would sign somebody in.
        Request::post("/api/v1/session").header(header::ORIGIN, "https://evil.example"),
        Request::post("/api/v1/session").header(header::ORIGIN, "null"),
    ] {
        assert_eq!(house.refusal(foreign).await, (403, "foreign_origin".to_owned()));
    }
    let own = page().header(header::ORIGIN, "http://localhost:3000").header("sec-fetch-site", "same-origin");
    assert_eq!(text(house.answer(own).await).await, "ops-c from 127.0.0.1");
}

#[tokio::test]
async fn a_session_begins_and_ends_with_its_cookie() {
    let house = House::new().await;
    let response = house.answer(Request::post("/api/v1/session").header(header::USER_AGENT, "x".repeat(1000))).await;
    let line = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["ecos=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("Secure"));
    let cookie = line.split(';').next().unwrap().to_owned();
    assert_eq!(house.who(&cookie).await, "ops-c from 127.0.0.1");
    let row = house.app.store().session(&text(response).await).await.unwrap().unwrap();
    assert_eq!((row.user_id.as_str(), row.address.as_str(), row.user_agent.len()), ("u1", "127.0.0.1", 256));
    assert!(!cookie.contains(&row.id), "the database knows its hash only");

    let change = |r: Builder| r.header(header::COOKIE, &cookie).header("x-ecos-page", "1").header(header::ORIGIN, "http://localhost:3000");
    // Signing in again ends the session before, under a new id.
    let again = house.answer(change(Request::post("/api/v1/session"))).await;
    let second = again.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_ne!(second, cookie);
    assert_eq!(house.who(&cookie).await, "nobody from 127.0.0.1");
    assert_eq!(house.who(&second).await, "ops-c from 127.0.0.1");

    let change = |r: Builder| r.header(header::COOKIE, &second).header("x-ecos-page", "1").header(header::ORIGIN, "http://localhost:3000");
    let out = house.answer(change(Request::delete("/api/v1/session"))).await;
    assert!(out.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(house.who(&second).await, "nobody from 127.0.0.1");
    assert_eq!(house.who("ecos=nonsense").await, "nobody from 127.0.0.1");
}

#[tokio::test]
async fn a_session_is_kept_alive_by_use_up_to_its_longest() {
    let house = House::new().await;
    let cookie = house.cookie().await;
    let rows = || async { house.app.store().sessions_of("u1", 0).await.unwrap() };
    let began = house.clock.now();
    // Within a minute nothing is written; what a page asks for on its own writes nothing at all.
    house.clock.advance(59_000);
    house.who(&cookie).await;
    house.clock.advance(HOUR);
    house.answer(Request::get("/api/v1/who").header(header::COOKIE, &cookie).header("x-ecos-background", "1")).await;
    tokio::task::yield_now().await;
    assert_eq!(rows().await[0].last_seen_at, began);
    house.who(&cookie).await;
    let now = house.clock.now();
    tokio::time::timeout(Duration::from_secs(5), async {
        while rows().await[0].last_seen_at != now {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the use is written");
    assert_eq!(rows().await[0].expires_at, now + 12 * HOUR);
    house.clock.advance(12 * HOUR);
    assert_eq!(house.who(&cookie).await, "nobody from 127.0.0.1");
    // However much it is used, it ends after a week.
    let settings = house.app.settings();
    assert_eq!(session::expires_at(settings, began, began + 167 * HOUR), began + 168 * HOUR);
}

#[tokio::test]
async fn every_answer_carries_its_headers() {
    let house = House::new().await;
    for path in ["/api/v1/who", "/api/v1/nothing", "/page", "/healthz"] {
        let response = house.answer(Request::get(path)).await;
        let h = |name: &str| response.headers().get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
        assert_eq!(h("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(h("referrer-policy"), "no-referrer");
        assert_eq!(h("cross-origin-opener-policy"), "same-origin");
        assert_eq!(h("cache-control"), "no-store");
        assert_eq!(h("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(h("strict-transport-security"), "");
        assert_eq!(h("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let house = House::with(|s| s.http.public_url = PublicUrl::parse("https://ecos.example.com")).await;
    let request = Request::post("/api/v1/session").header(header::HOST, "ecos.example.com");
    let response = house.answer(request.header(header::ORIGIN, "https://ecos.example.com")).await;
    let line = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-ecos=") && line.contains("Secure") && !line.contains("Domain"), "{line}");
    assert_eq!(response.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    let localhost = Request::get("/page").header(header::HOST, "localhost:3000");
    assert_eq!(house.refusal(localhost).await, (403, "foreign_host".to_owned()));
}

#[tokio::test]
async fn heads_and_bodies_have_their_limits() {
    let house = House::new().await;
    let body = |n: usize| house.send(Request::post("/api/v1/echo"), Body::from(vec![b'x'; n]));
    assert_eq!(text(body(1024 * 1024).await).await, "1048576");
    let long = body(1024 * 1024 + 1).await;
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(json(long).await["code"], "body_too_long");
    let chunks = futures_util::stream::iter((0..32).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024]))));
    let long = house.send(Request::post("/api/v1/echo"), Body::from_stream(chunks)).await;
    assert_eq!((long.status().as_u16(), json(long).await["code"].as_str()), (413, Some("body_too_long")));

    let many = (0..101).fold(Request::get("/page"), |r, i| r.header(format!("x-{i}"), "1"));
    assert_eq!(house.refusal(many).await, (431, "headers_too_large".to_owned()));
    assert_eq!(house.refusal(Request::get("/page").header("x-big", "x".repeat(33 * 1024))).await.0, 431);
    assert_eq!(house.refusal(Request::get(format!("/page?{}", "x".repeat(9000)))).await.0, 414);
}

#[tokio::test]
async fn errors_of_the_api_are_problems_and_tell_no_internals() {
    let house = House::new().await;
    let response = house.answer(Request::get("/api/v1/panic")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let problem = text(response).await;
    assert!(problem.contains("\"code\":\"internal\"") && !problem.contains("sesame"), "{problem}");
    assert_eq!(house.refusal(Request::get("/api/v1/nothing")).await, (404, "no_such_route".to_owned()));
    let response = house.answer(Request::get("/api/v1/echo")).await;
    assert_eq!(response.headers()[header::ALLOW], "POST");
    assert_eq!((response.status().as_u16(), json(response).await["code"].as_str()), (405, Some("no_such_method")));
}

#[tokio::test]
async fn forwarded_headers_count_from_listed_proxies_only() {
    let house = House::with(|s| s.http.trusted_proxies = vec![Network::parse("10.0.0.0/8").unwrap()]).await;
    let from = |remote: [u8; 4]| {
        let request = Request::get("/api/v1/who").header("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.2");
        request.extension(ConnectInfo(SocketAddr::from((remote, 1))))
    };
    assert_eq!(text(house.answer(from([10, 0, 0, 1])).await).await, "nobody from 203.0.113.9");
    assert_eq!(text(house.answer(from([192, 0, 2, 1])).await).await, "nobody from 192.0.2.1");
    let host = from([10, 0, 0, 1]).header(header::HOST, "upstream").header("x-forwarded-host", "localhost:3000");
    assert_eq!(house.answer(host).await.status(), StatusCode::OK);
    let host = from([192, 0, 2, 1]).header(header::HOST, "upstream").header("x-forwarded-host", "localhost:3000");
    assert_eq!(house.refusal(host).await.0, 403);
}

#[tokio::test]
async fn passwords_do_not_travel_in_the_clear() {
    let sign_in = || Request::post("/api/v1/session").header(header::HOST, "192.0.2.7:3000");
    let house = House::new().await;
    assert_eq!(house.refusal(sign_in()).await, (403, "plain_sign_in".to_owned()));
    assert_eq!(house.answer(Request::post("/api/v1/session")).await.status(), StatusCode::OK);
    let house = House::with(|s| s.http.allow_plain_sign_in = true).await;
    assert_eq!(house.answer(sign_in()).await.status(), StatusCode::OK);
    let house = House::with(|s| {
        s.http.public_url = PublicUrl::parse("https://ecos.example.com");
        s.http.trusted_proxies = vec![Network::parse("127.0.0.1").unwrap()];
    })
    .await;
    let proxied =
        |proto: &str| Request::post("/api/v1/session").header(header::HOST, "ecos.example.com").header("x-forwarded-proto", proto);
    assert_eq!(house.answer(proxied("https")).await.status(), StatusCode::OK);
    assert_eq!(house.refusal(proxied("http")).await, (403, "plain_sign_in".to_owned()));
}

#[tokio::test]
async fn probes_answer_and_metrics_need_their_token() {
    let house = House::new().await;
    assert_eq!(text(house.answer(Request::get("/healthz")).await).await, "ok\n");
    assert_eq!(text(house.answer(Request::get("/readyz")).await).await, "ready\n");
    assert_eq!(house.refusal(Request::get("/metrics")).await, (403, "no_metrics_token".to_owned()));

    let house = House::with(|s| s.metrics.token = Some(Secret::new("sesame-sesame-sesame"))).await;
    assert_eq!(house.refusal(Request::get("/metrics")).await.0, 401);
    let scrape = |t: &str| Request::get("/metrics").header(header::AUTHORIZATION, format!("Bearer {t}"));
    assert_eq!(house.refusal(scrape("sesame-sesame-sesamf")).await.0, 401);
    house.answer(Request::get("/page")).await;
    let figures = text(house.answer(scrape("sesame-sesame-sesame")).await).await;
    for line in ["ecos_ready 1\n", "ecos_http_requests_total{method=\"GET\",status=\"2xx\"} 1\n", "_bucket{le=\"+Inf\"} 3\n"] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
}

#[tokio::test]
async fn long_pages_are_compressed_and_streams_are_not() {
    let house = House::new().await;
    let ask = async |path: &str, encodings: &str| {
        let response = house.answer(Request::get(path).header(header::ACCEPT_ENCODING, encodings)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let encoding = response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap().to_owned());
        (encoding, axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().len())
    };
    let (encoding, length) = ask("/long", "gzip, br").await;
    assert_eq!(encoding.as_deref(), Some("gzip"));
    assert!(length < 1_000, "{length}");
    assert_eq!(ask("/long", "identity").await, (None, 11_000));
    assert_eq!(ask("/log", "gzip").await, (None, 7_000));
    assert_eq!(ask("/page", "gzip").await, (None, 4));
}
