//! `[session]`: how long people stay signed in.

use std::time::Duration;

use super::{ConfigError, source::Source};

const HOUR: Duration = Duration::from_hours(1);

#[derive(Clone, Debug)]
pub struct Session {
    /// `ECOS_SESSION_IDLE`: a session that is not used for so long ends.
    pub idle: Duration,
    /// `ECOS_SESSION_MAX`: and every session after so long.
    pub max: Duration,
}

impl Session {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let idle = source.duration("session.idle")?.unwrap_or(12 * HOUR);
        let max = source.duration("session.max")?.unwrap_or(7 * 24 * HOUR);
        if idle > max {
            return Err(ConfigError::Conflict(format!(
                "{} must not be longer than {}.",
                source.name("session.idle"),
                source.name("session.max")
            )));
        }
        Ok(Self { idle, max })
    }
}
