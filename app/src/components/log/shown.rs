//! Which lines are shown, of those that there are: found ones, and some to either side. Looked through by and by, never all at once.

use std::collections::VecDeque;

use super::{
    filter::{Filter, Matcher},
    store::Store,
};

/// A line that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub place: i64,
    /// It was found; the others stand beside one that was.
    pub found: bool,
}

/// All that are shown, in order.
#[derive(Debug)]
pub struct View {
    matcher: Option<Matcher>,
    narrows: bool,
    context: i64,
    shown: VecDeque<Shown>,
    found: u64,
    /// Where looking goes on.
    next: i64,
    /// The last line that was found.
    last_found: Option<i64>,
}

impl View {
    pub fn new(filter: &Filter) -> Self {
        let context = if filter.narrows() { i64::from(filter.context) } else { 0 };
        let matcher = filter.matcher();
        Self { narrows: filter.narrows(), matcher, context, shown: VecDeque::new(), found: 0, next: i64::MIN, last_found: None }
    }

    /// Whether the filter could be read.
    pub fn is_valid(&self) -> bool {
        self.matcher.is_some()
    }

    pub fn matcher(&self) -> Option<&Matcher> {
        self.matcher.as_ref().filter(|_| self.narrows)
    }

    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn get(&self, i: usize) -> Option<Shown> {
        self.shown.get(i).copied()
    }

    pub fn found(&self) -> u64 {
        self.found
    }

    /// Where a line is among the shown ones, or would be.
    pub fn index_of(&self, place: i64) -> usize {
        self.shown.partition_point(|s| s.place < place)
    }

    /// Lines from a place on are others now.
    pub fn touched(&mut self, place: i64) {
        if place >= self.next {
            return;
        }
        // What stands before a line that may be found now is looked at again, too.
        let from = place - self.context;
        while self.shown.back().is_some_and(|s| s.place >= from) {
            if self.shown.pop_back().is_some_and(|s| s.found) {
                self.found -= 1;
            }
        }
        self.next = from;
        self.last_found = self.shown.iter().rev().find(|s| s.found).map(|s| s.place);
    }

    /// Everything before a place is gone.
    pub fn evicted(&mut self, first: i64) {
        while self.shown.front().is_some_and(|s| s.place < first) {
            if self.shown.pop_front().is_some_and(|s| s.found) {
                self.found -= 1;
            }
        }
    }

    /// Looks through so many lines. Whether all have been.
    pub fn look(&mut self, store: &Store, from: i64, most: usize) -> bool {
        self.next = self.next.max(from);
        let Some(matcher) = &self.matcher else { return true };
        let end = store.end().min(self.next.saturating_add(most.cast_signed() as i64));
        for place in self.next..end {
            let Some(line) = store.get(place) else { continue };
            if !self.narrows || matcher.finds(line) {
                let behind = self.shown.back().map_or(i64::MIN, |s| s.place);
                for before in (place - self.context).max(behind.saturating_add(1)).max(from)..place {
                    self.shown.push_back(Shown { place: before, found: false });
                }
                self.shown.push_back(Shown { place, found: true });
                self.found += 1;
                self.last_found = Some(place);
            } else if self.last_found.is_some_and(|last| place <= last + self.context) {
                self.shown.push_back(Shown { place, found: false });
            }
        }
        self.next = end.max(self.next);
        self.next >= store.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::log_frame::Entry,
        components::log::store::{CAPACITY, Line},
    };

    fn store(texts: &[&str]) -> Store {
        let mut store = Store::new(CAPACITY);
        store.merge(lines(1, texts));
        store
    }

    fn lines(from: u64, texts: &[&str]) -> Vec<Line> {
        (from..).zip(texts).map(|(at, text)| Line::of(&Entry { at: at * 10, text: text.as_bytes(), ..Entry::default() })).collect()
    }

    fn view(text: &str, context: u32) -> View {
        View::new(&Filter { text: text.into(), context, ..Filter::default() })
    }

    fn places(view: &View) -> Vec<(i64, bool)> {
        (0..view.len()).filter_map(|i| view.get(i)).map(|s| (s.place, s.found)).collect()
    }

    #[test]
    fn found_lines_bring_their_neighbours_once() {
        let store = store(&["a", "b", "x1", "c", "x2", "d", "e", "f"]);
        let mut view = view("x", 1);
        assert!(!view.look(&store, 0, 3));
        assert!(view.look(&store, 0, 100));
        assert_eq!(places(&view), [(1, false), (2, true), (3, false), (4, true), (5, false)]);
        assert_eq!((view.found(), view.index_of(4)), (2, 3));
    }

    #[test]
    fn what_comes_late_finds_its_place() {
        let mut store = store(&["x", "b", "c"]);
        let mut view = view("x", 1);
        view.look(&store, 0, 100);
        let mut late = lines(1, &["x late"]);
        late[0].at = 25;
        view.touched(store.merge(late));
        view.look(&store, 0, 100);
        assert_eq!(places(&view), [(0, true), (1, false), (2, true), (3, false)]);
    }

    #[test]
    fn what_is_evicted_is_not_shown() {
        let store = store(&["a", "b", "c"]);
        let mut view = view("", 3);
        view.look(&store, 0, 100);
        view.evicted(2);
        assert_eq!((places(&view), view.found()), (vec![(2, true)], 1));
    }

    #[test]
    fn looking_begins_where_it_is_told() {
        let store = store(&["a", "b", "c"]);
        let mut view = view("", 0);
        view.look(&store, 1, 100);
        assert_eq!(places(&view), [(1, true), (2, true)]);
    }
}
