//! Dialogs and side panels: the browser's own `<dialog>`, which keeps the keyboard inside and gives it back.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    button::{Button, IconButton, Kind, TipSide},
    dom,
    field::TextField,
    icon::Glyph,
};
use crate::words::{W, common_type_to_confirm, t, use_lang};

/// For a dialog about something: it opens when there is something, and when it is closed there is nothing any more.
pub fn opened_by<T: Send + Sync + 'static>(about: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(about.with(Option::is_some)));
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            about.set(None);
        }
        now
    });
    open
}

/// Whether it has ever been wanted: what was fetched for it stays.
pub fn once_wanted(wanted: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    Memo::new(move |before: Option<&bool>| wanted() || before.is_some_and(|before| *before))
}

/// A question or a short form over the page. Its content is there only while it is open.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: TextProp,
    /// Buttons at the end, the doing one last.
    #[prop(optional, into)]
    foot: ViewFn,
    /// However it was closed.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    view! { <Overlay open title foot on_close class="dialog" light=true head=ViewFn::default() content=children /> }
}

/// A form or a record at the page's right edge. A press beside it does not close it: nothing typed is lost.
#[component]
pub fn SidePanel(
    open: RwSignal<bool>,
    #[prop(into)] title: TextProp,
    /// Beside the title.
    #[prop(optional, into)]
    head: ViewFn,
    #[prop(optional, into)] foot: ViewFn,
    #[prop(optional, into)] on_close: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    view! { <Overlay open title foot on_close class="panel" light=false head content=children /> }
}

#[component]
fn Overlay(
    open: RwSignal<bool>,
    title: TextProp,
    foot: ViewFn,
    on_close: Option<Callback<()>>,
    class: &'static str,
    /// A press beside it closes it.
    light: bool,
    head: ViewFn,
    content: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            dom::show_modal(&dialog);
            request_animation_frame(move || {
                let wanted = [".overlay-body [autofocus]", ".overlay-body :is(input, select, textarea)", ".overlay-foot button"];
                if let Some(element) = wanted.iter().find_map(|s| dialog.query_selector(s).ok().flatten()) {
                    dom::focus(&element);
                }
            });
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let closed = move |_: ev::Event| {
        open.set(false);
        if let Some(on_close) = on_close {
            on_close.run(());
        }
    };
    let press = move |ev: ev::MouseEvent| {
        let on_veil = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).is_some_and(|e| e.matches("dialog").unwrap_or(false));
        if light && on_veil {
            open.set(false);
        }
    };
    let name = title.clone();
    let content = move || {
        open.get().then(|| {
            let title = title.clone();
            view! {
                <div class="overlay">
                    <header class="overlay-head">
                        <h2>{move || title.get()}</h2>
                        <div class="push">{head.run()}</div>
                        <IconButton label=t(W::common_close) glyph=Glyph::Cross tip=TipSide::BelowStart on_press=move |_| open.set(false) />
                    </header>
                    <div class="overlay-body">{content()}</div>
                    <footer class="overlay-foot">{foot.run()}</footer>
                </div>
            }
        })
    };
    view! {
        <dialog class=class aria-label=move || name.get() node_ref=node on:close=closed on:click=press>
            {content}
        </dialog>
    }
}

/// Asks before something that can't be undone: says what will happen and to what; for what holds data its name is typed.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: TextProp,
    /// The verb on the button: "Remove 3 containers".
    #[prop(into)]
    action: TextProp,
    /// What must be typed.
    #[prop(optional, into)]
    typed: Signal<Option<String>>,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Can be undone after all: the button is not red.
    #[prop(optional)]
    harmless: bool,
    #[prop(into)] on_confirm: Callback<()>,
    /// What will happen.
    children: ChildrenFn,
) -> impl IntoView {
    let lang = use_lang();
    let value = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            value.set(String::new());
        }
    });
    let missing = Memo::new(move |_| typed.with(|typed| typed.as_ref().is_some_and(|name| value.with(|v| v.trim() != name))));
    let ask = move || typed.with(|name| name.as_deref().map(|name| common_type_to_confirm(lang.get(), name)).unwrap_or_default());
    let refused = Signal::derive(move || missing.get().then(ask));
    let confirm = move || {
        if !missing.get_untracked() && !busy.get_untracked() {
            on_confirm.run(());
        }
    };
    let kind = if harmless { Kind::Primary } else { Kind::DangerSolid };
    let foot = move || {
        view! {
            <Button label=t(W::common_cancel) on_press=move |_| open.set(false) />
            <Button label=action.clone() kind busy refused on_press=move |_| confirm() />
        }
    };
    view! {
        <Dialog open title foot>
            <div class="stack">
                {children()}
                {move || {
                    typed
                        .with(Option::is_some)
                        .then(|| view! { <TextField name="confirm" label=ask value autocomplete="off" on_enter=move |()| confirm() /> })
                }}
            </div>
        </Dialog>
    }
}
