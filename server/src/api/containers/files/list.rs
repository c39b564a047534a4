//! A folder's entries, or a small file's text.

use aide::transform::TransformOperation;
use app::api::file::{FileEntry, FileText, Files, MAX_TEXT};
use axum::{Json, extract::Path};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    super::{act::outcome, terminal::enter},
    etag, path,
};
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    audit::Change,
    auth::{gate::Effect, permission::container::Exec, subject::ContainerKey},
    clock::rfc3339,
    fleet::engine::files::Listed,
    http::problem::Problem,
};

/// What of a path is wanted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default)]
    host_id: Option<String>,
    /// Absolute, in the container.
    path: String,
    /// A file's text, of at most 1 MiB, instead of a folder's entries.
    #[serde(default)]
    content: bool,
}

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.files").summary("What lies in a container's folder, or a small file's text").description(
        "From the engine's archive, so that the container need have nothing for it and need not run. A folder that holds too much for that is \
         listed by the container's own stat, which the trail tells.",
    )
}

pub async fn list(auth: Auth<Exec>, Path(Id { id }): Path<Id>, Query(wanted): Query<Wanted>) -> Result<Json<Files>, Problem> {
    let at = path(&wanted.path)?;
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: wanted.host_id }).await?;
    let app = &auth.app;
    let (passed, (judged, said)) = enter(app, &permitted, &subject, Effect::Data, "files").await?;
    let engine = app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let id = &subject.entry.id;
    if wanted.content {
        let file = engine.read_file(&permitted, &judged, id, &at, MAX_TEXT).await?;
        let text = FileText {
            size: file.entry.size,
            mode: file.entry.mode,
            modified_at: rfc3339(file.entry.modified.saturating_mul(1_000)),
            etag: etag(&file.bytes),
            text: String::from_utf8(file.bytes).ok().filter(|text| !text.contains('\0')),
        };
        return Ok(Json(Files { path: at.as_str().to_owned(), items: Vec::new(), complete: true, file: Some(text) }));
    }
    let mut listing = engine.list_files(&permitted, &judged, id, &at).await?;
    if !listing.complete
        && let Some(shell) = engine.shells(&permitted, &judged, id).await?.last()
    {
        // Something is run in the container: the trail knows.
        let detail = [format!("list {}", at.as_str()), said].into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ");
        let intent = permitted.begin(app.trail(), Change { detail, ..Change::new("files") }).await?;
        let done = engine.list_files_inside(&intent, &judged, &passed, id, shell, &at).await;
        intent.finish(outcome(&done)).await;
        // What the archive told stands where the container has no stat.
        if let Ok(whole) = done {
            listing = whole;
        }
    }
    let [users, groups] = engine.file_owners(&permitted, &judged, id).await?;
    let entry = |l: Listed| FileEntry {
        name: l.name,
        kind: l.kind.word().to_owned(),
        size: l.size,
        mode: l.mode,
        owner: users.get(&l.uid).cloned().unwrap_or_else(|| l.uid.to_string()),
        group: groups.get(&l.gid).cloned().unwrap_or_else(|| l.gid.to_string()),
        modified_at: rfc3339(l.modified_at),
        link: l.link,
    };
    let items = listing.entries.into_iter().map(entry).collect();
    Ok(Json(Files { path: at.as_str().to_owned(), items, complete: listing.complete, file: None }))
}
