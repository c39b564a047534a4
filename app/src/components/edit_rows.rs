//! Rows of short fields that are added and taken away: ports, variables, mounts.

use leptos::prelude::*;

use super::{
    button::{Button, IconButton, Kind, TipSide},
    icon::{Glyph, Icon},
};
use crate::words::{W, t};

/// A field of each row.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Its name aloud, and its placeholder.
    pub label: W,
    /// Of a choice: value and word. Empty: text.
    pub choices: &'static [(&'static str, W)],
}

impl Cell {
    pub const fn text(label: W) -> Self {
        Self { label, choices: &[] }
    }
}

/// A row as it is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row {
    id: usize,
    pub cells: [RwSignal<String>; 4],
}

/// All rows. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Rows {
    rows: RwSignal<Vec<Row>>,
    next: StoredValue<usize>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { rows: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

impl Rows {
    pub fn push(self, texts: [&str; 4]) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let row = Row { id, cells: texts.map(|text| RwSignal::new(text.to_owned())) };
        self.rows.update(|rows| rows.push(row));
    }

    pub fn clear(self) {
        self.rows.set(Vec::new());
    }

    /// The texts, trimmed; tracked. Rows without any text are left out, but keep their places.
    pub fn texts(self) -> Vec<(usize, [String; 4])> {
        let text = |row: &Row| row.cells.map(|cell| cell.with(|c| c.trim().to_owned()));
        self.rows.with(|rows| rows.iter().map(text).enumerate().filter(|(_, cells)| cells.iter().any(|c| !c.is_empty())).collect())
    }
}

#[component]
pub fn EditRows(
    rows: Rows,
    /// One to four.
    cells: &'static [Cell],
    /// On the button that adds one.
    #[prop(into)]
    add: TextProp,
    /// What a new row begins with.
    #[prop(default = [""; 4])]
    fresh: [&'static str; 4],
    /// What is wrong with a row.
    #[prop(into)]
    error: Callback<usize, Option<String>>,
) -> impl IntoView {
    let row = move |row: Row| {
        let fields = cells
            .iter()
            .zip(row.cells)
            .map(|(cell, value)| {
                let label = t(cell.label);
                if cell.choices.is_empty() {
                    view! { <input class="input mono" aria-label=label placeholder=label spellcheck="false" autocomplete="off" bind:value=value /> }
                        .into_any()
                } else {
                    let options = cell.choices.iter().map(|(key, word)| {
                        view! { <option value=*key selected=move || value.with(|v| v == key)>{t(*word)}</option> }
                    });
                    view! {
                        <span class="select">
                            <select class="input" aria-label=label prop:value=move || value.get() on:change=move |ev| value.set(event_target_value(&ev))>
                                {options.collect::<Vec<_>>()}
                            </select>
                            <Icon glyph=Glyph::ChevronDown />
                        </span>
                    }
                    .into_any()
                }
            })
            .collect::<Vec<_>>();
        let place = move || rows.rows.with(|all| all.iter().position(|r| r.id == row.id).unwrap_or_default());
        let wrong = move || error.run(place());
        let remove = move |_| rows.rows.update(|all| all.retain(|r| r.id != row.id));
        view! {
            <div class="edit-row" class:wrong=move || wrong().is_some() data-cells=cells.len()>
                {fields}
                <IconButton label=t(W::common_remove) glyph=Glyph::Cross tip=TipSide::BelowStart on_press=remove />
                <span class="field-error" role="status">{move || wrong().map(|why| view! { <Icon glyph=Glyph::Warning /> {why} })}</span>
            </div>
        }
    };
    view! {
        <div class="edit-rows">
            <For each=move || rows.rows.get() key=|row| row.id children=row />
            <div>
                <Button label=add glyph=Glyph::Plus kind=Kind::Quiet on_press=move |_| rows.push(fresh) />
            </div>
        </div>
    }
}
