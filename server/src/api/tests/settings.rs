//! How a container was made, as settings, as a compose file, and from a pasted line.

use app::api::{audit::AuditQuery, spec::ParseRun};
use serde_json::json;

use super::{
    create::step_up,
    fake::{console, console_at, id, listed, problem},
};
use crate::{
    clock::Clock,
    fleet::fake::{Fake, FakeContainer},
};

#[tokio::test]
async fn settings_and_compose_tell_no_secret_but_to_who_may_reveal() {
    let fake = Fake::start();
    let config = json!({"Cmd": ["serve", "--key=canary-in-an-argument"]});
    let mut c = FakeContainer { config, ..FakeContainer::running(&id(1), "web") };
    c.labels.insert("com.docker.compose.project".into(), "shop".into());
    fake.world().add(c);
    let clock = Clock::manual(1_800_000_000_000);
    let console = console_at(clock.clone(), &[&fake]).await;
    console.person("ops-c", Some("platform-admin")).await;
    console.person("ops-v", Some("viewer")).await;
    let (admin, viewer) = (console.signed_in("ops-c").await, console.signed_in("ops-v").await);
    listed(&admin.client(), 1).await;
    for path in [
        format!("/api/v1/containers/{}/settings", id(1)),
        format!("/api/v1/containers/{}/compose", id(1)),
        "/api/v1/containers/compose?host_id=h0&compose_project=shop".to_owned(),
    ] {
        let (status, body) = viewer.json("GET", &path, None).await;
        let text = body.to_string();
        assert!(status == 200 && text.contains("TOKEN") && !text.contains("canary"), "{path}: {text}");
    }
    assert_eq!(viewer.json("GET", "/api/v1/containers/compose?host_id=h0&compose_project=other", None).await.0, 404);
    let path = format!("/api/v1/containers/{}/reveal", id(1));
    assert_eq!(viewer.json("POST", &path, None).await.0, 403);
    clock.advance(6 * 60_000);
    assert_eq!(admin.json("POST", &path, None).await.1["code"], "step_up_required");
    step_up(&admin).await;
    let (status, body) = admin.json("POST", &path, None).await;
    assert!(status == 200 && body["text"].as_str().is_some_and(|t| t.contains("canary-in-the-environment")), "{body}");
    let trail = admin.client().audit(&AuditQuery { object_id: Some(id(1)), ..AuditQuery::default() }).await.expect("read");
    assert!(trail.items.iter().any(|r| r.action == "reveal" && r.outcome == "done"), "{trail:?}");
    assert!(!serde_json::to_string(&trail).expect("JSON").contains("canary"));
}

#[tokio::test]
async fn a_pasted_line_becomes_a_request() {
    let console = console(&[]).await;
    console.person("ops-c", Some("platform-admin")).await;
    let client = console.signed_in("ops-c").await.client();
    let parsed = client.parse_run(&ParseRun { text: "docker run -d -p 8080:80 --gpus all nginx:1.27".into() }).await.expect("read");
    assert_eq!(
        (parsed.container.image.as_str(), parsed.container.ports.len(), parsed.left_out.as_slice()),
        ("nginx:1.27", 1, &["--gpus".to_owned()][..])
    );
    assert_eq!(problem(client.parse_run(&ParseRun { text: "docker run".into() }).await).0, 422);
}

#[tokio::test]
async fn a_project_as_compose_names_each_service_once_and_says_what_is_left_out() {
    let fake = Fake::start();
    for (n, service) in [(1, "web"), (2, "web"), (3, "db")] {
        let mut c = FakeContainer::running(&id(n), &format!("shop-{service}-{n}"));
        c.labels.insert("com.docker.compose.project".into(), "shop".into());
        c.labels.insert("com.docker.compose.service".into(), service.into());
        fake.world().add(c);
    }
    for n in 10..113 {
        let mut c = FakeContainer::running(&id(n), &format!("large-{n}"));
        c.labels.insert("com.docker.compose.project".into(), "large".into());
        fake.world().add(c);
    }
    let console = console(&[&fake]).await;
    console.person("ops-v", Some("viewer")).await;
    let viewer = console.signed_in("ops-v").await;
    listed(&viewer.client(), 106).await;
    let services = async |project: &str| {
        let text = viewer.client().group_compose("h0", project).await.expect("told").text;
        let names: Vec<String> = text.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   ")).map(str::to_owned).collect();
        (text.lines().next().unwrap_or_default().to_owned(), names)
    };
    let (first, names) = services("shop").await;
    assert_eq!((first.as_str(), names), ("services:", ["  db:", "  web:", "  shop-web-2:"].map(str::to_owned).to_vec()));
    let (first, names) = services("large").await;
    assert_eq!(first, "# 3 more containers of this project are not in this file: it holds 100 at most.");
    assert_eq!((names.len(), names[0].as_str(), names[99].as_str()), (100, "  large-10:", "  large-96:"));
}
