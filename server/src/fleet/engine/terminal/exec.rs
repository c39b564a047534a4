//! A shell of the container's own.

use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt as _,
    time::{Instant, sleep, timeout},
};

use super::{Engine, Fate, Kind, OpenTerminal, TerminalControl, TerminalWanted};
use app::client::percent_encode as encode;

use crate::{
    audit::Intent,
    auth::{Permitted, gate::Passed, permission::container::Exec},
    fleet::{
        connector::{Call, Fault, Link},
        error::EngineError,
        policy::Judged,
    },
};

/// Shells that are looked for, the best first.
const SHELLS: &[&str] = &["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/ash", "/bin/sh", "/usr/bin/sh"];
/// Until a shell has told its pid.
const BEGIN: Duration = Duration::from_secs(15);
/// For the engine to know what its stream has told already.
const KNOWN: Duration = Duration::from_secs(2);
/// Between two looks at that.
const LOOK: Duration = Duration::from_millis(25);
/// How what was killed ends.
const KILLED: i64 = 137;
/// What a shell may do after it was told to hang up.
const HANG_UP: Duration = Duration::from_millis(400);
/// For one of the execs that end another.
const END: Duration = Duration::from_secs(10);
/// Around the pid, so that nothing else is taken for it.
const MARK: u8 = 0x1e;

/// Tells the pid, then becomes the shell.
const BEGIN_SCRIPT: &str = r#"printf '\036%s\036' "$$"; exec "$0""#;

/// Signals every process of a terminal's session. Only what every shell has built in: an image need have nothing else. `$0`: the session,
/// which is the shell's pid; `$1`: the signal. The name in `stat` may hold anything, so that only what follows it counts.
const END_SCRIPT: &str = r#"session=$0 signal=$1
for stat in /proc/[0-9]*/stat; do
  line=
  { while read -r l; do line=$l; done < "$stat"; } 2>/dev/null
  pid=${stat#/proc/}; pid=${pid%/stat}
  set -- ${line##*) }
  if [ "${4:-}" = "$session" ]; then kill -"$signal" "$pid"; fi
done 2>/dev/null
true"#;

/// An exec that has told its pid. Kept with the terminal's intent, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub(super) id: String,
    shell: String,
    user: Option<String>,
    /// As the container sees it.
    pid: u32,
}

impl Engine {
    /// The shells that a container has, the best first. Nothing is run to find out.
    pub async fn shells(&self, permitted: &Permitted<Exec>, _judged: &Judged, id: &str) -> Result<Vec<&'static str>, EngineError> {
        self.readable(permitted, id)?;
        let link = &self.host.link;
        let mut shells: Vec<&'static str> = Vec::new();
        for shell in SHELLS.iter().copied() {
            match link.head(&format!("/containers/{id}/archive?path={}", encode(shell))).await {
                Ok(_) => {}
                // An answer without a body does not tell a missing file from a missing container; whoever opens a terminal will hear it.
                Err(Fault::Status { status: 404, .. }) => continue,
                Err(fault) => return Err(EngineError::of_container(fault)),
            }
            // One of a name is enough.
            let name = |path: &'static str| path.rsplit('/').next();
            if !shells.iter().any(|other| name(other) == name(shell)) {
                shells.push(shell);
            }
        }
        Ok(shells)
    }

    /// Starts a shell in a container.
    pub async fn open_terminal(
        &self,
        intent: &Intent<Exec>,
        judged: &Judged,
        _passed: &Passed,
        id: &str,
        wanted: &TerminalWanted,
    ) -> Result<OpenTerminal, EngineError> {
        self.ready(intent.object(), id)?;
        self.judged(judged, id)?;
        if self.host.own_container() == Some(id) {
            return Err(EngineError::OwnContainer);
        }
        let link = &self.host.link;
        let body = json!({
            "AttachStdin": true, "AttachStdout": true, "AttachStderr": true, "Tty": true,
            "Env": ["TERM=xterm-256color"],
            "User": wanted.user.clone().unwrap_or_default(),
            "Cmd": [wanted.shell, "-c", BEGIN_SCRIPT, wanted.shell],
        });
        let exec = create(link, id, &body).await?;
        let io =
            link.hijack(&format!("/exec/{exec}/start"), &json!({"Detach": false, "Tty": true})).await.map_err(EngineError::of_container)?;
        let (mut read, write) = tokio::io::split(io);
        let begun = timeout(BEGIN, begin(&mut read)).await.map_err(|_| EngineError::Timeout)?;
        let Some((pid, first)) = begun.map_err(|e| EngineError::of_container(Fault::of(&e)))? else {
            return Err(self.why_not(&exec, id, wanted).await);
        };
        let running = Running { id: exec, shell: wanted.shell.clone(), user: wanted.user.clone(), pid };
        let control = TerminalControl { link: link.clone(), container: id.to_owned(), kind: Kind::Exec(running) };
        // It runs; a size that can't be told makes it no less so.
        if let Err(error) = control.resize(wanted.size).await {
            tracing::debug!(container = id, %error, "a terminal's first size could not be told");
        }
        Ok(OpenTerminal { control, read, write, first })
    }

    /// The stream ended before there was a pid.
    async fn why_not(&self, exec: &str, id: &str, wanted: &TerminalWanted) -> EngineError {
        let state: Result<Value, Fault> = self.host.link.get_json(&format!("/exec/{exec}/json")).await;
        let code = state.ok().and_then(|s| s.get("ExitCode").and_then(Value::as_i64));
        match (self.running(id).await, code) {
            (Ok(false), _) => EngineError::NotRunning,
            (Err(e), _) => e,
            (_, Some(126 | 127)) if wanted.user.is_none() => EngineError::NoShell,
            (_, code) => {
                let code = code.map(|c| c.to_string()).unwrap_or_default();
                EngineError::Refused(format!("the shell did not start (exit code {code}): is there such a user, and may it run it?"))
            }
        }
    }
}

