//! The head that stays: titles, sorting, the box that selects all.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast as _;

use super::Table;
use crate::{
    api::list::MAX_LIMIT,
    components::icon::{Glyph, icon},
    words::{W, t},
};

pub(super) fn view<T: Clone + Send + Sync + 'static>(
    table: &Table<T>,
    sort: Signal<Option<String>>,
    on_sort: Option<Callback<String>>,
    on_select_all: Option<Callback<()>>,
) -> impl IntoView + use<T> {
    let (rows, columns, selection, key) = (table.rows, table.columns, table.selection, table.key.clone());
    let loaded = rows.loaded();

    let some_selected = move || selection.is_some_and(|s| !s.is_empty());
    // All that match, not only the rows that have come.
    let all_selected = {
        let key = key.clone();
        move || {
            selection.is_some_and(|s| {
                s.rows().with(|selected| {
                    !selected.is_empty()
                        && loaded.with(|l| selected.len() >= l.total as usize && l.all().iter().all(|row| selected.contains_key(&key(row))))
                })
            })
        }
    };
    let toggle_all = {
        let all_selected = all_selected.clone();
        move |ev: ev::Event| {
            let Some(selection) = selection else { return };
            let all = untrack(&all_selected);
            // What is selected decides how the box looks, once it has come.
            if let Some(input) = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                input.set_checked(all);
            }
            // Of more than can be selected at once, the box takes back what it selected.
            let full = on_select_all.is_some() && untrack(move || selection.len()) >= MAX_LIMIT as usize;
            if all || full {
                selection.clear();
            } else if let Some(on_select_all) = on_select_all {
                on_select_all.run(());
            } else {
                selection.add(loaded.with_untracked(|l| l.all().into_iter().map(|row| (key(row), row.clone())).collect::<Vec<_>>()));
            }
        }
    };
    let select_all = t(W::common_select_all);
    let check = selection.is_some().then(|| {
        let all = all_selected.clone();
        view! {
            <th scope="col" class="check">
                <label class="check-target">
                    <span class="aloud">{select_all}</span>
                    <input
                        type="checkbox"
                        class="checkbox"
                        prop:checked=all
                        prop:indeterminate=move || some_selected() && !all_selected()
                        on:change=toggle_all
                    />
                </label>
            </th>
        }
    });

    let titles = move || {
        let sort = sort.get();
        let column = |column: super::Column<T>| {
            let direction = column.sort.and_then(|own| direction(sort.as_deref(), own));
            let title = column.title.clone();
            let content = match (column.sort, on_sort) {
                (Some(own), Some(on_sort)) => {
                    let next = if direction == Some("ascending") { format!("-{own}") } else { own.to_owned() };
                    view! {
                        <button type="button" on:click=move |_| on_sort.run(next.clone())>
                            <span class="cut">{move || title.get()}</span>
                            {icon(Glyph::ArrowUp)}
                        </button>
                    }
                    .into_any()
                }
                _ => view! { <span class:aloud=column.tools>{move || title.get()}</span> }.into_any(),
            };
            view! { <th scope="col" class=column.class() aria-sort=direction>{content}</th> }
        };
        columns.get().into_iter().map(column).collect::<Vec<_>>()
    };
    let widths = move || columns.get().into_iter().map(|c| html::col().attr("width", c.width.map(|w| w.to_string()))).collect::<Vec<_>>();

    view! {
        <colgroup>
            {selection.is_some().then(|| html::col().attr("width", "44"))}
            {widths}
        </colgroup>
        <thead>
            <tr>{check} {titles}</tr>
        </thead>
    }
}

/// `ascending` or `descending`, where the list is sorted by `own`.
pub(super) fn direction(sort: Option<&str>, own: &str) -> Option<&'static str> {
    let sort = sort?;
    if sort == own {
        Some("ascending")
    } else if sort.strip_prefix('-') == Some(own) {
        Some("descending")
    } else {
        None
    }
}
