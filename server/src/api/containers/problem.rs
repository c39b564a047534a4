//! What an engine, the policy or the gate says no with, as problems.

use axum::http::StatusCode;

use crate::{
    auth::gate::Closed,
    fleet::{EngineError, policy::Finding},
    http::problem::Problem,
};

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        use EngineError as E;
        let status = match &error {
            E::ContainerNotFound => return Self::not_found("container"),
            E::AnothersProof => return Self::internal(&error),
            E::AlreadyRunning
            | E::AlreadyStopped
            | E::AlreadyBeingRemoved
            | E::Running
            | E::AlreadyPaused
            | E::NotPaused
            | E::NotRunning
            | E::NoShell
            | E::NotAFolder
            | E::NotAFile
            | E::NoHelper
            | E::NameConflict
            | E::Busy
            | E::ImageNotFound(_)
            | E::NotWell(_)
            | E::Conflict(_)
            | E::LogsNotReadable(_) => StatusCode::CONFLICT,
            E::NoSuchFile => StatusCode::NOT_FOUND,
            E::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            E::HostileArchive(_) | E::BadArchive(_) => StatusCode::UNPROCESSABLE_ENTITY,
            E::OwnContainer => StatusCode::FORBIDDEN,
            E::Refused(_) | E::PullFailed(_) => StatusCode::BAD_GATEWAY,
            E::DiskFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            E::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            E::Timeout => StatusCode::GATEWAY_TIMEOUT,
        };
        let mut text = error.to_string();
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::new(status, error.code(), text + ".")
    }
}

impl From<Closed> for Problem {
    fn from(closed: Closed) -> Self {
        let detail = format!("The environment {} is protected: this needs an approved change or break glass.", closed.environment);
        Self::new(StatusCode::FORBIDDEN, "environment_protected", detail)
    }
}

/// The policy's no, field by field.
pub fn refused(findings: &[Finding]) -> Problem {
    let detail = "The container policy does not let this container run here.";
    findings.iter().fold(Problem::new(StatusCode::FORBIDDEN, "policy_refused", detail), |p, f| p.field(&f.field, f.code, f.to_string()))
}
