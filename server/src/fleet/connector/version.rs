//! Which version of the engine's API is spoken.

use std::fmt;

use serde::Deserialize;

use super::Fault;

/// `1.41`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion {
    pub major: u16,
    pub minor: u16,
}

impl ApiVersion {
    /// Docker 20.10: the oldest engine that the console drives.
    pub const OLDEST: Self = Self { major: 1, minor: 41 };
    /// The newest that bollard knows.
    pub const NEWEST: Self =
        Self { major: bollard::API_DEFAULT_VERSION.major_version as u16, minor: bollard::API_DEFAULT_VERSION.minor_version as u16 };

    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What an engine says of its version (`/version`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Offer {
    pub version: String,
    pub api_version: String,
    #[serde(rename = "MinAPIVersion", default)]
    pub min_api_version: String,
}

impl Offer {
    /// The newest version that both sides speak.
    pub fn choose(&self) -> Result<ApiVersion, Fault> {
        let strange = || Fault::NotAnEngine(format!("its API version is “{}”", self.api_version.chars().take(40).collect::<String>()));
        let most = ApiVersion::parse(&self.api_version).ok_or_else(strange)?;
        let least = ApiVersion::parse(&self.min_api_version).unwrap_or(ApiVersion::OLDEST);
        let chosen = most.min(ApiVersion::NEWEST);
        if chosen < ApiVersion::OLDEST {
            return Err(Fault::TooOld(self.api_version.clone()));
        }
        if chosen < least {
            return Err(Fault::Other(format!("the engine speaks API {least} and newer, this console up to {}", ApiVersion::NEWEST)));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(most: &str, least: &str) -> Result<String, Fault> {
        Offer { version: String::new(), api_version: most.into(), min_api_version: least.into() }.choose().map(|v| v.to_string())
    }

    #[test]
    fn the_newest_that_both_speak() {
        assert_eq!(choose("1.41", "1.12"), Ok("1.41".into()));
        assert_eq!(choose("1.44", "1.44"), Ok("1.44".into()));
        assert_eq!(choose("1.99", "1.44"), Ok(ApiVersion::NEWEST.to_string()));
        assert_eq!(choose("1.40", "1.12"), Err(Fault::TooOld("1.40".into())));
        assert!(matches!(choose("2.10", "2.0"), Err(Fault::Other(_))));
        assert!(matches!(choose("<html>", ""), Err(Fault::NotAnEngine(_))));
    }
}
