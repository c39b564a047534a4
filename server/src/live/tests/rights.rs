//! Who may open a socket, who hears of what, and how soon a lost right is felt.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use app::api::live::{ClientFrame, ServerFrame};

use super::wire::{Live, subscribe};
use crate::{
    auth::secret,
    live::{Audience, Kind},
    store::{
        grant::{Grantee, NewGrant},
        host::HostRow,
        ownership::Ownership,
        tests::record,
    },
};

const OWN: &str = "http://localhost:3000";

/// A grant within a project.
pub fn grant(user_id: &str, project: &str) -> NewGrant {
    NewGrant {
        to: Grantee::User(user_id.into()),
        role: "developer".into(),
        project_id: Some(project.into()),
        environment_id: None,
        expires_at: None,
        now: 0,
    }
}

/// A console with a host, `h1`.
pub async fn with_host() -> Live {
    host_of(Live::new().await).await
}

pub async fn host_of(live: Live) -> Live {
    let host = HostRow { id: "h1".into(), name: "h1".into(), endpoint: "unix:///x".into(), environment_id: None, created_at: 1 };
    live.console.app.store().create_host(host, record("create")).await.expect("made");
    live
}

pub async fn project(live: &Live, name: &str) -> String {
    live.console.app.store().create_project(name, 0, record("create")).await.expect("made")
}

/// A container that belongs to a project.
async fn give(live: &Live, container: &str, project: &str) {
    give_at(live, container, 1, project).await;
}

pub async fn give_at(live: &Live, container: &str, created_at: i64, project: &str) {
    let row = Ownership {
        host_id: "h1".into(),
        kind: "container".into(),
        object_id: container.into(),
        created_at,
        project_id: project.into(),
        intent_id: "i".into(),
    };
    live.console.app.store().assign(row, record("assign")).await.expect("assigned");
    live.console.app.auth().refresh().await.expect("read");
}

fn touch(live: &Live, container: &str, version: u64) {
    let audience = Audience::Container { environment_id: None, created_at: 1 };
    live.console.app.hub().publish(Kind::Container, container, Some("h1"), version, audience);
}

#[tokio::test]
async fn by_cookie_it_needs_the_exact_origin() {
    let live = Live::new().await;
    live.console.person("ops-c", Some("auditor")).await;
    let cookie = live.console.signed_in("ops-c").await.cookie().expect("a cookie");
    live.connect(&[("cookie", &cookie), ("origin", OWN)]).await.expect("open");
    for origin in ["https://localhost:3000", "http://localhost:3001", "null", "http://evil.example"] {
        assert_eq!(live.connect(&[("cookie", &cookie), ("origin", origin)]).await.err(), Some(403), "{origin}");
    }
    assert_eq!(live.connect(&[("cookie", &cookie)]).await.err(), Some(403));
    assert_eq!(live.connect(&[("origin", OWN)]).await.err(), Some(401), "nobody is signed in");
    assert_eq!(live.connect(&[("authorization", "Bearer ecos_nonsense")]).await.err(), Some(401));
}

#[tokio::test]
async fn nobody_hears_of_another_projects_containers() {
    let live = with_host().await;
    let mut wires = Vec::new();
    for (name, container) in [("dev-a", "c-pay"), ("dev-b", "c-crm")] {
        let project = project(&live, container).await;
        let id = live.console.person(name, None).await;
        live.console.grant(grant(&id, &project)).await;
        give(&live, container, &project).await;
        wires.push(live.by_token(&id).await);
    }
    for wire in &mut wires {
        wire.say(&subscribe(1, &[], 65_536)).await;
        assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    }
    for version in 1..=3 {
        touch(&live, "c-pay", version);
        touch(&live, "c-crm", version);
        touch(&live, "nobodys", version);
        live.change(Kind::Audit, "r", version);
        live.console.app.hub().publish(Kind::Session, "s", None, version, Audience::Person("somebody".into()));
        live.console.app.hub().publish(Kind::Operation, "o", None, version, Audience::Person("somebody".into()));
        for (wire, own) in wires.iter_mut().zip(["container c-pay", "container c-crm"]) {
            assert_eq!(wire.changes().await.1, [format!("{own}@{version}")]);
        }
    }
}

#[tokio::test]
async fn a_signed_out_page_hears_no_more_within_two_seconds() {
    let live = Live::new().await;
    live.console.person("ops-c", Some("auditor")).await;
    let visitor = live.console.signed_in("ops-c").await;
    let mut wire = live.connect(&[("cookie", &visitor.cookie().expect("a cookie")), ("origin", OWN)]).await.expect("open");
    for sub in 1..=2 {
        wire.say(&subscribe(sub, &["container"], 65_536)).await;
        assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub });
    }
    let began = Instant::now();
    visitor.client().sign_out().await.expect("signed out");
    for sub in 1..=2 {
        assert_eq!(wire.hear().await, ServerFrame::Ended { sub, reason: "revoked".into() });
    }
    assert!(wire.ended().await.is_empty());
    assert!(began.elapsed() < Duration::from_secs(2));
    live.empty().await;
}

