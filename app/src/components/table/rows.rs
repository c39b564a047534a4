//! What has come so far of a long list, and the asking for what is looked at.
//!
//! The list lives on the server; here are windows of it. Old rows stay until the answer to the newest query comes; an
//! answer to an older query, or of an older snapshot than the one shown, is dropped.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use leptos::prelude::*;

use super::place::{Place, place, rows_among};
use crate::api::{
    list::{CursorPage, Group, HostTally, List},
    problem::Failure,
};

/// Rows asked for at once.
pub const CHUNK: u32 = 120;
/// Rows kept ready before and after those looked at.
const AHEAD: u32 = 30;

/// A window that the page is to fetch, and to hand to [`Rows::accept`] or [`Rows::fail`] together with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Grows with each new filter, order or grouping.
    pub query: u64,
    pub offset: u32,
    pub limit: u32,
    /// For lists by cursor: where to go on; none: from the start.
    pub cursor: Option<String>,
}

impl Wanted {
    /// What the page's first load stands for.
    pub fn first(limit: u32) -> Self {
        Self { query: 0, offset: 0, limit, cursor: None }
    }
}

/// The part of a list that is here.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The query it answers.
    pub query: u64,
    /// Whether anything has come at all.
    pub filled: bool,
    pub snapshot: u64,
    /// Rows in the sequence: collapsed groups' members left out.
    pub len: u32,
    /// Objects that match.
    pub total: u32,
    pub groups: Vec<Group>,
    pub counts: BTreeMap<String, u32>,
    /// The hosts that they are on.
    pub hosts: Option<HostTally>,
    /// For lists by cursor, where to go on.
    pub next_cursor: Option<String>,
    /// With the snapshot each row came from.
    rows: HashMap<u32, (u64, T)>,
}

impl<T> Loaded<T> {
    fn none() -> Self {
        Self {
            query: 0,
            filled: false,
            snapshot: 0,
            len: 0,
            total: 0,
            groups: Vec::new(),
            counts: BTreeMap::new(),
            hosts: None,
            next_cursor: None,
            rows: HashMap::new(),
        }
    }

    /// How many places the displayed sequence has, heads included.
    pub fn places(&self) -> u32 {
        self.len + self.groups.len() as u32
    }

    pub fn row(&self, offset: u32) -> Option<&T> {
        self.rows.get(&offset).map(|(_, row)| row)
    }

    /// The row at a place, unless that is a head's or hasn't come.
    pub fn row_at(&self, at: u32) -> Option<&T> {
        match place(&self.groups, at) {
            Place::Row(offset) => self.row(offset),
            Place::Head(_) => None,
        }
    }

    /// All rows that are here, in order.
    pub fn all(&self) -> Vec<&T> {
        (0..self.len).filter_map(|o| self.row(o)).collect()
    }

    fn has(&self, range: &Range<u32>) -> bool {
        range.clone().all(|o| o >= self.len || self.rows.get(&o).is_some_and(|(snapshot, _)| *snapshot >= self.snapshot))
    }

    /// Takes a window in; `false` where it came too late.
    fn take(&mut self, wanted: &Wanted, list: List<T>) -> bool {
        if wanted.query < self.query || (wanted.query == self.query && self.filled && list.snapshot < self.snapshot) {
            return false;
        }
        if wanted.query > self.query {
            self.rows.clear();
        }
        let hidden: u32 = list.groups.iter().filter(|g| g.collapsed).map(|g| g.count).sum();
        self.query = wanted.query;
        self.filled = true;
        self.snapshot = list.snapshot;
        self.len = list.total - hidden.min(list.total);
        self.total = list.total;
        self.groups = list.groups;
        self.counts = list.counts;
        self.hosts = list.hosts;
        for (offset, row) in (wanted.offset..).zip(list.items) {
            self.rows.insert(offset, (list.snapshot, row));
        }
        let len = self.len;
        self.rows.retain(|offset, _| *offset < len);
        true
    }

    fn append(&mut self, wanted: &Wanted, page: CursorPage<T>) -> bool {
        if wanted.query < self.query || (wanted.cursor.is_some() && (wanted.query != self.query || wanted.offset != self.len)) {
            return false;
        }
        if wanted.cursor.is_none() {
            self.rows.clear();
            self.len = 0;
        }
        self.query = wanted.query;
        self.filled = true;
        for row in page.items {
            self.rows.insert(self.len, (0, row));
            self.len += 1;
        }
        self.total = self.len;
        self.next_cursor = page.next_cursor;
        true
    }
}

