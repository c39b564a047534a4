//! Rendering a page: who asks, in which language, with which policy for content.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use app::{
    client::{Client, percent_encode},
    me::{HiddenColumns, Me},
    shell::{Site, Start},
    words::Lang,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use tokio::time::Instant;

use super::{
    document::{Document, document},
    in_process::InProcess,
    site,
};
use crate::{api::counts::counts, app::App, auth::Actor, http::problem::Problem, store::user::User};

/// All calls of a page together.
const DEADLINE: Duration = Duration::from_millis(300);

/// What rendering needs. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    app: App,
    api: Router,
    /// There is an account: set-up is over for good.
    set_up: Arc<AtomicBool>,
}

impl Pages {
    pub fn new(app: App, api: Router) -> Self {
        Self { app, api, set_up: Arc::default() }
    }

    async fn is_set_up(&self) -> bool {
        if self.set_up.load(Ordering::Relaxed) {
            return true;
        }
        // A database that can't be asked now is no reason to forget the question.
        let Ok(any) = self.app.store().any_user().await else { return true };
        self.set_up.store(any, Ordering::Relaxed);
        any
    }
}

/// Any page, or a file of `public/`.
pub async fn page(pages: Pages, request: Request<Body>) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path();
    if path.starts_with("/api/") || path.starts_with("/pkg/") {
        return Problem::not_found("operation").into_response();
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Pages are read by GET.").into_response();
    }
    if let Some(file) = site::public(path, &parts.headers) {
        return file;
    }
    let actor = parts.extensions.get::<Arc<Actor>>().cloned();
    if let Some(elsewhere) = redirect(&pages, &parts, actor.is_some()).await {
        return elsewhere;
    }
    let start = start(&pages, &parts, actor.as_deref()).await;
    let mut response = render(pages, start, actor, &parts).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// To set-up while there is no account, to sign-in without a session, and away from both when they are over.
async fn redirect(pages: &Pages, request: &Parts, signed_in: bool) -> Option<Response> {
    let path = request.uri.path();
    let to = |place: &str| Some(Redirect::to(place).into_response());
    if pages.app.settings().dev && path == "/design" {
        return None;
    }
    if !pages.is_set_up().await {
        return if path == "/setup" { None } else { to("/setup") };
    }
    match path {
        "/setup" => to("/"),
        "/sign-in" if signed_in => to("/"),
        "/sign-in" => None,
        _ if signed_in => None,
        "/" => to("/sign-in"),
        _ => {
            let here = request.uri.path_and_query().map_or("/", |p| p.as_str());
            to(&format!("/sign-in?next={}", percent_encode(here)))
        }
    }
}

async fn start(pages: &Pages, request: &Parts, actor: Option<&Actor>) -> Start {
    let user: Option<User> = match actor {
        Some(actor) => pages.app.store().user(actor.user_id()).await.ok().flatten(),
        None => None,
    };
    let accepted = request.headers.get(header::ACCEPT_LANGUAGE).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let chosen = user.as_ref().and_then(|u| u.language.as_deref()).and_then(Lang::from_tag);
    let theme = user.as_ref().map_or("system", |u| u.theme.as_str()).to_owned();
    let permissions = actor.map(|a| a.rights.anywhere().names().map(str::to_owned).collect()).unwrap_or_default();
    let counts = actor.map(|a| counts(&pages.app, a)).unwrap_or_default();
    let columns = user.as_ref().map(|u| hidden_columns(&u.preferences)).unwrap_or_default();
    let me = Me { username: actor.map(|a| a.name().to_owned()).unwrap_or_default(), permissions, theme, counts, columns };
    Start {
        lang: chosen.unwrap_or_else(|| Lang::from_accept_language(accepted)),
        me,
        site: Site { base: base(), built: !site::files().hash.is_empty() },
        dev: pages.app.settings().dev,
    }
}

/// From a person's preferences: `columns:containers`, a list of keys. What is no plain name can't be a column's.
fn hidden_columns(preferences: &str) -> HiddenColumns {
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(preferences).unwrap_or_default();
    let table = |(name, keys): (&String, &serde_json::Value)| {
        let table = name.strip_prefix("columns:").filter(|table| plain(table))?.to_owned();
        let keys = keys.as_array()?.iter().filter_map(|key| key.as_str()).filter(|key| plain(key)).map(str::to_owned).collect();
        Some((table, keys))
    };
    HiddenColumns(all.iter().filter_map(table).collect())
}

/// `/pkg/HASH`
pub fn base() -> &'static str {
    static BASE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| format!("/pkg/{}", site::files().hash));
    &BASE
}

async fn render(pages: Pages, start: Start, actor: Option<Arc<Actor>>, request: &Parts) -> Response {
    let client = Client::new(InProcess { api: pages.api, actor, until: Instant::now() + DEADLINE });
    let path = request.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let Document { html, nonce, status } = document(start, client, &path).await;
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy(&nonce));
    response
}

/// What a page may load: its own files, nothing inline but the boot scripts with this answer's nonce.
fn policy(nonce: &str) -> HeaderValue {
    let text = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).expect("a nonce is base64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_of_columns_reach_the_document() {
        let kept = r#"{"columns:containers": ["ports", "a b", 1, "x=y"], "columns:": ["a"], "columns:a b": [], "columns:hosts": [], "views": ["x"]}"#;
        assert_eq!(hidden_columns(kept).to_string(), "containers=ports hosts=");
        assert_eq!(hidden_columns("no JSON"), HiddenColumns::default());
    }
}
