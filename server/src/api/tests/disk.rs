//! Bad days of the disk as people and scripts meet them: changes are refused with their cause, reads go on, what makes room is done, and
//! nobody has to start anything anew.

use std::{fs, path::PathBuf};

use super::{
    console::{Console, Visitor},
    fake::{follow, id, listed, until},
};
use crate::{
    clock::Clock,
    fleet::fake::{Fake, FakeContainer, Trouble},
    store::{
        host::HostRow,
        tests::record,
        tests_disk::{Mount, fill},
    },
};

async fn add_host(console: &Console) {
    let host = HostRow { id: "h0".into(), name: "host-0".into(), endpoint: String::new(), environment_id: None, created_at: 0 };
    console.app.store().create_host(host, record("add")).await.expect("made");
}

/// Status and code of a request.
async fn ask(visitor: &Visitor, method: &str, path: &str, body: Option<&str>) -> (u16, String) {
    let (status, told) = visitor.json(method, &format!("/api/v1{path}"), body).await;
    (status, told["code"].as_str().unwrap_or_default().to_owned())
}

/// Fills the disk until changes are refused for it. Returns the file that does.
async fn exhaust(visitor: &Visitor, disk: &Mount) -> PathBuf {
    let filler = fill(disk.path());
    // What SQLite has reserved already may take some yet.
    for _ in 0..5_000 {
        let (status, code) = ask(visitor, "PATCH", "/account", Some(r#"{"theme":"dark"}"#)).await;
        if status != 200 {
            assert_eq!((status, code.as_str()), (507, "storage_full"));
            return filler;
        }
    }
    panic!("the disk did not become full");
}

fn changes(fake: &Fake) -> usize {
    fake.world().calls.iter().filter(|(method, _)| method != "GET" && method != "HEAD").count()
}

#[tokio::test]
async fn a_full_disk_refuses_changes_and_lets_room_be_made() {
    let (disk, fake) = (Mount::new("24m"), Fake::start());
    for n in 1..=9 {
        fake.world().add(FakeContainer::running(&id(n), &format!("web-{n}")));
    }
    let console = Console::in_dir(disk.path(), Clock::system()).await;
    add_host(&console).await;
    follow(&console, &[&fake]);
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 9).await;

    let filler = exhaust(&visitor, &disk).await;
    for (method, path, body) in [
        ("POST", format!("/containers/{}/stop", id(9)), None),
        ("POST", "/containers/actions".to_owned(), Some(format!(r#"{{"action":"stop","items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(9)))),
        ("POST", "/session/step-up".to_owned(), Some(format!(r#"{{"password":"{}"}}"#, super::console::PASSWORD))),
    ] {
        assert_eq!(ask(&visitor, method, &path, body.as_deref()).await, (507, "storage_full".into()), "{method} {path}");
    }
    assert_eq!(changes(&fake), 0, "what can't be put on record is not done");
    for path in ["/containers", "/hosts", "/overview", "/audit", "/account", "/session"] {
        assert_eq!(ask(&visitor, "GET", path, None).await.0, 200, "{path}");
    }
    fs::remove_file(filler).expect("room again");
    assert_eq!(ask(&visitor, "PATCH", "/account", Some(r#"{"theme":"light"}"#)).await.0, 200, "without a restart");

    // Each road by which room is made, on a disk that is full anew, with the reserve of one.
    let remove = |n| format!(r#"{{"action":"remove","force":true,"items":[{{"host_id":"h0","id":"{}"}}]}}"#, id(n));
    for (n, is_operation, headers) in
        [(1, false, vec![]), (2, false, vec![("idempotency-key", "a")]), (3, true, vec![]), (4, true, vec![("idempotency-key", "b")])]
    {
        console.app.store().keep_reserve().await;
        let filler = exhaust(&visitor, &disk).await;
        let answer = if is_operation {
            visitor.send("POST", "/api/v1/containers/actions", &headers, Some(&remove(n))).await
        } else {
            visitor.send("DELETE", &format!("/api/v1/containers/{}?force=true", id(n)), &headers, None).await
        };
        assert_eq!(answer.status(), if is_operation { 202 } else { 204 }, "road {n}");
        until("it is removed", async || !fake.world().containers.contains_key(&id(n))).await;
        until("its outcome is on record", async || {
            let (_, trail) = visitor.json("GET", &format!("/api/v1/audit?object_id={}", id(n)), None).await;
            trail["items"].as_array().is_some_and(|items| items.len() == 1 && items[0]["outcome"] == "done")
        })
        .await;
        assert!(!console.app.store().use_reserve(), "road {n}: it was done without the reserve");
        fs::remove_file(filler).expect("room again");
    }
    let whole = crate::audit::verify::verify(console.app.store(), &[]).await.expect("checked");
    assert!(whole.is_whole(), "{whole}");
}

#[tokio::test]
async fn an_answer_that_could_not_be_kept_is_kept_as_soon_as_it_can_be() {
    let (disk, fake) = (Mount::new("24m"), Fake::start());
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let console = Console::in_dir(disk.path(), Clock::system()).await;
    add_host(&console).await;
    follow(&console, &[&fake]);
    console.person("ops-c", Some("platform-admin")).await;
    let visitor = console.signed_in("ops-c").await;
    listed(&visitor.client(), 1).await;
    let stop = async || {
        let path = format!("/api/v1/containers/{}/stop", id(1));
        let answer = visitor.send("POST", &path, &[("idempotency-key", "k")], None).await;
        (answer.status().as_u16(), answer.headers().contains_key("idempotent-replay"))
    };
    // The disk fills up while the engine does it, and the reserve is used by somebody else.
    fake.trouble("/stop", Trouble::Late);
    let (first, fillers) = tokio::join!(stop(), async {
        until("it is under way", async || fake.world().count("/stop") == 1).await;
        let mut fillers = vec![exhaust(&visitor, &disk).await];
        if console.app.store().use_reserve() {
            fs::rename(&fillers[0], disk.path().join("filler-0")).expect("renamed");
            fillers = vec![disk.path().join("filler-0"), exhaust(&visitor, &disk).await];
        }
        fake.trouble("/stop", Trouble::None);
        fillers
    });
    assert_eq!(first, (200, false), "it was done");
    assert_eq!(stop().await, (409, false), "that can't be told from one that is under way yet");
    for file in fillers {
        fs::remove_file(file).expect("room again");
    }
    until("the repeat is answered", async || stop().await == (200, true)).await;
    assert_eq!(fake.world().count("/stop"), 1, "and nothing was done twice");
}

#[tokio::test]
async fn a_console_that_starts_on_a_read_only_directory_shows_what_is_and_changes_nothing() {
    let (dir, fake) = (tempfile::tempdir().expect("a directory"), Fake::start());
    fake.world().add(FakeContainer::running(&id(1), "web"));
    let first = Console::in_dir(dir.path(), Clock::system()).await;
    add_host(&first).await;
    let user = first.person("ops-c", Some("operator")).await;
    let token = first.token(&user, None).await;
    let disk = Mount::new("24m");
    for entry in fs::read_dir(dir.path()).expect("there") {
        let file = entry.expect("there").path();
        if file.is_file() {
            fs::copy(&file, disk.path().join(file.file_name().expect("a name"))).expect("copied");
        }
    }
    disk.remount("ro");

    let console = Console::in_dir(disk.path(), Clock::system()).await;
    follow(&console, &[&fake]);
    let script = console.script(&token);
    listed(&script.client(), 1).await;
    for path in ["/containers", "/hosts", "/overview", "/session"] {
        assert_eq!(ask(&script, "GET", path, None).await.0, 200, "{path}");
    }
    let stop = format!("/containers/{}/stop", id(1));
    assert_eq!(ask(&script, "POST", &stop, None).await, (503, "storage_read_only".into()));
    assert_eq!(ask(&script, "DELETE", &format!("/containers/{}?force=true", id(1)), None).await, (503, "storage_read_only".into()));
    let sign_in = format!(r#"{{"username":"ops-c","password":"{}"}}"#, super::console::PASSWORD);
    assert_eq!(ask(&console.visitor(), "POST", "/session", Some(&sign_in)).await, (503, "storage_read_only".into()));
    assert_eq!(changes(&fake), 0);

    disk.remount("rw");
    assert_eq!(ask(&script, "POST", &stop, None).await, (200, String::new()), "without a restart");
    assert_eq!(ask(&console.visitor(), "POST", "/session", Some(&sign_in)).await.0, 201);
}
