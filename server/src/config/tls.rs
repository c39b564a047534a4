//! `[tls]`: whether the console serves TLS itself, and with which certificate.

use std::{net::SocketAddr, path::PathBuf};

use super::{ConfigError, source::Source};

/// `ECOS_TLS`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// A certificate of its own making, kept in the data directory. The default where it listens beyond loopback.
    Auto,
    /// Plain HTTP: on loopback (the default there), or behind a proxy.
    Off,
    /// `ECOS_TLS_CERT` and `ECOS_TLS_KEY`: PEM files.
    Files { cert: PathBuf, key: PathBuf },
}

#[derive(Clone, Debug)]
pub struct Tls {
    pub mode: TlsMode,
}

impl Tls {
    pub(super) fn read(source: &Source, listen: SocketAddr) -> Result<Self, ConfigError> {
        #[derive(PartialEq)]
        enum Word {
            Auto,
            Off,
            Files,
        }
        let word = source.parse("tls.mode", "auto, off or files", |text| match text {
            "auto" => Some(Word::Auto),
            "off" => Some(Word::Off),
            "files" => Some(Word::Files),
            _ => None,
        })?;
        let (cert, key) = (source.path("tls.cert")?, source.path("tls.key")?);
        let mode = match (word, cert, key) {
            (Some(Word::Files), Some(cert), Some(key)) => TlsMode::Files { cert, key },
            (Some(Word::Files), cert, _) => {
                let missing = if cert.is_none() { "tls.cert" } else { "tls.key" };
                return Err(ConfigError::Conflict(format!("{} is files, which needs {}.", source.name("tls.mode"), source.name(missing))));
            }
            (_, Some(_), _) => return Err(needs_files(source, "tls.cert")),
            (_, _, Some(_)) => return Err(needs_files(source, "tls.key")),
            (Some(Word::Off), ..) => TlsMode::Off,
            (None, ..) if listen.ip().is_loopback() => TlsMode::Off,
            (Some(Word::Auto) | None, ..) => TlsMode::Auto,
        };
        Ok(Self { mode })
    }
}

fn needs_files(source: &Source, path: &str) -> ConfigError {
    ConfigError::Conflict(format!("{} counts only with {} set to files.", source.name(path), source.name("tls.mode")))
}
