//! What lies in a folder.
//!
//! The engine has no call for it: its archive of the folder is read, of which the heads of what lies directly in it are kept and everything else
//! passed over. A folder that holds too much for that is listed by the container's own `stat`, where it runs and has a shell.

use std::{collections::BTreeMap, time::Duration};

use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Engine, FileKind, FilePath, of_archive, reader};
use crate::{
    audit::Intent,
    auth::{Permitted, gate::Passed, permission::container::Exec},
    clock::Millis,
    fleet::{
        connector::{Call, Fault},
        error::EngineError,
        policy::Judged,
    },
};

/// Entries that are shown, at most.
pub const ENTRIES: usize = 5_000;
/// How much of an archive is passed over for it.
const BYTES: u64 = 512 << 20;
/// How long that may take.
const TIME: Duration = Duration::from_secs(4);
/// For the container's own listing.
const OWN: Duration = Duration::from_secs(10);
/// Of the container's own listing.
const OWN_BYTES: usize = 4 << 20;

/// Lists by what the container has: names with a newline are left out, for they could not be told from lines. `$0`: the folder, `$1`: how many.
const SCRIPT: &str = r#"cd "$0" || exit 1
most=$1 n=0
nl='
'
for f in ./* ./.[!.]* ./..?*; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  case "$f" in *"$nl"*) continue;; esac
  n=$((n+1)); [ "$n" -gt "$most" ] && break
  if [ -L "$f" ]; then printf '>%s\n' "$(readlink "$f")"; fi
  stat -c '%f %s %u %g %Y %n' "$f"
done
echo ."#;

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub kind: FileKind,
    pub size: u64,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    pub modified_at: Millis,
    pub link: Option<String>,
}

/// A folder's entries, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<Listed>,
    /// Whether these are all.
    pub complete: bool,
}

impl Engine {
    /// Lists a folder from the engine's archive of it.
    pub async fn list_files(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        path: &FilePath,
    ) -> Result<Listing, EngineError> {
        self.may_look(permitted, judged, id)?;
        let (at, stat) = self.resolve(id, path).await?;
        if stat.kind != FileKind::Folder {
            return Err(EngineError::NotAFolder);
        }
        let until = Instant::now() + TIME;
        let late = |_| EngineError::Timeout;
        let body = timeout(self.host.timings.whole, self.archive(id, &at)).await.map_err(late)??;
        let mut tar = reader(body);
        let mut found: BTreeMap<String, Listed> = BTreeMap::new();
        let mut own: Option<Vec<u8>> = None;
        let complete = loop {
            if tar.taken() > BYTES || found.len() >= ENTRIES {
                break false;
            }
            let entry = match timeout_at(until, tar.next()).await {
                Err(_) => break false,
                Ok(Err(error)) => return Err(of_archive(error)),
                Ok(Ok(None)) => break true,
                Ok(Ok(Some(entry))) => entry,
            };
            // The folder itself comes first: by its name, or as `./` or `/`.
            let Some(own) = &own else {
                own = Some(entry.path.clone());
                continue;
            };
            let name = entry.path.strip_prefix(own.as_slice()).unwrap_or(&entry.path);
            let name = name.strip_prefix(b"./").or_else(|| name.strip_prefix(b"/")).unwrap_or(name);
            let name = name.strip_suffix(b"/").unwrap_or(name);
            if name.is_empty() || name.contains(&b'/') {
                continue;
            }
            let name = String::from_utf8_lossy(name).into_owned();
            let listed = Listed {
                name: name.clone(),
                kind: FileKind::of(entry.kind),
                size: entry.size,
                mode: entry.mode,
                uid: entry.uid,
                gid: entry.gid,
                modified_at: entry.modified.saturating_mul(1_000),
                link: entry
                    .link
                    .filter(|_| entry.kind == crate::fleet::archive::Kind::Symlink)
                    .map(|l| String::from_utf8_lossy(&l).into_owned()),
            };
            found.insert(name, listed);
        };
        Ok(Listing { entries: found.into_values().collect(), complete })
    }

    /// Lists a folder by a shell and `stat` of the container's own.
    pub async fn list_files_inside(
        &self,
        intent: &Intent<Exec>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
        shell: &str,
        path: &FilePath,
    ) -> Result<Listing, EngineError> {
        self.ready(intent.object(), id)?;
        self.judged(judged, id)?;
        let road = &self.host.link;
        // With a terminal the answer comes without frames, and with a return before each newline.
        let body = json!({
            "AttachStdout": true, "Tty": true, "User": "0",
            "Cmd": [shell, "-c", SCRIPT, path.as_str(), ENTRIES.to_string()],
        });
        let run = async {
            let exec = super::super::terminal::create_exec(road, id, &body).await?;
            let (path, how) = (format!("/exec/{exec}/start"), json!({"Detach": false, "Tty": true}));
            let body = road.post(Call::Stream, &path, &how).await.map_err(EngineError::of_container)?.into_body();
            let whole = http_body_util::Limited::new(body, OWN_BYTES).collect().await;
            Ok::<_, EngineError>(whole.map_err(|e| EngineError::of_container(Fault::of(&*e)))?.to_bytes())
        };
        let said = timeout(OWN, run).await.map_err(|_| EngineError::Timeout)??;
        let mut found = BTreeMap::new();
        let (mut target, mut complete) = (None, false);
        for line in String::from_utf8_lossy(&said).lines() {
            let line = line.trim_end_matches('\r');
            if let Some(leads_to) = line.strip_prefix('>') {
                target = Some(leads_to.to_owned());
            } else if line == "." {
                complete = true;
            } else if let Some(mut listed) = of_stat(line) {
                listed.link = target.take().filter(|_| listed.kind == FileKind::Link);
                found.insert(listed.name.clone(), listed);
            }
        }
        let complete = complete && found.len() < ENTRIES;
        if found.is_empty() && !complete {
            return Err(EngineError::Refused("the container's own stat did not list the folder".to_owned()));
        }
        Ok(Listing { entries: found.into_values().collect(), complete })
    }
}

/// `41ed 4096 0 0 1700000000 ./name`
fn of_stat(line: &str) -> Option<Listed> {
    let mut parts = line.splitn(6, ' ');
    let mode = u32::from_str_radix(parts.next()?, 16).ok()?;
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (size, uid, gid, modified) = (number()?, number()?, number()?, number()?);
    let name = parts.next()?.strip_prefix("./").filter(|name| !name.is_empty())?.to_owned();
    let kind = match mode & 0o170_000 {
        0o100_000 => FileKind::File,
        0o040_000 => FileKind::Folder,
        0o120_000 => FileKind::Link,
        _ => FileKind::Special,
    };
    let size = if kind == FileKind::File { size } else { 0 };
    Some(Listed {
        name,
        kind,
        size,
        mode: mode & 0o7777,
        uid,
        gid,
        modified_at: i64::try_from(modified).ok()?.saturating_mul(1_000),
        link: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stat_says_is_read_and_nothing_else() {
        let file = of_stat("81a4 12 1000 1000 1700000000 ./a b").expect("read");
        assert_eq!((file.name.as_str(), file.kind, file.size, file.mode, file.uid), ("a b", FileKind::File, 12, 0o644, 1_000));
        assert_eq!(of_stat("41ed 4096 0 0 1 ./d").map(|d| (d.kind, d.size)), Some((FileKind::Folder, 0)));
        for line in ["", "stat: not found", "81a4 12 0 0 1 name", "81a4 12 0 0 1 ./", "x 1 0 0 1 ./a"] {
            assert_eq!(of_stat(line), None, "{line}");
        }
    }
}
