//! All keys, at `?`.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::dialog::{Dialog, once_wanted};
use crate::words::{W, t};

/// A key and what it does.
pub type KeyLine = (&'static str, TextProp);

/// The keys of a list in which rows are selected.
pub fn list_keys() -> Vec<KeyLine> {
    let mut keys = plain_list_keys();
    keys.insert(2, ("x", t(W::common_key_select).into()));
    keys
}

/// The keys of every list.
pub fn plain_list_keys() -> Vec<KeyLine> {
    vec![
        ("j", t(W::common_key_down).into()),
        ("k", t(W::common_key_up).into()),
        ("Enter", t(W::common_key_open).into()),
        ("/", t(W::common_key_filter).into()),
        ("Esc", t(W::common_key_escape).into()),
        ("?", t(W::common_key_help).into()),
    ]
}

/// The dialog; `?` opens it while nothing is typed in.
#[component]
pub fn KeyHelp(keys: Vec<KeyLine>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |ev| {
            let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let typed_in =
                target.is_some_and(|e| e.matches("input:not([type=checkbox]), textarea, select, [contenteditable]").unwrap_or(false));
            if ev.key() == "?" && !typed_in && document().query_selector("dialog[open]").ok().flatten().is_none() {
                ev.prevent_default();
                open.set(true);
            }
        });
        on_cleanup(move || handle.remove());
    });
    let keys = StoredValue::new(keys);
    let wanted = once_wanted(move || open.get());
    let help = move || wanted.get().then(|| Suspend::new(async move { help(keys.get_value(), open).await }));
    view! { <Suspense>{help}</Suspense> }
}

/// The dialog, fetched when it is first wanted.
#[lazy]
fn help(keys: Vec<KeyLine>, open: RwSignal<bool>) -> AnyView {
    view! {
        <Dialog open title=t(W::common_keys)>
            <dl class="keys">
                {keys
                    .iter()
                    .cloned()
                    .map(|(key, does)| {
                        view! {
                            <div>
                                <dt>
                                    <kbd>{key}</kbd>
                                </dt>
                                <dd>{move || does.get()}</dd>
                            </div>
                        }
                    })
                    .collect::<Vec<_>>()}
            </dl>
        </Dialog>
    }
    .into_any()
}
