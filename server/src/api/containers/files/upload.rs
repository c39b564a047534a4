//! Writing a file, or unpacking an archive into a folder: streamed, checked entry by entry, on record.

use std::io;

use aide::{OperationInput, transform::TransformOperation};
use app::api::file::{FilesWritten, MAX_TEXT};
use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Path, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};

use super::{
    super::{act::outcome, terminal::enter},
    Where, etag, path,
};
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    app::App,
    audit::Change,
    auth::{
        Permitted,
        gate::{Effect, Passed},
        permission::container::Exec,
        subject::{ContainerKey, ContainerSubject},
    },
    fleet::{
        Engine, EngineError,
        archive::{Entry, Kind, Limits},
        engine::files::{FilePath, Unpacked, Upload},
        policy::Judged,
    },
    http::problem::Problem,
};

/// What may be unpacked at once.
const LIMITS: Limits = Limits { entries: 100_000, bytes: 16 << 30 };

/// A body as it comes; the handler reads it.
pub struct Raw(Body);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Ok(Self(request.into_body()))
    }
}

impl OperationInput for Raw {}

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.files.write").summary("Write a file, or unpack a tar into a folder").description(
        "The body is the file's new content, which keeps the file's rights and owner; with If-Match only over the content that it names. With \
         Content-Type application/x-tar the path is a folder, and the body is unpacked there: no names or links that lead out, no devices, \
         100,000 entries and 16 GiB at most. A body whose length is not told holds 1 MiB at most.",
    )
}

pub async fn upload(
    auth: Auth<Exec>,
    Path(Id { id }): Path<Id>,
    Query(at): Query<Where>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Json<FilesWritten>, Problem> {
    let wanted = path(&at.path)?;
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: at.host_id }).await?;
    let (passed, (judged, said)) = enter(&auth.app, &permitted, &subject, Effect::Data, "upload").await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let place = auth.app.streams().enter(auth.actor.user_id())?;
    let text = |name: header::HeaderName| headers.get(name).and_then(|h| h.to_str().ok());
    let is_archive = text(header::CONTENT_TYPE).is_some_and(|kind| kind.split(';').next().is_some_and(|k| k.trim() == "application/x-tar"));
    let write = Write { app: &auth.app, permitted, subject, passed, judged, said, engine: &engine };
    let pieces = Box::pin(body.into_data_stream().map_err(io::Error::other));
    let written = if is_archive {
        write.unpack(&wanted, pieces).await
    } else {
        let length = text(header::CONTENT_LENGTH).and_then(|l| l.parse().ok());
        write.file(&wanted, length, text(header::IF_MATCH), pieces).await
    };
    drop(place);
    written.map(Json)
}

/// Everything that a write needs.
struct Write<'a> {
    app: &'a App,
    permitted: Permitted<Exec>,
    subject: ContainerSubject,
    passed: Passed,
    judged: Judged,
    /// What the policy warns of.
    said: String,
    engine: &'a Engine,
}

impl Write<'_> {
    async fn unpack(&self, folder: &FilePath, archive: impl Pieces) -> Result<FilesWritten, Problem> {
        let unpacked =
            self.send("upload", format!("unpack into {}", folder.as_str()), folder, Upload::Archive { limits: LIMITS, archive }).await?;
        Ok(FilesWritten { path: folder.as_str().to_owned(), entries: unpacked.entries, bytes: unpacked.bytes, etag: None })
    }

    async fn file(
        &self,
        path: &FilePath,
        length: Option<u64>,
        matches: Option<&str>,
        mut content: impl Pieces,
    ) -> Result<FilesWritten, Problem> {
        let id = &self.subject.entry.id;
        if path.name().is_empty() {
            return Err(EngineError::NotAFile.into());
        }
        let before = match self.engine.read_file(&self.permitted, &self.judged, id, path, MAX_TEXT).await {
            Ok(file) => Some(file),
            Err(EngineError::NoSuchFile) => None,
            // A large one is not read for it; what it is now can't be compared.
            Err(EngineError::FileTooLarge) if matches.is_none() => None,
            Err(error) => return Err(error.into()),
        };
        let now = before.as_ref().map(|file| etag(&file.bytes));
        let is_changed = match (matches, &now) {
            (None, _) => false,
            (Some("*"), now) => now.is_none(),
            (Some(wanted), now) => now.as_deref() != Some(wanted),
        };
        if is_changed {
            let detail = "Somebody has changed the file since it was read: read it again.";
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "file_changed", detail));
        }
        // A tar says its lengths first: what does not tell its own is read whole, as far as it is small.
        let (size, tag, content) = match length {
            Some(size) if size > MAX_TEXT => (size, None, content.boxed()),
            _ => {
                let mut whole = BytesMut::new();
                while let Some(piece) = content.next().await {
                    let piece = piece
                        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body could not be read to its end."))?;
                    whole.extend_from_slice(&piece);
                    if whole.len() as u64 > MAX_TEXT {
                        return Err(Problem::new(
                            StatusCode::LENGTH_REQUIRED,
                            "length_required",
                            "A body of more than 1 MiB needs a Content-Length.",
                        ));
                    }
                }
                let whole = whole.freeze();
                (whole.len() as u64, Some(etag(&whole)), stream::iter([Ok(whole)]).boxed())
            }
        };
        let kept = self.kept(id, path, before.map(|file| file.entry)).await?;
        let entry = Entry {
            path: kept.name.into_bytes(),
            size,
            modified: self.app.clock().now() / 1_000,
            link: None,
            kind: Kind::File,
            ..kept.entry
        };
        let upload = Upload::File { entry, content };
        let unpacked = self.send("write_file", format!("{} ({size} B)", path.as_str()), &kept.folder, upload).await?;
        Ok(FilesWritten { path: path.as_str().to_owned(), entries: unpacked.entries, bytes: unpacked.bytes, etag: tag })
    }

    /// What stays as it was: where the file really is, whose it is, who may read it.
    async fn kept(&self, id: &str, path: &FilePath, before: Option<Entry>) -> Result<Kept, Problem> {
        let at = self.engine.real_path(&self.permitted, &self.judged, id, path).await?;
        let entry = match before {
            Some(entry) => entry,
            // One that is too large to be read has a head all the same.
            None => self.engine.file_head(&self.permitted, &self.judged, id, &at).await?.unwrap_or(Entry {
                path: Vec::new(),
                kind: Kind::File,
                size: 0,
                mode: 0o644,
                uid: 0,
                gid: 0,
                modified: 0,
                link: None,
            }),
        };
        Ok(Kept { folder: at.parent(), name: at.name().to_owned(), entry })
    }

    async fn send(&self, action: &'static str, what: String, folder: &FilePath, upload: Upload<impl Pieces>) -> Result<Unpacked, Problem> {
        let detail = [what, self.said.clone()].into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ");
        let intent = self.permitted.begin(self.app.trail(), Change { detail, ..Change::new(action) }).await?;
        let sending = self.engine.upload(&intent, &self.judged, &self.passed, &self.subject.entry.id, folder, upload);
        // A right that ends, ends the upload.
        let done = tokio::select! {
            done = sending => done,
            () = self.app.auth().revoked(&self.permitted, || self.subject.scope_now(self.app)) => {
                Err(EngineError::BadArchive("the right to it has ended"))
            }
        };
        intent.finish(outcome(&done)).await;
        Ok(done?)
    }
}

struct Kept {
    folder: FilePath,
    name: String,
    entry: Entry,
}

/// A body's bytes.
trait Pieces: Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static {}
impl<S: Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static> Pieces for S {}
