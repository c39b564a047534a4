//! Making and changing containers over the API, on an engine that records: what is refused reaches it on no road, what is made is what was
//! judged, what does not get well is put back.

use app::{
    api::{
        audit::AuditQuery,
        container::{Container, ContainerQuery, ContainerRef, ContainerState},
        operation::{Operation, OperationQuery, OperationState},
        problem::Failure,
        spec::{
            CreateContainer, Created, Limits, NewPolicyException, Pull, RecreateContainer, RecreateMany, RestartPolicy, UpdateContainer,
            WantMount,
        },
    },
    client::Client,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    console::{Console, PASSWORD, Visitor},
    fake::{console, console_at, id, listed, problem, until},
};
use crate::{
    auth::{Actor, Visible},
    clock::Clock,
    fleet::fake::{Fake, FakeContainer, Trouble},
    store::{
        audit::AuditFilter,
        grant::{Grantee, NewGrant},
        tests::record,
    },
};

/// A project with somebody who develops in it.
pub(super) async fn project(console: &Console, name: &str, person: &str) -> String {
    let dev = console.person(person, None).await;
    let project = console.app.store().create_project(name, 0, record("create")).await.expect("made");
    let to = Grantee::User(dev);
    let role = "developer".into();
    console.grant(NewGrant { to, role, project_id: Some(project.clone()), environment_id: None, expires_at: None, now: 0 }).await;
    project
}

fn request(project: Option<&str>) -> CreateContainer {
    CreateContainer {
        host_id: "h0".into(),
        image: "shop/web:1".into(),
        name: Some("web".into()),
        project_id: project.map(Into::into),
        start: true,
        ..CreateContainer::default()
    }
}

fn container(created: Result<Created, Failure>) -> Container {
    match created {
        Ok(Created::Container(container)) => *container,
        other => panic!("a container was expected: {other:?}"),
    }
}

/// The operation at its end.
pub(super) async fn ended(client: &Client, operation: &Operation) -> Operation {
    let mut last = operation.clone();
    until("the operation's end", async || {
        last = client.operation(&operation.id).await.expect("read");
        last.state != OperationState::Running
    })
    .await;
    last
}

fn mutating(fake: &Fake) -> Vec<String> {
    fake.world().calls.iter().filter(|(method, _)| method != "GET").map(|(method, path)| format!("{method} {path}")).collect()
}

pub(super) async fn step_up(visitor: &Visitor) {
    let (status, body) = visitor.json("POST", "/api/v1/session/step-up", Some(&json!({ "password": PASSWORD }).to_string())).await;
    assert!(status < 300, "{body}");
}

#[tokio::test]
async fn a_container_is_made_as_it_was_asked_for() {
    let fake = Fake::start();
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    let client = visitor.client();
    listed(&client, 0).await;
    let asked = CreateContainer {
        env: [("TOKEN".to_owned(), "canary".to_owned())].into(),
        limits: Limits { memory_bytes: Some(64 << 20), cpus: Some(0.5), pids: Some(100) },
        mounts: vec![WantMount { kind: "volume".into(), source: Some("data".into()), target: "/data".into(), read_only: false }],
        restart_policy: RestartPolicy { name: "on-failure".into(), max_retries: 3 },
        labels: [("team".to_owned(), "shop".to_owned())].into(),
        ..request(None)
    };
    let made = container(client.create_container(&asked, "k1").await);
    assert_eq!((made.name.as_str(), made.state), ("web", ContainerState::Running), "the writer sees the own write");
    let again = container(client.create_container(&asked, "k1").await);
    assert_eq!(again.id, made.id, "a repeat makes no second one");
    {
        let world = fake.world();
        let c = &world.containers[&made.id];
        assert_eq!((c.host_config["Memory"].as_u64(), c.host_config["NanoCpus"].as_i64()), (Some(64 << 20), Some(500_000_000)));
        assert_eq!((c.environment.as_slice(), c.labels["team"].as_str()), (&["TOKEN=canary".to_owned()][..], "shop"));
        assert_eq!(c.labels["ecos.project"], "", "written also when it is nobody's");
        assert_eq!(world.volumes["data"]["Labels"]["ecos.op"], c.labels["ecos.op"]);
    }
    let trail = client.audit(&AuditQuery::default()).await.expect("read");
    let record = trail.items.iter().find(|r| r.action == "create" && r.object_kind == "container").expect("on record");
    assert_eq!((record.outcome.as_str(), record.object_name.as_str()), ("done", "web"));
    assert!(!serde_json::to_string(&trail).expect("JSON").contains("canary"));
    // Taken, whoever has it; and nothing of it is told.
    assert_eq!(problem(client.create_container(&asked, "k2").await), (409, "name_conflict".into()));
    // What does not start is taken away again.
    fake.world().next_start_fails = Some("driver failed: port is already allocated, TOKEN=canary-2".into());
    let other = CreateContainer { name: Some("other".into()), env: [("TOKEN".to_owned(), "canary-2".to_owned())].into(), ..request(None) };
    let failed = client.create_container(&other, "k3").await.expect_err("it does not start");
    let Failure::Problem(p) = &failed else { panic!("{failed:?}") };
    assert_eq!((p.status, p.code.as_str()), (502, "engine_refused"));
    assert!(p.detail.contains("port is already allocated") && !p.detail.contains("canary"), "{}", p.detail);
    assert!(fake.world().containers.values().all(|c| c.name != "other"));
}

