//! The walk over every operation: with nobody, with somebody who has no right at all, with a reader, and with a foreign project's people.
//! A new operation is walked by itself; one about a new kind of object, or with a body that can't be made from its schema, says so here.

use app::api::view::{NewView, ViewPage};
use serde_json::{Value, json};

use super::{
    console::{Console, Visitor, text},
    fake::{console, id, listed},
    golden::operations,
};
use crate::{
    auth::{Actor, Visible},
    fleet::fake::{Fake, FakeContainer},
    store::{
        audit::{AuditFilter, AuditRow},
        exception::ExceptionRow,
        grant::{Grantee, NewGrant},
        operation::OperationRow,
        tests::record,
    },
};

/// Whose objects of a kind are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// The platform's: who may read them is told that they may do no more.
    Platform,
    /// One person's: for everybody else they are not there.
    Somebody,
}

/// One object of each kind that operations are about.
struct World {
    console: Console,
    fake: Fake,
    /// That of `dev-a`.
    project: String,
    /// The beginning of the path, whose it is, its id.
    objects: Vec<(&'static str, Whose, String)>,
}

impl World {
    async fn new() -> Self {
        let fake = Fake::start();
        fake.world().add(FakeContainer { log: "hello\n".into(), ..FakeContainer::running(&id(1), "web") });
        fake.world().add(FakeContainer::running(&id(2), "ledger-web"));
        let console = console(&[&fake]).await;
        console.person("ops-c", Some("platform-admin")).await;
        console.person("viewer-e", Some("viewer")).await;
        console.person("someone", None).await;
        let dev = console.person("dev-a", None).await;
        let project = console.app.store().create_project("ledger", 0, record("create")).await.expect("made");
        let (to, role) = (Grantee::User(dev), "developer".into());
        console.grant(NewGrant { to, role, project_id: Some(project.clone()), environment_id: None, expires_at: None, now: 0 }).await;
        let admin = console.signed_in("ops-c").await.client();
        listed(&admin, 2).await;
        let view = NewView { page: ViewPage::Containers, name: "web".into(), query: "q=web".into() };
        let view = admin.save_view(&view).await.expect("kept");
        let session = admin.own_sessions().await.expect("read").items[0].id.clone();
        let operation = OperationRow {
            id: uuid::Uuid::now_v7().to_string(),
            kind: "container.stop".into(),
            state: "succeeded".into(),
            user_id: "another".into(),
            token_id: None,
            actor_name: "ops-c".into(),
            runner: "r".into(),
            created_at: 0,
            finished_at: Some(1),
            done: 0,
            total: 0,
            items: "[]".into(),
            log: "[]".into(),
            request_id: None,
        };
        console.app.store().save_operation(operation.clone()).await.expect("kept");
        let exception = ExceptionRow {
            id: uuid::Uuid::now_v7().to_string(),
            project_id: None,
            container: Some("web".into()),
            code: "bind".into(),
            value: None,
            reason: "for a test".into(),
            actor_name: "ops-c".into(),
            created_at: 0,
            ends_at: None,
        };
        console.app.store().create_policy_exception(exception.clone(), record("except")).await.expect("kept");
        console.app.auth().refresh().await.expect("reads");
        let objects = vec![
            ("/api/v1/policy/exceptions/", Whose::Platform, exception.id),
            ("/api/v1/containers/", Whose::Platform, id(1)),
            ("/api/v1/hosts/", Whose::Platform, "h0".to_owned()),
            ("/api/v1/operations/", Whose::Platform, operation.id),
            ("/api/v1/account/sessions/", Whose::Somebody, session),
            ("/api/v1/account/views/", Whose::Somebody, view.id),
        ];
        Self { console, fake, project, objects }
    }

    /// The object that a path is about: whose it is, and the path with its id and with one that is nowhere.
    fn about(&self, path: &str) -> Option<(Whose, String, String)> {
        let at = path.find('{')?;
        let (_, whose, id) = self
            .objects
            .iter()
            .find(|(begin, ..)| *begin == &path[..at])
            .unwrap_or_else(|| panic!("{path} is about a new kind of object: make one in `World::new`"));
        let filled = |id: &str| {
            let parts = path.split('/').map(|part| if part == "{id}" { id.to_owned() } else { part.replace(['{', '}'], "") });
            // A parameter that these do not go without.
            let query = if path.contains("/files") { "?path=/" } else { "" };
            parts.collect::<Vec<_>>().join("/") + query
        };
        // An id of the same form.
        let nowhere: String = id.chars().map(|c| if c.is_ascii_hexdigit() { '0' } else { c }).collect();
        Some((*whose, filled(id), filled(&nowhere)))
    }

