//! A shell beside a container that has none: a container of its own that shares the other's processes and network, from a busybox that the
//! console carries. The other's files are at `/proc/1/root`.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use app::client::percent_encode as encode;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Engine, Fate, Kind, OpenTerminal, Size, TerminalControl, exec::container_runs, image};
use crate::{
    audit::Intent,
    auth::{Permission, Permitted, gate::Passed, permission::container::Exec},
    fleet::{
        connector::{Call, Fault, Link},
        error::EngineError,
        events::{By, ours::Deed},
        inventory::host::Host,
        model::ContainerEntry,
        policy::{Judged, Rules, Subject, Verdict, Wanted},
    },
};

/// For creating, starting or removing it.
const EACH: Duration = Duration::from_secs(30);
/// Memory that it may use: a shell and its tools.
const MEMORY: u64 = 256 << 20;
/// Its processes, at most.
const PROCESSES: u64 = 256;
/// Begins where the other's files are, if they may be seen.
const BEGIN_SCRIPT: &str = "cd /proc/1/root 2>/dev/null || cd /; exec /bin/sh";

/// What a helper will be: judged before it is made.
#[derive(Clone, Debug)]
pub struct HelperPlan {
    container: String,
    body: Value,
}

impl HelperPlan {
    /// As the policy looks at it.
    fn wanted(&self, host_id: &str) -> Wanted {
        // What is asked for has the shape of what is inspected.
        let inspection = json!({"HostConfig": self.body.get("HostConfig"), "Config": self.body});
        Wanted::from_inspection(host_id, &inspection)
    }
}

/// A helper that runs.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub id: String,
    host: Arc<Host>,
    by: By,
    /// Its exit code, once the engine has told it.
    exit: Arc<OnceLock<Option<i64>>>,
    told: CancellationToken,
}

impl Engine {
    /// What a helper for a container would be. `user`: by name or number, as in that container.
    pub async fn plan_helper(
        &self,
        permitted: &Permitted<Exec>,
        judged: &Judged,
        id: &str,
        user: Option<&str>,
    ) -> Result<HelperPlan, EngineError> {
        self.readable(permitted, id)?;
        self.judged(judged, id)?;
        let image = image::id().ok_or(EngineError::NoHelper)?;
        let inspection = self.inspect_raw(id).await?;
        if inspection.pointer("/State/Running").and_then(Value::as_bool) != Some(true) {
            return Err(EngineError::NotRunning);
        }
        let text = |pointer: &str| inspection.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let user = self.numeric_user(permitted, judged, id, user.unwrap_or_else(|| text("/Config/User"))).await?;
        let beside = format!("container:{id}");
        let mut host_config = json!({
            "AutoRemove": true, "PidMode": beside, "NetworkMode": beside,
            "Memory": MEMORY, "PidsLimit": PROCESSES,
            "LogConfig": {"Type": "none"}, "RestartPolicy": {"Name": "no"},
        });
        // Only what was made to be shared can be shared.
        if matches!(text("/HostConfig/IpcMode"), "shareable") {
            host_config["IpcMode"] = beside.into();
        }
        let body = json!({
            "Image": image, "Entrypoint": ["/bin/sh", "-c", BEGIN_SCRIPT], "Cmd": [],
            "Env": ["PATH=/bin", "TERM=xterm-256color"], "User": user,
            "Tty": true, "OpenStdin": true, "StdinOnce": true, "AttachStdin": true, "AttachStdout": true, "AttachStderr": true,
            "HostConfig": host_config,
        });
        Ok(HelperPlan { container: id.to_owned(), body })
    }

    /// Judges a helper, as any container that is to be made.
    pub async fn judge_helper<P: Permission>(
        &self,
        permitted: &Permitted<P>,
        plan: &HelperPlan,
        rules: Rules,
        subject: &Subject,
    ) -> Result<Verdict, EngineError> {
        self.readable(permitted, &plan.container)?;
        self.judge_wanted(&mut plan.wanted(self.host_id()), rules, subject).await
    }

    /// Makes the helper, from the console's own image, which is brought where it is missing. It does not run yet.
    pub async fn create_helper(
        &self,
        intent: &Intent<Exec>,
        judged: &Judged,
        _passed: &Passed,
        plan: &HelperPlan,
    ) -> Result<Arc<ContainerEntry>, EngineError> {
        self.ready(intent.object(), &plan.container)?;
        // That which is to be made has no id yet.
        self.judged(judged, "")?;
        let link = &self.host.link;
        timeout(EACH, image::bring(link)).await.map_err(|_| EngineError::Timeout)??;
        let mut body = plan.body.clone();
        body["Labels"] = json!({"ecos.helper": plan.container, "ecos.op": intent.id()});
        let made = link
            .post_json(&format!("/containers/create?name={}", encode(&name(intent.id()))), &body)
            .await
            .map_err(EngineError::of_container)?;
        let id = made.get("Id").and_then(Value::as_str).filter(|id| crate::fleet::is_id(id));
        let id = id.ok_or_else(|| EngineError::Unreachable(Fault::NotAnEngine("it gave a container no id".to_owned())))?;
        self.shown(id, None).await
    }

