//! Settings: from `ecos.toml`, then the environment (`ECOS_…`), one section a file.
//!
//! Unknown names and wrong values stop the start with one sentence that names the setting where it was written. A secret
//! can be given by its `_FILE` twin, and never shows in a message, in `Debug` or in `ecos config show`.

mod address;
mod docker;
mod error;
mod http;
mod log;
mod metrics;
mod secret;
mod session;
mod show;
mod source;
mod store;
mod tls;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use self::{
    address::{Network, PublicUrl},
    docker::Docker,
    error::ConfigError,
    http::Http,
    log::{Log, LogFormat},
    metrics::Metrics,
    secret::Secret,
    session::Session,
    store::Store,
    tls::{Tls, TlsMode},
};
use source::Source;
pub use source::parse_duration;

/// The file that is read where none is named, if it is there.
pub const DEFAULT_FILE: &str = "ecos.toml";

/// What the console was told. Read once at start.
#[derive(Clone, Debug)]
pub struct Settings {
    pub http: Http,
    pub tls: Tls,
    pub store: Store,
    pub docker: Docker,
    pub log: Log,
    pub metrics: Metrics,
    pub session: Session,
    /// Pages and details that are for developing the console itself (`/design`).
    pub dev: bool,
}

impl Settings {
    /// Reads a file and an environment. `file`: named by `--config`; else `ECOS_CONFIG`, else [`DEFAULT_FILE`] if it is there.
    pub fn load(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        Self::read(&Source::load(file, environment)?)
    }

    /// All defaults, with a data directory: what tests start from.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        let mut settings = Self::load(Some(Path::new("/dev/null")), []).expect("the defaults are right");
        settings.store.data_dir = data_dir.into();
        settings
    }

    /// The settings as `ecos config show` prints them: a valid `ecos.toml` with secrets hidden, each line with its origin.
    pub fn show(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<String, ConfigError> {
        let source = Source::load(file, environment)?;
        Ok(show::text(&Self::read(&source)?, &source))
    }

    fn read(source: &Source) -> Result<Self, ConfigError> {
        let http = Http::read(source)?;
        let tls = Tls::read(source, http.listen)?;
        let settings = Self {
            store: Store::read(source)?,
            docker: Docker::read(source)?,
            log: Log::read(source)?,
            metrics: Metrics::read(source)?,
            session: Session::read(source)?,
            dev: source.switch("dev")?.unwrap_or(false),
            http,
            tls,
        };
        if settings.tls.mode != TlsMode::Off && settings.http.public_url.as_ref().is_some_and(|u| !u.is_https()) {
            return Err(ConfigError::Conflict(format!(
                "{} begins with http:// while {} makes the console serve https: change one of them.",
                source.name("http.public_url"),
                source.name("tls.mode"),
            )));
        }
        Ok(settings)
    }

    /// Whether browsers reach the console over TLS, its own or a proxy's: decides the cookie's name and `Secure`.
    pub fn is_secure(&self) -> bool {
        self.http.public_url.as_ref().map_or(self.tls.mode != TlsMode::Off, PublicUrl::is_https)
    }

    /// The address that people are told: the public URL, else one that works on this machine.
    pub fn address(&self) -> String {
        if let Some(url) = &self.http.public_url {
            return url.origin().to_owned();
        }
        let scheme = if self.tls.mode == TlsMode::Off { "http" } else { "https" };
        let port = self.http.listen.port();
        if self.http.listen.ip().is_unspecified() {
            return format!("{scheme}://localhost:{port}");
        }
        format!("{scheme}://{}", self.http.listen)
    }
}
