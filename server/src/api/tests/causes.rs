//! Who or what is behind an event, and how much of that each reader is told.

use app::api::event::{Cause, CauseKind, EventQuery};

use super::{
    console::{Console, Visitor},
    create::project,
};
use crate::store::{
    Draft,
    event::EventRow,
    grant::{Grantee, NewGrant},
    operation::OperationRow,
    tests::record,
};

const INTENT: &str = "0199aaaa-0000-7000-8000-000000000001";
const OPERATION: &str = "0199aaaa-0000-7000-8000-000000000002";

/// Three events of one container: done here as a part of an operation, done outside, and come about by itself.
async fn world(console: &Console, project: &str, user_id: &str) {
    let store = console.app.store();
    let intent = Draft {
        id: INTENT.into(),
        kind: "intent".into(),
        object_kind: "container".into(),
        object_id: "c1".into(),
        project_id: Some(project.into()),
        request_id: "r1".into(),
        ..record("restart")
    };
    store.append_audit(vec![intent]).await.expect("kept");
    let operation = OperationRow {
        id: OPERATION.into(),
        kind: "container.restart".into(),
        state: "succeeded".into(),
        user_id: user_id.into(),
        token_id: None,
        actor_name: "dev-a".into(),
        runner: "r".into(),
        created_at: 0,
        finished_at: Some(1),
        done: 1,
        total: 1,
        items: "[]".into(),
        log: "[]".into(),
        request_id: Some("r1".into()),
    };
    store.save_operation(operation).await.expect("kept");
    let event = |n: i64, action: &str, outside: bool, intent: Option<&str>| EventRow {
        id: format!("e{n}"),
        at: n,
        host_id: "h0".into(),
        host_name: "host-0".into(),
        kind: "container".into(),
        object_id: "c1".into(),
        object_name: "web".into(),
        action: action.into(),
        outside,
        intent_id: intent.map(Into::into),
        actor_name: intent.map(|_| "dev-a".into()),
        project_id: Some(project.into()),
        ..EventRow::default()
    };
    let events = vec![event(3, "restart", false, Some(INTENT)), event(2, "stop", true, None), event(1, "health_status", false, None)];
    store.append_events(events).await.expect("kept");
}

async fn causes(visitor: &Visitor) -> Vec<Option<Cause>> {
    let page = visitor.client().events(&EventQuery::default()).await.expect("read");
    page.items.into_iter().map(|e| e.cause).collect()
}

#[tokio::test]
async fn an_event_names_its_operation_to_who_may_see_that() {
    let console = Console::new().await;
    let payments = project(&console, "payments", "dev-a").await;
    let dev = console.app.store().user_by_name("dev-a").await.expect("read").expect("there");
    console.person("ops-c", Some("platform-admin")).await;
    console.person("viewer-e", Some("viewer")).await;
    let other = console.person("dev-b", None).await;
    let (to, role, project_id) = (Grantee::User(other), "developer".into(), Some(payments.clone()));
    console.grant(NewGrant { to, role, project_id, environment_id: None, expires_at: None, now: 0 }).await;
    world(&console, &payments, &dev.id).await;

    let here = |operation: bool, record: bool| {
        Some(Cause {
            kind: CauseKind::Operation,
            actor_name: Some("dev-a".into()),
            operation_id: operation.then(|| OPERATION.into()),
            record_id: record.then(|| INTENT.into()),
        })
    };
    let outside = Some(Cause { kind: CauseKind::Outside, actor_name: None, operation_id: None, record_id: None });
    for (person, operation, record, why) in [
        ("ops-c", true, true, "reads operations and the trail"),
        ("viewer-e", true, false, "reads operations alone"),
        ("dev-a", true, false, "began it"),
        ("dev-b", false, false, "sees the container, not what others began"),
    ] {
        let told = causes(&console.signed_in(person).await).await;
        assert_eq!(told, [here(operation, record), outside.clone(), None], "{person} {why}");
    }
}
