//! The request at hand: its id, for problems, the trail and the log; and whether it has touched anything yet.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

tokio::task_local! {
    static REQUEST: Request;
}

#[derive(Clone, Default)]
struct Request {
    id: String,
    touched: Arc<AtomicBool>,
}

/// Runs a future as a request of its own.
pub async fn scope<F: Future>(id: String, f: F) -> F::Output {
    REQUEST.scope(Request { id, touched: Arc::default() }, f).await
}

/// The id of the request at hand; empty outside of one.
pub fn current() -> String {
    REQUEST.try_with(|r| r.id.clone()).unwrap_or_default()
}

/// Runs a future elsewhere as a part of the request at hand.
pub fn carry<F: Future>(f: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(REQUEST.try_with(Clone::clone).unwrap_or_default(), f)
}

/// Says that the request has begun to change something: what it does can't be taken for undone from here on.
pub fn touch() {
    // Outside of a request nobody asks.
    let _ = REQUEST.try_with(|r| r.touched.store(true, Ordering::SeqCst));
}

/// Whether the request at hand has begun to change something. Where that can't be told, it has.
pub fn touched() -> bool {
    REQUEST.try_with(|r| r.touched.load(Ordering::SeqCst)).unwrap_or(true)
}
