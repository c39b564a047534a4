//! What a request brings to say who it is.

use axum::http::{HeaderMap, StatusCode, header};

use crate::{config::Settings, http::problem::Problem};

/// The session cookie's name: over TLS one that no other host and no plain page can set.
pub fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_secure() { "__Host-ecos" } else { "ecos" }
}

/// The name of the cookie by which a browser is known again; see [`device`](crate::auth::device).
pub fn device_cookie_name(settings: &Settings) -> &'static str {
    if settings.is_secure() { "__Host-ecos-device" } else { "ecos-device" }
}

/// What a request's cookie of that name holds.
pub fn device_cookie<'a>(settings: &Settings, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = device_cookie_name(settings);
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    pairs.map(str::trim).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).filter(|value| value.len() <= 128)
}

/// A request's credentials, not checked yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// There is a session cookie.
    pub cookie: bool,
    pub bearer: Option<String>,
}

impl Credentials {
    /// 400 for both at once (which one counts?), 401 for an `Authorization` that is no bearer token.
    pub fn read(settings: &Settings, headers: &HeaderMap) -> Result<Self, Problem> {
        let name = cookie_name(settings);
        let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|b| *b == b';'));
        let cookie = pairs.map(<[u8]>::trim_ascii).any(|pair| pair.strip_prefix(name.as_bytes()).is_some_and(|r| r.starts_with(b"=")));
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let bearer = match (lines.next(), lines.next()) {
            (None, _) => None,
            (Some(line), None) => Some(line.to_str().ok().and_then(bearer).ok_or_else(Problem::unauthenticated)?),
            _ => return Err(Problem::new(StatusCode::BAD_REQUEST, "two_credentials", "There is more than one Authorization header.")),
        };
        if cookie && bearer.is_some() {
            let detail = "A request brings a session cookie or a bearer token, not both.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "two_credentials", detail));
        }
        Ok(Self { cookie, bearer })
    }
}

fn bearer(line: &str) -> Option<String> {
    let (scheme, token) = line.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Result<Credentials, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Credentials::read(&Settings::with_data_dir("/nowhere"), &headers).map_err(|p| p.status().as_u16())
    }

    #[test]
    fn a_browsers_cookie_is_found_beside_others() {
        let settings = Settings::with_data_dir("/nowhere");
        let mut headers = HeaderMap::new();
        assert_eq!(device_cookie(&settings, &headers), None);
        headers.insert(header::COOKIE, HeaderValue::from_static("ecos=abc; ecos-device=1.2; ecos-devices=3"));
        assert_eq!(device_cookie(&settings, &headers), Some("1.2"));
    }

    #[test]
    fn credentials_are_one_or_none() {
        let found = |pairs: &[(&'static str, &str)]| read(pairs).map(|c| (c.cookie, c.bearer));
        assert_eq!(found(&[]), Ok((false, None)));
        assert_eq!(found(&[("cookie", "theme=dark; ecos=abc")]), Ok((true, None)));
        assert_eq!(found(&[("cookie", "ecosystem=abc; xecos=1; ecos-device=1.2")]), Ok((false, None)));
        assert_eq!(found(&[("cookie", "a=b"), ("cookie", "ecos=abc")]), Ok((true, None)));
        assert_eq!(found(&[("authorization", "bearer ecos_x")]), Ok((false, Some("ecos_x".to_owned()))));
        assert_eq!(found(&[("cookie", "ecos=abc"), ("authorization", "Bearer ecos_x")]), Err(400));
        assert_eq!(found(&[("authorization", "Bearer a"), ("authorization", "Bearer b")]), Err(400));
        for wrong in ["ecos_x", "Basic YTpi", "Bearer", "Bearer "] {
            assert_eq!(found(&[("authorization", wrong)]), Err(401), "{wrong}");
        }
    }
}
