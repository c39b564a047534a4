//! What proxies say of a request. Only those listed in `ECOS_TRUSTED_PROXIES` are believed.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr as _,
};

use axum::http::HeaderMap;

use crate::{config::Network, http::peer::Peer};

/// A request's way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    pub peer: Peer,
    /// The host that the browser asked a listed proxy for, where the proxy says so.
    pub host: Option<String>,
    /// A listed proxy says that the browser came over plain HTTP.
    pub plain: bool,
}

/// Reads `X-Forwarded-For`, `-Host` and `-Proto` of a connection from `remote`.
pub fn read(trusted: &[Network], remote: IpAddr, headers: &HeaderMap) -> Forwarded {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|n| n.contains(ip));
    if !is_trusted(remote) {
        return Forwarded { peer: Peer(remote.to_canonical()), host: None, plain: false };
    }
    // From the right: the first hop that is not ours is the client; what stands left of it anybody could have written.
    let mut peer = remote;
    let hops: Vec<&str> = values(headers, "x-forwarded-for");
    for hop in hops.into_iter().rev() {
        let Some(ip) = parse_hop(hop) else { break };
        peer = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    Forwarded {
        peer: Peer(peer.to_canonical()),
        host: values(headers, "x-forwarded-host").last().map(|h| (*h).to_owned()),
        plain: values(headers, "x-forwarded-proto").last().is_some_and(|p| p.eq_ignore_ascii_case("http")),
    }
}

/// All values of a header that may come as several lines or with commas.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .filter(|v| !v.is_empty())
        .collect()
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(hop);
    IpAddr::from_str(bare).ok().or_else(|| SocketAddr::from_str(hop).ok().map(|s| s.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The peer that `remote` with these `X-Forwarded-For` lines comes to, with `10.0.0.0/8` and `::1` listed.
    fn peer(remote: &str, lines: &[&str]) -> String {
        let trusted = [Network::parse("10.0.0.0/8").unwrap(), Network::parse("::1").unwrap()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        read(&trusted, remote.parse().unwrap(), &headers).peer.to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        assert_eq!(peer("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(peer("::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(peer("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_hop_not_listed_is_the_client() {
        assert_eq!(peer("10.0.0.1", &["1.1.1.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(peer("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(peer("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.9.9.9"]), "203.0.113.9");
        assert_eq!(peer("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(peer("::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(peer("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
    }

    #[test]
    fn nonsense_ends_the_search() {
        assert_eq!(peer("10.0.0.1", &["203.0.113.9, unknown"]), "10.0.0.1");
        assert_eq!(peer("10.0.0.1", &["1.1.1.1, nonsense, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn host_and_scheme_come_from_the_nearest_proxy() {
        let trusted = [Network::parse("10.0.0.0/8").unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-host", HeaderValue::from_static("evil.example, ecos.example.com"));
        headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
        let near = read(&trusted, "10.0.0.1".parse().unwrap(), &headers);
        assert_eq!((near.host.as_deref(), near.plain), (Some("ecos.example.com"), true));
        let far = read(&trusted, "192.0.2.1".parse().unwrap(), &headers);
        assert_eq!((far.host, far.plain), (None, false));
    }
}
