//! What a username may be.

/// Shortest and longest.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=64;

/// A name that can't be an account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a username has 2 to 64 of the characters a-z A-Z 0-9 . _ -, and begins with a letter or digit")]
pub struct BadUsername;

/// Whether a new account may have this name.
pub fn check(username: &str) -> Result<(), BadUsername> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let begins = username.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if LENGTH.contains(&username.len()) && begins && username.bytes().all(good) { Ok(()) } else { Err(BadUsername) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain() {
        for good in ["ops-c", "Dev_A.2", "0x", &"x".repeat(64)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "x", "-ops", ".ops", "ops c", "ops\n", "运维", "ops@c", &"x".repeat(65)] {
            assert_eq!(check(bad), Err(BadUsername), "{bad}");
        }
    }
}