#[tokio::test]
async fn a_projects_container_is_the_projects_and_named_so() {
    let fake = Fake::start();
    fake.world()
        .volumes
        .insert("foreign".into(), json!({"Name": "foreign", "Driver": "local", "Options": null, "CreatedAt": "2026-01-01T00:00:00Z"}));
    fake.world().networks.insert("back".into(), json!({"Name": "back", "Id": "n1", "Created": "2026-01-01T00:00:00Z"}));
    let console = console(&[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    let crm = project(&console, "crm", "dev-b").await;
    let visitor = console.signed_in("dev-a").await;
    let client = visitor.client();
    until("the host", async || console.app.fleet().snapshot().hosts.iter().any(|h| h.engine.is_some())).await;

    let made = container(client.create_container(&request(Some(&payments)), "k1").await);
    assert_eq!((made.name.as_str(), made.project.map(|p| p.name)), ("payments-web", Some("payments".to_owned())));
    let other = console.signed_in("dev-b").await.client();
    assert_eq!(problem(other.container(&made.id).await).0, 404, "nobody else's");
    assert_eq!(client.containers(&ContainerQuery::default()).await.expect("listed").total, 1);

    // What is not theirs is not there, whether it is or not.
    let volume = |source: &str| CreateContainer {
        name: Some("db".into()),
        mounts: vec![WantMount { kind: "volume".into(), source: Some(source.into()), target: "/data".into(), read_only: false }],
        ..request(Some(&payments))
    };
    let network = |name: &str| CreateContainer { name: Some("db".into()), networks: vec![name.into()], ..request(Some(&payments)) };
    let refusal = async |asked: CreateContainer| {
        let body = serde_json::to_string(&asked).expect("JSON");
        let (status, mut body) = visitor.json("POST", "/api/v1/containers", Some(&body)).await;
        body["request_id"] = Value::Null;
        (status, body)
    };
    let before = mutating(&fake).len();
    let (status, foreign) = refusal(volume("foreign")).await;
    assert_eq!((status, foreign["errors"][0]["field"].as_str()), (422, Some("mounts[0].source")));
    assert_eq!(foreign, refusal(volume("absent")).await.1, "the same, whether it is there or not");
    let (status, foreign) = refusal(network("back")).await;
    assert_eq!((status, foreign["errors"][0]["field"].as_str()), (422, Some("networks[0]")));
    assert_eq!(foreign, refusal(network("none-such")).await.1);
    // Another's project is no project, and a host that is not there no host.
    assert_eq!(refusal(request(Some(&crm))).await.1["errors"][0]["field"], "project_id");
    assert_eq!(refusal(request(Some(&crm))).await, refusal(request(Some("nobody's"))).await);
    assert_eq!(refusal(CreateContainer { host_id: "h9".into(), ..request(Some(&payments)) }).await.1["errors"][0]["field"], "host_id");
    assert_eq!(refusal(request(None)).await.0, 422, "not the platform's either");
    assert_eq!(mutating(&fake).len(), before);

    // A volume of the own prefix comes into being, and is the project's.
    let db = container(client.create_container(&volume("payments-data"), "k2").await);
    assert_eq!(db.name, "payments-db");
    console.app.auth().refresh().await.expect("reads");
    let owned = console.app.store().ownerships().await.expect("read");
    assert!(owned.iter().any(|o| o.kind == "volume" && o.object_id == "payments-data" && o.project_id == payments), "{owned:?}");
    let choices = client.container_choices(Some("h0"), Some(&payments)).await.expect("read");
    assert_eq!((choices.volumes, choices.networks), (vec!["payments-data".to_owned()], vec!["bridge".to_owned()]));
    assert_eq!((choices.projects.len(), choices.platform), (1, false));
}

/// Everything that a project's container may not ask for, as an engine holds it, and the code that says so.
fn refused_settings() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"Privileged": true}), "privileged"),
        (json!({"NetworkMode": "host"}), "host_namespace"),
        (json!({"PidMode": "host"}), "host_namespace"),
        (json!({"IpcMode": "host"}), "host_namespace"),
        (json!({"UTSMode": "host"}), "host_namespace"),
        (json!({"UsernsMode": "host"}), "host_namespace"),
        (json!({"PidMode": "container:foreign"}), "foreign_namespace"),
        (json!({"Binds": ["/srv/x:/x"]}), "bind"),
        (json!({"Binds": ["/var/run/docker.sock:/x"]}), "bind_engine"),
        (json!({"Mounts": [{"Type": "bind", "Source": "/srv", "Target": "/x"}]}), "bind"),
        (
            json!({"Mounts": [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"o": "bind", "device": "/etc"}}}}]}),
            "volume_bind",
        ),
        (json!({"VolumesFrom": ["foreign"]}), "foreign_volumes"),
        (json!({"VolumeDriver": "nfs"}), "plugin"),
        (json!({"CapAdd": ["SYS_ADMIN"]}), "capability"),
        (json!({"Devices": [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda", "CgroupPermissions": "rwm"}]}), "device"),
        (json!({"DeviceRequests": [{"Driver": "nvidia", "Count": -1}]}), "device_request"),
        (json!({"DeviceCgroupRules": ["a *:* rwm"]}), "device_cgroup_rule"),
        (json!({"SecurityOpt": ["seccomp=unconfined"]}), "security_option"),
        (json!({"Sysctls": {"kernel.msgmax": "1"}}), "sysctl"),
        (json!({"CgroupParent": "/"}), "cgroup_parent"),
        (json!({"Runtime": "kata"}), "runtime"),
        (json!({"Ulimits": [{"Name": "memlock", "Soft": -1, "Hard": -1}]}), "ulimit"),
        (json!({"OomScoreAdj": -500}), "oom_score"),
        (json!({"OomKillDisable": true}), "oom_kill_disabled"),
        (json!({"MaskedPaths": []}), "unmasked_path"),
        (json!({"ReadonlyPaths": []}), "writable_path"),
        (json!({"LogConfig": {"Type": "fluentd", "Config": {"fluentd-address": "x"}}}), "log_driver"),
        (json!({"LogConfig": {"Type": "json-file", "Config": {"syslog-address": "tcp://x"}}}), "log_address"),
        (json!({"ExtraHosts": ["x:host-gateway"]}), "host_gateway"),
        (json!({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "22"}]}}), "published_port"),
        (json!({"Links": ["/foreign:/web/x"]}), "foreign_link"),
    ]
}

