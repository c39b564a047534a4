//! What a terminal leaves behind where the console itself is killed: a shell in the container, or a helper beside it. The next start ends it, where
//! it is certain what it is.
//!
//! A helper is certain by its name, its labels and whose processes it shares: all three follow from an intent that this console's own store
//! holds open. A shell is certain by its exec's id, which is kept with the intent, while the engine says that this very exec runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Engine, exec, helper};
use crate::{
    audit::Intent,
    auth::permission::container::Exec,
    fleet::{connector::Fault, error::EngineError},
};

/// By what a terminal is known after a crash. Kept with its intent as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalMark {
    /// A shell that has not told its pid yet.
    #[default]
    Opening,
    Helper,
    Shell(exec::Running),
}

/// What was found of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftBehind {
    /// It ran, and does not any more.
    Ended,
    /// A helper that was made and not entered; it is removed.
    NeverEntered,
    /// It has ended by itself, or never was.
    Nothing,
    /// A shell may run of which too little is known.
    NotKnown,
}

impl Engine {
    /// Ends what a terminal left behind. It can be asked again at any time.
    pub async fn end_left_behind(&self, intent: &Intent<Exec>, mark: &TerminalMark) -> Result<LeftBehind, EngineError> {
        let (_, container) = intent.object();
        self.ready(intent.object(), container)?;
        match mark {
            TerminalMark::Opening => Ok(LeftBehind::NotKnown),
            TerminalMark::Helper => self.end_left_helper(intent, container).await,
            TerminalMark::Shell(shell) => {
                if !shell.is_in(&self.host.link, container).await? {
                    return Ok(LeftBehind::Nothing);
                }
                shell.end(&self.host.link, container).await?;
                Ok(LeftBehind::Ended)
            }
        }
    }

    async fn end_left_helper(&self, intent: &Intent<Exec>, container: &str) -> Result<LeftBehind, EngineError> {
        let path = format!("/containers/{}/json", helper::name(intent.id()));
        let found: Value = match self.host.link.get_json(&path).await {
            Ok(found) => found,
            Err(Fault::Status { status: 404, .. }) => return Ok(LeftBehind::Nothing),
            Err(fault) => return Err(EngineError::of_container(fault)),
        };
        let text = |pointer: &str| found.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let beside = format!("container:{container}");
        let is_ours = text("/Config/Labels/ecos.op") == intent.id()
            && text("/Config/Labels/ecos.helper") == container
            && text("/HostConfig/PidMode") == beside;
        if !is_ours || !crate::fleet::is_id(text("/Id")) {
            return Ok(LeftBehind::Nothing);
        }
        let entered = text("/State/Status") != "created";
        self.end_helper(Self::by(intent), text("/Id")).await?;
        Ok(if entered { LeftBehind::Ended } else { LeftBehind::NeverEntered })
    }
}
