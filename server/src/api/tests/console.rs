//! A console of a test's own, and somebody who talks to it: by cookie like a page, or by token like a script.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use app::{
    api::{problem::Failure, session::SignIn},
    client::{Answer, Client, PAGE_HEADER, Request as Call, Response as Answered, Transport},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use ring::rand::SystemRandom;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::{
    app::App,
    auth::secret,
    clock::Clock,
    config::Settings,
    store::{Draft, Store, grant::NewGrant, ownership::Ownership, tests::record, token::Token, user::NewUser},
};

pub const PASSWORD: &str = "correct horse battery staple";

/// A console on SQLite in a directory of its own.
pub struct Console {
    pub app: App,
    pub router: Router,
    _dir: Option<tempfile::TempDir>,
}

impl Console {
    pub async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    pub async fn at(clock: Clock) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let console = Self::in_dir(dir.path(), clock).await;
        Self { _dir: Some(dir), ..console }
    }

    /// Makes a container of a fake engine a project's.
    pub async fn own(&self, project: &str, host: &str, container: &str) {
        let row = Ownership {
            host_id: host.into(),
            kind: "container".into(),
            object_id: container.into(),
            created_at: 1_700_000_000_000,
            project_id: project.into(),
            intent_id: "i".into(),
        };
        self.app.store().assign(row, record("assign")).await.expect("assigned");
        self.app.auth().refresh().await.expect("reads");
    }

    /// On a directory that outlives it.
    pub async fn in_dir(dir: &Path, clock: Clock) -> Self {
        // Another test may have been quicker.
        let _ = any_spawner::Executor::init_tokio();
        let store = Store::open(None, dir).await.expect("opens");
        let app = App::new(Settings::with_data_dir(dir), store, clock, None).await.expect("starts");
        let router = crate::http::router(&app, &TaskTracker::new());
        Self { app, router, _dir: None }
    }

    /// A person with [`PASSWORD`] and perhaps a role on the platform. Their id.
    pub async fn person(&self, username: &str, role: Option<&str>) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        let password_hash = self.app.passwords().hash(PASSWORD).await;
        let user = NewUser { id: id.clone(), username: username.into(), password_hash, language: None, now: self.app.clock().now() };
        self.app.store().create_user(user, role, record("create")).await.expect("made");
        self.app.auth().refresh().await.expect("reads");
        id
    }

    pub async fn grant(&self, grant: NewGrant) {
        self.app.store().create_grant(grant, record("grant")).await.expect("granted");
        self.app.auth().refresh().await.expect("reads");
    }

    /// An API token of somebody's.
    pub async fn token(&self, user_id: &str, role: Option<&str>) -> String {
        self.token_in(user_id, role, None).await
    }

    /// An API token of somebody's, within a project.
    pub async fn token_in(&self, user_id: &str, role: Option<&str>, project_id: Option<&str>) -> String {
        let bearer = secret::generate_token(&SystemRandom::new());
        let token = Token {
            id: uuid::Uuid::now_v7().to_string(),
            user_id: user_id.into(),
            name: "ci".into(),
            hash: secret::hash(&bearer),
            role: role.map(Into::into),
            project_id: project_id.map(Into::into),
            environment_id: None,
            created_at: 0,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        self.app.store().create_token(token, Draft { id: uuid::Uuid::now_v7().to_string(), ..record("create") }).await.expect("made");
        bearer
    }

    /// Nobody yet.
    pub fn visitor(&self) -> Visitor {
        Visitor { router: self.router.clone(), jar: Arc::default(), bearer: None }
    }

    /// Somebody signed in by password.
    pub async fn signed_in(&self, username: &str) -> Visitor {
        let visitor = self.visitor();
        visitor.client().sign_in(&SignIn { username: username.into(), password: PASSWORD.into() }).await.expect("signed in");
        visitor
    }

    /// A script with a token.
    pub fn script(&self, bearer: &str) -> Visitor {
        Visitor { bearer: Some(bearer.into()), ..self.visitor() }
    }
}

/// Somebody at the other end, with a cookie jar.
#[derive(Clone)]
pub struct Visitor {
    router: Router,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
    bearer: Option<String>,
}

impl Visitor {
    pub fn client(&self) -> Client {
        Client::new(self.clone())
    }

    /// The session's, as it is sent.
    pub fn cookie(&self) -> Option<String> {
        self.jar.lock().expect("not poisoned").get("ecos").map(|value| format!("ecos={value}"))
    }

    /// All of them, as they are sent.
    fn cookies(&self) -> Option<String> {
        let jar = self.jar.lock().expect("not poisoned");
        (!jar.is_empty()).then(|| jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
    }

    /// Sends a request as it is, with cookie or token, host and (for changes by cookie) what a page sends.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        } else {
            if let Some(cookie) = self.cookies() {
                request = request.header(header::COOKIE, cookie);
            }
            if method != "GET" {
                request = request.header(PAGE_HEADER, "1").header(header::ORIGIN, "http://localhost:3000");
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_owned()))).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        for set in response.headers().get_all(header::SET_COOKIE).iter().filter_map(|h| h.to_str().ok()) {
            let pair = set.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            let mut jar = self.jar.lock().expect("not poisoned");
            if value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// Status and JSON of an answer.
    pub async fn json(&self, method: &str, path: &str, body: Option<&str>) -> (u16, serde_json::Value) {
        let response = self.send(method, path, &[], body).await;
        let status = response.status().as_u16();
        (status, serde_json::from_str(&text(response).await).unwrap_or_default())
    }
}

pub async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 16 << 20).await.expect("whole");
    String::from_utf8(bytes.into()).expect("UTF-8")
}

impl Transport for Visitor {
    fn call(&self, call: Call) -> Answer {
        let visitor = self.clone();
        Box::pin(async move {
            let key = call.idempotency_key.as_deref().map(|k| ("idempotency-key", k));
            let mut headers = vec![("accept", "application/json")];
            headers.extend(key);
            let response = visitor.send(call.method.as_str(), &call.path, &headers, call.body.as_deref()).await;
            let status = response.status().as_u16();
            Ok::<_, Failure>(Answered { status, body: text(response).await })
        })
    }
}
