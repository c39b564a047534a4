//! Which columns of a table are shown; kept with the reader's account.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::{
    icon::Glyph,
    menu::{MenuAct, MenuButton, MenuEntry, MenuItem},
    table::Column,
};
use crate::{
    me::Columns,
    words::{W, t},
};

/// The hidden columns of one table.
#[derive(Clone, Copy)]
pub struct Hidden {
    keys: RwSignal<BTreeSet<String>>,
    at_first: StoredValue<BTreeSet<String>>,
    kept_as: &'static str,
}

impl Hidden {
    /// `kept_as` names the table in the account's preferences (`columns:containers`); `at_first` is hidden until the reader chooses.
    pub fn new(kept_as: &'static str, at_first: &[&str]) -> Self {
        let first: BTreeSet<String> = at_first.iter().map(|&key| key.to_owned()).collect();
        let chosen = use_context::<Columns>().and_then(|all| all.0.with_untracked(|all| all.0.get(kept_as).cloned()));
        Self { keys: RwSignal::new(chosen.unwrap_or_else(|| first.clone())), at_first: StoredValue::new(first), kept_as }
    }

    /// The columns that are shown.
    pub fn shown<T: Clone + Send + Sync + 'static>(self, all: Vec<Column<T>>) -> Signal<Vec<Column<T>>> {
        Signal::derive(move || self.keys.with(|hidden| all.iter().filter(|c| !hidden.contains(c.key)).cloned().collect()))
    }

    /// Holds at once, and for the tab's other pages; `keep` tells the account.
    fn set(self, keys: BTreeSet<String>, all: Option<Columns>, keep: Keep) {
        let chosen = (keys != self.at_first.get_value()).then(|| keys.clone());
        if let Some(all) = all {
            all.0.update(|all| match &chosen {
                Some(chosen) => drop(all.0.insert(self.kept_as.to_owned(), chosen.clone())),
                None => drop(all.0.remove(self.kept_as)),
            });
        }
        keep.run((self.kept_as, chosen));
        self.keys.set(keys);
    }

    fn toggled(self, key: &str) -> BTreeSet<String> {
        let mut keys = self.keys.get_untracked();
        if !keys.remove(key) {
            keys.insert(key.to_owned());
        }
        keys
    }
}

/// Keeps a table's hidden columns; none: as at first.
pub type Keep = Callback<(&'static str, Option<BTreeSet<String>>)>;

/// The button with the list of columns. `choices`: key and title of those that may be hidden.
#[component]
pub fn ColumnChooser(hidden: Hidden, choices: Vec<(&'static str, TextProp)>, #[prop(into)] keep: Keep) -> impl IntoView {
    let all = use_context::<Columns>();
    let reset = t(W::common_columns_reset);
    let entries = Signal::derive(move || {
        let line = |(key, title): &(&'static str, TextProp)| {
            let key = *key;
            let toggle = MenuAct::Stay(Callback::new(move |()| hidden.set(hidden.toggled(key), all, keep)));
            MenuItem::new(title.clone(), toggle).checked(hidden.keys.with(|hidden| !hidden.contains(key))).entry()
        };
        let mut entries: Vec<_> = choices.iter().map(line).collect();
        entries.push(MenuEntry::Line);
        entries.push(MenuItem::run(reset, move || hidden.set(hidden.at_first.get_value(), all, keep)).entry());
        entries
    });
    view! { <MenuButton label=t(W::common_columns) glyph=Glyph::Columns entries /> }
}
