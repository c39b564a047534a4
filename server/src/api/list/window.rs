//! Offset, limit and sort key: checked before anything is listed.

use app::api::list::{DEFAULT_LIMIT, MAX_LIMIT};

use crate::http::problem::Problem;

/// Which rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub offset: usize,
    pub limit: usize,
}

impl Window {
    pub fn new(offset: Option<u32>, limit: Option<u32>) -> Result<Self, Problem> {
        let limit = Self::limit(limit)?;
        Ok(Self { offset: offset.unwrap_or(0) as usize, limit: limit as usize })
    }

    /// A limit alone, as streams have it.
    pub fn limit(limit: Option<u32>) -> Result<u32, Problem> {
        match limit.unwrap_or(DEFAULT_LIMIT) {
            n @ 1..=MAX_LIMIT => Ok(n),
            _ => Err(Problem::bad_parameter("limit", "out_of_range", format!("1 to {MAX_LIMIT} rows."))),
        }
    }
}

/// What to sort by, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<K> {
    pub key: K,
    pub descending: bool,
}

impl<K: Copy> Sort<K> {
    /// `name` or `-name`, of an allow-list; `None` where nothing is asked for.
    pub fn parse(text: Option<&str>, keys: &[(&str, K)]) -> Result<Option<Self>, Problem> {
        let Some(text) = text else { return Ok(None) };
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        if let Some((_, key)) = keys.iter().find(|(n, _)| *n == name) {
            return Ok(Some(Self { key: *key, descending }));
        }
        let names: Vec<&str> = keys.iter().map(|(n, _)| *n).collect();
        Err(Problem::bad_parameter("sort", "invalid", format!("One of {}, with - before it for the other way.", names.join(", "))))
    }
}
