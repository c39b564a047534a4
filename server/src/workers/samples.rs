//! Looks at all running containers of this machine each ten seconds, by the kernel's files, and writes what they used down by the minute.
//! The engine is asked nothing.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::WorkerError;
use crate::{
    app::App,
    clock::Millis,
    fleet::model::is_running,
    metrics::{Minute, Purpose, STEP},
    store::{StoreError, sample::SampleRow},
};

/// How long samples are kept.
pub const KEEP: Millis = 2 * 60 * 60 * 1000;
/// Minutes that wait for a database that does not take them; more are lost.
const WAITING: usize = 20_000;

/// What a round needs.
pub struct Samples {
    app: App,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<SampleRow>,
    /// Steps taken so far.
    steps: u64,
    /// Of the last step.
    containers: usize,
    took_micros: u64,
    kept: u64,
    /// Not kept: refused by the database, or by a disk that is nearly full.
    lost: u64,
    is_full: bool,
    /// Since the start something was written: what is there of a minute is the own.
    is_own: bool,
}

impl Samples {
    pub fn new(app: App) -> Self {
        Self { app, state: Mutex::default() }
    }

    /// Waits for the next step of the clock and takes it; at the end, writes what is there.
    pub async fn round(&self, closing: CancellationToken) -> Result<Value, WorkerError> {
        let now = self.app.clock().now();
        let until = Duration::from_millis((STEP - now.rem_euclid(STEP)).unsigned_abs());
        tokio::select! {
            biased;
            () = closing.cancelled() => {
                let rest = self.app.usage().recent().take();
                self.write(rest).await?;
                Ok(json!({}))
            }
            () = tokio::time::sleep(until) => self.step().await,
        }
    }

    /// Looks at every running container, and writes the minutes that are over.
    pub async fn step(&self) -> Result<Value, WorkerError> {
        let (app, now) = (self.app.clone(), self.app.clock().now());
        // Files of the kernel are quick, but they are files.
        let looked = tokio::task::spawn_blocking(move || look(&app, now)).await.map_err(|_| WorkerError::Panicked)?;
        {
            let mut state = self.state.lock().await;
            (state.containers, state.took_micros) = looked;
            state.steps += 1;
        }
        let over = self.app.usage().recent().take_before(now);
        if !over.is_empty() {
            self.write(over).await?;
        }
        let s = self.state.lock().await;
        Ok(
            json!({ "containers": s.containers, "took_us": s.took_micros, "steps": s.steps, "minutes_kept": s.kept, "minutes_lost": s.lost }),
        )
    }

    async fn write(&self, minutes: Vec<((String, String), Millis, Minute)>) -> Result<(), StoreError> {
        let store = self.app.store();
        let mut state = self.state.lock().await;
        let state = &mut *state;
        let mut minutes = minutes;
        if !std::mem::replace(&mut state.is_own, true) {
            // The process before this one may have written the first part of a minute.
            for minute in minutes.iter().map(|(_, minute, _)| *minute).collect::<HashSet<_>>() {
                for row in store.samples_at(minute).await? {
                    let Ok(held) = serde_json::from_str::<Minute>(&row.points) else { continue };
                    if let Some((.., own)) =
                        minutes.iter_mut().find(|((host, id), m, _)| *m == minute && *host == row.host_id && *id == row.object_id)
                    {
                        own.fill(held);
                    }
                }
            }
        }
        state.waiting.extend(minutes.into_iter().map(|((host_id, object_id), minute, held)| SampleRow {
            host_id,
            object_id,
            minute,
            points: serde_json::to_string(&held).expect("numbers are plain data"),
        }));
        if store.is_nearly_full() {
            // What can be missed makes room for what can't.
            state.lost += state.waiting.drain(..).count() as u64;
            if !std::mem::replace(&mut state.is_full, true) {
                tracing::warn!("the disk is nearly full: what containers use is not kept until there is room");
            }
            return Ok(());
        }
        state.is_full = false;
        if let Err(error) = store.keep_samples(state.waiting.clone(), self.app.clock().now() - KEEP).await {
            let over = state.waiting.len().saturating_sub(WAITING);
            state.lost += state.waiting.drain(..over).count() as u64;
            return Err(error);
        }
        state.kept += state.waiting.drain(..).count() as u64;
        Ok(())
    }
}

/// How many containers were looked at, and in how many microseconds.
fn look(app: &App, now: Millis) -> (usize, u64) {
    let sampler = app.usage().sampler();
    if !sampler.reads() {
        return (0, 0);
    }
    let began = std::time::Instant::now();
    let snapshot = app.fleet().snapshot();
    let local = || snapshot.hosts.iter().filter(|h| h.is_local()).flat_map(|h| h.containers.iter().map(move |c| (h, c)));
    let running = || local().filter(|(_, c)| is_running(c.state));
    let all: HashSet<&str> = running().map(|(_, c)| c.id.as_str()).collect();
    let found = sampler.look(all.iter().copied(), Purpose::Tier);
    let mut recent = app.usage().recent();
    for (host, container) in running() {
        if let Some(figures) = found.get(container.id.as_str()) {
            recent.push((host.id.clone(), container.id.clone()), now, figures);
        }
    }
    drop(recent);
    sampler.retain(|id| all.contains(id));
    (found.len(), began.elapsed().as_micros() as u64)
}
