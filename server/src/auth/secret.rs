//! Random secrets that people carry: session ids, API tokens, set-up tokens. Hashed at rest.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::rand::SecureRandom;
use sha2::{Digest, Sha256};

/// What an API token begins with, so that scanners know it.
pub const TOKEN_PREFIX: &str = "ecos_";

/// 256 random bits in URL-safe base64.
pub fn generate(random: &dyn SecureRandom) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes).expect("the operating system gives randomness");
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A new API token.
pub fn generate_token(random: &dyn SecureRandom) -> String {
    format!("{TOKEN_PREFIX}{}", generate(random))
}

/// How a secret of 256 bits is kept: SHA-256, hex. (What has that much randomness needs no slow hash.)
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
