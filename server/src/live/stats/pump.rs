//! Makes the rounds, while somebody watches. With nobody watching it sleeps, and no engine is asked anything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Key, Round, Seen, Wanted, WantedContainer, streams::Streams};
use crate::{
    fleet::{Fleet, model::is_running},
    live::Hub,
    metrics::{Purpose, Usage},
};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(2);
/// Between two rounds at least, however often somebody begins to watch.
const LEAST: Duration = Duration::from_millis(300);
/// How often a sleeper looks whether there still is a fleet.
const SLEEP: Duration = Duration::from_mins(1);

/// Runs until the fleet is gone.
pub async fn run(hub: Hub, engines: Weak<Fleet>, usage: Usage) {
    let mut streams = Streams::default();
    loop {
        let Some(fleet) = engines.upgrade() else { return };
        let began = Instant::now();
        let snapshot = fleet.snapshot();
        let mut all = Wanted { snapshot: &snapshot, now: hub.clock().now(), containers: HashMap::new(), is_watched: false };
        hub.each(|listener| listener.wanted(&mut all));
        let (mut wanted, is_watched) = (all.containers, all.is_watched);
        wanted.retain(|_, c| is_running(c.entry.state));
        let round = look(&hub, &fleet, &usage, wanted, &mut streams).await;
        drop(fleet);
        if !is_watched {
            // Whether it was told or has slept long enough, it looks again.
            let _ = timeout(SLEEP, hub.watched().notified()).await;
            continue;
        }
        let round = Arc::new(round);
        hub.each(|listener| listener.tell(&round));
        tokio::select! {
            () = sleep_until(began + EVERY) => {}
            () = async { hub.watched().notified().await; sleep(LEAST).await; } => {}
        }
    }
}

/// What these use: by the kernel's files where that goes, else by what their engines say meanwhile.
async fn look(hub: &Hub, fleet: &Arc<Fleet>, usage: &Usage, wanted: HashMap<Key, WantedContainer>, streams: &mut Streams) -> Round {
    let local: HashSet<String> = wanted.values().filter(|c| c.host.is_local()).map(|c| c.entry.id.clone()).collect();
    let by_files = if usage.sampler().reads() && !local.is_empty() {
        let usage = usage.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let found = usage.sampler().look(local.iter().map(String::as_str), Purpose::Live);
            found.into_iter().map(|(id, figures)| (id.to_owned(), figures)).collect::<HashMap<_, _>>()
        });
        looked.await.unwrap_or_default()
    } else {
        HashMap::new()
    };
    let of_files = |c: &WantedContainer| by_files.get(&c.entry.id).filter(|_| c.host.is_local()).copied();
    streams.follow(fleet, wanted.iter().filter(|(_, c)| of_files(c).is_none()));
    let seen = |(key, c): (Key, WantedContainer)| {
        let figures = of_files(&c).or_else(|| streams.latest(&key))?;
        Some((key, Seen { environment_id: c.host.environment_id.clone(), created_at: c.entry.created_at, figures }))
    };
    Round { at: hub.clock().now(), of: wanted.into_iter().filter_map(seen).collect() }
}
