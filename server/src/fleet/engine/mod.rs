//! What can be asked of one engine. Every effect takes the proofs that it may be; every read the proof that its reader may.

mod changes;
mod create;
mod effects;
pub mod files;
mod images;
mod inspect;
mod judge;
mod logs;
mod observe;
mod recreate;
mod redact;
mod registry;
mod resume;
mod stats;
mod terminal;
mod top;
mod update;

pub use create::{Approval, Made};
pub use images::{Image, Named, Stock, is_reference};
pub use logs::{LINE, Line, LogLimit, LogRange, LogReader, MAX_TAIL, Side, Taken, line_dto};
pub use observe::{Observed, Seen};
pub use recreate::{Busy, Replaced, Step};
pub use registry::Registries;
pub use resume::{CutOff, Resumed};
pub use terminal::{Fate, HelperPlan, LeftBehind, OpenTerminal, Size, TerminalControl, TerminalMark, TerminalWanted, carries_helper};

use std::sync::Arc;

use serde_json::Value;

use super::{
    connector::{self, Fault},
    error::EngineError,
    inventory::host::Host,
    text,
};
use crate::auth::{Permission, Permitted};

/// An engine of the fleet.
#[derive(Debug)]
pub struct Engine {
    host: Arc<Host>,
}

impl Engine {
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self { host }
    }

    pub fn host_id(&self) -> &str {
        &self.host.id
    }

    /// Whether an object is this container of this host, and the host answers.
    fn ready(&self, object: (Option<&str>, &str), id: &str) -> Result<(), EngineError> {
        if object != (Some(self.host_id()), id) {
            return Err(EngineError::AnothersProof);
        }
        if !text::is_id(id) {
            return Err(EngineError::ContainerNotFound);
        }
        self.answers()
    }

    /// Nobody waits for a host that is known not to answer.
    fn answers(&self) -> Result<(), EngineError> {
        self.host.unreachable().map_or(Ok(()), |fault| Err(EngineError::Unreachable(fault)))
    }

    /// Completes, with why, when the host can't be reached: nobody goes on waiting for it.
    pub async fn lost(&self) -> EngineError {
        let mut reachable = self.host.reachability();
        // It ends with the host itself: there is nothing to wait for then.
        let _ = reachable.wait_for(|reachable| !reachable).await;
        self.answers().err().unwrap_or(EngineError::Timeout)
    }

    fn readable<P: Permission>(&self, permitted: &Permitted<P>, id: &str) -> Result<(), EngineError> {
        let object = permitted.object();
        self.ready((object.host_id.as_deref(), &object.id), id)
    }

    /// The whole inspection. It holds secrets: nothing outside this room sees it.
    async fn inspect_raw(&self, id: &str) -> Result<Value, EngineError> {
        let bytes = self.host.link.get_one(&format!("/containers/{id}/json")).await.map_err(EngineError::of_container)?;
        let inspection: Value = connector::parse(&bytes).map_err(EngineError::of_container)?;
        if inspection.get("Id").and_then(Value::as_str) != Some(id) {
            let strange = Fault::NotAnEngine("asked about one container, it told of another".to_owned());
            return Err(EngineError::Unreachable(strange));
        }
        Ok(inspection)
    }
}
