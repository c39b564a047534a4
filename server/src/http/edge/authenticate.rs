//! From credentials to an [`Actor`]: the request extension that everything behind the edge relies on.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tower_sessions::Session;

use super::{Way, credentials::cookie_name, log::Seen, origin};
use crate::{
    app::App,
    auth::{Actor, AuthError},
    http::{
        peer::Peer,
        problem::Problem,
        session::{self, SessionError, Touched},
    },
    store::session::SessionRow,
};

/// Requests that a page makes on its own while nobody looks: they don't keep a session alive.
pub const BACKGROUND_HEADER: &str = "x-ecos-background";

/// What the layer needs.
#[derive(Clone)]
pub struct Authentication {
    pub app: App,
    pub touched: Touched,
}

/// Sets the actor, or answers 401 for a token that is not valid. A session that is over is nobody.
pub async fn layer(State(auth): State<Authentication>, session: Session, mut request: Request, next: Next) -> Response {
    // Nothing outside can set an extension; this is for whoever reorders the layers.
    request.extensions_mut().remove::<Arc<Actor>>();
    let way = request.extensions().get::<Way>().cloned().expect("the outer layer sets the way");
    // Assets are the same for everyone.
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    let is_background = is_background(&request);
    let actor = match auth.actor(&way, &session, is_background).await {
        Ok(actor) => actor,
        Err(problem) => return problem.into_response(),
    };
    if let Some(actor) = actor {
        if let Some(seen) = request.extensions().get::<Seen>() {
            seen.who(actor.name());
        }
        request.extensions_mut().insert(actor);
    }
    next.run(request).await
}

impl Authentication {
    async fn actor(&self, way: &Way, session: &Session, is_background: bool) -> Result<Option<Arc<Actor>>, Problem> {
        let address = way.peer.to_string();
        if let Some(bearer) = &way.credentials.bearer {
            return match self.app.auth().token(bearer, &address).await {
                Ok(actor) => Ok(Some(actor)),
                Err(AuthError::Store(e)) => Err(e.into()),
                Err(AuthError::Token | AuthError::Session) => {
                    self.app.trail().count(&address, "account.read", "authenticate", "bad_token");
                    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                    Err(Problem::unauthenticated().header(header::WWW_AUTHENTICATE, challenge))
                }
            };
        }
        if !way.credentials.cookie {
            return Ok(None);
        }
        let row = session::current(session).await.map_err(|e| match e {
            SessionError::Store(e) => e.into(),
            SessionError::Session(e) => unreadable(&e),
        })?;
        let Some(row) = row else { return Ok(None) };
        match self.app.auth().session(&row, &address).await {
            Ok(actor) => {
                if !is_background {
                    self.touch(&row, way.peer, &actor);
                }
                Ok(Some(actor))
            }
            Err(AuthError::Store(e)) => Err(e.into()),
            Err(AuthError::Session | AuthError::Token) => Ok(None),
        }
    }

    fn touch(&self, row: &SessionRow, peer: Peer, actor: &Actor) {
        let now = self.app.clock().now();
        if !self.touched.due(row, now) {
            return;
        }
        self.app.limits().remember(peer.0, actor.name());
        let (app, id) = (self.app.clone(), row.id.clone());
        let expires_at = session::expires_at(app.settings(), row.created_at, now);
        tokio::spawn(async move {
            // A disk that is full refuses changes, not reads.
            if let Err(error) = app.store().touch_session(&id, now, expires_at, &peer.to_string()).await {
                tracing::warn!(%error, "a session's last use could not be kept");
            }
        });
    }
}

/// What a page asks for on its own, and sockets, which stay open while nobody looks.
fn is_background(request: &Request) -> bool {
    let headers = request.headers();
    headers.contains_key(BACKGROUND_HEADER) || headers.contains_key(header::UPGRADE) || request.method() == axum::http::Method::CONNECT
}

fn unreadable(error: &tower_sessions::session::Error) -> Problem {
    tracing::error!(request_id = crate::http::request_id::current(), %error, "a session could not be read");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", "The console's database cannot be used now.")
}

/// A browser takes away a `__Host-` cookie only by a line that has all that made it one; the cookie's layer leaves that out.
pub async fn complete_cookies(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if app.settings().is_secure() && response.headers().contains_key(header::SET_COOKIE) {
        complete(response.headers_mut(), cookie_name(app.settings()));
    }
    response
}

fn complete(headers: &mut HeaderMap, name: &str) {
    let lines: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in lines {
        let text = line.to_str().unwrap_or_default();
        let ours = text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        let whole = text.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure"));
        let completed = (ours && !whole).then(|| HeaderValue::from_str(&format!("{text}; HttpOnly; SameSite=Lax; Secure")).ok()).flatten();
        headers.append(header::SET_COOKIE, completed.unwrap_or(line));
    }
}

/// Passwords don't travel in the clear: over plain HTTP from another machine they are refused, unless a setting allows it.
pub async fn refuse_plain(State(app): State<App>, request: Request, next: Next) -> Response {
    const WITH_PASSWORD: [&str; 4] = ["/api/v1/session", "/api/v1/session/step-up", "/api/v1/setup", "/api/v1/account/password"];
    if origin::is_change(request.method())
        && request.method() != axum::http::Method::DELETE
        && WITH_PASSWORD.contains(&request.uri().path())
        && let Some(way) = request.extensions().get::<Way>()
    {
        let settings = app.settings();
        let plain = way.plain || !settings.is_secure();
        if plain && !way.host.is_loopback() && !settings.http.allow_plain_sign_in {
            let detail = "This is plain HTTP, on which everybody in between can read a password. Open the console over https (ECOS_TLS=auto, or a \
                          proxy and ECOS_PUBLIC_URL), or set ECOS_ALLOW_PLAIN_SIGN_IN=true.";
            return Problem::new(StatusCode::FORBIDDEN, "plain_sign_in", detail).into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_host_cookie_keeps_what_makes_it_one() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-ecos=; Path=/; Max-Age=0"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("other=1"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-ecos=x; HttpOnly; Secure; Path=/"));
        complete(&mut headers, "__Host-ecos");
        let lines: Vec<&str> = headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(
            lines,
            ["__Host-ecos=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure", "other=1", "__Host-ecos=x; HttpOnly; Secure; Path=/"]
        );
    }
}
