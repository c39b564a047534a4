//! The last lines of a log within bounds of count and bytes.

use std::collections::VecDeque;

use app::api::container::{LogLine, LogTail};

use super::{frames::Side, lines::Line};
use crate::clock::nanos::{self, Nanos};

/// Keeps the newest lines as they come in. Lines of one moment stay together, so that whoever asks for what is older misses none.
#[derive(Debug)]
pub struct Tail {
    lines: usize,
    bytes: usize,
    kept: VecDeque<(Nanos, LogLine)>,
    size: usize,
    truncated: bool,
}

impl Tail {
    pub fn new(lines: usize, bytes: usize) -> Self {
        Self { lines, bytes, kept: VecDeque::new(), size: 0, truncated: false }
    }

    pub fn take(&mut self, line: Line) {
        self.truncated |= line.cut > 0;
        let kept = dto(line);
        self.size += kept.text.len();
        self.kept.push_back((line.at, kept));
        while self.size > self.bytes || self.is_long() {
            let Some((_, old)) = self.kept.pop_front() else { break };
            self.size -= old.text.len();
            self.truncated = true;
        }
    }

    /// Whether the oldest line is one too many, and not of the moment of one that is kept.
    fn is_long(&self) -> bool {
        let Some(beyond) = self.kept.len().checked_sub(self.lines) else { return false };
        let first_kept = self.kept.get(beyond).map(|(at, _)| *at);
        beyond > 0 && (first_kept.is_none() || first_kept == Some(0) || self.kept.front().map(|(at, _)| *at) != first_kept)
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub fn finish(self) -> LogTail {
        LogTail { items: self.kept.into_iter().map(|(_, line)| line).collect(), truncated: self.truncated }
    }
}

/// As the API tells it.
pub fn dto(line: Line) -> LogLine {
    let stream = if line.side == Side::Err { "stderr" } else { "stdout" };
    let at = if line.at == 0 { String::new() } else { nanos::write(line.at) };
    LogLine { at, stream: stream.to_owned(), text: String::from_utf8_lossy(line.text).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(mut tail: Tail, lines: impl IntoIterator<Item = (Nanos, String)>) -> (Vec<String>, bool) {
        for (at, text) in lines {
            tail.take(Line { side: Side::Out, at, text: text.as_bytes(), cut: 0 });
        }
        let tail = tail.finish();
        (tail.items.into_iter().map(|l| l.text).collect(), tail.truncated)
    }

    #[test]
    fn the_newest_stay_within_both_bounds() {
        let lines = (1..6).map(|i| (i, format!("123{i}")));
        assert_eq!(fill(Tail::new(3, 1_000), lines.clone()), (vec!["1233".into(), "1234".into(), "1235".into()], true));
        assert_eq!(fill(Tail::new(100, 10), lines), (vec!["1234".into(), "1235".into()], true));
        assert_eq!(fill(Tail::new(0, 10), [(1, "x".into())]), (vec![], true));
    }

    #[test]
    fn lines_of_one_moment_stay_together() {
        let lines = [(1, "a"), (2, "b"), (2, "c"), (2, "d"), (3, "e")].map(|(at, text)| (at, text.to_owned()));
        assert_eq!(fill(Tail::new(2, 1_000), lines), (["b", "c", "d", "e"].map(Into::into).to_vec(), true));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let line = dto(Line { side: Side::Err, at: 1_700_000_000_123_456_789, text: b"\x1b[31mred\xff", cut: 0 });
        assert_eq!(
            (line.at.as_str(), line.stream.as_str(), line.text.as_str()),
            ("2023-11-14T22:13:20.123456789Z", "stderr", "\u{1b}[31mred\u{fffd}")
        );
    }
}
