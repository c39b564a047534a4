//! Operations: those that ran lately, and one with its progress, its results and its log.

mod detail;
mod words;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    api::{
        list::CursorPage,
        operation::{Operation, OperationQuery},
    },
    client::live::use_changes,
    components::{
        dom::when_hydrated,
        state_mark::state_mark,
        states::EmptyState,
        time::{TimeStyle, time, use_now},
    },
    loader::{Loaded, loader, use_client},
    pages::whole::whole,
    words::{W, t, text, use_lang},
};

pub use detail::OperationPage;
use words::{kind_word, meaning, state_word};

/// The list.
pub struct OperationsPage {
    loaded: Loaded<CursorPage<Operation>>,
}

const LATEST: OperationQuery = OperationQuery { state: None, cursor: None, limit: Some(50) };

#[lazy_route]
impl LazyRoute for OperationsPage {
    fn data() -> Self {
        Self { loaded: loader(|client| client.operations(&LATEST)) }
    }

    fn view(this: Self) -> AnyView {
        whole(W::operations_title, this.loaded, |first| view! { <List first /> }.into_any())
    }
}

#[component]
fn List(first: CursorPage<Operation>) -> impl IntoView {
    let lang = use_lang();
    let now = use_now();
    let client = StoredValue::new(use_client());
    let shown = RwSignal::new(first.items);
    use_changes(&["operation"], move |_| {
        spawn_local(async move {
            let Some(client) = client.try_get_value() else { return };
            if let Ok(page) = client.operations(&LATEST).await {
                when_hydrated(move || drop(shown.try_set(page.items)));
            }
        });
    });
    let row = move |o: Operation| {
        let lang_now = lang.get();
        let of = o.items.iter().map(|i| i.object_name.clone()).filter(|n| !n.is_empty()).take(3).collect::<Vec<_>>().join(", ");
        let more = if o.items.len() > 3 { format!(" +{}", o.items.len() - 3) } else { String::new() };
        let said = if o.total > 1 { format!("{} / {}", o.done, o.total) } else { String::new() };
        view! {
            <tr class="row">
                <td class="in-second">{state_mark(meaning(o.state), text(lang_now, state_word(o.state)).to_owned())}</td>
                <td class="in-title cut"><a href=format!("/operations/{}", o.id)>{kind_word(lang_now, &o.kind)}</a>" "<span class="third">{of}{more}</span></td>
                <td class="num">{said}</td>
                <td>{o.actor_name}</td>
                <td class="in-tail">{time(now, lang, o.created_at, TimeStyle::Ago)}</td>
            </tr>
        }
    };
    let rows = move || shown.get().into_iter().map(row).collect::<Vec<_>>();
    view! {
        {move || if shown.with(Vec::is_empty) {
            view! { <EmptyState title=t(W::operations_none)>{t(W::operations_none_text)}</EmptyState> }.into_any()
        } else {
            view! {
                <table class="table items operations" aria-label=t(W::operations_title)>
                    <thead>
                        <tr>
                            <th scope="col">{t(W::containers_state)}</th>
                            <th scope="col">{t(W::operations_what)}</th>
                            <th scope="col" class="num">{t(W::operations_progress)}</th>
                            <th scope="col">{t(W::operations_who)}</th>
                            <th scope="col">{t(W::operations_when)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            }.into_any()
        }}
    }
}
