//! Files of real containers: listed, read, written, unpacked, refused.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{Request, Response, header},
};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tower::ServiceExt as _;

use crate::api::tests::{
    console::text,
    rig::{IMAGE, Rig, docker},
};

fn address(container: &str, rest: &str) -> String {
    format!("/api/v1/containers/{container}/files{rest}")
}

/// Sends a body as a page does.
async fn put(rig: &Rig, container: &str, path: &str, headers: &[(&str, &str)], body: Body) -> (u16, Value) {
    let mut request = Request::put(address(container, &format!("?path={path}")))
        .header("host", "localhost:3000")
        .header("origin", "http://localhost:3000")
        .header(app::client::PAGE_HEADER, "1")
        .header("cookie", rig.visitor.cookie().expect("a cookie"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = rig.console.router.clone().oneshot(request.body(body).expect("a request")).await.expect("infallible");
    let status = response.status().as_u16();
    (status, serde_json::from_str(&text(response).await).unwrap_or_default())
}

async fn get(rig: &Rig, container: &str, rest: &str) -> Response<Body> {
    rig.visitor.send("GET", &address(container, rest), &[], None).await
}

/// One entry of an archive with a name that no writer of archives would write.
fn entry(tar: &mut Vec<u8>, name: &str, kind: tar::EntryType, link: &str, content: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    tar.extend_from_slice(header.as_bytes());
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

const TAR: (&str, &str) = ("content-type", "application/x-tar");

#[tokio::test]
async fn a_folder_and_its_files_are_shown() {
    let rig = Rig::new().await;
    let script = "mkdir -p /srv/app/deep && cd /srv/app && echo hello > text && chmod 640 text && chown 1:65534 text && ln -s /srv/app/text link && \
                  printf '\\000\\001' > binary && echo x > deep/inner && mkfifo pipe; sleep 3600";
    let container = rig.run(&[IMAGE, "sh", "-c", script]).await;
    let id = &container.0;
    docker(&["exec", id, "sh", "-c", "until [ -p /srv/app/pipe ]; do :; done"]).await;
    let (status, listing) = rig.visitor.json("GET", &address(id, "?path=/srv//app/"), None).await;
    assert_eq!(status, 200, "{listing}");
    assert_eq!((&listing["path"], &listing["complete"]), (&json!("/srv/app"), &json!(true)));
    let items = listing["items"].as_array().expect("a list");
    let of = |field: &str| items.iter().map(|i| i[field].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
    assert_eq!(of("name"), ["binary", "deep", "link", "pipe", "text"]);
    assert_eq!(of("kind"), ["file", "folder", "link", "special", "file"]);
    let file = &items[4];
    assert_eq!(
        (file["size"].as_u64(), file["mode"].as_u64(), file["owner"].as_str(), file["group"].as_str()),
        (Some(6), Some(0o640), Some("1"), Some("nogroup"))
    );
    assert_eq!(items[2]["link"], "/srv/app/text");
    for name in ["text", "link"] {
        let (_, shown) = rig.visitor.json("GET", &address(id, &format!("?path=/srv/app/{name}&content=true")), None).await;
        assert_eq!(shown["file"]["text"], "hello\n", "{name}: {shown}");
    }
    let (_, binary) = rig.visitor.json("GET", &address(id, "?path=/srv/app/binary&content=true"), None).await;
    assert_eq!((&binary["file"]["text"], &binary["file"]["size"]), (&Value::Null, &json!(2)));
    for (query, status) in [("?path=srv", 400), ("?path=/nowhere", 404), ("?path=/srv/app/text", 409), ("?path=/srv&content=true", 409)] {
        assert_eq!(get(&rig, id, query).await.status().as_u16(), status, "{query}");
    }
    // Also while it does not run.
    docker(&["kill", id]).await;
    assert_eq!(rig.visitor.json("GET", &address(id, "?path=/srv/app"), None).await.1["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(get(&rig, id, "?path=/").await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_text_is_written_over_what_was_read_and_nothing_else() {
    let rig = Rig::new().await;
    let container = rig.run(&[IMAGE, "sh", "-c", "echo old > /etc/conf && chown 7:8 /etc/conf && chmod 4751 /etc/conf; sleep 3600"]).await;
    let id = &container.0;
    docker(&["exec", id, "sh", "-c", "until [ \"$(stat -c %a /etc/conf)\" = 4751 ]; do :; done"]).await;
    let (_, read) = rig.visitor.json("GET", &address(id, "?path=/etc/conf&content=true"), None).await;
    let etag = read["file"]["etag"].as_str().expect("an etag").to_owned();
    let (status, written) = put(&rig, id, "/etc/conf", &[("if-match", &etag)], Body::from("new\n")).await;
    assert_eq!((status, written["bytes"].as_u64()), (200, Some(4)), "{written}");
    assert_eq!(docker(&["exec", id, "sh", "-c", "cat /etc/conf; stat -c '%u:%g %a' /etc/conf"]).await, "new\n7:8 4751");
    let (status, problem) = put(&rig, id, "/etc/conf", &[("if-match", &etag)], Body::from("lost\n")).await;
    assert_eq!((status, problem["code"].as_str()), (412, Some("file_changed")));
    let next = written["etag"].as_str().expect("an etag").to_owned();
    assert_eq!(put(&rig, id, "/etc/conf", &[("if-match", &next)], Body::from("newer\n")).await.0, 200);
    assert_eq!(put(&rig, id, "/etc/fresh", &[], Body::from("x")).await.0, 200, "one that was not there");
    assert_eq!(put(&rig, id, "/nowhere/fresh", &[], Body::from("x")).await.0, 404);
    assert_eq!(docker(&["exec", id, "cat", "/etc/conf", "/etc/fresh"]).await, "newer\nx");
    let trail = rig.trail().await;
    assert!(trail.iter().any(|r| r == "write_file done /etc/conf (4 B)"), "{trail:?}");
}

#[tokio::test]
async fn hostile_archives_are_refused() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let id = &container.0;
    let regular = tar::EntryType::Regular;
    let cases: [(&str, tar::EntryType, &str, &str); 7] = [
        ("../outside", regular, "", "hostile_name"),
        ("/etc/passwd", regular, "", "hostile_name"),
        ("a/../../b", regular, "", "hostile_name"),
        ("link", tar::EntryType::Symlink, "/etc", "hostile_link"),
        ("link", tar::EntryType::Symlink, "../../x", "hostile_link"),
        ("hard", tar::EntryType::Link, "/etc/shadow", "hostile_link"),
        ("disk", tar::EntryType::Block, "", "hostile_device"),
    ];
    for (name, kind, link, code) in cases {
        let mut tar = Vec::new();
        entry(&mut tar, name, kind, link, b"");
        tar.extend_from_slice(&[0; 1024]);
        let (status, problem) = put(&rig, id, "/tmp", &[TAR], Body::from(tar)).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some(code)), "{name} {link}: {problem}");
    }
    // A million entries, made as they are sent.
    let mut one = Vec::new();
    entry(&mut one, "many", regular, "", b"");
    let many = Bytes::from(one.repeat(1_000));
    let pieces = stream::repeat(many).take(1_000).map(Ok::<_, std::io::Error>);
    let (status, problem) = put(&rig, id, "/tmp", &[TAR], Body::from_stream(pieces)).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("too_many_entries")), "{problem}");
    let (status, problem) = put(&rig, id, "/tmp", &[TAR], Body::from("no archive".repeat(200))).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("bad_archive")), "{problem}");

    let mut good = Vec::new();
    entry(&mut good, "./dir/", tar::EntryType::Directory, "", b"");
    entry(&mut good, "dir/file", regular, "", b"content");
    entry(&mut good, "dir/link", tar::EntryType::Symlink, "file", b"");
    good.extend_from_slice(&[0; 1024]);
    let (status, written) = put(&rig, id, "/tmp", &[TAR], Body::from(good)).await;
    assert_eq!((status, written["entries"].as_u64()), (200, Some(3)), "{written}");
    assert_eq!(docker(&["exec", id, "cat", "/tmp/dir/link"]).await, "content");
}

