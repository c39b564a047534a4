//! The lines that a tab holds: in order of time, the oldest given up beyond a number of bytes. A line stays as the bytes that came.

use std::collections::VecDeque;

use super::level::{Level, level};
use crate::api::log_frame::{Entry, Stream};

/// Bytes of lines in a tab, at most.
pub const CAPACITY: usize = 32 << 20;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Nanoseconds since 1970.
    pub at: u64,
    pub container: u8,
    pub stream: Stream,
    pub level: Level,
    /// Bytes left out at its end.
    pub cut: u32,
    pub text: Box<[u8]>,
}

impl Line {
    pub fn of(entry: &Entry<'_>) -> Self {
        let level = if entry.stream == Stream::Mark { Level::None } else { level(entry.text) };
        Self { at: entry.at, container: entry.container, stream: entry.stream, level, cut: entry.cut, text: entry.text.into() }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.text.len() + 8
    }
}

/// All lines. Each has a place that it keeps while lines come and go at both ends.
#[derive(Debug)]
pub struct Store {
    lines: VecDeque<Line>,
    /// The place of the first.
    first: i64,
    bytes: usize,
    capacity: usize,
    newest: u64,
    /// How many of each level there are.
    levels: [u64; 5],
}

impl Store {
    pub fn new(capacity: usize) -> Self {
        Self { lines: VecDeque::new(), first: 0, bytes: 0, capacity, newest: 0, levels: [0; 5] }
    }

    /// The place of the oldest line.
    pub fn first(&self) -> i64 {
        self.first
    }

    /// The place behind the newest line.
    pub fn end(&self) -> i64 {
        self.first + self.lines.len().cast_signed() as i64
    }

    pub fn get(&self, place: i64) -> Option<&Line> {
        self.lines.get(usize::try_from(place - self.first).ok()?)
    }

    /// The time of the newest line.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// How many lines of each level there are, in the order of [`Level::ALL`].
    pub fn levels(&self) -> [u64; 5] {
        self.levels
    }

    pub fn is_full(&self) -> bool {
        self.bytes >= self.capacity
    }

    /// Takes lines in, where they belong by time. The first place whose line is another one now.
    pub fn merge(&mut self, mut batch: Vec<Line>) -> i64 {
        for line in &mut batch {
            // The engine gave no time: it came after what came before.
            if line.at == 0 {
                line.at = self.newest;
            }
            self.newest = self.newest.max(line.at);
            self.bytes += line.size();
            self.levels[line.level as usize] += 1;
        }
        batch.sort_by_key(|line| line.at);
        let Some(from) = batch.first().map(|line| line.at) else { return self.end() };
        let kept = self.lines.partition_point(|line| line.at <= from);
        let touched = self.first + kept.cast_signed() as i64;
        let tail = self.lines.split_off(kept);
        if tail.is_empty() {
            self.lines.extend(batch);
        } else {
            let (mut old, mut new) = (tail.into_iter().peekable(), batch.into_iter().peekable());
            loop {
                let next = match (old.peek(), new.peek()) {
                    (Some(a), Some(b)) if a.at <= b.at => old.next(),
                    (_, Some(_)) => new.next(),
                    (_, None) => old.next(),
                };
                let Some(line) = next else { break };
                self.lines.push_back(line);
            }
        }
        touched
    }

    /// Takes older lines in: what was there keeps its place, so the oldest are before it.
    pub fn prepend(&mut self, older: Vec<Line>) -> i64 {
        let n = older.len().cast_signed() as i64;
        self.first -= n;
        self.newest = self.newest.max(older.iter().map(|line| line.at).max().unwrap_or(0));
        let all = std::mem::take(&mut self.lines);
        self.bytes += older.iter().map(Line::size).sum::<usize>();
        for line in &older {
            self.levels[line.level as usize] += 1;
        }
        let mut older = older;
        older.sort_by_key(|line| line.at);
        let (mut old, mut new) = (all.into_iter().peekable(), older.into_iter().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if b.at <= a.at => new.next(),
                (Some(_), _) => old.next(),
                (None, _) => new.next(),
            };
            let Some(line) = next else { break };
            self.lines.push_back(line);
        }
        self.first
    }

    /// Gives up the oldest lines beyond the capacity. The first place that is left.
    pub fn evict(&mut self) -> i64 {
        while self.bytes > self.capacity {
            let Some(line) = self.lines.pop_front() else { break };
            self.bytes -= line.size();
            self.levels[line.level as usize] -= 1;
            self.first += 1;
        }
        self.first
    }

    /// The time of a container's oldest line.
    pub fn oldest(&self, container: u8) -> Option<u64> {
        self.lines.iter().find(|line| line.container == container && line.stream != Stream::Mark).map(|line| line.at)
    }

    /// The first place at or after a time.
    pub fn place_of(&self, at: u64) -> i64 {
        self.first + self.lines.partition_point(|line| line.at < at).cast_signed() as i64
    }

    pub fn clear(&mut self) {
        (self.first, self.bytes, self.newest, self.levels) = (self.end(), 0, 0, [0; 5]);
        self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64, text: &str) -> Line {
        Line::of(&Entry { at, text: text.as_bytes(), ..Entry::default() })
    }

    fn texts(store: &Store) -> String {
        (store.first()..store.end()).filter_map(|p| store.get(p)).map(|l| String::from_utf8_lossy(&l.text).into_owned()).collect()
    }

    #[test]
    fn lines_stand_in_order_of_time_and_those_of_one_moment_as_they_came() {
        let mut store = Store::new(CAPACITY);
        assert_eq!(store.merge(vec![line(1, "a"), line(3, "c"), line(3, "d")]), 0);
        assert_eq!(store.merge(vec![line(2, "b"), line(3, "e"), line(0, "f")]), 1);
        assert_eq!((texts(&store).as_str(), store.end()), ("abcdef", 6));
        assert_eq!(store.merge(vec![line(9, "g")]), 6);
        assert_eq!(store.place_of(3), 2);
    }

    #[test]
    fn older_lines_leave_the_newer_ones_in_their_places() {
        let mut store = Store::new(CAPACITY);
        store.merge(vec![line(5, "e"), line(6, "f")]);
        assert_eq!(store.prepend(vec![line(3, "c"), line(4, "d")]), -2);
        assert_eq!(store.get(0).map(|l| l.at), Some(5));
        assert_eq!((texts(&store).as_str(), store.oldest(0)), ("cdef", Some(3)));
    }

    #[test]
    fn the_oldest_go_beyond_the_capacity() {
        let mut store = Store::new(10 * line(0, "x").size());
        store.merge((1..=25).map(|at| line(at, "x")).collect());
        assert_eq!((store.evict(), store.end() - store.first()), (15, 10));
        store.clear();
        assert_eq!((store.first(), store.end(), store.is_full()), (25, 25, false));
    }
}
