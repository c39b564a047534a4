//! Fetching anew at each change, one fetch at a time.

use leptos::{prelude::*, task::spawn_local};

/// Runs `fetch` when called, and once more after it where it was called meanwhile: no change is missed, no answer overtakes another, and a
/// storm of changes is no storm of requests.
pub fn in_turn<Fut>(fetch: impl Fn() -> Fut + Copy + Send + Sync + 'static) -> Callback<()>
where
    Fut: Future<Output = ()> + 'static,
{
    let (busy, again) = (StoredValue::new(false), StoredValue::new(false));
    Callback::new(move |()| {
        if busy.try_update_value(|busy| std::mem::replace(busy, true)).unwrap_or(true) {
            let _ = again.try_set_value(true);
            return;
        }
        spawn_local(async move {
            loop {
                untrack(fetch).await;
                // The page may have been left meanwhile.
                if !again.try_update_value(std::mem::take).unwrap_or(false) {
                    break;
                }
            }
            let _ = busy.try_set_value(false);
        });
    })
}
