//! The visible rows: a plain rebuild of a Vec of one row type, patched in place.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    Column, GroupView, RowClass, Table, cursor,
    place::{Place, place},
};
use crate::{
    api::list::Group,
    components::icon::{Glyph, icon},
    words::{Lang, W, common_select_named, t, use_lang},
};

/// One rendered row; heads and rows are of this one shape, so that one patches into the other.
struct Line {
    at: u32,
    class: String,
    selected: Option<&'static str>,
    current: Option<&'static str>,
    cells: Vec<Cell>,
}

struct Cell {
    class: String,
    span: Option<usize>,
    content: AnyView,
}

impl Line {
    fn view(self) -> impl IntoView {
        let cells =
            self.cells.into_iter().map(|cell| view! { <td class=cell.class colspan=cell.span>{cell.content}</td> }).collect::<Vec<_>>();
        view! {
            <tr class=self.class data-at=self.at aria-rowindex=self.at + 2 aria-selected=self.selected aria-current=self.current>
                {cells}
            </tr>
        }
    }
}

pub(super) fn rows<T: Clone + Send + Sync + 'static>(
    table: &Table<T>,
    group_head: Option<GroupView>,
    group_actions: Option<GroupView>,
    row_class: Option<RowClass<T>>,
) -> impl IntoView + use<T> {
    let table = table.clone();
    let (loaded, selection) = (table.rows.loaded(), table.selection);
    let words = Words::new();
    move || {
        let columns = table.columns.get();
        let cursor = table.cursor.get();
        let window = table.window.get();
        let span = columns.len() + usize::from(selection.is_some());
        loaded.with(|l| {
            // Before anything has come: the shape of what comes.
            let places = if l.filled { window.start..window.end.min(l.places()) } else { 0..12 };
            places
                .map(|at| {
                    let at_cursor = cursor.as_ref().is_some_and(|c| c.is_at(l, |row| (table.key)(row), at));
                    match place(&l.groups, at) {
                        Place::Head(group) if l.filled => {
                            group_line(at, at_cursor, &l.groups[group], span, group_head.as_ref(), group_actions.as_ref(), &words)
                        }
                        Place::Row(offset) if l.filled => match l.row(offset) {
                            Some(row) => row_line(at, at_cursor, row, &columns, &table, row_class.as_ref(), &words),
                            None => pending_line(at, &columns, selection.is_some()),
                        },
                        _ => pending_line(at, &columns, selection.is_some()),
                    }
                    .view()
                })
                .collect::<Vec<_>>()
        })
    }
}

/// The words that every row needs.
struct Words {
    lang: RwSignal<Lang>,
    members: Box<dyn Fn() -> &'static str + Send + Sync>,
}

impl Words {
    fn new() -> Self {
        Self { lang: use_lang(), members: Box::new(t(W::common_members)) }
    }
}

fn row_line<T: Clone + Send + Sync + 'static>(
    at: u32,
    at_cursor: bool,
    row: &T,
    columns: &[Column<T>],
    table: &Table<T>,
    row_class: Option<&RowClass<T>>,
    words: &Words,
) -> Line {
    let mut cells = Vec::with_capacity(columns.len() + 1);
    let mut selected = None;
    if let Some(selection) = table.selection {
        let key = (table.key)(row);
        let checked = selection.rows().with(|rows| rows.contains_key(&key));
        selected = Some(if checked { "true" } else { "false" });
        let name = common_select_named(words.lang.get(), table.row_name.as_ref().map_or_else(|| key.clone(), |name| name(row)));
        cells.push(Cell {
            class: "check".to_owned(),
            span: None,
            content: view! {
                <label class="check-target">
                    <input type="checkbox" class="checkbox" aria-label=name prop:checked=checked />
                </label>
            }
            .into_any(),
        });
    }
    cells.extend(columns.iter().map(|column| Cell { class: column.class(), span: None, content: (column.cell)(row) }));
    let mut class = String::from("row");
    if at_cursor {
        class.push_str(" cursor");
    }
    if let Some(row_class) = row_class {
        class.push(' ');
        class.push_str(row_class(row));
    }
    Line { at, class, selected, current: at_cursor.then_some("true"), cells }
}

