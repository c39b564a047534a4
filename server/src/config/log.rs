//! `[log]`: what the console writes to standard error, and how.

use tracing_subscriber::EnvFilter;

use super::{ConfigError, source::Source};

/// `ECOS_LOG_FORMAT`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug)]
pub struct Log {
    pub format: LogFormat,
    /// `ECOS_LOG`: a level, or levels by module (`info,server::fleet=debug`).
    pub filter: String,
}

impl Log {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let format = source.parse("log.format", "text or json", |text| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        })?;
        let filter = source.parse("log.filter", "a level (error, warn, info, debug, trace) or levels by module", |text| {
            EnvFilter::try_new(text).ok().map(|_| text.to_owned())
        })?;
        Ok(Self { format: format.unwrap_or(LogFormat::Text), filter: filter.unwrap_or_else(|| "info".to_owned()) })
    }
}