/// How the asking stands.
#[derive(Clone, Debug, Default)]
struct Asking {
    query: u64,
    looked_at: Range<u32>,
    flying: Vec<Wanted>,
    /// Something changed while a window was under way: ask again when it has come.
    again: bool,
    /// What came last: a window that came short is not asked for over and over.
    landed: Option<Wanted>,
    /// What did not come, until it is asked for once more.
    failed: Option<Wanted>,
}

/// The rows of one list; made once by the page, outside whatever it rebuilds.
pub struct Rows<T: Send + Sync + 'static> {
    loaded: RwSignal<Loaded<T>>,
    failure: RwSignal<Option<Failure>>,
    waiting: RwSignal<bool>,
    seen: RwSignal<Range<u32>>,
    asking: StoredValue<Asking>,
    fetch: StoredValue<Fetch<T>>,
}

/// Gets a window, and hands its answer to the rows.
type Fetch<T> = Arc<dyn Fn(Rows<T>, Wanted) + Send + Sync>;

impl<T: Send + Sync + 'static> Clone for Rows<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Rows<T> {}

impl<T: Clone + Send + Sync + 'static> Rows<T> {
    /// `fetch` is called with each window that is needed; it hands the answer to [`Rows::accept`] or [`Rows::fail`].
    pub fn new(fetch: impl Fn(Self, Wanted) + Send + Sync + 'static) -> Self {
        Self {
            loaded: RwSignal::new(Loaded::none()),
            failure: RwSignal::new(None),
            waiting: RwSignal::new(false),
            seen: RwSignal::new(0..0),
            asking: StoredValue::new(Asking::default()),
            fetch: StoredValue::new(Arc::new(fetch)),
        }
    }

    /// What is here, to read in views.
    pub fn loaded(self) -> RwSignal<Loaded<T>> {
        self.loaded
    }

    /// Why the newest window did not come.
    pub fn failure(self) -> ReadSignal<Option<Failure>> {
        self.failure.read_only()
    }

    /// Whether what is shown answers an older query than the one asked.
    pub fn waiting(self) -> ReadSignal<bool> {
        self.waiting.read_only()
    }

    /// The rows that can be read now; none before the page lives.
    pub fn seen(self) -> ReadSignal<Range<u32>> {
        self.seen.read_only()
    }

    /// These places are in view.
    pub(super) fn see(self, places: &Range<u32>) {
        let seen = self.loaded.with_untracked(|l| rows_among(&l.groups, places));
        if self.seen.get_untracked() != seen {
            self.seen.set(seen);
        }
    }

    /// Filter, order or grouping changed: asks anew from the top. Old rows stay until the answer comes.
    pub fn restart(self) {
        let wanted = self.asking.try_update_value(|asking| {
            asking.query += 1;
            asking.again = false;
            asking.failed = None;
            asking.flying.clear();
            let wanted = Wanted { query: asking.query, offset: 0, limit: CHUNK, cursor: None };
            asking.flying.push(wanted.clone());
            wanted
        });
        if let Some(wanted) = wanted {
            self.waiting.set(true);
            self.fetch(wanted);
        }
    }

    /// Something in the list changed: asks anew for what is looked at.
    pub fn refresh(self) {
        let wanted = self.asking.try_update_value(|asking| {
            if !asking.flying.is_empty() {
                asking.again = true;
                return None;
            }
            Some(asking.ask(self.loaded.with_untracked(|l| l.len)))
        });
        if let Some(Some(wanted)) = wanted {
            self.fetch(wanted);
        }
    }

    /// Asks once more for the window that did not come; a second press while it is under way does nothing.
    pub fn retry(self) {
        let wanted = self.asking.try_update_value(|asking| {
            let wanted = asking.failed.take()?;
            asking.flying.push(wanted.clone());
            Some(wanted)
        });
        if let Some(Some(wanted)) = wanted {
            self.waiting.set(self.loaded.with_untracked(|l| l.query != wanted.query));
            self.fetch(wanted);
        }
    }

    /// The table looks at the rows `range`: asks for what of them isn't here.
    pub fn look_at(self, range: Range<u32>) {
        let wanted = self.asking.try_update_value(|asking| {
            asking.looked_at = range.clone();
            self.loaded.with_untracked(|l| {
                if l.query != asking.query {
                    return None;
                }
                if let Some(cursor) = &l.next_cursor {
                    if range.end + AHEAD < l.len || !asking.flying.is_empty() {
                        return None;
                    }
                    let wanted = Wanted { query: l.query, offset: l.len, limit: CHUNK, cursor: Some(cursor.clone()) };
                    asking.flying.push(wanted.clone());
                    return Some(wanted);
                }
                let needed = range.start.saturating_sub(AHEAD / 2)..(range.end + AHEAD / 2).min(l.len);
                let covered = |w: &Wanted| w.offset <= needed.start && w.offset + w.limit >= needed.end;
                if l.has(&needed) || asking.flying.iter().any(covered) {
                    return None;
                }
                let wanted = asking.window(l.len);
                (asking.landed.as_ref() != Some(&wanted)).then(|| asking.ask(l.len))
            })
        });
        if let Some(Some(wanted)) = wanted {
            self.fetch(wanted);
        }
    }

    /// The answer to a window.
    pub fn accept(self, wanted: &Wanted, list: List<T>) {
        if self.landed(wanted) {
            let mut list = Some(list);
            self.loaded.maybe_update(|l| list.take().is_some_and(|list| l.take(wanted, list)));
            self.settled();
        }
    }

    /// The answer to a window of a list by cursor.
    pub fn accept_page(self, wanted: &Wanted, page: CursorPage<T>) {
        if self.landed(wanted) {
            let mut page = Some(page);
            self.loaded.maybe_update(|l| page.take().is_some_and(|page| l.append(wanted, page)));
            self.settled();
        }
    }

    /// A window did not come. What is shown stays.
    pub fn fail(self, wanted: &Wanted, failure: Failure) {
        if self.landed(wanted) {
            self.asking.update_value(|asking| {
                asking.again = false;
                asking.failed = Some(wanted.clone());
            });
            self.waiting.set(false);
            self.failure.set(Some(failure));
        }
    }

    fn fetch(self, wanted: Wanted) {
        (self.fetch.get_value())(self, wanted);
    }

    /// Takes a window off the list of those under way; `false` where a newer query has overtaken it.
    fn landed(self, wanted: &Wanted) -> bool {
        self.asking
            .try_update_value(|asking| {
                asking.flying.retain(|w| w != wanted);
                asking.landed = Some(wanted.clone());
                wanted.query == asking.query
            })
            .unwrap_or(false)
    }

    fn settled(self) {
        self.asking.update_value(|asking| asking.failed = None);
        if self.failure.with_untracked(Option::is_some) {
            self.failure.set(None);
        }
        if self.waiting.get_untracked() {
            self.waiting.set(false);
        }
        let again = self.asking.try_update_value(|asking| std::mem::take(&mut asking.again)).unwrap_or(false);
        if again {
            self.refresh();
        } else {
            let looked_at = self.asking.with_value(|asking| asking.looked_at.clone());
            if !looked_at.is_empty() {
                self.look_at(looked_at);
            }
        }
    }
}

