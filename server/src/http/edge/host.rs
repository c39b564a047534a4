//! Under which names the console may be reached.
//!
//! A page of a foreign name that was rebound to this address is same-origin with it, so only the public URL's name is
//! served; where none is set, only localhost and IP addresses, which no rebound name can be.

use std::{net::IpAddr, str::FromStr as _};

use axum::http::{StatusCode, header, request::Parts};

use super::forwarded::Forwarded;
use crate::{config::Settings, http::problem::Problem};

/// The host of an accepted request, as a request extension: `localhost:3000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(pub String);

impl Host {
    fn name(&self) -> &str {
        without_port(&self.0)
    }

    /// Whether the browser and the console are on one machine (or a tunnel makes it so): the browser trusts such a page without TLS.
    pub fn is_loopback(&self) -> bool {
        self.name() == "localhost" || ip(self.name()).is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it is the bare `localhost`, which other servers of the machine share.
    pub fn is_localhost(&self) -> bool {
        self.name() == "localhost"
    }

    /// The origin of the console's pages under this host.
    pub fn origin(&self, settings: &Settings) -> String {
        settings
            .http
            .public_url
            .as_ref()
            .map_or_else(|| format!("{}://{}", if settings.is_secure() { "https" } else { "http" }, self.0), |url| url.origin().to_owned())
    }
}

/// Whether the request's host is one of ours.
pub fn check(settings: &Settings, parts: &Parts, forwarded: &Forwarded) -> Result<Host, Problem> {
    let host = asked(parts, forwarded)?;
    let name = without_port(&host);
    let accepted = match &settings.http.public_url {
        Some(url) => {
            let own_port = if url.is_https() { ":443" } else { ":80" };
            host.strip_suffix(own_port).unwrap_or(&host) == url.host()
        }
        None => name == "localhost" || ip(name).is_some(),
    };
    if accepted {
        return Ok(Host(host));
    }
    let detail = match &settings.http.public_url {
        Some(url) => format!("ECOS_PUBLIC_URL says that this console is reached at {}, not under the name of this request.", url.origin()),
        None => {
            "This console is reached as localhost or by an IP address only; to give it a name, set ECOS_PUBLIC_URL to the URL that people open."
                .to_owned()
        }
    };
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign_host", detail))
}

/// The host that was asked for: HTTP/2 and absolute targets have it in the target, HTTP/1.1 in the one `Host`.
fn asked(parts: &Parts, forwarded: &Forwarded) -> Result<String, Problem> {
    let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, "bad_host", detail);
    if let Some(host) = &forwarded.host {
        return Ok(host.to_ascii_lowercase());
    }
    let mut lines = parts.headers.get_all(header::HOST).iter();
    let line = lines.next().map(|h| h.to_str().map_err(|_| bad("The Host header is not text."))).transpose()?;
    if lines.next().is_some() {
        return Err(bad("There is more than one Host header."));
    }
    let target = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    match (target, line) {
        (Some(target), _) => Ok(target.to_ascii_lowercase()),
        (None, Some(line)) if !line.is_empty() => Ok(line.to_ascii_lowercase()),
        (None, _) => Err(bad("The Host header is missing.")),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => host,
    }
}

/// An address as it stands in a URL: IPv6 in brackets.
fn ip(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[') {
        Some(rest) => IpAddr::from_str(rest.strip_suffix(']')?).ok().filter(IpAddr::is_ipv6),
        None => IpAddr::from_str(name).ok().filter(IpAddr::is_ipv4),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::{config::PublicUrl, http::peer::Peer};

    fn settings(public: Option<&str>) -> Settings {
        let mut settings = Settings::with_data_dir("/nowhere");
        settings.http.public_url = public.map(|u| PublicUrl::parse(u).unwrap());
        settings
    }

    fn verdict(public: Option<&str>, host: &str) -> Result<Host, &'static str> {
        let (parts, ()) = Request::get("/").header("host", host).body(()).unwrap().into_parts();
        let forwarded = Forwarded { peer: Peer([127, 0, 0, 1].into()), host: None, plain: false };
        check(&settings(public), &parts, &forwarded).map_err(|p| p.code())
    }

    #[test]
    fn without_a_public_url_only_localhost_and_addresses() {
        for good in ["localhost", "localhost:3000", "LOCALHOST:1", "127.0.0.1:3000", "192.0.2.7", "[::1]:3000", "[2001:db8::1]"] {
            assert!(verdict(None, good).is_ok(), "{good}");
        }
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.1",
            "evil.example:3000",
            "::1",
            "localhost:x",
            "[localhost]",
        ] {
            assert_eq!(verdict(None, bad), Err("foreign_host"), "{bad}");
        }
        assert_eq!(verdict(None, ""), Err("bad_host"));
    }

    #[test]
    fn with_one_only_its_host() {
        let public = Some("https://ecos.example.com");
        assert!(verdict(public, "ecos.example.com").is_ok());
        assert!(verdict(public, "Ecos.Example.Com:443").is_ok());
        for bad in ["ecos.example.com:80", "localhost", "127.0.0.1", "evil.example", "ecos.example.com.evil.example"] {
            assert_eq!(verdict(public, bad), Err("foreign_host"), "{bad}");
        }
        assert!(verdict(Some("http://ecos.example.com:8080"), "ecos.example.com:8080").is_ok());
    }

    #[test]
    fn a_refusal_names_the_setting() {
        let (parts, ()) = Request::get("/").header("host", "evil.example").body(()).unwrap().into_parts();
        let forwarded = Forwarded { peer: Peer([127, 0, 0, 1].into()), host: None, plain: false };
        for public in [None, Some("https://ecos.example.com")] {
            let problem = check(&settings(public), &parts, &forwarded).unwrap_err();
            assert!(problem.detail().contains("ECOS_PUBLIC_URL"), "{}", problem.detail());
        }
    }

    #[test]
    fn loopback_is_told_from_elsewhere() {
        let loopback = |h: &str| Host(h.to_owned()).is_loopback();
        assert!(loopback("localhost:3000") && loopback("127.0.0.1") && loopback("127.8.8.8:1") && loopback("[::1]:3000"));
        assert!(!loopback("192.0.2.7:3000") && !loopback("[2001:db8::1]"));
    }
}
