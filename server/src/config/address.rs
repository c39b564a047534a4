//! Addresses in settings: networks, and the console's own URL.

use std::{fmt, net::IpAddr, str::FromStr};

use axum::http::Uri;

/// An IP network: `10.0.0.0/8`, `192.0.2.7`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address = IpAddr::from_str(address).ok()?.to_canonical();
        let max = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(p) => p.parse::<u8>().ok().filter(|p| *p <= max)?,
            None => max,
        };
        Some(Self { address, prefix })
    }

    pub fn contains(&self, ip: IpAddr) -> bool {
        fn same(a: u128, b: u128, width: u32, prefix: u8) -> bool {
            // A prefix of nothing covers everything (and shifting by the whole width is not defined).
            prefix == 0 || (a ^ b) >> (width - u32::from(prefix)) == 0
        }
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32, self.prefix),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128, self.prefix),
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The URL that people open: scheme, host and, unless it is the scheme's own, port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
}

impl PublicUrl {
    /// `None` for anything but `http(s)://host[:port][/]`.
    pub fn parse(text: &str) -> Option<Self> {
        let uri = Uri::from_str(text.trim_end_matches('/')).ok()?;
        let scheme = uri.scheme_str().filter(|s| ["http", "https"].contains(s))?;
        let authority = uri.authority().filter(|a| !a.as_str().contains('@') && !a.host().is_empty())?;
        if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() || text.contains('#') {
            return None;
        }
        let own_port = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => None,
            Some(rest) => Some(rest.strip_prefix(':')?.parse::<u16>().ok().filter(|p| *p != 0)?),
            None => return None,
        };
        let origin = match port.filter(|p| *p != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self { origin })
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// As browsers write it in `Origin`: `https://ecos.example.com`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// As browsers write it in `Host`: `ecos.example.com`, `ecos.example.com:8443`.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_they_should() {
        let n = |t: &str| Network::parse(t).unwrap();
        let ip = |t: &str| IpAddr::from_str(t).unwrap();
        assert!(n("10.0.0.0/8").contains(ip("10.200.3.4")));
        assert!(!n("10.0.0.0/8").contains(ip("11.0.0.1")));
        assert!(n("192.0.2.7").contains(ip("192.0.2.7")));
        assert!(n("192.0.2.7").contains(ip("::ffff:192.0.2.7")));
        assert!(!n("192.0.2.7").contains(ip("192.0.2.8")));
        assert!(n("0.0.0.0/0").contains(ip("203.0.113.1")));
        assert!(!n("0.0.0.0/0").contains(ip("2001:db8::1")));
        assert!(n("fd00::/8").contains(ip("fd12::1")));
        assert!(!n("fd00::/8").contains(ip("fe80::1")));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "ecos", "10.0.0.0/-1"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        let origin = |t: &str| PublicUrl::parse(t).map(|u| u.origin().to_owned());
        assert_eq!(origin("https://Ecos.Example.com/").as_deref(), Some("https://ecos.example.com"));
        assert_eq!(origin("https://ecos.example.com:443").as_deref(), Some("https://ecos.example.com"));
        assert_eq!(origin("http://[::1]:3000").as_deref(), Some("http://[::1]:3000"));
        assert_eq!(PublicUrl::parse("https://a.example:8443").unwrap().host(), "a.example:8443");
        for wrong in
            ["ecos.example.com", "ftp://x", "https://", "https://a/b", "https://u:p@a", "https://a?x=1", "https://a#x", "https://a:0"]
        {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }
}
