//! Bad days of the disk: full, and read-only. Needs root for a small file system of its own, as the engine's tests do.

use std::{fs, path::Path, process::Command};

use super::{Store, StoreError, tests::record};
use crate::{
    auth::{Actor, Visible},
    store::audit::AuditFilter,
};

/// A tmpfs that goes with the test.
pub struct Mount(tempfile::TempDir);

fn privileged(args: &[&str]) {
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    let mut command = if root { Command::new(args[0]) } else { Command::new("sudo") };
    let command = if root { command.args(&args[1..]) } else { command.arg("-n").args(args) };
    let out = command.output().expect("runs");
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

impl Mount {
    pub fn new(size: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().to_string_lossy().into_owned();
        privileged(&["mount", "-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "tmpfs", &path]);
        Self(dir)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn remount(&self, option: &str) {
        privileged(&["mount", "-o", &format!("remount,{option}"), &self.path().to_string_lossy()]);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        privileged(&["umount", "-l", &self.path().to_string_lossy()]);
    }
}

async fn records(store: &Store) -> usize {
    let filter = AuditFilter { limit: 1000, ..AuditFilter::default() };
    store.audit_page(&Visible::of(&Actor::system("test")), &filter).await.expect("reads go on").len()
}

/// Fills the file system to the last block.
pub fn fill(dir: &Path) -> std::path::PathBuf {
    let file = dir.join("filler");
    let mut out = fs::File::create(&file).expect("made");
    let block = vec![1; 4096];
    while std::io::Write::write_all(&mut out, &block).is_ok() {}
    file
}

#[tokio::test]
async fn a_full_disk_refuses_changes_with_its_cause_and_recovers() {
    let disk = Mount::new("8m");
    let store = Store::open(None, disk.path()).await.expect("opens");
    store.append_audit(vec![record("stop")]).await.expect("written");
    let filler = fill(disk.path());
    let mut refused = None;
    // What SQLite has reserved already may take some records yet.
    for _ in 0..2000 {
        if let Err(e) = store.append_audit(vec![record("stop")]).await {
            refused = Some(e);
            break;
        }
    }
    assert!(matches!(refused, Some(StoreError::Full)), "{refused:?}");
    let before = records(&store).await;
    assert!(before > 0);
    // What frees disk, and the outcome of what was begun, may use the reserve.
    assert!(store.use_reserve(), "there is a reserve");
    store.append_audit(vec![record("remove")]).await.expect("written from the reserve");
    assert!(!store.use_reserve(), "it is used once");
    store.keep_reserve().await;
    assert!(!store.use_reserve(), "a full disk takes no new one");
    fs::remove_file(filler).expect("room again");
    store.append_audit(vec![record("start")]).await.expect("written again");
    store.keep_reserve().await;
    assert!(store.use_reserve(), "there is one again");
    assert!(records(&store).await > before || before == 1000);
    let whole = crate::audit::verify::verify(&store, &[]).await.expect("checked");
    assert!(matches!(whole, crate::audit::verify::Verdict::Whole { .. }), "{whole}");
}

#[tokio::test]
async fn a_read_only_data_directory_is_read_and_written_again_when_it_can_be() {
    let disk = Mount::new("8m");
    let store = Store::open(None, disk.path()).await.expect("opens");
    store.append_audit(vec![record("stop")]).await.expect("written");
    store.close().await;
    drop(store);
    // The file system can turn read-only only once nobody writes; the writer task ends on its own time.
    let path = disk.path().join("ecos.db-wal");
    for _ in 0..500 {
        if !path.exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    disk.remount("ro");

    let store = Store::open(None, disk.path()).await.expect("opens for reading");
    assert_eq!(records(&store).await, 1);
    let refused = store.append_audit(vec![record("start")]).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    disk.remount("rw");
    store.append_audit(vec![record("start")]).await.expect("written again");
    assert_eq!(records(&store).await, 2);
}

#[tokio::test]
async fn what_was_committed_before_a_crash_is_read_on_a_read_only_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    store.append_audit((0..5).map(|_| record("stop")).collect()).await.expect("written");
    // As `kill -9` leaves the files: the last commits are in the log alone.
    let (disk, without_index) = (Mount::new("16m"), Mount::new("16m"));
    for entry in fs::read_dir(dir.path()).expect("there") {
        let file = entry.expect("there").path();
        let name = file.file_name().expect("a name").to_owned();
        if file.is_file() {
            fs::copy(&file, disk.path().join(&name)).expect("copied");
            fs::copy(&file, without_index.path().join(name)).expect("copied");
        }
    }
    assert!(disk.path().join("ecos.db-wal").metadata().is_ok_and(|wal| wal.len() > 0), "there is a log");
    fs::remove_file(without_index.path().join("ecos.db-shm")).expect("there");
    disk.remount("ro");
    without_index.remount("ro");
    let crashed = Store::open(None, disk.path()).await.expect("opens for reading");
    assert_eq!(records(&crashed).await, 5);
    assert!(matches!(crashed.append_audit(vec![record("start")]).await, Err(StoreError::ReadOnly)));
    disk.remount("rw");
    crashed.append_audit(vec![record("start")]).await.expect("written again");
    assert_eq!(records(&crashed).await, 6);
    let refused = Store::open(None, without_index.path()).await.map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Setup(why)) if why.contains("write-ahead log")), "{refused:?}");
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_is_kept_for_what_cannot_be_missed() {
    let disk = Mount::new("24m");
    let store = Store::open(None, disk.path()).await.expect("opens");
    assert!(!store.is_nearly_full());
    let filler = disk.path().join("filler");
    fs::write(&filler, vec![1; 18 << 20]).expect("room");
    assert!(store.is_nearly_full());
    store.append_audit(vec![record("stop")]).await.expect("the trail goes on");
    fs::remove_file(filler).expect("there");
    assert!(!store.is_nearly_full());
}

/// Does something to the state's database.
async fn alter(store: &Store, sql: &'static str) {
    let changed = store.state.write.change(move |tx| Box::pin(async move { tx.script(sql).await.map(|()| ((), vec![])) }));
    changed.await.expect("changed");
}

/// The files of a running store, on a file system of their own that is read-only.
fn copied_read_only(from: &Path) -> Mount {
    let disk = Mount::new("16m");
    for entry in fs::read_dir(from).expect("there") {
        let file = entry.expect("there").path();
        if file.is_file() {
            fs::copy(&file, disk.path().join(file.file_name().expect("a name"))).expect("copied");
        }
    }
    disk.remount("ro");
    disk
}

#[tokio::test]
async fn a_newer_schema_is_refused_on_a_read_only_directory_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    alter(&store, "INSERT INTO schema_version (version, applied_at) VALUES (9999, 0)").await;
    let disk = copied_read_only(dir.path());
    let refused = Store::open(None, disk.path()).await.map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Setup(why)) if why.contains("schema version 9999")), "{refused:?}");
}

#[tokio::test]
async fn an_older_schema_is_read_and_brought_up_to_date_once_it_can_be() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(None, dir.path()).await.expect("opens");
    store.append_audit(vec![record("stop")]).await.expect("written");
    alter(&store, "DROP INDEX audit_project; DROP INDEX audit_environment; DELETE FROM schema_version WHERE version = 4").await;
    let disk = copied_read_only(dir.path());
    let store = Store::open(None, disk.path()).await.expect("opens for reading");
    assert_eq!(records(&store).await, 1);
    assert!(matches!(store.append_audit(vec![record("start")]).await, Err(StoreError::ReadOnly)));
    disk.remount("rw");
    store.append_audit(vec![record("start")]).await.expect("written again");
    // Making what is there would fail: it was made again.
    let twice = store.state.write.change(|tx| {
        Box::pin(async move { tx.script("CREATE INDEX audit_project ON audit (project_id, seq)").await.map(|()| ((), vec![])) })
    });
    assert!(twice.await.is_err(), "the migration was not run");
    let is_copy = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("ecos.db.before-");
    assert!(fs::read_dir(disk.path()).expect("there").flatten().any(|f| is_copy(&f.file_name())), "and a copy was made before");
}
