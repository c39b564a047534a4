//! What of a container's files differs from its image: added, changed, deleted, by path.

use leptos::prelude::*;

use super::{super::terminal::Refused, address};
use crate::{
    api::stats::FileChange,
    components::{
        button::{Button, Kind},
        note::{Note, Tone},
        skeleton::SkeletonLines,
        states::EmptyState,
        tag::{TagTone, tag},
    },
    loader::use_client,
    pages::{fetched::fetched, step_up::use_step_up},
    words::{W, common_and_more, t, use_lang},
};

/// Rows at once: ten thousand would hold the page up.
const ROWS: usize = 500;

#[component]
pub fn Changes(id: String) -> impl IntoView {
    let client = StoredValue::new(use_client());
    let step_up = use_step_up();
    let own = StoredValue::new(id);
    let (got, again) = fetched(move || {
        let call = client.with_value(|c| c.container_changes(&own.get_value()));
        async move { call.await }
    });
    Effect::new(move |_| {
        got.with(|got| {
            if let Some(Err(failure)) = got {
                step_up.asks(failure, again);
            }
        });
    });
    move || match got.get() {
        None => view! { <SkeletonLines lines=8 /> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=again /> }.into_any(),
        Some(Ok(changes)) => {
            let truncated = changes.truncated;
            let items = without_folders(changes.items);
            if items.is_empty() {
                return view! { <EmptyState title=t(W::files_no_changes)>{t(W::files_no_changes_text)}</EmptyState> }.into_any();
            }
            view! {
                {truncated
                    .then(|| view! { <div class="notes"><Note tone=Tone::Warning title=t(W::files_not_all)>{t(W::files_not_all_changes)}</Note></div> })}
                <Rows id=own.get_value() items />
            }
            .into_any()
        }
    }
}

#[component]
fn Rows(id: String, items: Vec<FileChange>) -> impl IntoView {
    let lang = use_lang();
    let (id, items, shown) = (StoredValue::new(id), StoredValue::new(items), RwSignal::new(ROWS));
    let row = move |change: &FileChange| {
        let FileChange { path, kind } = change.clone();
        let (tone, word) = match kind.as_str() {
            "added" => (TagTone::Good, W::files_added),
            "deleted" => (TagTone::Bad, W::files_deleted),
            _ => (TagTone::Plain, W::files_modified),
        };
        let href = address(&id.get_value(), folder_of(&path), None);
        view! {
            <tr>
                <td class="files-change">{tag(tone, t(word))}</td>
                <td><a class="mono break" href=href>{path}</a></td>
            </tr>
        }
    };
    let rows = move || items.with_value(|items| items.iter().take(shown.get()).map(row).collect::<Vec<_>>());
    let more = move || {
        let left = items.with_value(Vec::len).saturating_sub(shown.get());
        (left > 0).then(|| {
            let label = move || common_and_more(lang.get(), left as u64);
            view! { <p class="empty-line"><Button label kind=Kind::Link on_press=move |_| shown.update(|n| *n += ROWS) /></p> }
        })
    };
    view! {
        <table class="plain-table changes" aria-label=t(W::files_changes)>
            <thead>
                <tr>
                    <th scope="col">{t(W::files_change)}</th>
                    <th scope="col">{t(W::files_path)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {more}
    }
}

/// The folder that a path lies in.
fn folder_of(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// By path, without folders that are told only because something in them differs.
fn without_folders(mut items: Vec<FileChange>) -> Vec<FileChange> {
    items.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let told = |change: &FileChange| {
        let inside = format!("{}/", change.path);
        let next = items.partition_point(|other| other.path.as_str() < inside.as_str());
        change.kind != "modified" || !items.get(next).is_some_and(|other| other.path.starts_with(&inside))
    };
    let keep: Vec<bool> = items.iter().map(told).collect();
    items.into_iter().zip(keep).filter_map(|(change, keep)| keep.then_some(change)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_only_for_what_they_are_themselves() {
        let change = |path: &str, kind: &str| FileChange { path: path.into(), kind: kind.into() };
        let all = vec![
            change("/etc", "modified"),
            change("/etc-x", "modified"),
            change("/etc/passwd", "modified"),
            change("/srv/app/conf", "added"),
            change("/srv/app", "added"),
            change("/srv", "modified"),
            change("/var/tmp", "modified"),
        ];
        let left = without_folders(all).into_iter().map(|c| c.path).collect::<Vec<_>>();
        assert_eq!(left, ["/etc-x", "/etc/passwd", "/srv/app", "/srv/app/conf", "/var/tmp"]);
        assert_eq!([folder_of("/srv/app"), folder_of("/x"), folder_of("x")], ["/srv", "/", "/"]);
    }
}
