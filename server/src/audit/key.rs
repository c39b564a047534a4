//! The console's key: where it is kept, its check value in the database, and what is derived from it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::{
    hkdf, hmac,
    rand::SecureRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

use crate::store::{Store, StoreError};

const LENGTH: usize = 32;
const CHECK: &str = "key_check";

/// What can be wrong with the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {} cannot be read: {cause}", file.display())]
    Unreadable { file: PathBuf, cause: std::io::Error },
    #[error("the key file {} does not hold {LENGTH} bytes in base64", .0.display())]
    Malformed(PathBuf),
    #[error("the key in {} is not the one this database was made with", .0.display())]
    Wrong(PathBuf),
    #[error("the key file {} is missing, and the database has data made with it: restore the file, none is generated", .0.display())]
    Missing(PathBuf),
    #[error("PostgreSQL needs a given key: set ECOS_KEY_FILE to a file that holds {LENGTH} random bytes in base64")]
    Needed,
    #[error("a key could not be written to {}: {cause}", file.display())]
    Unwritable { file: PathBuf, cause: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key all others are derived from. Never logged, never in the database.
pub struct MasterKey([u8; LENGTH]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// Reads the key, or makes one for a new SQLite database, and compares it with the database's check value.
    pub async fn open(given: Option<&Path>, data_dir: &Path, store: &Store, random: &(dyn SecureRandom + Sync)) -> Result<Self, KeyError> {
        let known = store.meta(CHECK).await?;
        let file = match given {
            Some(file) => file.to_owned(),
            None if store.kind() == "postgres" => return Err(KeyError::Needed),
            None => data_dir.join("keys").join("master.key"),
        };
        let key = match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text).ok_or_else(|| KeyError::Malformed(file.clone()))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && given.is_none() => {
                if known.is_some() {
                    return Err(KeyError::Missing(file));
                }
                Self::generate(&file, random)?
            }
            Err(cause) => return Err(KeyError::Unreadable { file, cause }),
        };
        match known {
            Some(check) if check != key.check() => Err(KeyError::Wrong(file)),
            Some(_) => Ok(key),
            None => {
                store.set_meta(CHECK, &key.check()).await?;
                Ok(key)
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    fn generate(file: &Path, random: &dyn SecureRandom) -> Result<Self, KeyError> {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        let mut key = [0; LENGTH];
        let unwritable = |cause| KeyError::Unwritable { file: file.to_owned(), cause };
        random.fill(&mut key).map_err(|_| unwritable(std::io::Error::other("no randomness")))?;
        if let Some(dir) = file.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unwritable)?;
        }
        let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(unwritable)?;
        writeln!(out, "{}", BASE64_STANDARD.encode(key)).and_then(|()| out.sync_all()).map_err(unwritable)?;
        Ok(Self(key))
    }

    fn check(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        hex::encode(hmac::sign(&key, b"ecos key check").as_ref())
    }

    /// The key that checkpoints are signed with: of its own, derived.
    pub fn signer(&self) -> Signer {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"ecos");
        let mut seed = [0; 32];
        salt.extract(&self.0)
            .expand(&[b"audit checkpoint signing"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut seed))
            .expect("32 bytes is a length HKDF-SHA256 gives");
        Signer(Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are an Ed25519 seed"))
    }
}

/// Signs checkpoints (Ed25519).
pub struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Hex, 64 characters.
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public_key().as_ref())
    }

    /// Hex.
    pub fn sign(&self, message: &str) -> String {
        hex::encode(self.0.sign(message.as_bytes()).as_ref())
    }
}
