//! Menus: a list of things to do that opens below a button, over everything else.

use std::sync::Arc;

use leptos::{ev, html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

use super::{
    dom,
    icon::{Glyph, Icon},
};

/// One line of a menu.
#[derive(Clone)]
pub enum MenuEntry {
    Item(MenuItem),
    /// A hairline between kinds of things.
    Line,
    /// A title over the lines that follow.
    Title(TextProp),
}

/// Something to do, or a place to go to.
#[derive(Clone)]
pub struct MenuItem {
    pub label: TextProp,
    pub glyph: Option<Glyph>,
    /// Can't be undone.
    pub danger: bool,
    /// Why it can't be done now, for the reader.
    pub refused: Option<String>,
    /// For choices: whether this one is chosen.
    pub checked: Option<bool>,
    pub act: MenuAct,
}

/// What a line of a menu does.
#[derive(Clone)]
pub enum MenuAct {
    Run(Callback<()>),
    Go(String),
    /// Toggles something and leaves the menu open.
    Stay(Callback<()>),
}

impl MenuItem {
    pub fn run(label: impl Into<TextProp>, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self::new(label, MenuAct::Run(Callback::new(move |()| run())))
    }

    pub fn go(label: impl Into<TextProp>, href: impl Into<String>) -> Self {
        Self::new(label, MenuAct::Go(href.into()))
    }

    pub fn new(label: impl Into<TextProp>, act: MenuAct) -> Self {
        Self { label: label.into(), glyph: None, danger: false, refused: None, checked: None, act }
    }

    pub fn glyph(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }

    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    pub fn refused(mut self, why: Option<String>) -> Self {
        self.refused = why;
        self
    }

    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }

    pub fn entry(self) -> MenuEntry {
        MenuEntry::Item(self)
    }
}

/// One menu that many buttons open, each with its own entries: the rows of a table.
#[derive(Clone, Copy)]
pub struct Menu {
    open: RwSignal<Option<Open>>,
    /// The button that opened it, in the browser only.
    opener: StoredValue<Option<SendWrapper<web_sys::Element>>>,
}

#[derive(Clone)]
struct Open {
    entries: Arc<dyn Fn() -> Vec<MenuEntry> + Send + Sync>,
}

impl Default for Menu {
    fn default() -> Self {
        Self::new()
    }
}

impl Menu {
    pub fn new() -> Self {
        Self { open: RwSignal::new(None), opener: StoredValue::new(None) }
    }

    /// Opens below the button that was pressed; a second press closes it.
    pub fn open(self, ev: &ev::MouseEvent, entries: impl Fn() -> Vec<MenuEntry> + Send + Sync + 'static) {
        let Some(button) = ev.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
        if self.open.with_untracked(Option::is_some) && self.opener.with_value(|o| o.as_deref() == Some(&button)) {
            self.close();
            return;
        }
        let _ = button.set_attribute("aria-expanded", "true");
        self.opener.set_value(Some(SendWrapper::new(button)));
        self.open.set(Some(Open { entries: Arc::new(entries) }));
    }

    /// Closes; the button that opened it has the keyboard again.
    pub fn close(self) {
        if self.open.with_untracked(Option::is_none) {
            return;
        }
        self.open.set(None);
        if let Some(button) = self.opener.try_update_value(Option::take).flatten() {
            let _ = button.set_attribute("aria-expanded", "false");
            dom::focus(&button);
        }
    }

    /// Closes without moving the keyboard: a press elsewhere has taken it.
    fn dismiss(self) {
        if let Some(button) = self.opener.try_update_value(Option::take).flatten() {
            let _ = button.set_attribute("aria-expanded", "false");
        }
        if self.open.with_untracked(Option::is_some) {
            self.open.set(None);
        }
    }
}

/// Where a [`Menu`] appears; once beside what opens it, outside tables.
#[component]
pub fn MenuPopup(menu: Menu, #[prop(into)] label: TextProp) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let open = menu.open.with(Option::is_some);
        let Some(popup) = node.get() else { return };
        if open {
            let _ = popup.show_popover();
            menu.opener.with_value(|opener| {
                if let Some(opener) = opener {
                    dom::place_below(&popup, opener);
                }
            });
            if let Some(first) = items(&popup).first() {
                dom::focus(first);
            }
        } else if popup.matches(":popover-open").unwrap_or(false) {
            let _ = popup.hide_popover();
        }
    });
    // The browser closes it at a press elsewhere.
    let toggled = move |_: ev::Event| {
        if let Some(popup) = node.get_untracked()
            && !popup.matches(":popover-open").unwrap_or(true)
        {
            menu.dismiss();
        }
    };
    view! {
        <div class="menu" popover="auto" role="menu" aria-label=move || label.get() node_ref=node on:toggle=toggled on:keydown=move |ev| {
            if let Some(popup) = node.get_untracked() {
                key(menu, &popup, &ev);
            }
        }>
            {move || {
                let entries = menu.open.get().map(|open| (open.entries)()).unwrap_or_default();
                entries.into_iter().map(|entry| line(menu, entry)).collect::<Vec<_>>()
            }}
        </div>
    }
}