pub(in crate::fleet::engine) async fn create(link: &Link, container: &str, body: &Value) -> Result<String, EngineError> {
    let made = link.post_json(&format!("/containers/{container}/exec"), body).await.map_err(EngineError::of_container)?;
    let id = made.get("Id").and_then(Value::as_str).filter(|id| crate::fleet::is_id(id));
    id.map(str::to_owned).ok_or_else(|| EngineError::Unreachable(Fault::NotAnEngine("it gave an exec no id".to_owned())))
}

/// Reads up to the pid; what came behind it. `None` where the stream ends before.
async fn begin(read: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<Option<(u32, Bytes)>> {
    /// More than an engine says of a shell that does not start.
    const MOST: usize = 16 * 1024;
    let mut bytes = BytesMut::with_capacity(1024);
    loop {
        if let Some(from) = bytes.iter().position(|b| *b == MARK)
            && let Some(length) = bytes[from + 1..].iter().position(|b| *b == MARK)
        {
            let pid = std::str::from_utf8(&bytes[from + 1..from + 1 + length]).ok().and_then(|t| t.parse().ok());
            bytes.advance(from + length + 2);
            return Ok(pid.map(|pid| (pid, bytes.freeze())));
        }
        if bytes.len() > MOST || read.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

impl Running {
    /// Whether the engine says that it runs, in that container: then its pid is still its own.
    pub(super) async fn is_in(&self, link: &Link, container: &str) -> Result<bool, EngineError> {
        if !crate::fleet::is_id(&self.id) {
            return Ok(false);
        }
        let exec: Value = match link.get_json(&format!("/exec/{}/json", self.id)).await {
            Ok(exec) => exec,
            // It goes with its container's run.
            Err(Fault::Status { status: 404, .. }) => return Ok(false),
            Err(fault) => return Err(EngineError::of_container(fault)),
        };
        let is_there = exec.get("ContainerID").and_then(Value::as_str) == Some(container);
        Ok(is_there && exec.get("Running").and_then(Value::as_bool) == Some(true))
    }

    pub(super) async fn fate(&self, link: &Link, container: &str) -> Fate {
        let until = Instant::now() + KNOWN;
        loop {
            let exec: Result<Value, Fault> = link.get_json(&format!("/exec/{}/json", self.id)).await;
            let runs = exec.as_ref().ok().and_then(|e| e.get("Running")).and_then(Value::as_bool);
            let code = exec.as_ref().ok().and_then(|e| e.get("ExitCode")).and_then(Value::as_i64);
            if runs != Some(true) || Instant::now() >= until {
                let container_runs = container_runs(link, container).await;
                // Killed, perhaps with its container: the engine may know of the one before the other.
                if (container_runs, runs, code) == (Some(true), Some(false), Some(KILLED)) && Instant::now() < until {
                    sleep(LOOK).await;
                    continue;
                }
                return match (container_runs, runs) {
                    (Some(false), _) => Fate::ContainerStopped,
                    (_, Some(true)) => Fate::Runs,
                    (_, Some(false)) => Fate::Exited(code),
                    _ => Fate::Unknown,
                };
            }
            sleep(LOOK).await;
        }
    }

    /// By hanging up, and where that is not heard by killing: all of its session, so that nothing of it is left.
    pub(super) async fn end(&self, link: &Link, container: &str) -> Result<(), EngineError> {
        if container_runs(link, container).await == Some(false) {
            return Ok(());
        }
        // What does not hear that is killed all the same.
        if let Err(error) = self.signal(link, container, "HUP").await {
            tracing::debug!(container, %error, "a terminal could not be hung up");
        }
        sleep(HANG_UP).await;
        self.signal(link, container, "KILL").await?;
        match self.fate(link, container).await {
            Fate::Runs | Fate::Unknown => Err(EngineError::Refused("the shell could not be ended".to_owned())),
            Fate::Exited(_) | Fate::ContainerStopped => Ok(()),
        }
    }

    /// As root, and where a container's root may not do it, as the shell's own user.
    async fn signal(&self, link: &Link, container: &str, signal: &str) -> Result<(), EngineError> {
        for user in [Some("0".to_owned()), self.user.clone()] {
            let body = json!({
                "AttachStdout": true, "AttachStderr": true, "Tty": false,
                "User": user.unwrap_or_default(),
                "Cmd": [self.shell, "-c", END_SCRIPT, self.pid.to_string(), signal],
            });
            let run = async {
                let exec = create(link, container, &body).await?;
                let started = json!({"Detach": false, "Tty": false});
                let answer = link.post(Call::Stream, &format!("/exec/{exec}/start"), &started).await.map_err(EngineError::of_container)?;
                // It says nothing; its end is the answer's.
                let mut body = answer.into_body();
                while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
                    frame.map_err(|e| EngineError::of_container(Fault::of(&e)))?;
                }
                Ok(())
            };
            match timeout(END, run).await {
                Ok(Err(EngineError::ContainerNotFound | EngineError::NotRunning)) => return Ok(()),
                Ok(done) => done?,
                Err(_) => return Err(EngineError::Timeout),
            }
            if signal != "KILL" || !matches!(self.fate(link, container).await, Fate::Runs) {
                break;
            }
        }
        Ok(())
    }
}

/// `None` where the engine does not say.
pub(super) async fn container_runs(link: &Link, container: &str) -> Option<bool> {
    match link.get_json::<Value>(&format!("/containers/{container}/json")).await {
        Ok(inspection) => inspection.pointer("/State/Running").and_then(Value::as_bool),
        Err(Fault::Status { status: 404, .. }) => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pid_is_told_from_what_comes_before_and_behind_it() {
        async fn read(text: &[u8]) -> Option<(u32, Bytes)> {
            begin(&mut &text[..]).await.expect("read")
        }
        assert_eq!(read(b"\x1e57\x1e$ ").await, Some((57, Bytes::from_static(b"$ "))));
        assert_eq!(read(b"warning\r\n\x1e1\x1e").await, Some((1, Bytes::new())));
        assert_eq!(read(b"OCI runtime exec failed: no such file\r\n").await, None);
        assert_eq!(read(b"\x1e57").await, None);
        assert_eq!(read(b"\x1ex\x1e").await, None);
        assert_eq!(read("x".repeat(100_000).as_bytes()).await, None);
    }
}
