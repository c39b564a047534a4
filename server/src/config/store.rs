//! `[store]`: where the console keeps what it knows.

use std::path::PathBuf;

use super::{ConfigError, Secret, source::Source};

#[derive(Clone, Debug)]
pub struct Store {
    /// `ECOS_DATA_DIR`: the SQLite files, the key, the certificate of `ECOS_TLS=auto`, audit checkpoints.
    pub data_dir: PathBuf,
    /// `ECOS_DATABASE_URL`: PostgreSQL in place of SQLite. A secret, for it may hold a password.
    pub database_url: Option<Secret>,
    /// `ECOS_KEY_FILE`: the console's key; absent: made and kept in the data directory.
    pub key_file: Option<PathBuf>,
}

impl Store {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let database_url = source.secret("store.database_url")?;
        let is_postgres = |url: &Secret| ["postgres://", "postgresql://"].iter().any(|p| url.expose().starts_with(p));
        if database_url.as_ref().is_some_and(|url| !is_postgres(url)) {
            return Err(ConfigError::Wrong {
                name: source.name("store.database_url"),
                expected: "a PostgreSQL URL such as postgres://ecos@db.example.com/ecos",
                given: None,
            });
        }
        Ok(Self {
            data_dir: source.path("store.data_dir")?.unwrap_or_else(|| PathBuf::from("./data")),
            database_url,
            key_file: source.path("store.key_file")?,
        })
    }
}