fn line(menu: Menu, entry: MenuEntry) -> AnyView {
    let item = match entry {
        MenuEntry::Line => return view! { <div class="menu-line" role="separator"></div> }.into_any(),
        MenuEntry::Title(title) => return view! { <div class="menu-title" role="presentation">{move || title.get()}</div> }.into_any(),
        MenuEntry::Item(item) => item,
    };
    let MenuItem { label, glyph, danger, refused, checked, act } = item;
    let disabled = refused.is_some().then_some("true");
    let role = if checked.is_some() { "menuitemcheckbox" } else { "menuitem" };
    let aria_checked = checked.map(|checked| if checked { "true" } else { "false" });
    let face = view! {
        <span class="menu-glyph">
            {match (checked, glyph) {
                (Some(true), _) => Some(view! { <Icon glyph=Glyph::Check /> }),
                (None, Some(glyph)) => Some(view! { <Icon glyph /> }),
                _ => None,
            }}
        </span>
        <span class="label">
            <span>{move || label.get()}</span>
            // The button's description says it aloud.
            {refused.clone().map(|why| view! { <span class="why" aria-hidden="true">{why}</span> })}
        </span>
    };
    match act {
        MenuAct::Go(href) if disabled.is_none() => view! {
            <a class="menu-item" class:danger=danger role=role tabindex="-1" href=href on:click=move |_| menu.dismiss()>
                {face}
            </a>
        }
        .into_any(),
        act => {
            let press = move |_| {
                if disabled.is_some() {
                    return;
                }
                match &act {
                    MenuAct::Stay(run) => run.run(()),
                    MenuAct::Run(run) => {
                        menu.close();
                        run.run(());
                    }
                    MenuAct::Go(_) => {}
                }
            };
            view! {
                <button
                    type="button"
                    class="menu-item"
                    class:danger=danger
                    role=role
                    tabindex="-1"
                    aria-checked=aria_checked
                    aria-disabled=disabled
                    aria-description=refused
                    on:click=press
                >
                    {face}
                </button>
            }
            .into_any()
        }
    }
}

fn items(popup: &web_sys::Element) -> Vec<web_sys::Element> {
    dom::all(popup, ".menu-item")
}

/// Arrows, Home and End go round, letters jump, Escape and Tab close.
fn key(menu: Menu, popup: &web_sys::Element, ev: &ev::KeyboardEvent) {
    let items = items(popup);
    if items.is_empty() {
        return;
    }
    let active = document().active_element();
    let at = active.and_then(|active| items.iter().position(|item| *item == active));
    let count = items.len();
    let to = match ev.key().as_str() {
        "ArrowDown" => at.map_or(0, |at| (at + 1) % count),
        "ArrowUp" => at.map_or(count - 1, |at| (at + count - 1) % count),
        "Home" => 0,
        "End" => count - 1,
        "Escape" => {
            ev.prevent_default();
            ev.stop_propagation();
            menu.close();
            return;
        }
        "Tab" => {
            menu.close();
            return;
        }
        letter if letter.chars().count() == 1 && letter != " " => {
            let letter = letter.to_ascii_lowercase();
            let from = at.map_or(0, |at| at + 1);
            let next = (0..count)
                .map(|i| (from + i) % count)
                .find(|&i| items[i].text_content().is_some_and(|text| text.trim().to_ascii_lowercase().starts_with(&letter)));
            match next {
                Some(next) => next,
                None => return,
            }
        }
        _ => return,
    };
    ev.prevent_default();
    dom::focus(&items[to]);
}

/// A button with a menu of its own.
#[component]
pub fn MenuButton(
    #[prop(into)] label: TextProp,
    #[prop(into)] entries: Signal<Vec<MenuEntry>>,
    /// What the button shows instead of its label.
    #[prop(optional, into)]
    face: Option<ViewFn>,
    /// The button's classes; `button` unless told.
    #[prop(default = "button")]
    class: &'static str,
    #[prop(optional)] glyph: Option<Glyph>,
) -> impl IntoView {
    let menu = Menu::new();
    let (name, popup) = (label.clone(), label.clone());
    let aria_label = face.is_some().then_some(move || name.get());
    let tip = face.is_some().then(|| {
        let label = label.clone();
        move || label.get()
    });
    let inner = match face {
        Some(face) => face.run(),
        None => view! {
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span>{move || label.get()}</span>
            <span class="caret"><Icon glyph=Glyph::ChevronDown /></span>
        }
        .into_any(),
    };
    view! {
        <button
            type="button"
            class=class
            aria-haspopup="menu"
            aria-expanded="false"
            aria-label=aria_label
            title=tip
            on:click=move |ev| menu.open(&ev, move || entries.get())
        >
            {inner}
        </button>
        <MenuPopup menu label=popup />
    }
}
