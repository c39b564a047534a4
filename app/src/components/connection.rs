//! The bar that shows while the console does not answer; it goes by itself.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::words::{W, t};

/// The bar, in the frame's `notice` slot.
#[component]
pub fn ConnectionBar(
    #[prop(into)] lost: Signal<bool>,
    /// The console was updated: this page is of its former version.
    #[prop(into)]
    outdated: Signal<bool>,
) -> impl IntoView {
    let text = t(W::common_connection_lost);
    let reload = move |_| drop(window().location().reload());
    view! {
        <div role="status">
            {move || {
                lost.get()
                    .then(|| {
                        view! {
                            <div class="connection">
                                <span class="spinner"><Icon glyph=Glyph::Working /></span>
                                <span>{text}</span>
                            </div>
                        }
                    })
            }}
            {move || {
                (outdated.get() && !lost.get())
                    .then(|| {
                        view! {
                            <div class="connection">
                                <span>{t(W::common_outdated)}</span>
                                <button type="button" class="button link" on:click=reload>
                                    {t(W::common_load_anew)}
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
