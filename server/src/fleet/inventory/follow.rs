//! The task of one engine: lists, follows events, inspects what changed. It runs while the engine is reachable.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt, future::FusedFuture, stream::FuturesUnordered};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use super::{
    host::Host,
    introduction,
    reads::{Inspected, Wanted},
};
use crate::fleet::events::{
    stream::{Stream, Word},
    wire,
};

/// How many containers of one engine are inspected at once.
const AT_ONCE: usize = 8;
/// How many results of inspections are published together.
const TOGETHER: usize = 64;
/// The engine is asked again about itself this long after what it said may have changed.
const INTRODUCE_AFTER: Duration = Duration::from_secs(5);

/// Follows an engine until the task is ended. `background` bounds the inspections of the whole fleet that nobody waits for.
pub async fn follow(host: Arc<Host>, background: Arc<Semaphore>) {
    let mut reachable = host.reachability();
    while reachable.wait_for(|r| *r).await.is_ok() {
        tokio::select! {
            () = session(&host, &background) => {}
            _ = reachable.wait_for(|r| !*r) => {}
        }
        host.forget_wanted();
    }
}

/// While the engine is reachable. Ends only by being dropped.
async fn session(host: &Host, background: &Semaphore) {
    let far = || Instant::now() + Duration::from_hours(24 * 365);
    let timings = &host.timings;
    let mut events = Stream::new(host);
    // How often the stream was opened, now and when the last list began.
    let (mut openings, mut listed_in) = (0_u64, 0_u64);
    // Whether events have been followed without a gap since the last list.
    let mut whole = false;
    let mut following = true;
    let mut inspections = FuturesUnordered::new();
    let list = || async {
        let read = host.begin_read();
        (read, host.list().await)
    };
    let mut listing = pin!(list().fuse());
    let mut introducing = pin!(introduction::ask(host).fuse());
    let mut listed_at = Instant::now();
    let mut next_list = far();
    let mut slow_at = Instant::now() + timings.slow_list;
    let mut introduce_at = far();
    loop {
        while inspections.len() < AT_ONCE
            && let Some(wanted) = host.next_wanted()
        {
            inspections.push(inspect(host, wanted, background));
        }
        tokio::select! {
            word = events.next() => match word {
                Word::Line(line) => match wire::parse(&line) {
                    Ok(heard) => {
                        if matches!(heard.kind.as_str(), "image" | "daemon") {
                            introduce_at = introduce_at.min(Instant::now() + INTRODUCE_AFTER);
                        }
                        host.hears(heard);
                    }
                    Err(fault) => tracing::debug!(host = host.id, %fault, "an event was not understood"),
                },
                Word::Opening => {
                    openings += 1;
                    whole = false;
                    // What happened while nobody followed shows in a list, once the stream has stood for a moment.
                    if openings > 1 && listing.is_terminated() {
                        next_list = (listed_at + timings.poll_every).min(Instant::now() + timings.reopen_after);
                    }
                }
                Word::Broken(fault) => {
                    if following {
                        tracing::info!(host = host.id, %fault, "events broke off");
                    }
                    (following, whole) = (false, false);
                    if listing.is_terminated() {
                        next_list = listed_at + timings.poll_every;
                    }
                }
            },
            Some(first) = inspections.next() => {
                let mut done = vec![first];
                while done.len() < TOGETHER && let Some(Some(next)) = inspections.next().now_or_never() {
                    done.push(next);
                }
                host.inspected(done);
            }
            (read, outcome) = &mut listing => {
                match outcome {
                    Ok(containers) => {
                        host.listed(read, containers, whole);
                        following = events.alive();
                        whole = following && openings <= listed_in.max(1);
                    }
                    Err(fault) => {
                        tracing::info!(host = host.id, %fault, "the list of containers could not be had");
                        drop(read);
                        host.list_is_slow();
                        whole = false;
                    }
                }
                listed_at = Instant::now();
                // Each host in its own turn: hundreds of engines are not listed in one burst.
                let resync = timings.resync_every * 3 / 4 + host.turn(timings.resync_every / 2);
                next_list = listed_at + if whole { resync } else { timings.poll_every };
                slow_at = far();
            }
            outcome = &mut introducing => match outcome {
                Ok(engine) => host.introduces(engine),
                Err(fault) => {
                    tracing::info!(host = host.id, %fault, "the engine did not say what it is");
                    introduce_at = Instant::now() + timings.resync_every;
                }
            },
            () = sleep_until(slow_at) => {
                slow_at = far();
                host.list_is_slow();
            }
            () = sleep_until(next_list) => {
                listed_in = openings;
                listing.set(list().fuse());
                (next_list, slow_at) = (far(), Instant::now() + timings.slow_list);
            }
            () = sleep_until(introduce_at) => {
                introduce_at = far();
                if introducing.is_terminated() {
                    introducing.set(introduction::ask(host).fuse());
                }
            }
            () = host.wake.notified() => {}
        }
    }
}

async fn inspect<'a>(host: &'a Host, wanted: Wanted, background: &Semaphore) -> Inspected<'a> {
    let _turn = if wanted.urgent { None } else { background.acquire().await.ok() };
    let read = host.begin_read();
    let outcome = host.inspect(&wanted.id).await;
    Inspected { id: wanted.id, read, outcome }
}
