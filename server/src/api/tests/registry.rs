//! Images that come from a registry: a real one, Debian's docker-registry, on a loopback port of each test's own, which engines take without TLS.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    api::{
        container::ContainerState,
        image::{ImageState, ImageUpdate, ImageWhy},
        operation::{Operation, OperationState},
        spec::{CreateContainer, Created, Limits, Pull, RecreateContainer},
    },
    client::Client,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{
    console::Console,
    create::ended,
    fake::{console_at, id, listed, until},
    rig::{Container, IMAGE, Rig, docker},
};
use crate::{
    clock::Clock,
    fleet::fake::{Fake, FakeContainer, Trouble},
};

const MINUTE: i64 = 60_000;

/// A registry; it ends with the test.
struct Registry {
    process: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Registry {
    async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound").port();
        let data = dir.path().join("data");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\nhttp: {{addr: \"127.0.0.1:{port}\"}}\n",
            data.display()
        );
        let file = dir.path().join("config.yml");
        std::fs::write(&file, config).expect("written");
        let process = Command::new("docker-registry").arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("docker-registry runs: `make test` installs it");
        until("the registry answers", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Self { process, port, dir }
    }

    /// Of the repository `web` there.
    fn name(&self, tag: &str) -> String {
        format!("127.0.0.1:{}/web:{tag}", self.port)
    }

    /// Builds an image with a file of so many random bytes, brings it there under a tag, and takes it away from the engine. Its id.
    async fn push(&self, tag: &str, bytes: u64) -> String {
        let context = self.dir.path().join(format!("{tag}-{bytes}"));
        std::fs::create_dir_all(&context).expect("made");
        let mut random = std::io::Read::take(std::fs::File::open("/dev/urandom").expect("there"), bytes);
        std::io::copy(&mut random, &mut std::fs::File::create(context.join("data")).expect("made")).expect("filled");
        std::fs::write(context.join("Dockerfile"), format!("FROM {IMAGE}\nCOPY data /data\nLABEL bytes={bytes}\n")).expect("written");
        let name = self.name(tag);
        let before = docker(&["images", "-q", "--no-trunc", &name]).await;
        docker(&["build", "-q", "-t", &name, &context.display().to_string()]).await;
        let id = docker(&["image", "inspect", "-f", "{{.Id}}", &name]).await;
        docker(&["push", "-q", &name]).await;
        docker(&["rmi", &name]).await;
        if !before.is_empty() {
            // What the engine had under the name, it has again.
            docker(&["tag", &before, &name]).await;
        }
        id
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An image at the engine, taken away at the test's end.
struct Local(String);

impl Drop for Local {
    fn drop(&mut self) {
        let host = std::env::var("ECOS_TEST_DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let _ = Command::new("docker").args(["-H", &host, "rmi", "-f", &self.0]).output();
    }
}

/// Something between engine and registry that lets so many bytes of answers through and then stalls; cut, it breaks off and answers nonsense.
struct Between {
    port: u16,
    passed: Arc<AtomicU64>,
    cut: watch::Sender<bool>,
}

impl Between {
    async fn start(registry: u16, limit: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (passed, cut) = (Arc::new(AtomicU64::new(0)), watch::Sender::new(false));
        let between = Self { port, passed: passed.clone(), cut: cut.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (passed, mut is_cut) = (passed.clone(), cut.subscribe());
                tokio::spawn(async move {
                    let nonsense = *is_cut.borrow();
                    tokio::select! {
                        () = carry(stream, registry, passed, limit, nonsense) => {}
                        _ = is_cut.wait_for(|cut| *cut), if !nonsense => {}
                    }
                });
            }
        });
        between
    }

    fn has_stalled(&self, limit: u64) -> bool {
        self.passed.load(Ordering::SeqCst) >= limit
    }

    fn cut(&self) {
        self.cut.send_replace(true);
    }
}

async fn carry(mut near: TcpStream, registry: u16, passed: Arc<AtomicU64>, limit: u64, nonsense: bool) {
    if nonsense {
        // A client that goes away meanwhile is no matter.
        let _ = near.read(&mut [0; 4096]).await;
        let _ = near.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngone").await;
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", registry)).await else { return };
    let (mut near_read, mut near_write) = near.split();
    let (mut far_read, mut far_write) = far.into_split();
    let there = async {
        let _ = tokio::io::copy(&mut near_read, &mut far_write).await;
    };
    let back = async {
        let mut piece = [0; 4096];
        while let Ok(n @ 1..) = far_read.read(&mut piece).await {
            if passed.fetch_add(n as u64, Ordering::SeqCst) + n as u64 > limit {
                std::future::pending::<()>().await;
            }
            if near_write.write_all(&piece[..n]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}

async fn rig() -> (Rig, Clock, Client) {
    let clock = Clock::manual(Clock::system().now());
    let rig = Rig::over(Console::at(clock.clone()).await).await;
    rig.console.person("admin-a", Some("platform-admin")).await;
    let client = rig.console.signed_in("admin-a").await.client();
    let snapshot = || rig.console.app.fleet().snapshot();
    rig.until("the engine is known", || snapshot().hosts.iter().any(|h| h.fresh_at.is_some() && h.engine.is_some())).await;
    (rig, clock, client)
}

fn request(image: String) -> CreateContainer {
    CreateContainer {
        host_id: "h1".into(),
        image,
        name: Some(format!("ecos-pull-{}", uuid::Uuid::now_v7().simple())),
        command: ["sleep", "3600"].map(str::to_owned).to_vec(),
        start: true,
        ..CreateContainer::default()
    }
}

async fn operation(client: &Client, asked: &CreateContainer) -> Operation {
    match client.create_container(asked, &uuid::Uuid::now_v7().to_string()).await {
        Ok(Created::Operation(operation)) => *operation,
        other => panic!("an operation was expected: {other:?}"),
    }
}

/// Nothing of it is at the engine, neither a container nor the image.
async fn nothing_of(asked: &CreateContainer) {
    let name = format!("name={}", asked.name.as_deref().unwrap_or_default());
    assert_eq!(docker(&["ps", "-aq", "--filter", &name]).await, "");
    assert_eq!(docker(&["images", "-q", &asked.image]).await, "");
}

#[tokio::test]
async fn what_the_engine_lacks_is_fetched_and_what_the_registry_lacks_is_said() {
    let (rig, _, client) = rig().await;
    let registry = Registry::start().await;
    let pushed = registry.push("1", 300_000).await;
    let asked = request(registry.name("1"));
    let _image = Local(asked.image.clone());
    let begun = operation(&client, &asked).await;
    let done = ended(&client, &begun).await;
    assert_eq!((done.state, done.items[0].state.as_str()), (OperationState::Succeeded, "done"), "{done:?}");
    let made = Container(done.items[0].object_id.clone());
    assert_eq!(client.container(&made.0).await.expect("there").container.state, ContainerState::Running);
    assert_eq!(docker(&["inspect", "-f", "{{.Image}} {{.State.Running}}", &made.0]).await, format!("{pushed} true"));

    let absent = request(registry.name("none"));
    let begun = operation(&client, &absent).await;
    let failed = ended(&client, &begun).await;
    assert_eq!((failed.state, failed.items[0].code.as_deref()), (OperationState::Failed, Some("pull_failed")), "{failed:?}");
    let said = failed.items[0].detail.clone().unwrap_or_default();
    assert!(said.contains("not found") && said.contains("none"), "{said}");
    nothing_of(&absent).await;
    let trail = rig.trail().await;
    assert!(trail.iter().any(|r| r.starts_with("create failed") && r.contains("not found")), "{trail:?}");
}

#[tokio::test]
async fn a_pull_that_is_cut_half_way_or_cancelled_leaves_nothing_and_says_so() {
    const LIMIT: u64 = 2 << 20;
    let (rig, _, client) = rig().await;
    let registry = Registry::start().await;
    registry.push("large", 8 << 20).await;
    for cancelled in [true, false] {
        let between = Between::start(registry.port, LIMIT).await;
        let asked = request(format!("127.0.0.1:{}/web:large", between.port));
        let begun = operation(&client, &asked).await;
        until("it stalls", async || between.has_stalled(LIMIT)).await;
        // How far each layer is, is told while it runs.
        let mut now = client.operation(&begun.id).await.expect("read");
        let is_half =
            |o: &Operation| o.layers.iter().any(|l| l.state == "downloading" && l.current.is_some_and(|n| n > 0) && l.current < l.total);
        until("the layer is told", async || {
            now = client.operation(&begun.id).await.expect("read");
            is_half(&now)
        })
        .await;
        assert_eq!((now.state, now.cancellable), (OperationState::Running, true));
        if cancelled {
            client.cancel_operation(&begun.id).await.expect("cancelled");
        } else {
            between.cut();
        }
        let over = ended(&client, &begun).await;
        let (state, code, outcome) = if cancelled {
            (OperationState::Cancelled, "cancelled", "create not_done")
        } else {
            (OperationState::Failed, "pull_failed", "create failed")
        };
        assert_eq!((over.state, over.items[0].code.as_deref()), (state, Some(code)), "{over:?}");
        nothing_of(&asked).await;
        let trail = rig.trail().await;
        assert!(trail.iter().any(|r| r.starts_with(outcome)), "{trail:?}");
    }
}

#[tokio::test]
async fn a_tag_that_has_moved_is_told_and_brought_with_all_settings_kept() {
    let (_rig, clock, client) = rig().await;
    let registry = Registry::start().await;
    let first = registry.push("1", 1_000).await;
    let asked = CreateContainer {
        env: [("TOKEN".to_owned(), "kept".to_owned())].into(),
        labels: [("team".to_owned(), "shop".to_owned())].into(),
        limits: Limits { memory_bytes: Some(64 << 20), ..Limits::default() },
        ..request(registry.name("1"))
    };
    let _image = Local(asked.image.clone());
    let done = ended(&client, &operation(&client, &asked).await).await;
    let old = Container(done.items[0].object_id.clone());
    let told = client.container_image_update(&old.0, None).await.expect("told");
    assert_eq!((told.state, told.why, told.image.as_str()), (ImageState::Current, None, asked.image.as_str()), "{told:?}");

    let second = registry.push("1", 2_000).await;
    assert_ne!(first, second);
    let told = client.container_image_update(&old.0, None).await.expect("told");
    assert_eq!(told.state, ImageState::Current, "nobody is asked again within minutes");
    clock.advance(6 * MINUTE);
    let told = client.container_image_update(&old.0, None).await.expect("told");
    assert_eq!(told.state, ImageState::Newer, "{told:?}");

    let pull = RecreateContainer { pull: Pull::Always, ..RecreateContainer::default() };
    let begun = client.recreate_container(&old.0, &pull, "k1").await.expect("begun");
    let done = ended(&client, &begun).await;
    assert_eq!(done.state, OperationState::Succeeded, "{done:?}");
    let new = Container(done.items[0].object_id.clone());
    assert_ne!(new.0, old.0);
    let kept = "{{.Image}} {{.HostConfig.Memory}} {{index .Config.Labels \"team\"}} {{.Config.Env}} {{.Name}} {{.State.Running}}";
    let kept = docker(&["inspect", "-f", kept, &new.0]).await;
    assert!(kept.starts_with(&format!("{second} 67108864 shop [")) && kept.contains("TOKEN=kept"), "{kept}");
    assert!(kept.ends_with(&format!("/{} true", asked.name.as_deref().unwrap_or_default())), "{kept}");
    let told = client.container_image_update(&new.0, None).await.expect("told");
    assert_eq!(told.state, ImageState::Current, "{told:?}");
    let begun = client.recreate_container(&new.0, &pull, "k2").await.expect("begun");
    let same = ended(&client, &begun).await;
    assert_eq!(same.items[0].object_id, new.0, "the newest already");

    // Nobody there any more.
    drop(registry);
    clock.advance(6 * MINUTE);
    let told = client.container_image_update(&new.0, None).await.expect("told");
    assert_eq!((told.state, told.why), (ImageState::Unknown, Some(ImageWhy::NoAnswer)), "{told:?}");
    assert!(told.detail.is_some_and(|said| said.contains("connection refused")));
    drop((old, new));
    docker(&["rmi", "-f", &first]).await;
}

#[tokio::test]
async fn many_who_look_cost_one_question() {
    let fake = Fake::start();
    let image = json!({"Id": "sha256:aa", "Size": 7, "Config": {}, "RepoDigests": ["shop/web@sha256:01"]});
    {
        let mut world = fake.world();
        world.stock.insert("shop/web:1".into(), image.clone());
        world.stock.insert("built:1".into(), json!({"Id": "sha256:bb", "Size": 7, "Config": {}, "RepoDigests": []}));
        world.registry.insert("shop/web:1".into(), json!({"digest": "sha256:01"}));
        let named = |n: u8, image: &str, image_id: &str| FakeContainer {
            image: image.into(),
            image_id: image_id.into(),
            ..FakeContainer::running(&id(n), &format!("web-{n}"))
        };
        for container in [
            named(1, "shop/web:1", "sha256:aa"),
            named(2, "shop/web:1", "sha256:aa"),
            named(3, "built:1", "sha256:bb"),
            named(4, "shop/web@sha256:01", "sha256:aa"),
            named(5, "shop/web:1", "sha256:cc"),
            named(6, "shop/gone:1", "sha256:aa"),
        ] {
            world.add(container);
        }
    }
    let clock = Clock::manual(1_800_000_000_000);
    let console = console_at(clock.clone(), &[&fake]).await;
    console.person("viewer-a", Some("viewer")).await;
    console.person("dev-a", None).await;
    let client = console.signed_in("viewer-a").await.client();
    listed(&client, 6).await;
    let asked = || fake.world().calls.iter().filter(|(_, path)| path.contains("/distribution/")).count();
    let state = |told: ImageUpdate| (told.state, told.why);

    // The registry is slow, and two containers of one image are looked at by many.
    fake.trouble("/distribution/shop/web:1/json", Trouble::Late);
    let looks = (0..20).map(|n| {
        let (client, fake) = (client.clone(), &fake);
        async move {
            if n == 19 {
                // All the others wait by now, or come later.
                fake.trouble("/distribution/shop/web:1/json", Trouble::None);
            }
            client.container_image_update(&id(1 + n % 2), None).await.expect("told")
        }
    });
    for told in futures_util::future::join_all(looks).await {
        assert_eq!((told.state, told.checked_at.as_deref()), (ImageState::Current, Some("2027-01-15T08:00:00.000Z")));
    }
    assert_eq!(asked(), 1);
    let look = async |n: u8| state(client.container_image_update(&id(n), None).await.expect("told"));
    assert_eq!(look(3).await, (ImageState::Unknown, Some(ImageWhy::NotFromRegistry)));
    assert_eq!(look(4).await, (ImageState::Current, Some(ImageWhy::Pinned)));
    assert_eq!(look(5).await, (ImageState::Unknown, Some(ImageWhy::ImageGone)));
    assert_eq!(asked(), 1, "and none for these");
    assert_eq!(look(6).await, (ImageState::Unknown, Some(ImageWhy::NotInRegistry)));

    fake.world().registry.insert("shop/web:1".into(), json!({"digest": "sha256:02"}));
    assert_eq!(look(1).await.0, ImageState::Current);
    clock.advance(5 * MINUTE);
    assert_eq!(look(1).await.0, ImageState::Newer);
    // The list marks it, and not what nobody has asked about.
    let marked = async || {
        let (_, list) = console.signed_in("viewer-a").await.json("GET", "/api/v1/containers?sort=name", None).await;
        let newer = |c: &&serde_json::Value| c["image_newer"] == true;
        list["items"].as_array().expect("a list").iter().filter(newer).map(|c| c["name"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(marked().await, ["\"web-1\""]);
    fake.world().registry.insert("shop/web:1".into(), json!({"digest": "sha256:01"}));
    clock.advance(5 * MINUTE);
    assert_eq!(look(1).await.0, ImageState::Current);
    assert!(marked().await.is_empty());
    let (status, _) = console.signed_in("dev-a").await.json("GET", &format!("/api/v1/containers/{}/image-update", id(1)), None).await;
    assert_eq!(status, 404, "whoever may not see it does not hear of its image");
    assert_eq!(asked(), 4);
}