/// The roads that run something, or change it.
const ROADS: [(&str, &str); 6] = [
    ("start", "{}"),
    ("restart", "{}"),
    ("unpause", "{}"),
    ("rename", r#"{"name":"payments-new"}"#),
    ("update", r#"{"limits":{"memory_bytes":67108864}}"#),
    ("recreate", r#"{"limits":{"memory_bytes":67108864}}"#),
];

const STATES: [&str; 3] = ["running", "exited", "paused"];

#[test]
fn there_is_no_second_road() {
    // Field × road × prior state: whatever was made outside and holds a setting that is refused reaches the engine on no road.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let settings = refused_settings();
    let cases = (0..settings.len(), 0..ROADS.len(), 0..STATES.len());
    let (fake, console, visitor, project) = runtime.block_on(async {
        let fake = Fake::start();
        let console = console(&[&fake]).await;
        let project = project(&console, "payments", "dev-a").await;
        let visitor = console.signed_in("dev-a").await;
        (fake, console, visitor, project)
    });
    let next = std::cell::Cell::new(0_u8);
    proptest!(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() }, |((field, road, state) in cases)| {
        let (setting, code) = &settings[field];
        let (road, body) = ROADS[road];
        next.set(next.get() + 1);
        let own = id(next.get());
        runtime.block_on(async {
            fake.world().add(FakeContainer { host_config: setting.clone(), state: STATES[state].into(), ..FakeContainer::running(&own, &format!("payments-{}", next.get())) });
            fake.world().tell("create", &own, &[]);
            console.own(&project, "h0", &own).await;
            until("it is seen", async || visitor.client().container(&own).await.is_ok()).await;
            let before = mutating(&fake).len();
            let (status, answer) = visitor.json("POST", &format!("/api/v1/containers/{own}/{road}"), Some(body).filter(|b| *b != "{}")).await;
            assert_eq!((status, answer["code"].as_str()), (403, Some("policy_refused")), "{setting} by {road}: {answer}");
            assert!(answer["errors"].as_array().is_some_and(|e| e.iter().any(|e| e["code"] == *code)), "{setting}: {answer}");
            assert_eq!(mutating(&fake).len(), before, "{setting} by {road}");
            fake.world().remove(&own);
        });
    });
}

#[tokio::test]
async fn what_a_request_asks_for_is_judged_field_by_field() {
    let fake = Fake::start();
    let console = console(&[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("dev-a").await;
    until("the host", async || console.app.fleet().snapshot().hosts.iter().any(|h| h.engine.is_some())).await;
    let base = serde_json::to_value(request(Some(&payments))).expect("JSON");
    for (field, value, at, code) in [
        ("privileged", json!(true), "privileged", "privileged"),
        ("mounts", json!([{"kind": "bind", "source": "/var/run/docker.sock", "target": "/d"}]), "mounts[0].source", "bind_engine"),
        (
            "mounts",
            json!([{"kind": "tmpfs", "target": "/t"}, {"kind": "bind", "source": "/srv", "target": "/d"}]),
            "mounts[1].source",
            "bind",
        ),
        ("mounts", json!([{"kind": "tmpfs", "target": "/proc/x"}]), "mounts[0].target", "mount_target"),
        ("networks", json!(["host"]), "network_mode", "host_namespace"),
        ("networks", json!(["container:x1"]), "network_mode", "foreign_namespace"),
        ("pid_mode", json!("host"), "pid_mode", "host_namespace"),
        ("ipc_mode", json!("host"), "ipc_mode", "host_namespace"),
        ("capabilities_added", json!(["SYS_ADMIN"]), "capabilities_added[0]", "capability"),
        ("devices", json!(["/dev/fuse"]), "devices[0]", "device"),
        ("security_options", json!(["apparmor=unconfined"]), "security_options[0]", "security_option"),
        ("sysctls", json!({"kernel.msgmax": "1"}), "sysctls.kernel.msgmax", "sysctl"),
        ("extra_hosts", json!(["h:host-gateway"]), "extra_hosts[0]", "host_gateway"),
        ("ports", json!([{"container_port": 80, "host_port": 80}]), "ports[0]", "published_port"),
        ("log", json!({"driver": "syslog", "options": {}}), "log_driver", "log_driver"),
    ] {
        let mut body = base.clone();
        body[field] = value;
        let (status, answer) = visitor.json("POST", "/api/v1/containers", Some(&body.to_string())).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("policy_refused")), "{field}: {answer}");
        let told = |e: &Value| e["field"] == at && e["code"] == code;
        assert!(answer["errors"].as_array().is_some_and(|errors| errors.iter().any(told)), "{field}: {answer}");
        let (status, preview) = visitor.json("POST", "/api/v1/containers/preview", Some(&body.to_string())).await;
        assert_eq!((status, preview["allowed"].as_bool()), (200, Some(false)), "{field}: {preview}");
    }
    assert_eq!(mutating(&fake), [""; 0]);
    let trail = console.signed_in("ops-c").await.client();
    let refused = trail.audit(&AuditQuery { outcome: Some("refused".into()), ..AuditQuery::default() }).await.expect("read");
    assert_eq!(refused.items.len(), 15, "each on record, previews not");
    // Unknown fields and reserved labels are no way in.
    for (field, value, status) in
        [("host_config", json!({}), 422), ("labels", json!({"ecos.project": "x"}), 422), ("HostConfig", json!({}), 422)]
    {
        let mut body = base.clone();
        body[field] = value;
        assert_eq!(visitor.json("POST", "/api/v1/containers", Some(&body.to_string())).await.0, status, "{field}");
    }
    // A platform's administrator is warned of what is the platform's, and it is made.
    let asked = CreateContainer { privileged: true, ..request(None) };
    let made = container(trail.create_container(&asked, "k").await);
    let record = trail.audit(&AuditQuery { object_id: Some(made.id.clone()), ..AuditQuery::default() }).await.expect("read");
    drop(record);
    assert!(fake.world().containers.contains_key(&made.id));
}

#[tokio::test]
async fn an_exception_lets_one_container_pass_and_is_told() {
    let fake = Fake::start();
    let clock = Clock::manual(1_800_000_000_000);
    let console = console_at(clock.clone(), &[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    console.person("ops-c", Some("platform-admin")).await;
    let (dev, admin) = (console.signed_in("dev-a").await, console.signed_in("ops-c").await);
    until("the host", async || console.app.fleet().snapshot().hosts.iter().any(|h| h.engine.is_some())).await;
    let bind = |name: &str| CreateContainer {
        name: Some(name.into()),
        mounts: vec![WantMount { kind: "bind".into(), source: Some("/srv/data/x".into()), target: "/data".into(), read_only: true }],
        ..request(Some(&payments))
    };
    assert_eq!(problem(dev.client().create_container(&bind("a1"), "k1").await), (403, "policy_refused".into()));
    let except = NewPolicyException {
        project_id: Some(payments.clone()),
        container: Some("payments-a1".into()),
        code: "bind".into(),
        value: Some("/srv/data".into()),
        reason: "holds the price list".into(),
        days: None,
    };
    assert_eq!(problem(dev.client().except_from_policy(&except).await).0, 404, "nobody excepts oneself");
    clock.advance(6 * 60_000);
    assert_eq!(problem(admin.client().except_from_policy(&except).await), (403, "step_up_required".into()));
    step_up(&admin).await;
    let bad = NewPolicyException { code: "own_container".into(), ..except.clone() };
    assert_eq!(problem(admin.client().except_from_policy(&bad).await).0, 422);
    let kept = admin.client().except_from_policy(&except).await.expect("excepted");
    let made = container(dev.client().create_container(&bind("a1"), "k2").await);
    assert_eq!(problem(dev.client().create_container(&bind("a2"), "k3").await).0, 403, "that one alone");
    let detail = dev.client().container(&made.id).await.expect("read");
    assert_eq!(
        detail.exceptions.iter().map(|e| (e.code.as_str(), e.reason.as_str())).collect::<Vec<_>>(),
        [("bind", "holds the price list")]
    );
    admin.client().end_policy_exception(&kept.id).await.expect("ended");
    let (status, _) = dev.json("POST", &format!("/api/v1/containers/{}/restart", made.id), None).await;
    assert_eq!(status, 403, "what starts next is judged without it");
}

#[tokio::test]
async fn a_host_whose_disk_is_full_is_named_as_that() {
    let fake = Fake::start();
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let client = console.signed_in("ops-c").await.client();
    listed(&client, 0).await;
    fake.trouble("/containers/create", Trouble::Full);
    assert_eq!(problem(client.create_container(&request(None), "k0").await), (507, "host_disk_full".into()));
    fake.world().stock.clear();
    fake.trouble("/images/create", Trouble::Full);
    let Ok(Created::Operation(begun)) = client.create_container(&request(None), "k1").await else { panic!("an operation") };
    let failed = ended(&client, &begun).await;
    assert_eq!((failed.state, failed.items[0].code.as_deref()), (OperationState::Failed, Some("host_disk_full")));
    assert!(failed.items[0].detail.as_deref().is_some_and(|d| d.contains("overlay2/ab-init")), "the engine's words: {failed:?}");

    // Once there is room again it is made.
    fake.trouble("/containers/create", Trouble::None);
    fake.trouble("/images/create", Trouble::None);
    fake.world().registry.insert("shop/web:1".into(), json!({"Id": "sha256:bb", "Size": 7, "Config": {}}));
    let later = CreateContainer { name: Some("later".into()), ..request(None) };
    let begun = match client.create_container(&later, "k2").await {
        Ok(Created::Operation(begun)) => begun,
        other => panic!("an operation, not {other:?}"),
    };
    let done = ended(&client, &begun).await;
    assert_eq!(done.state, OperationState::Succeeded, "{done:?}");
}

#[tokio::test]
async fn an_image_that_is_missing_is_fetched_first() {
    let fake = Fake::start();
    fake.world().stock.clear();
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let client = console.signed_in("ops-c").await.client();
    listed(&client, 0).await;
    let never = CreateContainer { pull: Pull::Never, ..request(None) };
    assert_eq!(problem(client.create_container(&never, "k0").await), (409, "image_not_found".into()));
    let Ok(Created::Operation(begun)) = client.create_container(&request(None), "k1").await else { panic!("an operation") };
    let failed = ended(&client, &begun).await;
    assert_eq!((failed.state, failed.items[0].code.as_deref()), (OperationState::Failed, Some("pull_failed")));
    assert!(failed.items[0].detail.as_deref().is_some_and(|d| d.contains("manifest unknown")), "{failed:?}");

    fake.world().registry.insert("shop/web:1".into(), json!({"Id": "sha256:bb", "Size": 7, "Config": {}}));
    let Ok(Created::Operation(begun)) = client.create_container(&request(None), "k2").await else { panic!("an operation") };
    let done = ended(&client, &begun).await;
    assert_eq!((done.state, done.items[0].state.as_str()), (OperationState::Succeeded, "done"), "{done:?}");
    assert_eq!(client.container(&done.items[0].object_id).await.expect("there").container.state, ContainerState::Running);
    let listed = client.operations(&OperationQuery::default()).await.expect("read");
    assert_eq!(listed.items.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), [done.id.as_str(), failed.id.as_str()]);
    let other = console.person("dev-a", None).await;
    drop(other);
    assert!(console.signed_in("dev-a").await.client().operations(&OperationQuery::default()).await.expect("read").items.is_empty());
}

#[tokio::test]
async fn limits_change_in_place() {
    let fake = Fake::start();
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = console(&[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let update = UpdateContainer {
        limits: Limits { memory_bytes: Some(64 << 20), cpus: Some(1.5), pids: None },
        restart_policy: Some(RestartPolicy { name: "always".into(), max_retries: 0 }),
    };
    visitor.client().update_container(&id(1), &update, "k").await.expect("updated");
    {
        let world = fake.world();
        let host = &world.containers[&id(1)].host_config;
        assert_eq!((host["Memory"].as_i64(), host["NanoCpus"].as_i64()), (Some(64 << 20), Some(1_500_000_000)));
        assert_eq!(host["RestartPolicy"]["Name"], "always");
    }
    let path = format!("/api/v1/containers/{}/update", id(1));
    for (body, field) in [
        (r"{}", "limits"),
        (r#"{"limits":{"memory_bytes":5}}"#, "limits.memory_bytes"),
        (r#"{"restart_policy":{"name":"maybe"}}"#, "restart_policy.name"),
        (r#"{"memory":5}"#, "memory"),
    ] {
        let (status, answer) = visitor.json("POST", &path, Some(body)).await;
        assert_eq!((status, answer["errors"][0]["field"].as_str()), (422, Some(field)), "{body}");
    }
}

#[tokio::test]
async fn a_new_one_takes_the_place_or_the_old_one_is_put_back() {
    let fake = Fake::start();
    let config = json!({"Cmd": ["serve", "--token=canary"]});
    fake.world().add(FakeContainer { config, ..FakeContainer::running(&id(1), "payments-web") });
    let console = console(&[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    console.own(&payments, "h0", &id(1)).await;
    let client = console.signed_in("dev-a").await.client();
    listed(&client, 1).await;
    let change =
        RecreateContainer { limits: Some(Limits { memory_bytes: Some(64 << 20), ..Limits::default() }), ..RecreateContainer::default() };

    fake.world().next_dies_at_once = true;
    let failed = client.recreate_container(&id(1), &change, "k1").await.expect("begun");
    let failed = ended(&client, &failed).await;
    assert_eq!((failed.state, failed.items[0].code.as_deref()), (OperationState::Failed, Some("not_well")), "{failed:?}");
    assert!(failed.log.iter().any(|l| l.contains("put back")), "{:?}", failed.log);
    {
        let world = fake.world();
        assert_eq!(world.containers.len(), 1);
        let old = &world.containers[&id(1)];
        assert_eq!((old.name.as_str(), old.state.as_str()), ("payments-web", "running"), "as before");
    }

    fake.world().next_dies_at_once = false;
    let done = client.recreate_container(&id(1), &change, "k2").await.expect("begun");
    let done = ended(&client, &done).await;
    assert_eq!(done.state, OperationState::Succeeded, "{done:?}");
    let new = done.items[0].object_id.clone();
    assert_ne!(new, id(1));
    {
        let world = fake.world();
        assert_eq!(world.containers.keys().collect::<Vec<_>>(), [&new]);
        let c = &world.containers[&new];
        assert_eq!((c.name.as_str(), c.host_config["Memory"].as_u64(), c.state.as_str()), ("payments-web", Some(64 << 20), "running"));
        assert_eq!(c.environment, ["TOKEN=canary-in-the-environment"], "what was not named stays");
    }
    assert_eq!(client.container(&new).await.expect("the project's still").container.project.map(|p| p.id), Some(payments));

    // The newest image already: nothing is done.
    fake.world().registry.insert("shop/web:1".into(), json!({"Id": "sha256:aa", "Size": 7, "Config": {}}));
    let pull = RecreateContainer { pull: Pull::Always, ..RecreateContainer::default() };
    let same = client.recreate_container(&new, &pull, "k3").await.expect("begun");
    let same = ended(&client, &same).await;
    assert_eq!((same.state, same.items[0].object_id.as_str()), (OperationState::Succeeded, new.as_str()));
    assert!(same.log.iter().any(|l| l.contains("newest already")), "{:?}", same.log);
}

#[tokio::test]
async fn many_get_new_containers_what_others_need_first_with_a_result_each() {
    let fake = Fake::start();
    let service = |n: u8, name: &str, needs: &str| {
        let mut c = FakeContainer::running(&id(n), &format!("shop-{name}"));
        c.labels.insert("com.docker.compose.project".into(), "shop".into());
        c.labels.insert("com.docker.compose.service".into(), name.into());
        c.labels.insert("com.docker.compose.depends_on".into(), needs.into());
        c
    };
    fake.world().add(service(1, "web", "api:service_started:false"));
    fake.world().add(service(2, "api", ""));
    let privileged = json!({"Privileged": true});
    fake.world().add(FakeContainer { host_config: privileged, ..FakeContainer::running(&id(3), "root") });
    fake.world().add(FakeContainer::running(&id(4), "others"));
    fake.world().registry.insert("shop/web:1".into(), json!({"Id": "sha256:bb", "Size": 7, "Config": {}}));
    let console = console(&[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    for n in 1..=3 {
        console.own(&payments, "h0", &id(n)).await;
    }
    console.person("viewer-e", Some("viewer")).await;
    let client = console.signed_in("dev-a").await.client();
    listed(&client, 3).await;
    let item = |n: u8| ContainerRef { host_id: "h0".into(), id: id(n) };
    let all = RecreateMany { items: (1..=4).map(item).collect(), pull: Pull::Always, reason: Some("monthly".into()) };
    let refused = console.signed_in("viewer-e").await.client().recreate_containers(&all, "k0").await;
    assert_eq!(problem(refused), (403, "forbidden".into()));
    assert!(fake.world().calls.iter().all(|(method, _)| method == "GET"), "nothing is begun");

    let begun = client.recreate_containers(&all, "k1").await.expect("begun");
    let done = ended(&client, &begun).await;
    let told: Vec<_> = done.items.iter().map(|i| (i.object_name.as_str(), i.state.as_str(), i.code.as_deref())).collect();
    let of_others = ("", "failed", Some("not_found"));
    let by_policy = ("root", "failed", Some("policy_refused"));
    assert_eq!(told, [("shop-web", "done", None), ("shop-api", "done", None), by_policy, of_others], "{done:?}");
    assert_eq!((done.kind.as_str(), done.state, done.done), ("container.recreate", OperationState::Failed, 4));
    {
        let world = fake.world();
        let of = |n: usize| &world.containers[&done.items[n].object_id];
        assert_eq!((of(0).image_id.as_str(), of(1).image_id.as_str(), of(0).name.as_str()), ("sha256:bb", "sha256:bb", "shop-web"));
        assert!(of(1).started_at < of(0).started_at, "what is needed is there first");
        assert_eq!((world.containers[&id(3)].state.as_str(), world.containers[&id(4)].state.as_str()), ("running", "running"));
    }
    let trail = console.app.store();
    console.app.trail().settle().await;
    let rows = trail.audit_page(&Visible::of(&Actor::command_line()), &AuditFilter { limit: 100, ..AuditFilter::default() }).await;
    let rows = rows.expect("read");
    let told: Vec<_> =
        rows.iter().filter(|r| r.record.action == "recreate").map(|r| (r.final_outcome.as_str(), r.record.reason.as_str())).collect();
    assert_eq!(told.iter().filter(|t| **t == ("done", "monthly")).count(), 2, "each its own intent: {told:?}");
    assert_eq!(told.iter().filter(|(outcome, _)| *outcome == "refused").count(), 2, "{told:?}");
    let own = client.containers(&ContainerQuery::default()).await.expect("listed");
    assert_eq!(own.total, 3, "the new ones are the project's");
    // Again: the newest already, and nothing is done.
    let again: Vec<_> = done.items[..2].iter().map(|i| ContainerRef { host_id: "h0".into(), id: i.object_id.clone() }).collect();
    let begun = client.recreate_containers(&RecreateMany { items: again.clone(), ..all.clone() }, "k2").await.expect("begun");
    let same = ended(&client, &begun).await;
    assert_eq!(
        same.items.iter().map(|i| i.object_id.as_str()).collect::<Vec<_>>(),
        again.iter().map(|r| r.id.as_str()).collect::<Vec<_>>()
    );
    assert_eq!(same.state, OperationState::Succeeded);
    let twice = RecreateMany { items: vec![item(1), item(1)], ..all.clone() };
    assert_eq!(problem(client.recreate_containers(&twice, "k3").await).0, 422);
    assert_eq!(problem(client.recreate_containers(&RecreateMany { items: Vec::new(), ..all }, "k4").await).0, 422);
}
