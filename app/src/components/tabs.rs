//! Tabs of a page: links, so that each has its address.

use leptos::prelude::*;

use crate::words::thousands;

/// One tab.
#[derive(Clone)]
pub struct Tab {
    /// As in the address.
    pub key: &'static str,
    pub label: TextProp,
    pub href: String,
    pub count: Option<u32>,
}

impl Tab {
    pub fn new(key: &'static str, label: impl Into<TextProp>, href: impl Into<String>) -> Self {
        Self { key, label: label.into(), href: href.into(), count: None }
    }

    pub fn count(mut self, count: Option<u32>) -> Self {
        self.count = count;
        self
    }
}

/// The row of tabs below a page's head.
#[component]
pub fn Tabs(
    #[prop(into)] label: TextProp,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
    /// The key of the open one.
    #[prop(into)]
    open: Signal<String>,
) -> impl IntoView {
    let tab = move |Tab { key, label, href, count }: Tab| {
        let current = move || open.with(|open| open == key).then_some("page");
        view! {
            <a class="tab" href=href aria-current=current>
                {move || label.get()}
                {count.map(|n| view! { <span class="count">{thousands(u64::from(n))}</span> })}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label=move || label.get()>
            {move || tabs.get().into_iter().map(tab).collect::<Vec<_>>()}
        </nav>
    }
}