impl Asking {
    /// The window round what is looked at, in whole steps, so that small moves ask for the same one.
    fn window(&self, len: u32) -> Wanted {
        let offset = self.looked_at.start.saturating_sub(AHEAD) / AHEAD * AHEAD;
        let end = (self.looked_at.end + AHEAD).div_ceil(AHEAD) * AHEAD;
        let limit = (end - offset).max(CHUNK).min(len.max(CHUNK)).min(crate::api::list::MAX_LIMIT);
        Wanted { query: self.query, offset, limit, cursor: None }
    }

    fn ask(&mut self, len: u32) -> Wanted {
        let wanted = self.window(len);
        self.flying.push(wanted.clone());
        wanted
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// Rows `0..total` at a snapshot, and what was asked for.
    fn rows() -> (Owner, Rows<u32>, Arc<Mutex<Vec<Wanted>>>) {
        let owner = Owner::new();
        owner.set();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let rows = Rows::new(move |_, wanted| log.lock().unwrap_or_else(PoisonError::into_inner).push(wanted));
        (owner, rows, asked)
    }

    fn list(wanted: &Wanted, total: u32, snapshot: u64) -> List<u32> {
        let items = (wanted.offset..total.min(wanted.offset + wanted.limit)).collect();
        List { items, total, groups: Vec::new(), counts: BTreeMap::new(), hosts: None, snapshot }
    }

    fn take(asked: &Mutex<Vec<Wanted>>) -> Vec<Wanted> {
        std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[test]
    fn what_is_looked_at_and_missing_is_asked_for_once() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(50);
        rows.accept(&first, list(&first, 6000, 1));
        rows.look_at(0..30);
        assert_eq!(take(&asked), []);
        rows.look_at(3000..3040);
        rows.look_at(3004..3044);
        let wanted = take(&asked);
        assert_eq!(wanted, [Wanted { query: 0, offset: 2970, limit: 120, cursor: None }]);
        rows.accept(&wanted[0], list(&wanted[0], 6000, 1));
        assert_eq!(rows.loaded().with_untracked(|l| (l.row(3010).copied(), l.row(10).copied())), (Some(3010), Some(10)));
        assert_eq!(take(&asked), []);
    }

    #[test]
    fn old_rows_stay_until_the_newest_querys_answer_and_older_answers_are_dropped() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(50);
        rows.accept(&first, list(&first, 6000, 1));
        rows.restart();
        rows.restart();
        let wanted = take(&asked);
        assert!(rows.waiting().get_untracked());
        rows.accept(&wanted[0], list(&wanted[0], 7, 2));
        assert_eq!(rows.loaded().with_untracked(|l| (l.query, l.len)), (0, 6000));
        rows.accept(&wanted[1], list(&wanted[1], 9, 2));
        assert_eq!(rows.loaded().with_untracked(|l| (l.query, l.len, l.row(8).copied(), l.row(9).copied())), (2, 9, Some(8), None));
        assert!(!rows.waiting().get_untracked());
    }