    /// Starts a helper that was made, with its terminal.
    pub async fn enter_helper(
        &self,
        intent: &Intent<Exec>,
        _passed: &Passed,
        container: &str,
        helper: &str,
        size: Size,
    ) -> Result<OpenTerminal, EngineError> {
        self.ready(intent.object(), container)?;
        let link = &self.host.link;
        let by = By { intent_id: intent.id().to_owned(), actor_name: intent.actor_name().to_owned() };
        let running = Running {
            id: helper.to_owned(),
            host: self.host.clone(),
            by: by.clone(),
            exit: Arc::default(),
            told: CancellationToken::new(),
        };
        let control = TerminalControl { link: link.clone(), container: container.to_owned(), kind: Kind::Helper(running.clone()) };
        match self.start_helper(&running, by).await {
            Ok(io) => {
                let (read, write) = tokio::io::split(io);
                if let Err(error) = control.resize(size).await {
                    tracing::debug!(container, %error, "a helper's first size could not be told");
                }
                Ok(OpenTerminal { control, read, write, first: Bytes::new() })
            }
            Err(error) => {
                // It is not left lying about.
                if let Err(error) = control.end().await {
                    tracing::warn!(container, helper, %error, "a helper that did not start could not be removed");
                }
                Err(error)
            }
        }
    }

    /// Removes a helper that was made and will not be entered.
    pub async fn drop_helper(&self, intent: &Intent<Exec>, helper: &str) {
        let by = By { intent_id: intent.id().to_owned(), actor_name: intent.actor_name().to_owned() };
        if let Err(error) = self.end_helper(by, helper).await {
            tracing::warn!(helper, %error, "a helper that is not entered could not be removed");
        }
    }

    pub(super) async fn end_helper(&self, by: By, helper: &str) -> Result<(), EngineError> {
        let running = Running { id: helper.to_owned(), host: self.host.clone(), by, exit: Arc::default(), told: CancellationToken::new() };
        running.end(&self.host.link).await
    }

    async fn start_helper(&self, running: &Running, by: By) -> Result<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>, EngineError> {
        let (link, id) = (&self.host.link, &running.id);
        let attach = format!("/containers/{id}/attach?stream=1&stdin=1&stdout=1&stderr=1");
        let io = link.hijack(&attach, &Value::Null).await.map_err(EngineError::of_container)?;
        let path = format!("/containers/{id}/wait?condition=next-exit");
        let wait = link.post(Call::Stream, &path, &Value::Null);
        let wait = timeout(EACH, wait).await.map_err(|_| EngineError::Timeout)?.map_err(EngineError::of_container)?;
        let (exit, told) = (running.exit.clone(), running.told.clone());
        tokio::spawn(async move {
            let body = wait.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            let code =
                body.ok().and_then(|b| serde_json::from_slice::<Value>(&b).ok()).and_then(|v| v.get("StatusCode").and_then(Value::as_i64));
            // Told once.
            let _ = exit.set(code);
            told.cancel();
        });
        let _ours = self.host.ours.register(id, Deed::Start, by);
        let path = format!("/containers/{id}/start");
        let started = link.post(Call::Slow, &path, &Value::Null);
        timeout(EACH, started).await.map_err(|_| EngineError::Timeout)?.map_err(EngineError::of_container)?;
        Ok(io)
    }
}

/// What a helper is called: it follows from its intent, so that it is found again.
pub(super) fn name(intent: &str) -> String {
    format!("ecos-helper-{}", intent.get(intent.len().saturating_sub(12)..).unwrap_or(intent))
}

impl Running {
    pub async fn fate(&self, link: &Link, container: &str) -> Fate {
        if timeout(Duration::from_secs(2), self.told.cancelled()).await.is_err() {
            return Fate::Runs;
        }
        // It ends with whose processes it shares.
        match (container_runs(link, container).await, self.exit.get()) {
            (Some(false), _) => Fate::ContainerStopped,
            (_, Some(Some(code))) => Fate::Exited(Some(*code)),
            _ => Fate::Exited(None),
        }
    }

    pub async fn end(&self, link: &Link) -> Result<(), EngineError> {
        let _ours = self.host.ours.register(&self.id, Deed::Remove, self.by.clone());
        let removed =
            timeout(EACH, link.delete(&format!("/containers/{}?force=1&v=1", self.id))).await.map_err(|_| EngineError::Timeout)?;
        let done = match removed {
            // It removes itself at its end.
            Ok(()) | Err(Fault::Status { status: 404 | 409, .. }) => Ok(()),
            Err(fault) => Err(EngineError::of_container(fault)),
        };
        // It is gone; that the engine could not be asked again does not change it.
        let _ = self.host.refresh(&self.id).await;
        done
    }
}
