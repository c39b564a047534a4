//! A password on standard input.

use std::io::Read as _;

use anyhow::Context as _;

/// More than any password may have.
const LONGEST: u64 = 8 * 1024;

/// The first line, as it is.
pub fn read() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).context("the password on standard input cannot be read")?;
    let password = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!password.is_empty(), "there is no password on standard input");
    Ok(password.to_owned())
}
