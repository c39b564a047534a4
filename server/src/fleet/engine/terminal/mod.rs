//! A terminal in a container: a shell with bytes in both directions, a size, and an end.
//!
//! Docker ends nothing when a connection goes. A shell of the container's own runs as an exec and first tells its pid, by which a second exec
//! ends it and what it began ([`exec`]). A container without a shell gets another beside it, which is ended by removing it ([`helper`]).

mod exec;
mod helper;
mod image;
mod left;

pub(super) use exec::create as create_exec;
pub use helper::HelperPlan;
pub use left::{LeftBehind, TerminalMark};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{ReadHalf, WriteHalf};

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Exec},
    fleet::{connector::Link, error::EngineError, text},
};

/// Whether this build carries what a helper is made of.
pub fn carries_helper() -> bool {
    image::is_carried()
}

/// What somebody wants to sit before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalWanted {
    /// An absolute path: one of those that [`Engine::shells`] found.
    pub shell: String,
    /// `None`: the container's own.
    pub user: Option<String>,
    pub size: Size,
}

/// Of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

/// A terminal that runs.
#[derive(Debug)]
pub struct OpenTerminal {
    pub control: TerminalControl,
    pub read: ReadHalf<TokioIo<Upgraded>>,
    pub write: WriteHalf<TokioIo<Upgraded>>,
    /// What it has written already.
    pub first: Bytes,
}

impl OpenTerminal {
    /// By what it is known after a crash.
    pub fn mark(&self) -> TerminalMark {
        match &self.control.kind {
            Kind::Exec(exec) => TerminalMark::Shell(exec.clone()),
            Kind::Helper(_) => TerminalMark::Helper,
        }
    }
}

/// What came of a terminal whose bytes have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The shell has ended, with its exit code where the engine knows it.
    Exited(Option<i64>),
    /// The container does not run any more.
    ContainerStopped,
    /// It runs on: the connection alone is lost.
    Runs,
    /// The engine did not say.
    Unknown,
}

/// What a terminal is told beside its bytes.
#[derive(Clone, Debug)]
pub struct TerminalControl {
    link: Link,
    container: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exec(exec::Running),
    Helper(helper::Running),
}

impl TerminalControl {
    /// Tells the shell that its window has another size.
    pub async fn resize(&self, size: Size) -> Result<(), EngineError> {
        let what = match &self.kind {
            Kind::Exec(exec) => format!("/exec/{}", exec.id),
            Kind::Helper(helper) => format!("/containers/{}", helper.id),
        };
        let path = format!("{what}/resize?h={}&w={}", size.rows, size.columns);
        self.link.post_json(&path, &serde_json::Value::Null).await.map(drop).map_err(EngineError::of_container)
    }

    /// What has come of it. Waits a moment for an engine that is slower to know than its stream was to end.
    pub async fn fate(&self) -> Fate {
        match &self.kind {
            Kind::Exec(exec) => exec.fate(&self.link, &self.container).await,
            Kind::Helper(helper) => helper.fate(&self.link, &self.container).await,
        }
    }

    /// Ends it and all that it began. Whether it is certain that nothing is left.
    pub async fn end(&self) -> Result<(), EngineError> {
        match &self.kind {
            Kind::Exec(exec) => exec.end(&self.link, &self.container).await,
            Kind::Helper(helper) => helper.end(&self.link).await,
        }
    }
}

impl Engine {
    /// Whom a container runs as; empty: root.
    pub async fn configured_user(&self, permitted: &Permitted<Exec>, id: &str) -> Result<String, EngineError> {
        self.readable(permitted, id)?;
        let inspection = self.inspect_raw(id).await?;
        Ok(inspection.pointer("/Config/User").and_then(serde_json::Value::as_str).map(|u| text::short(u, 64)).unwrap_or_default())
    }

    /// Whether the container runs, by what the engine says now.
    pub(super) async fn running(&self, id: &str) -> Result<bool, EngineError> {
        let inspection = self.inspect_raw(id).await?;
        Ok(inspection.pointer("/State/Running").and_then(serde_json::Value::as_bool).unwrap_or_default())
    }
}
