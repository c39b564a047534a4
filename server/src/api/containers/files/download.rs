//! A file as it is, or a folder as a tar, streamed.

use aide::{axum::IntoApiResponse, transform::TransformOperation};
use app::client::percent_encode;
use axum::{
    body::Body,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;

use super::{super::terminal::enter, Where, path};
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    auth::{gate::Effect, permission::container::Exec, subject::ContainerKey},
    http::problem::Problem,
};

/// What a browser may do with it: nothing but save it.
const CSP: &str = "default-src 'none'; sandbox";

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.files.download")
        .summary("Download a file, or a folder as a tar")
        .description("An attachment, whatever it holds. It ends with the right to it.")
        .response::<200, Vec<u8>>()
}

pub async fn download(auth: Auth<Exec>, Path(Id { id }): Path<Id>, Query(at): Query<Where>) -> Result<impl IntoApiResponse, Problem> {
    let wanted = path(&at.path)?;
    let (permitted, subject) = auth.subject(&ContainerKey { id, host_id: at.host_id }).await?;
    let (_, (judged, _)) = enter(&auth.app, &permitted, &subject, Effect::Data, "download").await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let place = auth.app.streams().enter(auth.actor.user_id())?;
    let download = engine.download(&permitted, &judged, &subject.entry.id, &wanted).await?;
    let app = auth.app.clone();
    // A right that ends, ends the stream, and so does the console.
    let over = async move {
        tokio::select! {
            () = app.auth().revoked(&permitted, || subject.scope_now(&app)) => {}
            () = app.closing().cancelled() => {}
        }
    };
    let pieces = download.pieces.take_until(Box::pin(over)).inspect(move |_| {
        // Held as long as the stream is.
        let _ = &place;
    });
    let kind = if download.is_folder { "application/x-tar" } else { "application/octet-stream" };
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    // A name may hold anything: it goes percent-encoded, and cannot end the header.
    let name = format!("attachment; filename*=UTF-8''{}", percent_encode(&download.name));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|e| Problem::internal(&e))?);
    if let Some(size) = download.size {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    }
    Ok(response.into_response())
}
