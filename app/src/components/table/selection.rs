//! Which rows are selected, by key, with the rows themselves, so that a bulk bar can say what it will do.

use std::collections::BTreeMap;

use leptos::prelude::*;

/// The selected rows of a list; outlives scrolling, filtering and refreshes.
pub struct Selection<T: Send + Sync + 'static>(RwSignal<BTreeMap<String, T>>);

impl<T: Send + Sync + 'static> Clone for Selection<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Selection<T> {}

impl<T: Clone + Send + Sync + 'static> Default for Selection<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Send + Sync + 'static> Selection<T> {
    pub fn new() -> Self {
        Self(RwSignal::new(BTreeMap::new()))
    }

    /// The selected rows by key, to read in views.
    pub fn rows(self) -> RwSignal<BTreeMap<String, T>> {
        self.0
    }

    pub fn len(self) -> usize {
        self.0.with(BTreeMap::len)
    }

    pub fn is_empty(self) -> bool {
        self.0.with(BTreeMap::is_empty)
    }

    pub fn clear(self) {
        if !self.0.with_untracked(BTreeMap::is_empty) {
            self.0.update(BTreeMap::clear);
        }
    }

    pub fn toggle(self, key: String, row: T) {
        self.0.update(|rows| {
            if rows.remove(&key).is_none() {
                rows.insert(key, row);
            }
        });
    }

    pub fn add(self, rows: impl IntoIterator<Item = (String, T)>) {
        self.0.update(|selected| selected.extend(rows));
    }

    /// Takes newly arrived rows in place of the ones that are selected. Tells nobody where they are the same.
    pub fn refresh<'a>(self, arrived: impl IntoIterator<Item = (String, &'a T)>)
    where
        T: PartialEq,
    {
        self.0.maybe_update(|selected| {
            let mut changed = false;
            for (key, row) in arrived {
                if let Some(old) = selected.get_mut(&key).filter(|old| *old != row) {
                    *old = row.clone();
                    changed = true;
                }
            }
            changed
        });
    }

    pub fn contains(self, key: &str) -> bool {
        self.0.with(|rows| rows.contains_key(key))
    }

    pub fn remove<'a>(self, keys: impl IntoIterator<Item = &'a str>) {
        self.0.update(|selected| {
            for key in keys {
                selected.remove(key);
            }
        });
    }
}
