//! `[http]`: where the console listens and by which name people reach it.

use std::net::{Ipv4Addr, SocketAddr};

use super::{ConfigError, Network, PublicUrl, source::Source};

#[derive(Clone, Debug)]
pub struct Http {
    /// `ECOS_LISTEN`
    pub listen: SocketAddr,
    /// `ECOS_PUBLIC_URL`: fixes Host, Origin and the cookie's name. Absent: localhost and IP addresses only.
    pub public_url: Option<PublicUrl>,
    /// `ECOS_TRUSTED_PROXIES`: from these, forwarded headers count.
    pub trusted_proxies: Vec<Network>,
    /// `ECOS_ALLOW_PLAIN_SIGN_IN`: passwords may come over plain HTTP from other machines.
    pub allow_plain_sign_in: bool,
}

impl Http {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let listen = source.parse("http.listen", "an IP address and a port such as 127.0.0.1:3000", |t| t.parse().ok())?;
        Ok(Self {
            listen: listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 3000))),
            public_url: source.parse("http.public_url", "a URL without a path such as https://ecos.example.com", PublicUrl::parse)?,
            trusted_proxies: source.list(
                "http.trusted_proxies",
                "IP addresses or networks such as 10.0.0.0/8, separated by commas",
                Network::parse,
            )?,
            allow_plain_sign_in: source.switch("http.allow_plain_sign_in")?.unwrap_or(false),
        })
    }
}
