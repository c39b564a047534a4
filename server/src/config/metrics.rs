//! `[metrics]`: who may read the console's own figures.

use super::{ConfigError, Secret, source::Source};

/// Shorter ones could be guessed.
const SHORTEST: usize = 16;

#[derive(Clone, Debug)]
pub struct Metrics {
    /// `ECOS_METRICS_TOKEN`: the bearer token of `/metrics`. Absent: nobody may read it.
    pub token: Option<Secret>,
}

impl Metrics {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let token = source.secret("metrics.token")?;
        if token.as_ref().is_some_and(|t| t.expose().len() < SHORTEST) {
            return Err(ConfigError::Wrong { name: source.name("metrics.token"), expected: "at least 16 characters long", given: None });
        }
        Ok(Self { token })
    }
}
