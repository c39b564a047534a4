//! A console that ends between an intent and its outcome, at the worst moment: the next one says truthfully what came of it.

use std::{future::Future, path::Path, thread::JoinHandle};

use tokio::{runtime::Builder, sync::oneshot};

use super::{
    console::Console,
    fake::{follow, id, listed, until},
};
use crate::{
    auth::{Actor, Visible},
    clock::Clock,
    fleet::{
        Endpoint, HostConfig,
        fake::{Fake, FakeContainer, Trouble},
    },
    store::{Store, audit::AuditFilter, host::HostRow, tests::record},
    workers::intents::Intents,
};

const NOW: i64 = 1_800_000_000_000;

/// A console in a runtime of its own, which does some work; all of it ends with the runtime, like a process that is killed.
pub(super) struct Life {
    kill: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Life {
    pub fn begin<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) -> Self {
        let (kill, killed) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = work() => panic!("it was to be killed before its work is done"),
                    killed = killed => killed.expect("killed"),
                }
            });
            runtime.shutdown_background();
        });
        Self { kill, thread }
    }

    pub fn kill(self) {
        self.kill.send(()).expect("it lives");
        self.thread.join().expect("it was killed");
    }
}

async fn ask_for_a_stop(dir: &Path, endpoint: Endpoint) {
    let console = Console::in_dir(dir, Clock::manual(NOW)).await;
    let host = HostRow { id: "h0".into(), name: "host-0".into(), endpoint: String::new(), environment_id: None, created_at: 0 };
    console.app.store().create_host(host, record("add")).await.expect("made");
    console.app.fleet().add(HostConfig { id: "h0".into(), name: "host-0".into(), environment_id: None, endpoint });
    console.person("ops-c", Some("operator")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    visitor.json("POST", &format!("/api/v1/containers/{}/stop", id(1)), None).await;
}

async fn outcomes(store: &Store) -> Vec<(String, String)> {
    let filter = AuditFilter { limit: 100, object_id: Some(id(1)), ..AuditFilter::default() };
    let rows = store.audit_page(&Visible::of(&Actor::command_line()), &filter).await.expect("read");
    rows.into_iter().map(|r| (r.record.action, r.final_outcome)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_kill_leaves_between_intent_and_effect_is_closed_as_the_engine_has_it() {
    // The engine never does it; it does it and says nothing.
    for (trouble, expected) in [(Trouble::Silent, "not_done"), (Trouble::Late, "done")] {
        let (dir, fake) = (tempfile::tempdir().expect("a directory"), Fake::start());
        fake.world().add(FakeContainer::running(&id(1), "web"));
        fake.trouble("/stop", trouble);
        let (at, endpoint) = (dir.path().to_owned(), fake.endpoint());
        let life = Life::begin(|| async move { ask_for_a_stop(&at, endpoint).await });
        let beside = Store::open(None, dir.path()).await.expect("opens");
        let is_open = async || beside.abandoned_intents("nobody").await.is_ok_and(|open| !open.is_empty());
        until("the intent is durable", is_open).await;
        let is_sent = async || trouble == Trouble::Silent || fake.world().count("/stop") == 1;
        until("it is sent", is_sent).await;
        life.kill();
        assert_eq!(outcomes(&beside).await, [("stop".to_owned(), "open".to_owned())], "{trouble:?}");
        drop(beside);
        // Whoever waited for the engine is gone, and so is what it had not begun.
        fake.down();
        fake.up();
        fake.trouble("/stop", Trouble::None);

        let clock = Clock::manual(NOW + 5_000);
        let next = Console::in_dir(dir.path(), clock.clone()).await;
        follow(&next, &[&fake]);
        until("the engine is known", async || next.app.fleet().snapshot().hosts.iter().any(|h| h.fresh_at.is_some())).await;
        let intents = Intents::new(next.app.clone());
        intents.round().await.expect("a round");
        if expected == "not_done" {
            assert_eq!(outcomes(next.app.store()).await[0].1, "open", "what was sent may still be under way");
            clock.advance(60_000);
            intents.round().await.expect("a round");
        }
        assert_eq!(outcomes(next.app.store()).await, [("stop".to_owned(), expected.to_owned())], "{trouble:?}");
        let is_running = fake.world().containers[&id(1)].state == "running";
        assert_eq!(is_running, expected == "not_done", "{trouble:?}: and so it is");
        assert!(next.app.store().abandoned_intents("nobody").await.expect("read").is_empty());
        let whole = crate::audit::verify::verify(next.app.store(), &[]).await.expect("checked");
        assert!(whole.is_whole(), "{whole}");
    }
}
