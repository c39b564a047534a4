//! What engines say of containers that no files tell of: a stream each, as long as somebody watches.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::api::stats::Figures;
use futures_util::StreamExt as _;
use tokio::{task::JoinHandle, time::Instant};

use super::{Key, WantedContainer};
use crate::fleet::Fleet;

/// Streams of all engines, at most: each holds a connection.
const MOST: usize = 1_000;
/// Figures older than this are not those of now.
const FRESH: Duration = Duration::from_secs(10);
/// After a stream has ended by itself.
const AGAIN: Duration = Duration::from_secs(10);

/// The streams that run.
#[derive(Debug, Default)]
pub struct Streams(HashMap<Key, Following>);

type Latest = Arc<Mutex<Option<(Instant, Figures)>>>;

#[derive(Debug)]
struct Following {
    latest: Latest,
    began: Instant,
    task: JoinHandle<()>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Streams {
    /// Follows these, and no others any more.
    pub fn follow<'a>(&mut self, fleet: &Fleet, wanted: impl Iterator<Item = (&'a Key, &'a WantedContainer)>) {
        let wanted: Vec<_> = wanted.collect();
        let keys: HashSet<&Key> = wanted.iter().map(|(key, _)| *key).collect();
        self.0.retain(|key, following| keys.contains(key) && !(following.task.is_finished() && following.began.elapsed() >= AGAIN));
        for (key, container) in wanted {
            if self.0.contains_key(key) || self.0.len() >= MOST {
                continue;
            }
            let Some(engine) = fleet.engine(&key.0) else { continue };
            let latest = Latest::default();
            let (told, permitted, id) = (Arc::clone(&latest), container.permitted.clone(), key.1.clone());
            let task = tokio::spawn(async move {
                // An engine that does not answer is told of elsewhere.
                let Ok(stream) = engine.usage_follow(&permitted, &id).await else { return };
                let mut stream = pin!(stream);
                while let Some(Ok(figures)) = stream.next().await {
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), figures));
                }
            });
            self.0.insert(key.clone(), Following { latest, began: Instant::now(), task });
        }
    }

    /// What an engine last said of a container, if that is not long ago.
    pub fn latest(&self, key: &Key) -> Option<Figures> {
        let latest = self.0.get(key)?.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.filter(|(at, _)| at.elapsed() < FRESH).map(|(_, figures)| figures)
    }
}
