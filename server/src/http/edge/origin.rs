//! Which pages may speak to the API with a browser's cookie.
//!
//! Changes by cookie need the page's own header, which a foreign page can't set, and a same-origin `Origin` or
//! `Sec-Fetch-Site`; sockets need the exact `Origin`. A bearer token is not sent by browsers on their own and needs neither.

use axum::http::{HeaderMap, Method, StatusCode, header, request::Parts};

use super::{credentials::Credentials, host::Host};
use crate::{config::Settings, http::problem::Problem};

/// Whether the request may go on, as far as its origin says.
pub fn check(settings: &Settings, parts: &Parts, host: &Host, credentials: &Credentials) -> Result<(), Problem> {
    if credentials.bearer.is_some() {
        return Ok(());
    }
    let own = host.origin(settings);
    let origin = one(&parts.headers, header::ORIGIN.as_str())?;
    if origin.is_some_and(|o| o != own) {
        return Err(foreign(format!("This request comes from another origin than {own}.")));
    }
    if is_socket(parts) {
        return if origin.is_some() { Ok(()) } else { Err(foreign(format!("A socket needs the Origin {own}."))) };
    }
    let site = one(&parts.headers, "sec-fetch-site")?;
    if is_change(&parts.method) {
        if site.is_some_and(|s| s != "same-origin") {
            return Err(foreign("This change comes from another site's page.".to_owned()));
        }
        if credentials.cookie {
            if !parts.headers.contains_key(app::client::PAGE_HEADER) {
                return Err(foreign(format!("A change by cookie needs the header {}: 1.", app::client::PAGE_HEADER)));
            }
            if origin.is_none() && site.is_none() {
                return Err(foreign(format!("A change by cookie needs the Origin {own}.")));
            }
        }
        return Ok(());
    }
    // Links from elsewhere open; anything else of another page that reads the API with the cookie has no business here.
    let navigates = one(&parts.headers, "sec-fetch-mode")?.is_none_or(|m| m == "navigate");
    if credentials.cookie && is_api(parts) && !navigates && site.is_some_and(|s| s == "cross-site" || s == "same-site") {
        return Err(foreign("This request comes from another site's page.".to_owned()));
    }
    Ok(())
}

/// Whether the method changes something.
pub fn is_change(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS, Method::CONNECT].contains(method)
}

pub fn is_api(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/api/")
}

/// HTTP/1.1's upgrade, or HTTP/2's extended CONNECT.
pub fn is_socket(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE).is_some_and(|u| u.as_bytes().eq_ignore_ascii_case(b"websocket"));
    upgrade || parts.method == Method::CONNECT
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(line), None) => line.to_str().map(Some).map_err(|_| foreign(format!("{name} is not text."))),
        _ => Err(foreign(format!("{name} came more than once."))),
    }
}

fn foreign(detail: String) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "foreign_origin", detail)
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, request};

    use super::*;

    const OWN: &str = "http://localhost:3000";

    fn verdict(request: request::Builder, cookie: bool, bearer: bool) -> bool {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let credentials = Credentials { cookie, bearer: bearer.then(|| "ecos_x".to_owned()) };
        check(&Settings::with_data_dir("/nowhere"), &parts, &Host("localhost:3000".to_owned()), &credentials).is_ok()
    }

    fn post() -> request::Builder {
        Request::post("/api/v1/containers/c/restart")
    }

    fn page() -> request::Builder {
        post().header("x-ecos-page", "1")
    }

    fn socket() -> request::Builder {
        Request::get("/api/v1/live").header("upgrade", "websocket")
    }

    #[test]
    fn a_change_by_cookie_needs_header_and_origin() {
        assert!(verdict(page().header("origin", OWN), true, false));
        assert!(verdict(page().header("sec-fetch-site", "same-origin"), true, false));
        assert!(verdict(page().header("origin", OWN).header("sec-fetch-site", "same-origin"), true, false));
        assert!(!verdict(page(), true, false));
        assert!(!verdict(post().header("origin", OWN), true, false));
        assert!(!verdict(page().header("origin", "http://localhost:3001"), true, false));
        assert!(!verdict(page().header("origin", "https://localhost:3000"), true, false));
        assert!(!verdict(page().header("origin", "null"), true, false));
        assert!(!verdict(page().header("origin", OWN).header("origin", OWN), true, false));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!verdict(page().header("origin", OWN).header("sec-fetch-site", site), true, false), "{site}");
        }
    }

    #[test]
    fn a_change_without_credentials_must_not_be_foreign() {
        assert!(verdict(post(), false, false));
        assert!(verdict(post().header("origin", OWN), false, false));
        assert!(!verdict(post().header("origin", "https://evil.example"), false, false));
        assert!(!verdict(post().header("origin", "null"), false, false));
        assert!(!verdict(post().header("sec-fetch-site", "cross-site"), false, false));
    }

    #[test]
    fn a_bearer_needs_nothing() {
        assert!(verdict(post(), false, true));
        assert!(verdict(post().header("origin", "https://evil.example"), false, true));
        assert!(verdict(socket(), false, true));
    }

    #[test]
    fn a_socket_needs_the_exact_origin() {
        assert!(verdict(socket().header("origin", OWN), true, false));
        for origin in ["https://evil.example", "null", "http://localhost", "http://localhost:30000", "http://LOCALHOST:3000"] {
            assert!(!verdict(socket().header("origin", origin), true, false), "{origin}");
        }
        assert!(!verdict(socket(), true, false));
        assert!(!verdict(Request::connect("/api/v1/live").header("origin", "https://evil.example"), true, false));
    }

    #[test]
    fn links_from_elsewhere_open_and_frames_do_not_read() {
        let get = |path: &str| Request::get(path.to_owned()).header("sec-fetch-site", "cross-site");
        assert!(verdict(get("/containers").header("sec-fetch-mode", "navigate"), true, false));
        assert!(verdict(get("/api/v1/openapi.json").header("sec-fetch-mode", "navigate"), true, false));
        assert!(!verdict(get("/api/v1/containers").header("sec-fetch-mode", "no-cors"), true, false));
        assert!(verdict(Request::get("/api/v1/containers"), true, false));
    }
}
