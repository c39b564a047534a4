//! Subscriptions of logs: what is asked for is checked, each container looked up for the person (which authorises), and followed by a task of
//! its own that writes into the subscription's ring.

mod follower;

use std::sync::Arc;

use app::api::{
    container::ContainerRef,
    live::MAX_LOGS,
    log_frame::{Entry, Mark, Stream},
};
use axum::http::StatusCode;
use tokio::task::JoinSet;

use self::follower::Follower;
use super::{
    frames::Refused,
    listener::Listener,
    subscription::{Logs, Ring},
};
use crate::{
    api::auth::Auth,
    app::App,
    auth::{permission::container, subject::ContainerKey},
    clock::nanos::{self, Nanos},
    fleet::engine::{LogRange, MAX_TAIL},
};

/// Lines of each container to begin with.
const DEFAULT_TAIL: u32 = 100;

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub containers: Vec<ContainerRef>,
    pub tail: Option<u32>,
    pub since: Option<String>,
}

impl Asked {
    fn range(&self) -> Result<LogRange, Refused> {
        let bad = |detail: String| Err(Refused { code: "bad_topic", detail });
        if self.containers.is_empty() || self.containers.len() > MAX_LOGS {
            return bad(format!("containers: 1 to {MAX_LOGS} of them."));
        }
        if self.tail.is_some_and(|n| n > MAX_TAIL) {
            return bad(format!("tail: 0 to {MAX_TAIL} lines."));
        }
        let since = match self.since.as_deref().map(nanos::parse) {
            None => None,
            Some(Some(at)) => Some(at),
            Some(None) => return bad("since: RFC 3339 or seconds since 1970.".to_owned()),
        };
        let tail = self.tail.or_else(|| since.is_none().then_some(DEFAULT_TAIL));
        Ok(LogRange { since, until: None, tail, follow: true })
    }
}

/// Begins to follow. What the person may not read is not there; where nothing is, there is no subscription.
pub async fn subscribe(app: &App, listener: &Listener, sub: u32, asked: Asked, credit: u32) -> Result<(), Refused> {
    let range = asked.range()?;
    let ring = Arc::new(listener.ring(sub, credit)?);
    let auth = Auth::<container::Read>::of(app.clone(), listener.with_sight(|s| Arc::clone(s.actor())));
    let among = asked.containers.len();
    let (mut followers, mut missing, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
    for (index, ContainerRef { host_id, id }) in (0_u8..).zip(asked.containers) {
        match auth.subject(&ContainerKey { id, host_id: Some(host_id) }).await {
            Ok((permitted, subject)) => {
                let place = app.followed().enter(auth.actor.user_id());
                let place = place.map_err(|problem| Refused { code: problem.code(), detail: problem.detail().to_owned() })?;
                subjects.push(subject.clone());
                followers.push(Follower { app: app.clone(), ring: Arc::clone(&ring), index, among, permitted, subject, _place: place });
            }
            Err(problem) if problem.status() == StatusCode::NOT_FOUND => missing.push(index),
            Err(problem) => return Err(Refused { code: problem.code(), detail: problem.detail().to_owned() }),
        }
    }
    if followers.is_empty() {
        return Err(Refused { code: "not_found", detail: "There is no such container.".to_owned() });
    }
    for index in missing {
        mark(app, &ring, index, now(app), &Mark::NotFound);
    }
    let mut readers = JoinSet::new();
    for follower in followers {
        readers.spawn(follower.run(range));
    }
    Ok(listener.subscribe_logs(Logs::new(ring, subjects, readers))?)
}

fn now(app: &App) -> Nanos {
    app.clock().now().unsigned_abs() * 1_000_000
}

/// Says what became of a container, among its lines.
fn mark(app: &App, ring: &Ring, container: u8, at: Nanos, mark: &Mark) {
    let word = mark.word();
    ring.pen(app.hub().now()).line(&Entry { container, stream: Stream::Mark, at, cut: 0, text: word.as_bytes() });
}
