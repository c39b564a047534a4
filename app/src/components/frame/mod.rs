//! The frame round every page: navigation at the left, bar above.

mod account;
mod nav;
mod theme;
mod top_bar;

pub use account::{AccountMenu, LanguageSwitch};
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_location;
pub use nav::{NavGroup, NavItem};
pub use theme::{Theme, ThemeSwitch};
pub use top_bar::{Crumb, Environment, SearchButton};

use crate::{
    components::dom,
    words::{W, t},
};

/// The key under which the browser keeps whether the navigation is collapsed.
const KEPT: &str = "nav";

/// From here on the navigation is no drawer; as in `frame.css`.
const WIDE: &str = "(min-width: 900px)";

/// Whether the keyboard is in a field that stays when the page changes, or in a dialog.
fn is_typed_in_beside_the_page() -> bool {
    let field = "input, textarea, select, [contenteditable]";
    document().active_element().is_some_and(|e| {
        e.matches(field).unwrap_or(false) && e.closest("main").ok().flatten().is_none()
            || e.closest("dialog[open]").ok().flatten().is_some()
    })
}

/// Navigation, bar and page.
#[component]
pub fn Frame(
    /// The product's name, beside its mark.
    #[prop(into)]
    brand: TextProp,
    /// What the person may open.
    #[prop(into)]
    groups: Signal<Vec<NavGroup>>,
    /// Where the page is; the last one is the page itself.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
    /// Which environment the page shows; none where there are none.
    #[prop(optional, into)]
    environment: Signal<Option<Environment>>,
    /// Between breadcrumb and tools: environment, project, search.
    #[prop(optional, into)]
    middle: ViewFn,
    /// At the end of the bar: language, theme, account.
    #[prop(optional, into)]
    tools: ViewFn,
    /// Above the page: a lost connection, a newer build.
    #[prop(optional, into)]
    notice: ViewFn,
    children: Children,
) -> impl IntoView {
    let icons_only = RwSignal::new(false);
    let drawer = RwSignal::new(false);
    let page = NodeRef::<html::Main>::new();

    // What was chosen before, once the page lives.
    Effect::new(move |_| {
        dom::when_hydrated(move || {
            if let Ok(Some(storage)) = window().local_storage() {
                let _ = icons_only.try_set(storage.get_item(KEPT).ok().flatten().as_deref() == Some("icons"));
            }
        });
    });
    let toggle = Callback::new(move |()| {
        icons_only.update(|icons| *icons = !*icons);
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEPT, if icons_only.get_untracked() { "icons" } else { "full" });
        }
    });

    // Another page starts at its top and has the keyboard, and the drawer closes where it has led. What is typed in the bar above stays.
    let path = use_location().pathname;
    let arrive = move || {
        drawer.set(false);
        // By then the page is no longer inert, and what stood in it before has gone.
        request_animation_frame(move || {
            let Some(page) = page.get_untracked() else { return };
            page.set_scroll_top(0);
            if !is_typed_in_beside_the_page() {
                dom::focus(&page);
            }
        });
    };
    Effect::new(move |before: Option<()>| {
        path.track();
        if before.is_some() {
            arrive();
        }
    });
    // Closed without having led anywhere, it gives the keyboard back.
    let opener = NodeRef::<html::Button>::new();
    let close = move || {
        drawer.set(false);
        request_animation_frame(move || {
            if let Some(opener) = opener.get_untracked() {
                dom::focus(&opener);
            }
        });
    };
    Effect::new(move |_| {
        let escape = window_event_listener(ev::keydown, move |ev| {
            if ev.key() == "Escape" && drawer.get_untracked() {
                close();
            }
        });
        // A window that has become wide has no drawer, and must not have an inert page.
        let widened = window_event_listener(ev::resize, move |_| {
            if drawer.get_untracked() && window().match_media(WIDE).ok().flatten().is_some_and(|wide| wide.matches()) {
                drawer.set(false);
            }
        });
        on_cleanup(move || {
            escape.remove();
            widened.remove();
        });
    });

    view! {
        <div class="frame" data-nav=move || icons_only.get().then_some("icons") data-drawer=move || drawer.get().then_some("open")>
            <a class="skip aloud" href="#page" inert=move || drawer.get()>
                {t(W::nav_skip)}
            </a>
            <nav::Nav brand groups icons_only toggle drawer on_follow=Callback::new(move |()| arrive()) />
            <div class="drawer-veil" on:click=move |_| close()></div>
            <top_bar::TopBar crumbs environment middle tools drawer opener />
            <main class="page" id="page" tabindex="-1" inert=move || drawer.get() node_ref=page>
                {move || notice.run()}
                {children()}
            </main>
        </div>
    }
}
