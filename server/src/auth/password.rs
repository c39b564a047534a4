//! Passwords: argon2id (19 MiB, 2 passes, 1 lane) in a bounded pool of blocking threads.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Shortest and longest password, in characters.
pub const LENGTH: std::ops::RangeInclusive<usize> = 12..=1024;

/// Hashes at once: each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("a password has 12 to 1,024 characters")]
    Length,
    #[error("a password is not the username")]
    Username,
}

/// Whether a new password will do.
pub fn check(username: &str, password: &str) -> Result<(), Weak> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Weak::Length);
    }
    if password.to_lowercase() == username.to_lowercase() {
        return Err(Weak::Username);
    }
    Ok(())
}

/// The pool that hashes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// A hash of nothing anybody knows, for names that nobody has: both take as long.
    dummy: Arc<str>,
}

impl Passwords {
    /// Makes the dummy hash anew, so that no password in the world fits it.
    pub async fn new(random: &(dyn ring::rand::SecureRandom + Sync)) -> Self {
        let unknown = super::secret::generate(random);
        let dummy = tokio::task::spawn_blocking(move || hash_now(&unknown)).await.expect("hashing does not panic");
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), dummy: dummy.into() }
    }

    /// A PHC string.
    pub async fn hash(&self, password: &str) -> String {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || hash_now(&password)).await.expect("hashing does not panic")
    }

    /// Whether the password fits; always `false` for an unknown name, after as long a time.
    pub async fn verify(&self, password: &str, known: Option<&str>) -> bool {
        if password.len() > 4 * LENGTH.end() {
            return false;
        }
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let (hash, is_known) = (known.unwrap_or(&self.dummy).to_owned(), known.is_some());
        let password = password.to_owned();
        let fits = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
        });
        fits.await.unwrap_or(false) && is_known
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("parameters within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> String {
    argon2().hash_password(password.as_bytes()).expect("argon2 takes any password of this length").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new(&ring::rand::SystemRandom::new()).await;
        let hash = passwords.hash("correct horse battery").await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse battery", Some(&hash)).await);
        assert!(!passwords.verify("correct horse", Some(&hash)).await);
        assert!(!passwords.verify("correct horse battery", None).await);
        assert!(!passwords.verify("x", Some("not a hash")).await);
    }

    #[test]
    fn weak_ones_are_refused() {
        assert_eq!(check("ops-c", "short"), Err(Weak::Length));
        assert_eq!(check("operator-number-one", "Operator-Number-One"), Err(Weak::Username));
        assert_eq!(check("ops-c", "运维人员的一个足够长的口令"), Ok(()));
        assert_eq!(check("ops-c", &"x".repeat(1025)), Err(Weak::Length));
    }
}
