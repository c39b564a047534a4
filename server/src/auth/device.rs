//! Browsers that an account was signed in from before: they keep their own pace of tries, whatever others guess.
//!
//! The cookie is `nonce.mac`, the MAC by a key that only the account's password hash gives. It says nothing and lets nobody in; it
//! needs no table, and a new password makes it void.

use ring::{
    hmac,
    rand::{SecureRandom, generate},
};
use sha2::{Digest as _, Sha256};

use crate::store::user::User;

/// A cookie's value for a browser that the account is signed in from.
pub fn issue(random: &dyn SecureRandom, user: &User) -> Option<String> {
    let nonce: [u8; 16] = generate(random).ok()?.expose();
    let nonce = hex::encode(nonce);
    let mac = hmac::sign(&key(user), nonce.as_bytes());
    Some(format!("{nonce}.{}", hex::encode(mac)))
}

/// The browser's name, if the cookie is one that [`issue`] gave out for the account.
pub fn known<'a>(cookie: &'a str, user: &User) -> Option<&'a str> {
    let (nonce, mac) = cookie.split_once('.')?;
    hmac::verify(&key(user), nonce.as_bytes(), &hex::decode(mac).ok()?).ok().map(|()| nonce)
}

fn key(user: &User) -> hmac::Key {
    let mut digest = Sha256::new();
    for part in ["ecos device 1", &user.id, &user.password_hash] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hmac::Key::new(hmac::HMAC_SHA256, &digest.finalize())
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    fn user(id: &str, password_hash: &str) -> User {
        User {
            id: id.into(),
            username: "ops-c".into(),
            password_hash: password_hash.into(),
            password_changed_at: 0,
            active: true,
            language: None,
            theme: "system".into(),
            preferences: "{}".into(),
            created_at: 0,
        }
    }

    #[test]
    fn a_browser_is_known_to_the_account_that_it_was_signed_in_to() {
        let owner = user("u", "hash");
        let cookie = issue(&SystemRandom::new(), &owner).expect("made");
        let other = issue(&SystemRandom::new(), &owner).expect("made");
        assert!(known(&cookie, &owner).is_some() && known(&cookie, &owner) != known(&other, &owner));
        assert_eq!(known(&cookie, &user("v", "hash")), None, "another's account");
        assert_eq!(known(&cookie, &user("u", "a new hash")), None, "a new password");
        let (nonce, mac) = cookie.split_once('.').expect("two parts");
        for forged in ["", ".", nonce, &format!("{nonce}."), &format!("x{nonce}.{mac}"), &format!("{nonce}.00")] {
            assert_eq!(known(forged, &owner), None, "{forged}");
        }
    }
}
