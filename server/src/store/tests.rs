//! The store on both databases: every test here runs on SQLite and on PostgreSQL.

use std::{future::Future, path::Path, sync::atomic::AtomicU32};

use super::{
    Draft, Store, StoreError,
    db::values,
    grant::{Grantee, NewGrant},
    idempotency::{Answer, Key},
    intent::OpenIntent,
    ownership::Ownership,
    user::NewUser,
};
use crate::{
    audit::{
        checkpoint,
        key::MasterKey,
        verify::{Damage, Verdict, verify},
    },
    auth::{Actor, Visible, permission, scope::Scope},
    clock::Clock,
    store::{
        audit::AuditFilter,
        event::{EventFilter, EventRow},
    },
};

/// A PostgreSQL database of its own; `make test` starts the server.
async fn postgres_url() -> String {
    use sqlx::{Connection as _, Executor as _};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = std::env::var("ECOS_TEST_POSTGRES_URL")
        .expect("ECOS_TEST_POSTGRES_URL names no PostgreSQL server: `make test` starts one and sets it");
    let name = format!("ecos_{}_{}", std::process::id(), NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let mut c = sqlx::PgConnection::connect(&base).await.expect("PostgreSQL answers");
    c.execute(format!("DROP DATABASE IF EXISTS {name}").as_str()).await.expect("drop");
    c.execute(format!("CREATE DATABASE {name}").as_str()).await.expect("create");
    let (head, _) = base.rsplit_once('/').expect("a URL with a database");
    format!("{head}/{name}")
}

/// Runs a story on both databases.
pub async fn on_both<F: Future<Output = ()>>(story: impl Fn(Store) -> F) {
    let dir = tempfile::tempdir().expect("a directory");
    story(Store::open(None, dir.path()).await.expect("SQLite opens")).await;
    story(Store::open(Some(&postgres_url().await), Path::new("/nonexistent")).await.expect("PostgreSQL opens")).await;
}

pub fn record(action: &str) -> Draft {
    Draft {
        id: uuid::Uuid::now_v7().to_string(),
        at: 1_000,
        kind: "done".into(),
        action: action.into(),
        actor_name: "ops-c".into(),
        outcome: "done".into(),
        ..Draft::default()
    }
}

fn user(name: &str) -> NewUser {
    NewUser { id: uuid::Uuid::now_v7().to_string(), username: name.into(), password_hash: "x".into(), language: None, now: 5 }
}

fn everything<P: crate::auth::Permission>() -> Visible<P> {
    Visible::of(&Actor::system("test"))
}

#[tokio::test]
async fn accounts_differ_by_more_than_case_and_grants_reach_them_by_groups() {
    on_both(|store| async move {
        let ops = user("ops-c");
        store.create_user(ops.clone(), Some("operator"), record("create")).await.expect("made");
        let again = store.create_user(user("OPS-C"), None, record("create")).await;
        assert!(matches!(again, Err(StoreError::Conflict("this username"))), "{again:?}");
        let project = store.create_project("payments", 6, record("create")).await.expect("made");
        // Containers of `pay` would be named as containers of `pay-ments` are.
        for name in ["payments-api", "payments"] {
            assert!(matches!(store.create_project(name, 6, record("create")).await, Err(StoreError::Conflict(_))), "{name}");
        }
        store.create_project("pay", 6, record("create")).await.expect("a beginning without a hyphen behind it");
        let group = store.create_group("night shift", &[&ops.id], 7, record("create")).await.expect("made");
        let v = store.rights_version().await.expect("read");
        let grant = NewGrant {
            to: Grantee::Group(group),
            role: "developer".into(),
            project_id: Some(project.clone()),
            environment_id: None,
            expires_at: Some(100),
            now: 8,
        };
        store.create_grant(grant, record("grant")).await.expect("made");
        assert!(store.rights_version().await.expect("read") > v);
        let roles = |grants: Vec<super::grant::GrantRow>| grants.into_iter().map(|g| (g.role, g.project_name)).collect::<Vec<_>>();
        let expected = [("operator".to_owned(), None), ("developer".to_owned(), Some("payments".to_owned()))];
        assert_eq!(roles(store.grants_of(&ops.id, 50).await.expect("read")), expected);
        assert_eq!(roles(store.grants_of(&ops.id, 100).await.expect("read")), expected[..1]);
    })
    .await;
}

#[tokio::test]
async fn the_set_up_token_makes_one_first_account() {
    on_both(|store| async move {
        store.create_setup_token("h1", 0, 1_000, record("link")).await.expect("kept");
        let wrong = store.set_up("other", user("a1"), record("set_up")).await;
        assert!(matches!(wrong, Err(StoreError::Missing(_))), "{wrong:?}");
        let (one, two) = tokio::join!(store.set_up("h1", user("a1"), record("set_up")), store.set_up("h1", user("a2"), record("set_up")));
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
        store.create_setup_token("h2", 0, 1_000, record("link")).await.expect("kept");
        let second = store.set_up("h2", user("a3"), record("set_up")).await;
        assert!(matches!(second, Err(StoreError::Conflict(_))), "{second:?}");
    })
    .await;
}

#[tokio::test]
async fn the_chain_holds_under_many_writers_and_a_failed_change_leaves_no_record() {
    on_both(|store| async move {
        let writers = (0..100).map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.create_project(&format!("p{}", i % 60), i, record("create")).await.is_ok() })
        });
        let mut made = 0;
        for w in writers.collect::<Vec<_>>() {
            made += i64::from(w.await.expect("no panic"));
        }
        assert_eq!(made, 60);
        assert_eq!(store.audit_head().await.expect("head").0, 60);
        assert_eq!(verify(&store, &[]).await.expect("checked"), Verdict::Whole { records: 60, anchored: None });
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_damage_to_the_chain_is_named() {
    let damages: [(&str, Verdict); 6] = [
        ("UPDATE audit SET actor_name = 'dev-a' WHERE seq = 4", Verdict::Broken { seq: 4, what: Damage::Edited }),
        ("DELETE FROM audit WHERE seq = 5", Verdict::Broken { seq: 5, what: Damage::Removed }),
        (
            "UPDATE audit SET seq = CASE seq WHEN 3 THEN 106 ELSE 103 END WHERE seq IN (3, 6); UPDATE audit SET seq = seq - 100 WHERE seq > 100",
            Verdict::Broken { seq: 3, what: Damage::Reordered },
        ),
        (
            "DELETE FROM audit WHERE seq > 7; UPDATE audit_head SET seq = 7, hash = (SELECT hash FROM audit WHERE seq = 7)",
            Verdict::Broken { seq: 8, what: Damage::Cut { expected: 10 } },
        ),
        // So that the next records would be written over the last ones, or none at all.
        (
            "UPDATE audit_head SET seq = 7, hash = (SELECT hash FROM audit WHERE seq = 7)",
            Verdict::Broken { seq: 8, what: Damage::Headless },
        ),
        ("DELETE FROM audit_head", Verdict::Broken { seq: 1, what: Damage::Headless }),
    ];
    for (damage, expected) in damages {
        on_both(|store| {
            let expected = expected.clone();
            async move {
                let dir = tempfile::tempdir().expect("a directory");
                for _ in 0..10 {
                    store.append_audit(vec![record("restart")]).await.expect("written");
                }
                let given = dir.path().join("key");
                std::fs::write(&given, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("written");
                let key = MasterKey::open(Some(&given), dir.path(), &store, &ring::rand::SystemRandom::new()).await.expect("a key");
                let file = checkpoint::file_in(dir.path());
                let written = checkpoint::write(&store, &key.signer(), &Clock::manual(9), &file).await.expect("written");
                assert_eq!(written.map(|c| c.seq), Some(10));
                let anchors = checkpoint::read(&file, Some(&key.signer().public_key())).expect("signed");
                assert_eq!(verify(&store, &anchors).await.expect("checked"), Verdict::Whole { records: 10, anchored: Some(10) });
                store
                    .state
                    .write
                    .change(move |tx| Box::pin(async move { tx.script(damage).await.map(|()| ((), vec![])) }))
                    .await
                    .expect("damaged");
                assert_eq!(verify(&store, &anchors).await.expect("checked"), expected);
                // A checkpoint that was changed is told from the chain's own damage.
                let forged = std::fs::read_to_string(&file).expect("read").replace("\"seq\":10", "\"seq\":7");
                std::fs::write(&file, forged).expect("written");
                assert!(matches!(checkpoint::read(&file, None), Err(checkpoint::CheckpointError::Forged { line: 1, .. })));
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_chain_written_anew_is_told_by_a_checkpoint() {
    on_both(|store| async move {
        let dir = tempfile::tempdir().expect("a directory");
        for _ in 0..3 {
            store.append_audit(vec![record("restart")]).await.expect("written");
        }
        let (seq, hash) = store.audit_head().await.expect("head");
        let anchor = checkpoint::Checkpoint { seq, hash, at: String::new(), public_key: String::new(), signature: String::new() };
        store
            .state
            .write
            .change(|tx| {
                Box::pin(
                    async move { tx.script("DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = ''").await.map(|()| ((), vec![])) },
                )
            })
            .await
            .expect("emptied");
        for _ in 0..4 {
            store.append_audit(vec![record("stop")]).await.expect("written");
        }
        assert_eq!(verify(&store, &[]).await.expect("checked"), Verdict::Whole { records: 4, anchored: None });
        assert_eq!(verify(&store, &[anchor]).await.expect("checked"), Verdict::Broken { seq: 3, what: Damage::Rewritten });
        drop(dir);
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_read_by_scope_with_its_outcomes() {
    on_both(|store| async move {
        let at = |project: Option<&str>| Draft {
            project_id: project.map(Into::into),
            object_name: "100%_sure".into(),
            kind: "intent".into(),
            outcome: "open".into(),
            ..record("restart")
        };
        let mine = at(Some("p1"));
        let open = OpenIntent {
            id: mine.id.clone(),
            at: 1,
            runner: "r1".into(),
            action: "restart".into(),
            host_id: None,
            object_id: "c".into(),
            expected: "{}".into(),
        };
        store.open_intent(mine.clone(), open.clone()).await.expect("open");
        store.append_audit(vec![at(Some("p2")), at(None)]).await.expect("written");
        assert_eq!(store.abandoned_intents("r2").await.expect("read"), [open]);
        assert_eq!(store.abandoned_intents("r1").await.expect("read"), []);
        let outcome =
            Draft { kind: "outcome".into(), intent_id: Some(mine.id.clone()), outcome: "done".into(), at: 2_000, ..record("restart") };
        store.close_intent(outcome, &mine.id).await.expect("closed");
        assert_eq!(store.abandoned_intents("r2").await.expect("read"), []);

        let all = store.audit_page(&everything(), &AuditFilter { limit: 10, ..AuditFilter::default() }).await.expect("read");
        assert_eq!(all.iter().map(|r| r.final_outcome.as_str()).collect::<Vec<_>>(), ["open", "open", "done"]);
        assert_eq!(all[2].outcome_at, Some(2_000));
        let rights = crate::auth::actor::Rights::new(vec![crate::auth::actor::Right {
            role: "r".into(),
            permissions: permission::PermissionSet::matching(&["*"]),
            scope: Scope::Project("p1".into()),
        }]);
        let actor = Actor { rights: std::sync::Arc::new(rights), ..Actor::system("test") };
        let own = store
            .audit_page(
                &Visible::of(&actor),
                &AuditFilter { limit: 10, words: vec!["restart".into(), "100%_".into()], ..AuditFilter::default() },
            )
            .await
            .expect("read");
        assert_eq!(own.iter().map(|r| r.record.project_id.as_deref()).collect::<Vec<_>>(), [Some("p1")]);
        let none = store
            .audit_page(&everything(), &AuditFilter { limit: 10, words: vec!["100_".into()], ..AuditFilter::default() })
            .await
            .expect("read");
        assert_eq!(none, []);
        let next = store
            .audit_page(&everything(), &AuditFilter { limit: 1, before: Some(all[0].record.id.clone()), ..AuditFilter::default() })
            .await
            .expect("read");
        assert_eq!(next[0], all[1]);
    })
    .await;
}

#[tokio::test]
async fn events_are_paged_without_gaps_where_times_are_equal() {
    on_both(|store| async move {
        let event = |i: i64| EventRow {
            id: format!("e{i}"),
            at: 10 + i / 3,
            kind: "container".into(),
            action: "start".into(),
            outside: i % 2 == 0,
            ..EventRow::default()
        };
        store.append_events((0..10).map(event).collect()).await.expect("kept");
        store.append_events(vec![event(3)]).await.expect("a repeat is nothing new");
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = store.event_page(&everything(), &EventFilter { before, limit: 4, ..EventFilter::default() }).await.expect("read");
            let Some(last) = page.last() else { break };
            before = Some((last.at, last.id.clone()));
            seen.extend(page.into_iter().map(|e| e.id));
        }
        assert_eq!(seen, (0..10).rev().map(|i| format!("e{i}")).collect::<Vec<_>>());
        let outside =
            store.event_page(&everything(), &EventFilter { limit: 50, outside: Some(true), ..EventFilter::default() }).await.expect("read");
        assert_eq!(outside.len(), 5);
        assert_eq!(store.prune_events(12).await.expect("pruned"), 6);
        assert_eq!(store.container_events_since(0).await.expect("read").len(), 4);
    })
    .await;
}

#[tokio::test]
async fn an_intent_has_one_outcome_however_often_it_is_closed() {
    on_both(|store| async move {
        let intent = Draft { kind: "intent".into(), outcome: "open".into(), ..record("stop") };
        let open = OpenIntent {
            id: intent.id.clone(),
            at: 1,
            runner: "r".into(),
            action: "stop".into(),
            host_id: None,
            object_id: "c".into(),
            expected: "{}".into(),
        };
        store.open_intent(intent.clone(), open).await.expect("opened");
        let outcome =
            |word: &str| Draft { kind: "outcome".into(), intent_id: Some(intent.id.clone()), outcome: word.into(), ..record("stop") };
        let done = outcome("done");
        // The same outcome again, as after a commit whose answer was lost; another's; and records of others in the same batch.
        let closing = (0..10).map(|_| store.close_intent(done.clone(), &intent.id));
        let (closed, other, beside) = tokio::join!(
            futures_util::future::join_all(closing),
            store.close_intent(outcome("unknown"), &intent.id),
            futures_util::future::join_all((0..10).map(|_| store.append_audit(vec![record("start")]))),
        );
        let written: usize = closed.into_iter().chain([other]).map(|c| c.expect("no error").len()).sum();
        assert_eq!(written, 1);
        assert!(beside.iter().all(|b| b.as_ref().is_ok_and(|stamped| stamped.len() == 1)));
        assert!(store.close_intent(done, &intent.id).await.expect("no error").is_empty());
        let all = store.audit_records(1, 100).await.expect("read");
        assert_eq!((all.len(), all.iter().filter(|r| r.kind == "outcome").count()), (12, 1));
        let whole = crate::audit::verify::verify(&store, &[]).await.expect("checked");
        assert!(matches!(whole, crate::audit::verify::Verdict::Whole { .. }), "{whole}");
    })
    .await;
}

#[tokio::test]
async fn an_idempotency_key_is_taken_once() {
    on_both(|store| async move {
        let key = || Key { subject: "u".into(), route: "POST /x".into(), key: "k".into() };
        let claims = (0..20).map(|_| store.claim(key(), "h", "r", 1));
        let free = futures_util::future::join_all(claims).await.into_iter().filter(|c| matches!(c, Ok(None))).count();
        assert_eq!(free, 1);
        let answer = Answer { status: 201, headers: vec![("location".into(), "/x".into())], body: "{}".into() };
        assert_eq!(store.claim(key(), "h", "r", 1).await.expect("read").expect("taken").answer(), None);
        store.answer(key(), answer.clone()).await.expect("kept");
        let kept = store.claim(key(), "h", "r", 1).await.expect("read").expect("taken");
        assert_eq!(kept.answer(), Some(answer));
        assert_eq!(store.prune_idempotency(2).await.expect("pruned"), 1);
        assert_eq!(store.claim(key(), "h", "r", 3).await.expect("free again"), None);
        store.release(key()).await.expect("given back");
        assert_eq!(store.claim(key(), "h", "r", 3).await.expect("free again"), None);
    })
    .await;
}

#[tokio::test]
async fn ownership_is_one_row_for_each_object() {
    on_both(|store| async move {
        let host =
            super::host::HostRow { id: "h".into(), name: "h1".into(), endpoint: "unix:///x".into(), environment_id: None, created_at: 1 };
        store.create_host(host, record("create")).await.expect("made");
        let (a, b) = (
            store.create_project("a", 1, record("create")).await.expect("made"),
            store.create_project("b", 1, record("create")).await.expect("made"),
        );
        let row = |project: &str| Ownership {
            host_id: "h".into(),
            kind: "container".into(),
            object_id: "c1".into(),
            created_at: 3,
            project_id: project.into(),
            intent_id: "i".into(),
        };
        store.assign(row(&a), record("assign")).await.expect("assigned");
        store.assign(row(&b), record("assign")).await.expect("assigned");
        assert_eq!(store.ownerships().await.expect("read"), [row(&b)]);
    })
    .await;
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    store
        .state
        .write
        .change(|tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO schema_version (version, applied_at) VALUES (99, 0)", vec![]).await.map(|_| ((), vec![]))
            })
        })
        .await
        .expect("written");
    let refused = Store::open(None, dir.path()).await;
    assert!(matches!(&refused, Err(StoreError::Setup(text)) if text.contains("99")), "{refused:?}");
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    #[derive(sqlx::FromRow, Debug, PartialEq, PartialOrd, Ord, Eq)]
    struct Column {
        name: String,
    }
    let dir = tempfile::tempdir().expect("a directory");
    let sqlite = Store::open(None, dir.path()).await.expect("opens");
    let postgres = Store::open(Some(&postgres_url().await), dir.path()).await.expect("opens");
    let sql = "SELECT m.name || '.' || p.name || ' ' || lower(p.type) || CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN ' not null' ELSE '' END AS name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";
    let mut ours: Vec<Column> = sqlite.state.read.fetch_all(sql, vec![]).await.expect("read");
    ours.extend(sqlite.telemetry.read.fetch_all::<Column>(sql, vec![]).await.expect("read"));
    ours.sort();
    ours.dedup();
    let sql = "SELECT CAST(table_name AS TEXT) || '.' || CAST(column_name AS TEXT) || ' ' || CAST(data_type AS TEXT) || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END AS name FROM information_schema.columns WHERE table_schema = 'public'";
    let mut theirs: Vec<Column> = postgres.state.read.fetch_all(sql, values![]).await.expect("read");
    theirs.sort();
    assert_eq!(ours, theirs);
}

/// A way to the PostgreSQL server that can be stopped up.
async fn stoppable(url: &str) -> (String, tokio::sync::watch::Sender<bool>) {
    let host = url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a host and port").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let through = format!("127.0.0.1:{}", listener.local_addr().expect("bound").port());
    let (stopped, is_stopped) = tokio::sync::watch::channel(false);
    let target = host.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (target, is_stopped) = (target.clone(), is_stopped.clone());
            tokio::spawn(async move {
                let server = tokio::net::TcpStream::connect(&target).await.expect("PostgreSQL answers");
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                let pump = |mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf| {
                    let mut is_stopped = is_stopped.clone();
                    async move {
                        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                        let mut buffer = vec![0; 16 << 10];
                        while let Ok(n) = from.read(&mut buffer).await {
                            // Whoever made the way is gone with the test.
                            if n == 0 || is_stopped.wait_for(|stopped| !stopped).await.is_err() || to.write_all(&buffer[..n]).await.is_err()
                            {
                                return;
                            }
                        }
                    }
                };
                tokio::join!(pump(from_client, to_server), pump(from_server, to_client));
            });
        }
    });
    (url.replace(&host, &through), stopped)
}

#[tokio::test]
async fn a_database_that_hangs_holds_nobody_up_and_is_taken_up_again() {
    let (url, stopped) = stoppable(&postgres_url().await).await;
    let store = Store::open(Some(&url), Path::new("/nonexistent")).await.expect("opens");
    store.append_audit(vec![record("start")]).await.expect("written");
    stopped.send_replace(true);
    let refused = tokio::time::timeout(std::time::Duration::from_secs(30), store.append_audit(vec![record("stop")])).await;
    assert!(matches!(refused.expect("it does not wait for ever"), Err(StoreError::Unreachable(_))));
    stopped.send_replace(false);
    store.append_audit(vec![record("stop")]).await.expect("written again");
    let whole = verify(&store, &[]).await.expect("checked");
    assert!(whole.is_whole(), "{whole}");
}

#[tokio::test]
async fn a_token_is_good_while_nothing_can_be_written() {
    use sqlx::{Connection as _, Executor as _};
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    let user = NewUser { id: "u1".into(), username: "ops-c".into(), password_hash: "x".into(), language: None, now: 0 };
    store.create_user(user, Some("viewer"), record("create")).await.expect("made");
    let token = crate::store::token::Token {
        id: "t1".into(),
        user_id: "u1".into(),
        name: "ci".into(),
        hash: crate::auth::secret::hash("ecos_sesame"),
        role: None,
        project_id: None,
        environment_id: None,
        created_at: 0,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    };
    store.create_token(token, record("create")).await.expect("made");
    let auth = crate::auth::Authenticator::new(store.clone(), Clock::manual(90_000)).await.expect("reads");
    // Somebody else has the file's one lock.
    let file = dir.path().join("ecos.db");
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.expect("opens");
    other.execute("BEGIN IMMEDIATE").await.expect("locked");
    let asked = std::time::Instant::now();
    auth.token("ecos_sesame", "192.0.2.7").await.expect("it is good");
    assert!(asked.elapsed() < std::time::Duration::from_secs(2), "it waited for its mark: {:?}", asked.elapsed());
    other.execute("ROLLBACK").await.expect("free again");
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while store.token_by_id("t1").await.expect("read").expect("there").last_used_at != Some(90_000) {
        assert!(tokio::time::Instant::now() < end, "its use was never marked");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn minutes_of_containers_are_kept_replaced_and_forgotten() {
    use super::sample::SampleRow;
    on_both(|store| async move {
        let row = |id: &str, minute, points: &str| SampleRow { host_id: "h".into(), object_id: id.into(), minute, points: points.into() };
        store.keep_samples((0..3).map(|n| row("a", n * 60_000, "[1]")).chain([row("b", 0, "[2]")]).collect(), 0).await.expect("kept");
        store.keep_samples(vec![row("a", 120_000, "[3]")], 60_000).await.expect("replaced");
        let of_a = store.samples_of("h", "a", 0, 120_000).await.expect("read");
        assert_eq!(of_a, [row("a", 60_000, "[1]"), row("a", 120_000, "[3]")]);
        assert_eq!(store.samples_of("h", "a", 60_001, 119_999).await.expect("read"), []);
        assert_eq!(store.samples_at(0).await.expect("read"), [], "what is older than asked for is gone");
    })
    .await;
}

#[tokio::test]
async fn one_at_a_time_opens_a_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_owned();
    let another = std::fs::File::open(&path).expect("opens");
    rustix::fs::flock(&another, rustix::fs::FlockOperation::LockExclusive).expect("locked");
    let mut opening = tokio::spawn(async move { Store::open(None, &path).await.map(drop) });
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), &mut opening).await.is_err(), "it waits");
    assert!(!dir.path().join("ecos.db").exists());
    drop(another);
    opening.await.expect("no panic").expect("opens");
}
