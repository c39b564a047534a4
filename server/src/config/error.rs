//! What can be wrong with a setting, each as one sentence.

use std::path::PathBuf;

/// A setting that stops the start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} is not a setting{}", near.as_ref().map_or_else(|| ".".to_owned(), |n| format!("; did you mean {n}?")))]
    Unknown { name: String, near: Option<String> },
    /// `given` is absent for secrets.
    #[error("{name} must be {expected}{}.", given.as_ref().map(|g| format!(", not {g:?}")).unwrap_or_default())]
    Wrong { name: String, expected: &'static str, given: Option<String> },
    #[error("{name} and {file} are both set: keep one of them.")]
    Twice { name: String, file: String },
    #[error("{name} names the file {}, which cannot be read: {cause}.", file.display())]
    Unreadable { name: String, file: PathBuf, cause: std::io::Error },
    #[error("{name} names the file {}, which is empty.", file.display())]
    Empty { name: String, file: PathBuf },
    #[error("The settings file {} cannot be read: {cause}.", file.display())]
    File { file: PathBuf, cause: String },
    /// Settings that don't go together, in a whole sentence.
    #[error("{0}")]
    Conflict(String),
}
