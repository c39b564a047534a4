//! What is only fetched by the browser: logs, events.

use leptos::prelude::*;

use crate::api::problem::Failure;

/// What has come, if anything has yet.
pub type Fetched<T> = RwSignal<Option<Result<T, Failure>>>;

/// Something fetched once the page lives, and again when asked.
pub fn fetched<T, Fut>(fetch: impl Fn() -> Fut + Copy + Send + Sync + 'static) -> (Fetched<T>, Callback<()>)
where
    T: Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Failure>> + 'static,
{
    let got = RwSignal::new(None);
    let again = Callback::new(move |()| {
        let coming = fetch();
        leptos::task::spawn_local(async move {
            let result = coming.await;
            // The page may have been left meanwhile.
            let _ = got.try_set(Some(result));
        });
    });
    // Effects run a moment later: the page may have been left by then.
    Effect::new(move |_| {
        let _ = again.try_run(());
    });
    (got, again)
}
