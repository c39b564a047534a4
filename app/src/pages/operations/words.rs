//! An operation in a person's words.

use crate::{
    api::operation::OperationState,
    components::state_mark::Meaning,
    words::{Lang, W, text},
};

pub fn meaning(state: OperationState) -> Meaning {
    match state {
        OperationState::Running => Meaning::Working,
        OperationState::Succeeded => Meaning::Good,
        OperationState::Failed => Meaning::Bad,
        OperationState::Cancelled => Meaning::Stopped,
        OperationState::Interrupted => Meaning::Warning,
    }
}

pub fn state_word(state: OperationState) -> W {
    match state {
        OperationState::Running => W::operations_running,
        OperationState::Succeeded => W::operations_succeeded,
        OperationState::Failed => W::operations_failed,
        OperationState::Cancelled => W::operations_cancelled,
        OperationState::Interrupted => W::operations_interrupted,
    }
}

/// `container.create` → "Create container". What is not known stays as it is.
pub fn kind_word(lang: Lang, kind: &str) -> String {
    let w = match kind {
        "container.create" => W::operations_of_create,
        "container.recreate" => W::operations_of_recreate,
        "container.start" => W::operations_of_start,
        "container.stop" => W::operations_of_stop,
        "container.restart" => W::operations_of_restart,
        "container.pause" => W::operations_of_pause,
        "container.unpause" => W::operations_of_unpause,
        "container.kill" => W::operations_of_kill,
        "container.remove" => W::operations_of_remove,
        other => return other.to_owned(),
    };
    text(lang, w).to_owned()
}

/// Of one object of an operation.
pub fn item(state: &str) -> (Meaning, Option<W>) {
    match state {
        "done" => (Meaning::Good, Some(W::operations_done)),
        "running" => (Meaning::Working, Some(W::operations_item_running)),
        "waiting" => (Meaning::Unknown, Some(W::operations_waiting)),
        "failed" => (Meaning::Bad, Some(W::operations_failed)),
        "not_done" => (Meaning::Stopped, Some(W::operations_not_done)),
        "unknown" => (Meaning::Warning, Some(W::operations_unknown)),
        _ => (Meaning::Unknown, None),
    }
}

/// Of a layer on its way.
pub fn layer(lang: Lang, state: &str) -> String {
    let w = match state {
        "waiting" => W::operations_waiting,
        "downloading" => W::operations_downloading,
        "downloaded" => W::operations_downloaded,
        "extracting" => W::operations_extracting,
        "done" => W::operations_done,
        other => return other.to_owned(),
    };
    text(lang, w).to_owned()
}
