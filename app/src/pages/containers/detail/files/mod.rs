//! The files of a container: folders, small text, downloads, uploads by dropping.

mod changes;
mod editor;
mod upload;

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_query_map;
use wasm_bindgen::JsCast;

use self::{editor::FilePane, upload::send_all};
use super::terminal::Refused;
use crate::{
    api::file::{FileEntry, Files, download_address},
    client::percent_encode,
    components::{
        button::Button,
        figure::bytes,
        icon::{Glyph, icon},
        note::{Note, Tone},
        skeleton::SkeletonLines,
        time::{Time, TimeStyle},
        toasts::use_toasts,
    },
    loader::use_client,
    pages::{fetched::fetched, step_up::use_step_up},
    words::{W, files_items, t, text, use_lang},
};

/// The tab. Folder and open file stand in the address.
#[component]
pub fn FilesTab(id: String) -> impl IntoView {
    let query = use_query_map();
    let path = Memo::new(move |_| query.with(|q| q.get("path")).filter(|p| p.starts_with('/')).unwrap_or_else(|| "/".to_owned()));
    let file = Memo::new(move |_| query.with(|q| q.get("file")).filter(|f| !f.is_empty() && !f.contains('/')));
    let changes = Memo::new(move |_| query.with(|q| q.get("show")).as_deref() == Some("changes"));
    // Another folder is another view: nothing of the former one comes late.
    move || {
        let id = id.clone();
        if changes.get() {
            view! {
                <div class="tab-bar files-bar"><Views id=id.clone() changes=true /></div>
                <changes::Changes id />
                <p class="files-foot second">{t(W::files_lost_on_recreate)}</p>
            }
            .into_any()
        } else {
            view! { <Folder id path=path.get() file /> }.into_any()
        }
    }
}

/// The files, or what of them differs from the image.
#[component]
fn Views(id: String, changes: bool) -> impl IntoView {
    let all = address(&id, "/", None);
    let view = move |own: bool, href: String, word: W| {
        view! { <a class="segment" href=href aria-current=(own == changes).then_some("page")>{t(word)}</a> }
    };
    view! {
        <nav class="segmented" aria-label=t(W::files_views)>
            {view(false, all, W::files_tab)}
            {view(true, format!("/containers/{id}?tab=files&show=changes"), W::files_changes)}
        </nav>
    }
}

/// Where a folder, or a file in it, is shown.
fn address(id: &str, path: &str, file: Option<&str>) -> String {
    let file = file.map(|file| format!("&file={}", percent_encode(file))).unwrap_or_default();
    format!("/containers/{id}?tab=files&path={}{file}", percent_encode(path))
}

