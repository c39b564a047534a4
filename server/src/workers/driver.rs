//! Runs each worker in a task of its own until the console closes.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Board, WorkerError};
use crate::clock::Clock;

/// One round: what it did, as JSON.
pub type Round = Pin<Box<dyn Future<Output = Result<Value, WorkerError>> + Send>>;

/// A background task.
pub struct Worker {
    /// `rights`, `cleanup` …
    pub name: &'static str,
    /// From one round's end to the next one's begin, unless it is woken.
    pub every: Duration,
    /// Makes a round. What takes long watches the token and ends early.
    pub round: Box<dyn Fn(CancellationToken) -> Round + Send + Sync>,
}

/// The running workers.
pub struct Workers {
    board: Board,
    clock: Clock,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Workers {
    pub fn new(board: Board, clock: Clock) -> Self {
        Self { board, clock, closing: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// Begins a worker with its first round.
    pub fn start(&self, worker: Worker) {
        let (board, clock, closing) = (self.board.clone(), self.clock.clone(), self.closing.clone());
        self.tasks.spawn(drive(Arc::new(worker), board, clock, closing));
    }

    /// Lets the rounds under way end, and begins no others.
    pub async fn stop(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn drive(worker: Arc<Worker>, board: Board, clock: Clock, closing: CancellationToken) {
    let signal = board.signal(worker.name);
    loop {
        let began = clock.now();
        board.update(worker.name, |s| {
            s.running = true;
            s.last_began_at = Some(began);
        });
        // In a task of its own, so that a panic ends the round and not the worker.
        let outcome = tokio::spawn((worker.round)(closing.clone())).await.unwrap_or(Err(WorkerError::Panicked));
        let took = clock.now() - began;
        if let Err(error) = &outcome {
            tracing::warn!(worker = worker.name, %error, "a round failed");
        }
        board.update(worker.name, |s| {
            s.running = false;
            s.rounds += 1;
            s.last_took_ms = Some(took);
            match outcome {
                Ok(report) => {
                    s.report = report;
                    s.last_error = None;
                }
                Err(error) => {
                    s.failures += 1;
                    s.last_error = Some(error.to_string());
                }
            }
        });
        tokio::select! {
            () = closing.cancelled() => return,
            () = signal.notified() => {}
            () = tokio::time::sleep(worker.every) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn worker(every: Duration, rounds: &Arc<AtomicU32>) -> Worker {
        let rounds = rounds.clone();
        let round = move |_| -> Round {
            let n = rounds.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(async move {
                match n {
                    2 => Err(WorkerError::Store(crate::store::StoreError::Full)),
                    3 => panic!("a round that panics"),
                    n => Ok(serde_json::json!({ "n": n })),
                }
            })
        };
        Worker { name: "test", every, round: Box::new(round) }
    }

    async fn until(board: &Board, rounds: u64) -> super::super::Status {
        tokio::time::timeout(Duration::from_hours(1), async {
            loop {
                if let Some((_, status)) = board.statuses().into_iter().find(|(_, s)| s.rounds >= rounds) {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the round comes")
    }

    #[tokio::test(start_paused = true)]
    async fn rounds_come_by_time_and_survive_failures() {
        let (board, rounds) = (Board::default(), Arc::new(AtomicU32::new(0)));
        let workers = Workers::new(board.clone(), Clock::manual(7));
        workers.start(worker(Duration::from_mins(1), &rounds));
        let first = until(&board, 1).await;
        assert_eq!((first.report, first.last_began_at, first.last_error), (serde_json::json!({"n": 1}), Some(7), None));
        assert_eq!(until(&board, 2).await.last_error.as_deref(), Some("the disk that holds the database is full"));
        assert_eq!(until(&board, 3).await.last_error.as_deref(), Some("the round panicked"));
        let fourth = until(&board, 4).await;
        assert_eq!((fourth.failures, fourth.last_error, fourth.report), (2, None, serde_json::json!({"n": 4})));
        workers.stop().await;
        assert_eq!(rounds.load(Ordering::SeqCst), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_wakes_before_its_time() {
        let (board, rounds) = (Board::default(), Arc::new(AtomicU32::new(3)));
        let workers = Workers::new(board.clone(), Clock::manual(0));
        workers.start(worker(Duration::from_hours(1000), &rounds));
        until(&board, 1).await;
        board.wake("test");
        assert_eq!(until(&board, 2).await.report, serde_json::json!({"n": 5}));
        workers.stop().await;
    }
}
