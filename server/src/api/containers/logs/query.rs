//! What of a log is asked for, checked field by field.

use schemars::JsonSchema;
use serde::Deserialize;

use super::download::File;
use crate::{
    clock::nanos::{self, Nanos},
    fleet::engine::{LogRange, MAX_TAIL},
    http::problem::Problem,
};

const DEFAULT_TAIL: u32 = 100;
/// Of a file, unless asked for otherwise.
const DEFAULT_FILE: u64 = 64 << 20;
const LARGEST_FILE: u64 = 1 << 30;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Time and text of each line.
    Text,
    /// JSON Lines: `at`, `stream`, `text`.
    Jsonl,
}

/// What of the log is wanted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    pub host_id: Option<String>,
    /// The last so many lines, 100 if not given, at most 10,000. Of a file: of the whole log, all if not given.
    #[serde(default)]
    pub tail: Option<u32>,
    /// Lines from then on: RFC 3339 or seconds since 1970, up to nanoseconds.
    #[serde(default)]
    pub since: Option<String>,
    /// Lines up to then, that moment included: the last ones before it.
    #[serde(default)]
    pub until: Option<String>,
    /// Go on with what is written from now on, as plain text, until the container ends or the reader goes.
    #[serde(default)]
    pub follow: bool,
    /// A file to keep, instead of an answer to look at.
    #[serde(default)]
    pub format: Option<Format>,
    /// The most bytes of a file, 64 MiB if not given, at most 1 GiB; what is cut off is said in its last line.
    #[serde(default)]
    pub max_bytes: Option<u64>,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Follow(LogRange),
    File(LogRange, File),
    /// So many lines.
    Tail(LogRange, u32),
}

impl LogQuery {
    pub fn wanted(&self) -> Result<Wanted, Problem> {
        let bad = |field, code, text: String| Err(Problem::bad_parameter(field, code, text));
        if self.tail.is_some_and(|n| n > MAX_TAIL) {
            return bad("tail", "out_of_range", format!("0 to {MAX_TAIL} lines."));
        }
        let (since, until) = (moment("since", self.since.as_deref())?, moment("until", self.until.as_deref())?);
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            return bad("until", "out_of_range", "It is before `since`.".to_owned());
        }
        let range = LogRange { since, until, tail: self.tail, follow: false };
        if self.follow {
            if self.format.is_some() {
                return bad("format", "not_combined", "A log that is followed has no end: no file comes of it.".to_owned());
            }
            if until.is_some() {
                return bad("until", "not_combined", "A log that is followed goes on from now.".to_owned());
            }
            // From a moment on, all of it.
            let tail = range.tail.or_else(|| since.is_none().then_some(DEFAULT_TAIL));
            return Ok(Wanted::Follow(LogRange { tail, ..range }));
        }
        let Some(format) = self.format else {
            if self.max_bytes.is_some() {
                return bad("max_bytes", "not_combined", "It bounds files: give a `format`.".to_owned());
            }
            return Ok(Wanted::Tail(range, self.tail.unwrap_or(DEFAULT_TAIL)));
        };
        let max_bytes = self.max_bytes.unwrap_or(DEFAULT_FILE);
        if !(1..=LARGEST_FILE).contains(&max_bytes) {
            return bad("max_bytes", "out_of_range", format!("1 to {LARGEST_FILE} bytes."));
        }
        Ok(Wanted::File(range, File { format, max_bytes }))
    }
}

fn moment(field: &'static str, text: Option<&str>) -> Result<Option<Nanos>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match nanos::parse(text) {
        Some(at) => Ok(Some(at)),
        None => Err(Problem::bad_parameter(field, "invalid", "A moment is RFC 3339 or seconds since 1970.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(query: &LogQuery) -> String {
        query.wanted().expect_err("refused").errors()[0].field.clone()
    }

    #[test]
    fn what_is_wrong_is_named() {
        let query = LogQuery::default;
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(wrong(&LogQuery { tail: Some(MAX_TAIL + 1), ..query() }), "tail");
        assert_eq!(wrong(&LogQuery { since: text("yesterday"), ..query() }), "since");
        assert_eq!(wrong(&LogQuery { until: text(""), ..query() }), "until");
        assert_eq!(wrong(&LogQuery { since: text("2"), until: text("1"), ..query() }), "until");
        assert_eq!(wrong(&LogQuery { follow: true, until: text("1"), ..query() }), "until");
        assert_eq!(wrong(&LogQuery { follow: true, format: Some(Format::Text), ..query() }), "format");
        assert_eq!(wrong(&LogQuery { max_bytes: Some(1), ..query() }), "max_bytes");
        assert_eq!(wrong(&LogQuery { max_bytes: Some(0), format: Some(Format::Text), ..query() }), "max_bytes");
    }

    #[test]
    fn nanoseconds_are_kept() {
        let query = LogQuery { until: Some("1700000000.123456789".to_owned()), ..LogQuery::default() };
        let range = LogRange { until: Some(1_700_000_000_123_456_789), ..LogRange::default() };
        assert_eq!(query.wanted().ok(), Some(Wanted::Tail(range, DEFAULT_TAIL)));
    }
}
