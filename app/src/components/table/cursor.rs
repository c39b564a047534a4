//! Where the keyboard is: at a row or a group's head, by its key. When the list comes in another order it stays with that, and
//! where that is gone a key does nothing until the reader moves on.

use leptos::prelude::*;

use super::{
    Loaded, Table,
    place::{Place, place},
};

/// What the keyboard is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Where it was last.
    pub at: u32,
    /// None while what stands there has not come yet.
    pub on: Option<On>,
}

/// What stands at a place, told from others by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum On {
    Head(String),
    Row(String),
}

/// What stands at a place.
pub(super) fn on<T>(l: &Loaded<T>, key: impl Fn(&T) -> String, at: u32) -> Option<On> {
    match place(&l.groups, at) {
        Place::Head(group) => l.groups.get(group).map(|g| On::Head(g.key.clone())),
        Place::Row(offset) => l.row(offset).map(|row| On::Row(key(row))),
    }
}

/// Where something stands now, as far as it is here.
fn find<T>(l: &Loaded<T>, key: impl Fn(&T) -> String, wanted: &On) -> Option<u32> {
    (0..l.places()).find(|at| on(l, &key, *at).as_ref() == Some(wanted))
}

impl Cursor {
    /// Whether it is at what stands at `at`.
    pub fn is_at<T>(&self, l: &Loaded<T>, key: impl Fn(&T) -> String, at: u32) -> bool {
        match &self.on {
            Some(own) => on(l, key, at).as_ref() == Some(own),
            None => self.at == at,
        }
    }

    /// The same after something came: where it is now, or what has come where it waits.
    fn moved<T>(&self, l: &Loaded<T>, key: impl Fn(&T) -> String + Copy) -> Self {
        let here = on(l, key, self.at);
        match &self.on {
            None => Self { at: self.at, on: here },
            Some(own) if here.as_ref() == Some(own) => self.clone(),
            Some(own) => Self { at: find(l, key, own).unwrap_or(self.at), on: Some(own.clone()) },
        }
    }
}

/// Keeps the cursor with what it is at.
pub(super) fn follow<T: Clone + Send + Sync + 'static>(table: &Table<T>) {
    let (loaded, cursor, key) = (table.rows.loaded(), table.cursor, table.key.clone());
    Effect::new(move |_| {
        loaded.track();
        let Some(old) = cursor.get_untracked() else { return };
        let now = loaded.with_untracked(|l| old.moved(l, |row| key(row)));
        if now != old {
            cursor.set(Some(now));
        }
    });
}

/// Puts it at a place.
pub(super) fn put<T: Clone + Send + Sync + 'static>(table: &Table<T>, at: u32) {
    let on = table.rows.loaded().with_untracked(|l| on(l, |row| (table.key)(row), at));
    table.cursor.set(Some(Cursor { at, on }));
}

/// The place it is at, if what it was put at is still there.
pub(super) fn here<T: Clone + Send + Sync + 'static>(table: &Table<T>) -> Option<u32> {
    let cursor = table.cursor.get_untracked()?;
    let there = table.rows.loaded().with_untracked(|l| cursor.on.is_some() && cursor.is_at(l, |row| (table.key)(row), cursor.at));
    there.then_some(cursor.at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        api::list::List,
        components::table::{Rows, Wanted},
    };

    fn loaded(names: &[&str], check: impl Fn(&Loaded<String>)) {
        let owner = Owner::new();
        owner.set();
        let rows = Rows::new(|_, _| {});
        let items: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let total = items.len() as u32;
        rows.accept(&Wanted::first(50), List { items, total, groups: Vec::new(), counts: BTreeMap::new(), hosts: None, snapshot: 1 });
        rows.loaded().with_untracked(check);
    }

    fn at(at: u32, row: &str) -> Cursor {
        Cursor { at, on: Some(On::Row(row.to_owned())) }
    }

    #[test]
    fn it_stays_with_its_row_when_the_order_changes() {
        loaded(&["b", "c", "a"], |l| {
            assert_eq!(at(0, "a").moved(l, String::clone), at(2, "a"));
            assert!(!at(0, "a").is_at(l, String::clone, 0) && at(0, "a").is_at(l, String::clone, 2));
        });
    }

    #[test]
    fn where_its_row_is_gone_it_is_at_no_other() {
        loaded(&["b", "c"], |l| {
            let gone = at(1, "a").moved(l, String::clone);
            assert_eq!(gone, at(1, "a"));
            assert!((0..2).all(|place| !gone.is_at(l, String::clone, place)));
        });
    }

    #[test]
    fn put_at_what_has_not_come_it_takes_what_comes_there() {
        loaded(&["b", "c"], |l| assert_eq!(Cursor { at: 1, on: None }.moved(l, String::clone), at(1, "c")));
    }
}
