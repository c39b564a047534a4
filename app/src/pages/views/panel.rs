//! The views of one page: opened, renamed, deleted, and one more kept.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

use crate::{
    api::{
        problem::Failure,
        view::{ChangeView, NewView, SavedView, ViewPage},
    },
    components::{
        button::{Button, Kind},
        dialog::Dialog,
        field::TextField,
        skeleton::SkeletonLines,
    },
    loader::use_client,
    pages::{failed::Failed, fetched::fetched},
    problems::{of_field, sentence},
    words::{Lang, W, t, text, use_lang},
};

#[lazy]
#[cfg_attr(not(feature = "hydrate"), expect(clippy::unused_async, reason = "in the browser its chunk is waited for"))]
pub fn panel(page: ViewPage, open: RwSignal<bool>) -> AnyView {
    view! { <Panel page open /> }.into_any()
}

#[component]
fn Panel(page: ViewPage, open: RwSignal<bool>) -> impl IntoView {
    let client = StoredValue::new(use_client());
    let (got, again) = fetched(move || {
        let client = client.get_value();
        async move { client.saved_views().await }
    });
    let renamed = RwSignal::new(None::<String>);
    let views = move || match got.get() {
        None => view! { <SkeletonLines lines=3 /> }.into_any(),
        Some(Err(failure)) => view! { <Failed failure on_retry=again /> }.into_any(),
        Some(Ok(all)) => {
            let own: Vec<SavedView> = all.items.into_iter().filter(|v| v.page == page).collect();
            if own.is_empty() {
                view! { <p class="second">{t(W::views_none)}</p> }.into_any()
            } else {
                let rows = own.into_iter().map(|v| view! { <Row v open renamed changed=again /> }).collect::<Vec<_>>();
                view! { <ul class="lines plain" aria-label=t(W::views_saved)>{rows}</ul> }.into_any()
            }
        }
    };
    view! {
        <Dialog open title=t(W::views_saved)>
            <div class="stack">
                {views}
                <Keep page changed=again />
            </div>
        </Dialog>
    }
}

/// One view: its name leads to it.
#[component]
fn Row(
    v: SavedView,
    open: RwSignal<bool>,
    /// The id of the one that gets another name.
    renamed: RwSignal<Option<String>>,
    changed: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let href = if v.query.is_empty() { v.page.path().to_owned() } else { format!("{}?{}", v.page.path(), v.query) };
    let own = StoredValue::new(v);
    let name = RwSignal::new(own.with_value(|v| v.name.clone()));
    let is_renamed = Memo::new(move |_| renamed.with(|id| own.with_value(|v| id.as_ref() == Some(&v.id))));
    let after = move |done: Result<(), Failure>| {
        // The panel may have been closed meanwhile.
        if busy.try_set(false).is_some() {
            return;
        }
        match done {
            Ok(()) => {
                renamed.set(None);
                changed.run(());
            }
            Err(wrong) => failure.set(Some(wrong)),
        }
    };
    let rename = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (client, id) = (client.get_value(), own.with_value(|v| v.id.clone()));
        let request = ChangeView { name: Some(name.get_untracked().trim().to_owned()), query: None };
        spawn_local(async move { after(client.change_view(&id, &request).await.map(drop)) });
    });
    let delete = move |_| {
        busy.set(true);
        let (client, id) = (client.get_value(), own.with_value(|v| v.id.clone()));
        spawn_local(async move { after(client.delete_view(&id).await) });
    };
    let begin = move |_| {
        failure.set(None);
        renamed.set(Some(own.with_value(|v| v.id.clone())));
    };
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| why(lang.get(), f))));
    let shown = move || {
        if is_renamed.get() {
            view! {
                <span class="main"><TextField name="view-rename" label=t(W::containers_name) value=name error autocomplete="off" on_enter=rename /></span>
                <Button label=t(W::files_save) busy on_press=move |_| rename.run(()) />
            }
            .into_any()
        } else {
            let href = href.clone();
            view! {
                <span class="main"><a href=href on:click=move |_| open.set(false)>{own.with_value(|v| v.name.clone())}</a></span>
                {move || error.get().map(|why| view! { <span class="bad" role="status">{why}</span> })}
                <Button label=t(W::containers_rename) kind=Kind::Link on_press=begin />
                <Button label=t(W::views_delete) kind=Kind::Link busy on_press=delete />
            }
            .into_any()
        }
    };
    view! { <li>{shown}</li> }
}

/// Keeps what is shown now.
#[component]
fn Keep(page: ViewPage, changed: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let search = use_location().search;
    let (name, busy, failure) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(None::<Failure>));
    let keep = Callback::new(move |()| {
        let wanted = name.get_untracked().trim().to_owned();
        if busy.get_untracked() || wanted.is_empty() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let query = search.get_untracked().trim_start_matches('?').to_owned();
        let (client, request) = (client.get_value(), NewView { page, name: wanted, query });
        spawn_local(async move {
            let done = client.save_view(&request).await;
            // The panel may have been closed meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(_) => {
                    name.set(String::new());
                    changed.run(());
                }
                Err(wrong) => failure.set(Some(wrong)),
            }
        });
    });
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| why(lang.get(), f))));
    view! {
        <TextField name="view-name" label=t(W::containers_name) value=name error autofocus=true autocomplete="off" on_enter=keep />
        <Button label=t(W::views_keep) kind=Kind::Primary busy on_press=move |_| keep.run(()) />
    }
}

/// What is wrong, as one sentence.
fn why(lang: Lang, failure: &Failure) -> String {
    match failure.code() {
        Some("view_name_taken") => text(lang, W::views_taken).to_owned(),
        Some("too_many_views") => text(lang, W::views_too_many).to_owned(),
        _ => of_field(lang, failure, "name").unwrap_or_else(|| sentence(lang, failure)),
    }
}