#[tokio::test]
async fn large_files_go_through_piece_by_piece() {
    const SIZE: usize = 96 << 20;
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let id = &container.0;
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let pieces = stream::repeat(piece).take(SIZE >> 20).map(Ok::<_, std::io::Error>);
    let (status, written) = put(&rig, id, "/tmp/large", &[("content-length", &SIZE.to_string())], Body::from_stream(pieces)).await;
    assert_eq!((status, written["bytes"].as_u64()), (200, Some(SIZE as u64)), "{written}");
    assert_eq!(get(&rig, id, "?path=/tmp/large&content=true").await.status().as_u16(), 413);
    for (path, least, kind) in [("/tmp/large", SIZE, "application/octet-stream"), ("/tmp", SIZE + 512, "application/x-tar")] {
        let response = get(&rig, id, &format!("/download?path={path}")).await;
        let head = |name: header::HeaderName| response.headers().get(name).and_then(|h| h.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(head(header::CONTENT_TYPE), kind);
        assert!(head(header::CONTENT_DISPOSITION).starts_with("attachment; filename*=UTF-8''"));
        assert!(head(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
        let (mut body, mut taken, mut largest) = (response.into_body(), 0, 0);
        while let Some(frame) = body.frame().await {
            let data = frame.expect("read").into_data().expect("data");
            taken += data.len();
            largest = largest.max(data.len());
        }
        assert!(taken >= least && largest <= 1 << 20, "{path}: {taken} bytes, {largest} at once");
    }
}

#[tokio::test]
async fn an_upload_into_what_is_removed_meanwhile_ends_and_says_how() {
    const PIECES: usize = 64;
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let id = &container.0;
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let remover = async {
        for _ in 0..PIECES / 4 {
            send.send(Ok(piece.clone())).await.expect("it is taken");
        }
        // The engine has some of it. Whether it lets the container go now or holds on until the file is whole is its own affair.
        let removing = tokio::spawn({
            let id = id.clone();
            async move { docker(&["rm", "-f", &id]).await }
        });
        for _ in PIECES / 4..PIECES {
            if send.send(Ok(piece.clone())).await.is_err() {
                break;
            }
        }
        drop(send);
        removing.await.expect("removed");
    };
    let length = (PIECES << 20).to_string();
    let body = Body::from_stream(ReceiverStream::new(receive));
    let headers = [("content-length", length.as_str())];
    let both = async { tokio::join!(put(&rig, id, "/tmp/large", &headers, body), remover) };
    let ((status, answer), ()) = timeout(Duration::from_mins(1), both).await.expect("nothing hangs");
    let outcome = match status {
        200 => "done",
        404 | 409 => "failed",
        502 => "unknown",
        other => panic!("{other}: {answer}"),
    };
    let trail = rig.trail().await;
    assert!(trail.iter().any(|r| r.starts_with(&format!("write_file {outcome} /tmp/large"))), "{status} {answer}: {trail:?}");
    rig.until("it is known to be gone", || rig.console.app.fleet().snapshot().find(id).is_empty()).await;
    assert_eq!(put(&rig, id, "/tmp/large", &[], Body::from("x")).await.0, 404);
}

#[tokio::test]
async fn nobody_looks_who_may_not() {
    let rig = Rig::new().await;
    let container = rig.sleeper().await;
    let token = rig.console.token(&rig.user_id, None).await;
    rig.console.person("dev-a", Some("viewer")).await;
    for visitor in [rig.console.script(&token), rig.console.signed_in("dev-a").await] {
        for rest in ["?path=/etc", "?path=/etc/passwd&content=true", "/download?path=/etc"] {
            assert_eq!(visitor.send("GET", &address(&container.0, rest), &[], None).await.status().as_u16(), 403, "{rest}");
        }
        assert_eq!(visitor.send("PUT", &address(&container.0, "?path=/tmp/x"), &[], Some("x")).await.status().as_u16(), 403);
    }
}
