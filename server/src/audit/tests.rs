//! The trail as a story: what is begun has one outcome, also over the end of a process, and the chain has no gap.

use std::sync::Arc;

use super::{
    Change, Intent, Outcome, Trail,
    intent::disown,
    verify::{Verdict, verify},
};
use crate::{
    auth::{
        Actor, ObjectScope, Permitted, Visible,
        permission::{Permission as _, audit, container},
        permitted::{Denied, ObjectRef},
    },
    clock::Clock,
    store::{
        Store,
        audit::{AuditFilter, AuditRow},
        tests::on_both,
    },
};

fn object() -> ObjectRef {
    ObjectRef {
        kind: "container",
        id: "c1".into(),
        name: "settle.3".into(),
        host_id: Some("h1".into()),
        host_name: Some("sh1-app-03".into()),
        scope: ObjectScope { project: Some("payments".into()), environment: Some("prod".into()) },
    }
}

fn permitted() -> Permitted<container::Operate> {
    Permitted::check(Arc::new(Actor::command_line()), object(), 0, "r1").expect("the command line may")
}

async fn page(store: &Store) -> Vec<AuditRow> {
    let filter = AuditFilter { limit: 100, ..AuditFilter::default() };
    store.audit_page(&Visible::<audit::Read>::of(&Actor::system("test")), &filter).await.expect("read")
}

async fn begin(trail: &Trail) -> Intent<container::Operate> {
    permitted().begin(trail, Change { reason: "CHG-88213".into(), ..Change::new("restart") }).await.expect("written")
}

#[tokio::test]
async fn an_intent_has_one_outcome_and_says_who_did_what_to_what() {
    on_both(|store| async move {
        let trail = Trail::new(store.clone(), Clock::manual(1_000));
        let mut written = trail.written();
        let intent = begin(&trail).await;
        let open = page(&store).await;
        assert_eq!(open[0].final_outcome, "open");
        intent.finish(Outcome::Failed("no such container".into())).await;
        let rows = page(&store).await;
        assert_eq!(rows.len(), 1, "intent and outcome read as one");
        let r = &rows[0].record;
        assert_eq!(
            (r.actor_kind.as_str(), r.permission.as_str(), r.action.as_str()),
            ("command_line", container::Operate::NAME, "restart")
        );
        assert_eq!((r.object_name.as_str(), r.host_name.as_deref()), ("settle.3", Some("sh1-app-03")));
        assert_eq!((r.project_id.as_deref(), r.environment_id.as_deref()), (Some("payments"), Some("prod")));
        assert_eq!((r.request_id.as_str(), r.reason.as_str(), r.by_right.as_str()), ("r1", "CHG-88213", "command-line @ platform"));
        assert_eq!((rows[0].final_outcome.as_str(), rows[0].final_detail.as_str()), ("failed", "no such container"));
        assert_eq!(written.recv().await.expect("told").draft.id, r.id);
        assert_eq!(written.recv().await.expect("told of the outcome").draft.intent_id.as_ref(), Some(&r.id));
    })
    .await;
}

#[tokio::test]
async fn what_a_process_left_open_is_closed_by_the_next_one_once() {
    on_both(|store| async move {
        let first = Trail::new(store.clone(), Clock::manual(1_000));
        let open = begin(&first).await;
        let done = begin(&first).await;
        done.finish(Outcome::Done).await;
        // The process ends here: the intent is dropped without an outcome.
        drop((open, first));
        let next = Trail::new(store.clone(), Clock::manual(2_000));
        let abandoned = store.abandoned_intents(next.runner()).await.expect("read");
        assert_eq!(abandoned.iter().map(|o| (o.action.as_str(), o.object_id.as_str())).collect::<Vec<_>>(), [("restart", "c1")]);
        next.close_abandoned(&abandoned[0], Outcome::Unknown("the container is gone".into())).await.expect("closed");
        assert_eq!(store.abandoned_intents(next.runner()).await.expect("read"), []);
        assert_eq!(page(&store).await.iter().map(|r| r.final_outcome.clone()).collect::<Vec<_>>(), ["done", "unknown"]);
        assert!(matches!(verify(&store, &[]).await.expect("checked"), Verdict::Whole { records: 4, .. }));
    })
    .await;
}

#[tokio::test]
async fn refusals_are_records_and_what_nobody_did_is_counted() {
    on_both(|store| async move {
        let clock = Clock::manual(600_000);
        let trail = Trail::new(store.clone(), clock.clone());
        let denied = Denied::Lacking { permission: container::Operate::NAME };
        trail.refused(&Actor::command_line(), container::Operate::NAME, "restart", &object(), &denied, "r2").await;
        trail.settle().await;
        for _ in 0..17 {
            trail.count("10.9.9.31", "session.create", "sign_in", "wrong_password");
        }
        trail.flush_counts(false).await.expect("nothing is due");
        assert_eq!(page(&store).await.len(), 1);
        clock.advance(60_000);
        trail.flush_counts(false).await.expect("written");
        trail.flush_counts(false).await.expect("nothing left");
        let rows = page(&store).await;
        assert_eq!(
            rows.iter().map(|r| (r.record.kind.as_str(), r.record.count, r.record.address.as_str())).collect::<Vec<_>>(),
            [("counted", Some(17), "10.9.9.31"), ("refused", None, "")]
        );
        assert_eq!(rows[1].final_detail, "container.operate is needed for this");
    })
    .await;
}

/// Its commit came through and the answer to it was lost, or it did not come through at all: who asked was told no, and nothing was begun.
#[tokio::test]
async fn an_intent_that_was_not_confirmed_is_closed_where_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    let trail = Trail::new(store.clone(), Clock::manual(1_000));
    let landed = begin(&trail).await;
    let row = page(&store).await.remove(0);
    disown(trail.clone(), row.record.draft()).await;
    let rows = page(&store).await;
    assert_eq!(rows.iter().map(|r| r.final_outcome.as_str()).collect::<Vec<_>>(), ["not_done"]);
    assert_eq!(store.abandoned_intents("another").await.expect("read"), []);
    // Never landed: nothing is told of it.
    let never = crate::store::Draft { id: "never".into(), ..row.record.draft() };
    disown(trail, never).await;
    assert_eq!(page(&store).await, rows);
    assert!(matches!(verify(&store, &[]).await.expect("checked"), Verdict::Whole { records: 2, .. }));
    drop(landed);
}