    /// A path with the ids of what is there.
    fn filled(&self, path: &str) -> String {
        // A parameter that this does not go without.
        let query = if path == "/api/v1/containers/compose" { "?host_id=h0&compose_project=shop" } else { "" };
        self.about(path).map_or_else(|| path.to_owned() + query, |(_, filled, _)| filled)
    }

    async fn refusals(&self, of: &str) -> Vec<AuditRow> {
        self.console.app.trail().settle().await;
        let filter = AuditFilter { limit: 1000, actor: Some(of.to_owned()), outcome: Some("refused".into()), ..AuditFilter::default() };
        self.console.app.store().audit_page(&Visible::of(&Actor::command_line()), &filter).await.expect("read")
    }

    /// What was asked of the engine that would have changed it.
    fn changes(&self) -> Vec<(String, String)> {
        self.fake.world().calls.iter().filter(|(method, _)| method != "GET" && method != "HEAD").cloned().collect()
    }
}

/// Status and, unless all is well (it may have no end), what was told, without what differs from request to request.
async fn ask(visitor: &Visitor, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
    let answer = visitor.send(method, path, &[], body).await;
    let status = answer.status().as_u16();
    let mut told = Value::Null;
    if status >= 400 {
        told = serde_json::from_str(&text(answer).await).unwrap_or_default();
        told.as_object_mut().map(|fields| fields.remove("request_id"));
    }
    (status, told)
}

/// Whether an operation becomes a web socket.
fn is_socket(operation: &Value) -> bool {
    operation["responses"].get("101").is_some()
}

/// A body that an operation takes, where it takes one: named here, else the least that its schema asks for.
fn body(path: &str, operation: &Value) -> Option<String> {
    let request = operation.get("requestBody")?;
    let text = match path {
        "/api/v1/account" => r#"{"theme":"dark"}"#.to_owned(),
        "/api/v1/account/password" => r#"{"current_password":"x","new_password":"y"}"#.to_owned(),
        "/api/v1/setup" => r#"{"token":"t","username":"ab","password":"long enough for it"}"#.to_owned(),
        "/api/v1/containers" | "/api/v1/containers/preview" => r#"{"host_id":"h0","image":"shop/web:1"}"#.to_owned(),
        "/api/v1/containers/parse" => r#"{"text":"docker run nginx"}"#.to_owned(),
        "/api/v1/containers/{id}/update" => r#"{"limits":{"cpus":1.0}}"#.to_owned(),
        "/api/v1/policy/exceptions" => r#"{"container":"ab","code":"bind","reason":"for a test"}"#.to_owned(),
        "/api/v1/containers/actions" => format!(r#"{{"action":"stop","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1)),
        "/api/v1/containers/recreate" => format!(r#"{{"pull":"always","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(1)),
        _ => {
            let document = serde_json::to_value(crate::api::document()).expect("plain data");
            least(&document, &request["content"]["application/json"]["schema"]).to_string()
        }
    };
    Some(text)
}

/// The least that a schema lets through.
fn least(document: &Value, schema: &Value) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        return least(document, document.pointer(place.trim_start_matches('#')).expect("a reference into the document"));
    }
    if let Some(first) = ["oneOf", "anyOf", "allOf"].iter().find_map(|of| schema[of].as_array()?.first()) {
        return least(document, first);
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].as_array()?.first()) {
        return value.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.first()?.as_str());
    match kind {
        Some("string") => json!("ab"),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.map(|name| (name.to_owned(), least(document, &schema["properties"][name]))).collect()
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_but_where_everyone_may() {
    let world = World::new().await;
    let nobody = world.console.visitor();
    for (method, path, operation) in operations() {
        let (status, answer) = ask(&nobody, &method, &world.filled(&path), body(&path, &operation).as_deref()).await;
        let open = operation.get("x-permission").is_none();
        assert_eq!(status == 401 && answer["code"] == "unauthenticated", !open, "{method} {path}: {status} {answer}");
        assert_ne!(status, 500, "{method} {path}");
    }
    assert_eq!(world.changes(), []);
}

#[tokio::test]
async fn who_may_read_may_do_no_more_and_is_put_on_record() {
    let world = World::new().await;
    let viewer = world.console.signed_in("viewer-e").await;
    let mut refused = 0;
    for (method, path, operation) in operations() {
        let Some((whose, there, nowhere)) = world.about(&path) else { continue };
        let body = body(&path, &operation);
        let permission = operation["x-permission"].as_str().unwrap_or_else(|| panic!("{method} {path} asks for no permission"));
        let (status, told) = ask(&viewer, &method, &there, body.as_deref()).await;
        let what = format!("{method} {path} ({permission}): {status} {told}");
        if whose == Whose::Somebody {
            assert_eq!((status, &told), (404, &ask(&viewer, &method, &nowhere, body.as_deref()).await.1), "{what}");
            continue;
        }
        // A socket is not opened without a connection that can become one: nothing is looked up.
        if is_socket(&operation) && [400, 426].contains(&status) {
            assert_eq!(told, ask(&viewer, &method, &nowhere, body.as_deref()).await.1, "{what}");
            continue;
        }
        if permission.split_once('.').is_some_and(|(_, action)| action == "read") {
            assert!((200..300).contains(&status), "{what}");
            continue;
        }
        assert_eq!(status, 403, "{what}");
        refused += 1;
        let rows = world.refusals("viewer-e").await;
        let row = &rows.first().unwrap_or_else(|| panic!("{what}: nothing on record")).record;
        assert_eq!((rows.len(), row.permission.as_str()), (refused, permission), "{what}");
        assert!(there.contains(&row.object_id) && !row.object_id.is_empty(), "{what}: {row:?}");
    }
    assert!(refused >= 8, "only {refused} operations were walked");
    assert_eq!(world.changes(), []);
}

#[tokio::test]
async fn what_is_anothers_cannot_be_told_from_what_is_not_there() {
    let world = World::new().await;
    // Their project has something on the very same host.
    let project = world.project.clone();
    world.console.own(&project, "h0", &id(2)).await;
    let dev = world.console.signed_in("dev-a").await;
    assert_eq!(ask(&dev, "GET", &format!("/api/v1/containers/{}", id(2)), None).await.0, 200, "their own");
    let someone = world.console.signed_in("someone").await;
    let mut walked = 0;
    for (method, path, operation) in operations() {
        let Some((_, there, nowhere)) = world.about(&path) else { continue };
        let body = body(&path, &operation);
        for (who, visitor) in [("dev-a", &dev), ("someone", &someone)] {
            // The project's own container is on this host: its people see the host.
            if who == "dev-a" && path.starts_with("/api/v1/hosts/") {
                continue;
            }
            let (found, absent) =
                (ask(visitor, &method, &there, body.as_deref()).await, ask(visitor, &method, &nowhere, body.as_deref()).await);
            let unopened = is_socket(&operation) && [400, 426].contains(&found.0);
            assert!(found.0 == 404 || unopened, "{who}: {method} {path}: {found:?}");
            assert_eq!(found, absent, "{who}: {method} {path}");
            walked += 1;
        }
    }
    assert!(walked >= 20, "only {walked} were walked");
    assert_eq!(world.changes(), []);
}

#[tokio::test]
async fn without_a_right_nothing_is_done_and_nothing_is_told() {
    let world = World::new().await;
    for (method, path, operation) in operations() {
        let Some(permission) = operation["x-permission"].as_str().filter(|p| !p.starts_with("account.") && *p != "session.read") else {
            continue;
        };
        let someone = world.console.signed_in("someone").await;
        let (status, answer) = someone.json(&method, &world.filled(&path), body(&path, &operation).as_deref()).await;
        // A list that nothing may be seen of is empty; everything else is not there or refused. An operation is accepted, and refuses
        // each of its items.
        let empty = status == 200
            && ["items", "activity", "attention"].iter().all(|k| answer.get(k).is_none_or(|v| v.as_array().is_some_and(Vec::is_empty)))
            && answer.get("total").is_none_or(|t| t == 0);
        let refused = [403, 404].contains(&status);
        assert!(empty || refused || status == 202, "{method} {path} ({permission}): {status} {answer}");
    }
    assert_eq!(world.changes(), []);
}
