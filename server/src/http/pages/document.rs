//! A page as a whole document: the application rendered once, with what its loaders brought.
//!
//! **Invariant.** All of it runs under the request's own reactive owner, at every poll. Leptos keeps the current owner and its arena in
//! variables of the thread: what is polled without setting them meets those of whichever request the thread rendered last.

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use app::{
    client::Client,
    pages::not_found::Status,
    shell::{Start, shell},
};
use axum::http::StatusCode;
use futures_util::{StreamExt as _, stream};
use hydration_context::{SharedContext as _, SsrSharedContext};
use leptos::{
    PrefetchLazyFn,
    nonce::{provide_nonce, use_nonce},
    prelude::*,
    reactive::computed::ScopedFuture,
};
use leptos_meta::{Link, ServerMetaContext};
use leptos_router::location::RequestUrl;

use super::{render::base, site};

/// A rendered page.
pub struct Document {
    pub html: String,
    /// What its scripts carry and its policy allows.
    pub nonce: String,
    pub status: StatusCode,
}

/// Renders the page of a path (with its query).
pub async fn document(start: Start, client: Client, path: &str) -> Document {
    let shared = Arc::new(SsrSharedContext::new());
    let owner = Owner::new_root(Some(shared.clone()));
    let url = RequestUrl::new(&format!("http://localhost{path}"));
    let rendered = owner.with(|| ScopedFuture::new_untracked(rendered(shared, start, client, url)));
    let document = rendered.await;
    owner.unset_with_forced_cleanup();
    document
}

async fn rendered(shared: Arc<SsrSharedContext>, start: Start, client: Client, url: RequestUrl) -> Document {
    let (meta, head) = ServerMetaContext::new();
    let (status, chunks) = (Arc::new(AtomicU16::new(200)), PrefetchLazyFn::default());
    let set = status.clone();
    provide_context(url);
    provide_context(meta);
    provide_nonce();
    provide_context(start.clone());
    provide_context(client);
    provide_context(Status(Arc::new(move |code| set.store(code, Ordering::Relaxed))));
    provide_context(chunks.clone());
    let nonce = use_nonce().map(|n| n.to_string()).unwrap_or_default();

    let body: String = shell(start).to_html_stream_in_order().collect().await;
    let scripts = shared.pending_data().unwrap_or_else(|| Box::pin(stream::empty()));
    while let Some(pending) = shared.await_deferred() {
        pending.await;
    }
    preload(&chunks);
    let script = |data: String| format!("<script nonce=\"{nonce}\">{data}</script>");
    let whole = Box::pin(stream::once(future::ready(body)).chain(scripts.map(script)));
    let html = head.inject_meta_context(whole).await.collect().await;
    let status = StatusCode::from_u16(status.load(Ordering::Relaxed)).unwrap_or(StatusCode::NOT_FOUND);
    Document { html, nonce, status }
}

/// Names in the head what the lazy parts of the page need, so that it is fetched beside the rest.
fn preload(used: &PrefetchLazyFn) {
    let Some(used) = used.0.try_read_value() else { return };
    let chunks: Vec<&str> =
        site::files().prefetch.iter().filter(|(part, _)| used.contains(part)).flat_map(|(_, chunks)| *chunks).copied().collect();
    for chunk in &chunks {
        let href = format!("{}/{chunk}.wasm", base());
        // Rendering is what hands it to the head.
        let _ = view! { <Link rel="preload" href=href as_="fetch" type_="application/wasm" crossorigin="anonymous" /> }.to_html();
    }
    if !chunks.is_empty() {
        let _ = view! { <Link rel="modulepreload" href=format!("{}/split.js", base()) crossorigin="anonymous" /> }.to_html();
    }
}