    #[test]
    fn an_answer_of_an_older_snapshot_is_dropped() {
        let (_owner, rows, _asked) = rows();
        let first = Wanted::first(50);
        rows.accept(&first, list(&first, 20, 5));
        rows.accept(&first, list(&first, 30, 4));
        assert_eq!(rows.loaded().with_untracked(|l| l.len), 20);
    }

    #[test]
    fn changes_while_a_window_is_under_way_ask_once_more_after_it() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(120);
        rows.accept(&first, list(&first, 40, 1));
        rows.look_at(0..40);
        rows.refresh();
        rows.refresh();
        rows.refresh();
        let wanted = take(&asked);
        assert_eq!(wanted.len(), 1);
        rows.accept(&wanted[0], list(&wanted[0], 41, 2));
        let again = take(&asked);
        assert_eq!(again.len(), 1);
        rows.accept(&again[0], list(&again[0], 41, 3));
        assert_eq!(take(&asked), []);
    }

    #[test]
    fn a_window_that_comes_short_is_not_asked_for_over_and_over() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(120);
        rows.look_at(0..40);
        rows.accept(&first, List { items: vec![1, 2], ..list(&first, 100, 1) });
        let wanted = take(&asked);
        for wanted in &wanted {
            rows.accept(wanted, List { items: vec![1, 2], ..list(wanted, 100, 1) });
        }
        assert!(take(&asked).is_empty());
    }

    #[test]
    fn a_failure_leaves_what_is_shown() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(50);
        rows.accept(&first, list(&first, 20, 1));
        rows.restart();
        rows.fail(&take(&asked)[0], Failure::Offline);
        assert_eq!(rows.failure().get_untracked(), Some(Failure::Offline));
        assert_eq!(rows.loaded().with_untracked(|l| l.len), 20);
        assert!(!rows.waiting().get_untracked());
    }

    #[test]
    fn what_failed_is_asked_for_once_more_when_wanted() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(50);
        rows.accept(&first, list(&first, 6000, 1));
        rows.look_at(3000..3040);
        let wanted = take(&asked);
        rows.fail(&wanted[0], Failure::Offline);
        rows.look_at(3000..3040);
        assert_eq!(take(&asked), []);
        rows.retry();
        rows.retry();
        assert_eq!(take(&asked), wanted);
        rows.accept(&wanted[0], list(&wanted[0], 6000, 1));
        assert_eq!(rows.failure().get_untracked(), None);
        assert_eq!(rows.loaded().with_untracked(|l| l.row(3010).copied()), Some(3010));
        rows.retry();
        assert_eq!(take(&asked), []);
    }

    #[test]
    fn pages_by_cursor_are_appended_as_the_end_comes_near() {
        let (_owner, rows, asked) = rows();
        let first = Wanted::first(50);
        rows.accept_page(&first, CursorPage { items: (0..50).collect(), next_cursor: Some("a".to_owned()) });
        rows.look_at(0..15);
        assert_eq!(take(&asked), []);
        rows.look_at(10..25);
        let wanted = take(&asked);
        assert_eq!(wanted, [Wanted { query: 0, offset: 50, limit: CHUNK, cursor: Some("a".to_owned()) }]);
        rows.accept_page(&wanted[0], CursorPage { items: vec![50, 51], next_cursor: None });
        assert_eq!(rows.loaded().with_untracked(|l| (l.len, l.row(51).copied())), (52, Some(51)));
        rows.look_at(40..52);
        assert_eq!(take(&asked), []);
    }
}