/// A name in a folder.
fn within(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[component]
fn Folder(id: String, path: String, file: Memo<Option<String>>) -> impl IntoView {
    let lang = use_lang();
    let (client, toasts) = (StoredValue::new(use_client()), use_toasts());
    let step_up = use_step_up();
    let (id, path) = (StoredValue::new(id), StoredValue::new(path));
    let (got, again) = fetched(move || {
        let call = client.with_value(|c| c.container_files(&id.get_value(), &path.get_value()));
        async move { call.await }
    });
    Effect::new(move |_| {
        got.with(|got| {
            if let Some(Err(failure)) = got {
                step_up.asks(failure, again);
            }
        });
    });
    let (dropping, sending) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let picker = NodeRef::<html::Input>::new();
    let send = move |list: Option<web_sys::FileList>| {
        let Some(list) = list.filter(|_| sending.get_untracked().is_none()) else { return };
        send_all(&list, id.get_value(), path.get_value(), sending, toasts, step_up, again);
    };
    let over = move |ev: ev::DragEvent| {
        ev.prevent_default();
        dropping.set(true);
    };
    let dropped = move |ev: ev::DragEvent| {
        ev.prevent_default();
        dropping.set(false);
        send(ev.data_transfer().and_then(|data| data.files()));
    };
    let picked = move |_| {
        if let Some(input) = picker.get_untracked() {
            send(input.files());
            // The same file may be picked once more.
            input.set_value("");
        }
    };
    let crumbs = {
        let path = path.get_value();
        let mut at = String::new();
        let mut parts = vec![("/".to_owned(), "/".to_owned())];
        for part in path.split('/').filter(|p| !p.is_empty()) {
            at = format!("{at}/{part}");
            parts.push((part.to_owned(), at.clone()));
        }
        let last = parts.len() - 1;
        parts
            .into_iter()
            .enumerate()
            .map(|(i, (name, at))| {
                let href = address(&id.get_value(), &at, None);
                let current = (i == last).then_some("page");
                // The root is a stroke itself.
                let between = match i {
                    0 => "",
                    1 => " ",
                    _ => " / ",
                };
                view! {
                    {between}
                    <a class="mono" href=href aria-current=current>{name}</a>
                }
            })
            .collect::<Vec<_>>()
    };
    let tar = move || download_address(&id.get_value(), &path.get_value());
    let content = move || match got.get() {
        None => view! { <SkeletonLines lines=8 /> }.into_any(),
        Some(Ok(files)) => view! { <Entries id=id.get_value() files file /> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=again /> }.into_any(),
    };
    let open = move || {
        let at = within(&path.get_value(), &file.get()?);
        Some(view! { <FilePane id=id.get_value() path=at on_written=again close=address(&id.get_value(), &path.get_value(), None) /> })
    };
    let foot =
        move || got.with(|got| got.as_ref().and_then(|r| r.as_ref().ok()).map(|files| files_items(lang.get(), files.items.len() as u64)));
    let pick = move |_| {
        if let Some(input) = picker.get_untracked() {
            input.click();
        }
    };
    view! {
        <div class="tab-bar files-bar">
            <Views id=id.get_value() changes=false />
            <nav class="crumbs" aria-label=t(W::files_path)>{crumbs}</nav>
            <span class="push"></span>
            <span class="second" aria-live="polite">{move || sending.get()}</span>
            <input
                type="file"
                class="hidden"
                multiple
                tabindex="-1"
                aria-label=move || text(lang.get(), W::files_upload)
                node_ref=picker
                on:change=picked
            />
            <Button label=t(W::files_upload) glyph=Glyph::Plus on_press=pick />
            <a class="button" href=tar rel="external" download="">{icon(Glyph::Download)} <span>{t(W::files_download_tar)}</span></a>
        </div>
        <div
            class="split flow files"
            class:dropping=move || dropping.get()
            on:dragover=over
            on:dragleave=move |_| dropping.set(false)
            on:drop=dropped
        >
            <div class="split-main">{content}</div>
            {move || open().map(|pane| view! { <aside class="split-side files-pane">{pane}</aside> })}
        </div>
        <p class="files-foot second">{foot} " · " {t(W::files_lost_on_recreate)}</p>
    }
}

#[component]
fn Entries(id: String, files: Files, file: Memo<Option<String>>) -> impl IntoView {
    let lang = use_lang();
    let Files { path, items, complete, .. } = files;
    let none = items.is_empty();
    let own_id = id.clone();
    let row = move |entry: FileEntry| {
        let at = within(&path, &entry.name);
        let mode = entry.mode_text();
        let FileEntry { name, kind, size, owner, group, modified_at, link, .. } = entry;
        let is_file = kind == "file";
        let word = match kind.as_str() {
            "folder" => W::files_folder,
            "link" => W::files_link,
            "special" => W::files_special,
            _ => W::files_file,
        };
        let href = match kind.as_str() {
            "folder" => Some(address(&own_id, &at, None)),
            "file" => Some(address(&own_id, &path, Some(&name))),
            // Where it leads is found out by going there.
            "link" => Some(address(&own_id, link.as_deref().filter(|l| l.starts_with('/')).unwrap_or(&at), None)),
            _ => None,
        };
        let shown = link.map_or_else(|| name.clone(), |link| format!("{name} → {link}"));
        let title = match href {
            Some(href) => view! { <a class="cut" href=href>{shown}</a> }.into_any(),
            None => view! { <span class="cut">{shown}</span> }.into_any(),
        };
        let own = name.clone();
        let current = move || file.with(|open| open.as_ref() == Some(&own)).then_some("true");
        let can_load = kind == "file" || kind == "folder";
        let load = can_load.then(|| {
            let label = format!("{} {name}", text(lang.get_untracked(), W::files_download));
            view! {
                <a class="button tool in-row" href=download_address(&own_id, &at) rel="external" download="" aria-label=label.clone() title=label>
                    {icon(Glyph::Download)}
                </a>
            }
        });
        view! {
            <tr aria-current=current>
                <td>{title}</td>
                <td class="second">{t(word)}</td>
                <td class="end">{is_file.then(|| bytes(size))}</td>
                <td class="mono second">{mode}</td>
                <td class="second">{format!("{owner}:{group}")}</td>
                <td class="second"><Time at=modified_at style=TimeStyle::Exact /></td>
                <td class="end">{load}</td>
            </tr>
        }
    };
    let rows = items.into_iter().map(row).collect::<Vec<_>>();
    let _ = id;
    view! {
        {(!complete)
            .then(|| view! { <div class="notes"><Note tone=Tone::Warning title=t(W::files_not_all)>{t(W::files_not_all_text)}</Note></div> })}
        {none.then(|| view! { <p class="second files-none">{t(W::files_none)}</p> })}
        <table class="plain-table">
            <thead>
                <tr>
                    <th>{t(W::containers_name)}</th>
                    <th>{t(W::files_kind)}</th>
                    <th class="end">{t(W::files_size)}</th>
                    <th>{t(W::files_mode)}</th>
                    <th>{t(W::files_owner)}</th>
                    <th>{t(W::files_changed_at)}</th>
                    <th><span class="aloud">{t(W::files_download)}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The text of an input or a text area.
fn value_of(ev: &ev::Event) -> String {
    ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlTextAreaElement>().ok()).map(|e| e.value()).unwrap_or_default()
}