fn group_line(
    at: u32,
    at_cursor: bool,
    group: &Group,
    span: usize,
    head: Option<&GroupView>,
    actions: Option<&GroupView>,
    words: &Words,
) -> Line {
    let about = head.map_or_else(|| group.label.clone().into_any(), |head| head(group));
    let actions = actions.map(|actions| actions(group));
    let content = view! {
        <div class="group-line">
            <button
                type="button"
                class="toggle"
                data-group=group.key.clone()
                aria-expanded=if group.collapsed { "false" } else { "true" }
                aria-label=format!("{}: {}", (words.members)(), group.label)
            >
                {icon(Glyph::ChevronDown)}
            </button>
            <div class="about">{about}</div>
            <div class="actions">{actions}</div>
        </div>
    };
    Line {
        at,
        class: if at_cursor { "group cursor" } else { "group" }.to_owned(),
        selected: None,
        current: at_cursor.then_some("true"),
        cells: vec![Cell { class: String::new(), span: Some(span), content: content.into_any() }],
    }
}

fn pending_line<T: 'static>(at: u32, columns: &[Column<T>], check: bool) -> Line {
    let bar = |class: String| Cell { class, span: None, content: view! { <span class="skeleton"></span> }.into_any() };
    let check = check.then(|| Cell { class: "check".to_owned(), span: None, content: ().into_any() });
    let cells = check.into_iter().chain(columns.iter().map(|c| bar(c.class()))).collect();
    Line { at, class: "pending".to_owned(), selected: None, current: None, cells }
}

/// One handler for all rows: boxes (with shift for a range), group toggles, the row itself.
pub(super) fn on_click<T: Clone + Send + Sync + 'static>(table: &Table<T>, open_on_click: bool) -> impl FnMut(ev::MouseEvent) + use<T> {
    let table = table.clone();
    let last = StoredValue::new(None::<u32>);
    move |ev| {
        let Some(target) = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
        let closest = |selector: &str| target.closest(selector).ok().flatten();
        if let Some(toggle) = closest("[data-group]") {
            if let (Some(key), Some(on_collapse)) = (toggle.get_attribute("data-group"), table.on_collapse) {
                on_collapse.run(key);
            }
            return;
        }
        let at = closest("tr[data-at]").and_then(|tr| tr.get_attribute("data-at")).and_then(|at| at.parse::<u32>().ok());
        let Some(at) = at else { return };
        if target.matches("input.checkbox").unwrap_or(false) {
            match last.get_value().filter(|_| ev.shift_key()) {
                Some(from) => select_between(&table, from, at),
                None => toggle(&table, at),
            }
            last.set_value(Some(at));
            return;
        }
        if closest("a, button, input, label, select").is_some() {
            return;
        }
        cursor::put(&table, at);
        if open_on_click {
            open(&table, at);
        }
    }
}

/// Selects the row at a place, or not any more.
pub(super) fn toggle<T: Clone + Send + Sync + 'static>(table: &Table<T>, at: u32) {
    let row = table.rows.loaded().with_untracked(|l| l.row_at(at).cloned());
    if let (Some(selection), Some(row)) = (table.selection, row) {
        selection.toggle((table.key)(&row), row);
    }
}

fn select_between<T: Clone + Send + Sync + 'static>(table: &Table<T>, from: u32, to: u32) {
    let Some(selection) = table.selection else { return };
    let rows: Vec<_> = table.rows.loaded().with_untracked(|l| {
        (from.min(to)..=from.max(to)).filter_map(|at| l.row_at(at)).map(|row| ((table.key)(row), row.clone())).collect()
    });
    selection.add(rows);
}

/// What Enter does at a place: opens a row, folds a group.
pub(super) fn open<T: Clone + Send + Sync + 'static>(table: &Table<T>, at: u32) {
    let (row, group) = table.rows.loaded().with_untracked(|l| match place(&l.groups, at) {
        Place::Row(offset) => (l.row(offset).cloned(), None),
        Place::Head(group) => (None, l.groups.get(group).map(|g| g.key.clone())),
    });
    match (row, group) {
        (Some(row), _) => {
            if let Some(on_open) = table.on_open {
                on_open.run(row);
            }
        }
        (None, Some(key)) => {
            if let Some(on_collapse) = table.on_collapse {
                on_collapse.run(key);
            }
        }
        (None, None) => {}
    }
}
