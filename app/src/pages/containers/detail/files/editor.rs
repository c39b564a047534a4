//! One file beside its folder: its text, to be read and changed.

use leptos::{prelude::*, task::spawn_local};

use super::value_of;
use crate::{
    api::{
        file::{FileText, FilesWritten, download_address, upload_address},
        problem::Failure,
    },
    client::{parse, raw},
    components::{
        button::{Button, Kind},
        figure::bytes,
        icon::{Glyph, icon},
        note::{Note, Tone},
        skeleton::SkeletonLines,
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    pages::{fetched::fetched, step_up::use_step_up},
    problems::sentence,
    words::{W, files_written, t, text, use_lang},
};

#[component]
pub fn FilePane(
    id: String,
    path: String,
    /// The folder shows another size and time.
    on_written: Callback<()>,
    /// The folder without it.
    close: String,
) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let step_up = use_step_up();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let download = download_address(&id, &path);
    let (id, path) = (StoredValue::new(id), StoredValue::new(path));
    let (got, again) = fetched(move || {
        let call = client.with_value(|c| c.container_file(&id.get_value(), &path.get_value()));
        async move { call.await }
    });
    Effect::new(move |_| {
        got.with(|got| {
            if let Some(Err(failure)) = got {
                step_up.asks(failure, again);
            }
        });
    });
    let content = move || match got.get() {
        None => view! { <SkeletonLines lines=6 /> }.into_any(),
        Some(Ok(files)) => match files.file {
            Some(file) => view! { <Text id=id.get_value() path=path.get_value() file again on_written /> }.into_any(),
            None => ().into_any(),
        },
        Some(Err(failure)) => view! { <p class="second files-none">{move || sentence(lang.get(), &failure)}</p> }.into_any(),
    };
    view! {
        <header class="files-head">
            <h2 class="cut">{name}</h2>
            <span class="push"></span>
            <a class="button tool" href=download rel="external" download="" aria-label=t(W::files_download) title=t(W::files_download)>{icon(Glyph::Download)}</a>
            <a class="button tool" href=close aria-label=t(W::common_close) title=t(W::common_close)>{icon(Glyph::Cross)}</a>
        </header>
        {content}
    }
}

#[component]
fn Text(id: String, path: String, file: FileText, again: Callback<()>, on_written: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let toasts = use_toasts();
    let step_up = use_step_up();
    let FileText { size, etag, text: found, .. } = file;
    let Some(found) = found else {
        return view! { <p class="second files-none">{bytes(size)} " · " {t(W::files_binary)}</p> }.into_any();
    };
    let (edited, busy, failure) = (RwSignal::new(None::<String>), RwSignal::new(false), RwSignal::new(None::<Failure>));
    let (id, path, found, etag) = (StoredValue::new(id), StoredValue::new(path), StoredValue::new(found), StoredValue::new(etag));
    let save = Callback::new(move |()| {
        let Some(now) = edited.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let address = upload_address(&id.get_value(), &path.get_value());
            let done = raw::put(&address, "text/plain; charset=utf-8", Some(&etag.get_value()), now.into()).await;
            let done = done.and_then(|text| parse::<FilesWritten>(&text));
            // The page may have been left meanwhile.
            let _ = busy.try_set(false);
            match done {
                Ok(_) => {
                    toasts.show(Toast::good(files_written(lang.get_untracked(), path.get_value())));
                    let _ = edited.try_set(None);
                    again.run(());
                    on_written.run(());
                }
                Err(wrong) => drop(failure.try_set(Some(wrong))),
            }
        });
    });
    Effect::new(move |_| {
        failure.with(|failure| {
            if let Some(failure) = failure {
                step_up.asks(failure, save);
            }
        });
    });
    let note = move || {
        failure.get().map(|failure| {
            let changed = failure.code() == Some("file_changed");
            let actions = move || changed.then(|| view! { <Button label=t(W::files_read_again) on_press=move |_| again.run(()) /> });
            view! { <div class="notes"><Note tone=Tone::Bad title=move || sentence(lang.get(), &failure) actions>""</Note></div> }
        })
    };
    let tools = move || {
        if edited.with(Option::is_some) {
            view! {
                <Button label=t(W::common_cancel) on_press=move |_| { edited.set(None); failure.set(None); } />
                <Button label=t(W::files_save) kind=Kind::Primary busy on_press=move |_| save.run(()) />
            }
            .into_any()
        } else {
            view! { <Button label=t(W::files_edit) on_press=move |_| edited.set(Some(found.get_value())) /> }.into_any()
        }
    };
    let is_edited = Memo::new(move |_| edited.with(Option::is_some));
    let body = move || {
        if is_edited.get() {
            view! {
                <textarea
                    class="input mono files-text"
                    spellcheck="false"
                    aria-label=text(lang.get(), W::files_edit)
                    prop:value=found.get_value()
                    on:input=move |ev| edited.set(Some(value_of(&ev)))
                ></textarea>
            }
            .into_any()
        } else {
            view! { <pre class="mono files-text" tabindex="0">{found.get_value()}</pre> }.into_any()
        }
    };
    view! {
        <div class="files-tools"><span class="second">{bytes(size)} " · UTF-8"</span> <span class="push"></span> {tools}</div>
        {note}
        {body}
    }
    .into_any()
}
