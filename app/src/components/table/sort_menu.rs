//! Sorting where the head is not shown: a menu of the columns that a list can be sorted by.

use leptos::prelude::*;

use super::{Column, head::direction};
use crate::{
    components::menu::{MenuButton, MenuEntry, MenuItem},
    words::{W, t},
};

/// The button, on narrow screens only. Choosing the column that the list is sorted by turns the order round.
#[component]
pub fn SortMenu<T: Clone + Send + Sync + 'static>(
    columns: Vec<Column<T>>,
    #[prop(into)] sort: Signal<Option<String>>,
    #[prop(into)] on_sort: Callback<String>,
) -> impl IntoView {
    let choices: Vec<(&'static str, TextProp)> = columns.iter().filter_map(|c| c.sort.map(|key| (key, c.title.clone()))).collect();
    let entries = Signal::derive(move || {
        let now = sort.get();
        choices.iter().map(|(key, title)| entry(now.as_deref(), key, title.clone(), on_sort)).collect::<Vec<_>>()
    });
    view! { <MenuButton label=t(W::common_sort) class="button narrow-only" entries /> }
}

fn entry(now: Option<&str>, key: &'static str, title: TextProp, on_sort: Callback<String>) -> MenuEntry {
    let direction = direction(now, key);
    let (next, arrow) = match direction {
        Some("ascending") => (format!("-{key}"), " ↑"),
        Some(_) => (key.to_owned(), " ↓"),
        None => (key.to_owned(), ""),
    };
    let label = move || format!("{}{arrow}", title.get());
    MenuItem::run(label, move || on_sort.run(next.clone())).checked(direction.is_some()).entry()
}