#[tokio::test]
async fn a_session_that_another_process_ends_is_noticed_within_two_seconds() {
    let live = Live::new().await;
    let id = live.console.person("ops-c", Some("auditor")).await;
    let visitor = live.console.signed_in("ops-c").await;
    let mut wire = live.connect(&[("cookie", &visitor.cookie().expect("a cookie")), ("origin", OWN)]).await.expect("open");
    let store = live.console.app.store();
    let session = store.sessions_of(&id, 0).await.expect("read").remove(0).id;
    let began = Instant::now();
    store.delete_session(&session, None).await.expect("ended");
    wire.ended().await;
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_grant_that_goes_is_felt_and_one_that_comes_is_told() {
    let live = with_host().await;
    let project = project(&live, "pay").await;
    give(&live, "c-pay", &project).await;
    let id = live.console.person("dev-a", None).await;
    let cookie = live.console.signed_in("dev-a").await.cookie().expect("a cookie");
    let mut wire = live.connect(&[("cookie", &cookie), ("origin", OWN)]).await.expect("open");
    wire.say(&subscribe(1, &["container"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    touch(&live, "c-pay", 1);
    live.console.grant(grant(&id, &project)).await;
    assert!(matches!(wire.hear().await, ServerFrame::Dropped { sub: 1, n: 1, .. }), "everything is to be read anew");
    touch(&live, "c-pay", 2);
    assert_eq!(wire.changes().await.1, ["container c-pay@2"]);
    // What waits for credit when the right goes is not told any more.
    wire.say(&subscribe(2, &["container"], 0)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 2 });
    touch(&live, "c-pay", 3);
    assert_eq!(wire.changes().await, (1, vec!["container c-pay@3".to_owned()]));
    live.console.app.store().delete_grants(&id, record("revoke")).await.expect("gone");
    live.console.app.auth().refresh().await.expect("read");
    assert!(matches!(wire.hear().await, ServerFrame::Dropped { sub: 1, .. }));
    wire.say(&ClientFrame::Credit { sub: 2, bytes: 65_536 }).await;
    assert!(matches!(wire.hear().await, ServerFrame::Dropped { sub: 2, .. }));
    touch(&live, "c-pay", 4);
    live.console.app.hub().publish(Kind::Container, "c-own", None, 5, Audience::Person(id));
    let told = BTreeMap::from([wire.changes().await, wire.changes().await]);
    assert_eq!(told, BTreeMap::from([1, 2].map(|sub| (sub, vec!["container c-own@5".to_owned()]))));
}

#[tokio::test]
async fn what_changes_hands_is_told_as_much_as_a_right_that_comes() {
    let live = with_host().await;
    let (pay, crm) = (project(&live, "pay").await, project(&live, "crm").await);
    let id = live.console.person("dev-a", None).await;
    live.console.grant(grant(&id, &pay)).await;
    let mut wire = live.by_token(&id).await;
    wire.say(&subscribe(1, &["container"], 65_536)).await;
    assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    // What others are given says nothing here; what comes into sight does.
    give(&live, "c-crm", &crm).await;
    give(&live, "c-pay", &pay).await;
    assert!(matches!(wire.hear().await, ServerFrame::Dropped { sub: 1, n: 1, .. }));
    touch(&live, "c-pay", 7);
    assert_eq!(wire.changes().await.1, ["container c-pay@7"]);
}

#[tokio::test]
async fn operations_are_told_to_who_began_them_and_to_who_may_read_others() {
    let live = Live::new().await;
    let id = live.console.person("dev-a", None).await;
    let cookie = live.console.signed_in("dev-a").await.cookie().expect("a cookie");
    let mut own = live.connect(&[("cookie", &cookie), ("origin", OWN)]).await.expect("open");
    let bearer = live.console.token(&id, None).await;
    let mut token = live.connect(&[("authorization", &format!("Bearer {bearer}"))]).await.expect("open");
    let mut all = live.reader("ops-c").await;
    for wire in [&mut own, &mut token, &mut all] {
        wire.say(&subscribe(1, &["operation", "session"], 65_536)).await;
        assert_eq!(wire.hear().await, ServerFrame::Subscribed { sub: 1 });
    }
    let token_id = live.console.app.store().token_by_hash(&secret::hash(&bearer)).await.expect("read").expect("there").id;
    let hub = live.console.app.hub();
    let operation = |name: &str, user_id: &str, token_id: Option<&str>, version| {
        let audience = Audience::Operation { user_id: user_id.into(), token_id: token_id.map(str::to_owned) };
        hub.publish(Kind::Operation, name, None, version, audience);
    };
    operation("theirs", "somebody", None, 1);
    operation("mine", &id, None, 2);
    hub.publish(Kind::Session, &id, None, 3, Audience::Person(id.clone()));
    operation("by-token", &id, Some(&token_id), 4);
    let mut heard = [Vec::new(), Vec::new(), Vec::new()];
    for ((wire, heard), n) in [&mut own, &mut all, &mut token].into_iter().zip(&mut heard).zip([3, 3, 1]) {
        while heard.len() < n {
            heard.extend(wire.changes().await.1);
        }
    }
    assert_eq!(heard[0], ["operation mine@2".to_owned(), format!("session {id}@3"), "operation by-token@4".to_owned()]);
    assert_eq!(heard[1], ["operation theirs@1", "operation mine@2", "operation by-token@4"]);
    // A token may be less than its owner: it hears of what it began itself.
    assert_eq!(heard[2], ["operation by-token@4"]);
}
