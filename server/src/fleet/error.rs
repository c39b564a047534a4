//! Why an engine did not do what it was asked.

use super::{
    archive::Refusal,
    connector::{Fault, tidy},
};

/// With a stable code, so that the page can say it in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    #[error("the engine has no such container")]
    ContainerNotFound,
    /// Started though it runs.
    #[error("the container runs already")]
    AlreadyRunning,
    /// Stopped though it does not run.
    #[error("the container is stopped already")]
    AlreadyStopped,
    #[error("the container is being removed already")]
    AlreadyBeingRemoved,
    /// It must be stopped first, or removed by force.
    #[error("the container runs: stop it first, or remove it by force")]
    Running,
    #[error("the container is paused already")]
    AlreadyPaused,
    #[error("the container is not paused")]
    NotPaused,
    #[error("the container does not run")]
    NotRunning,
    /// Its image holds none of those that are known.
    #[error("the container has no shell")]
    NoShell,
    /// The console was built without what a helper is made of.
    #[error("this build of the console carries no helper")]
    NoHelper,
    #[error("there is nothing at this path")]
    NoSuchFile,
    #[error("at this path is no folder")]
    NotAFolder,
    #[error("at this path is no file")]
    NotAFile,
    #[error("the file is too large to be shown")]
    FileTooLarge,
    /// What somebody sent would write where it must not.
    #[error("the archive is refused: {0}")]
    HostileArchive(Refusal),
    #[error("what was sent can't be unpacked: {0}")]
    BadArchive(&'static str),
    #[error("another container has this name already")]
    NameConflict,
    #[error("the host has no image {0}")]
    ImageNotFound(String),
    /// The registry or the network on the way to it, in the engine's words.
    #[error("the image can't be fetched: {0}")]
    PullFailed(String),
    /// For an image, a container or what is written into one.
    #[error("the host has no space left on its disk: {0}")]
    DiskFull(String),
    /// A new container that was to take another's place.
    #[error("the new container did not get well: {0}")]
    NotWell(String),
    #[error("another change of this container is under way")]
    Busy,
    /// Something else stands against it, in the engine's words.
    #[error("the engine refuses for what it has now: {0}")]
    Conflict(String),
    /// The engine's own words, without what is secret in them.
    #[error("the engine refuses: {0}")]
    Refused(String),
    /// The console does not pull the floor from under itself.
    #[error("the console runs in this container")]
    OwnContainer,
    /// Its log driver keeps nothing that could be read.
    #[error("the container's log can't be read: {0}")]
    LogsNotReadable(String),
    #[error("the host can't be reached: {0}")]
    Unreachable(Fault),
    /// What was asked for may have been done all the same.
    #[error("the engine did not finish in time")]
    Timeout,
    /// The proof that was handed in is about another object: a mistake inside the console.
    #[error("the permission is about another object")]
    AnothersProof,
}

impl EngineError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::ContainerNotFound => "container_not_found",
            Self::AlreadyRunning => "already_running",
            Self::AlreadyStopped => "already_stopped",
            Self::AlreadyBeingRemoved => "already_being_removed",
            Self::Running => "container_running",
            Self::AlreadyPaused => "already_paused",
            Self::NotPaused => "not_paused",
            Self::NotRunning => "not_running",
            Self::NoShell => "no_shell",
            Self::NoHelper => "no_helper",
            Self::NoSuchFile => "no_such_file",
            Self::NotAFolder => "not_a_folder",
            Self::NotAFile => "not_a_file",
            Self::FileTooLarge => "file_too_large",
            Self::HostileArchive(refusal) => refusal.code(),
            Self::BadArchive(_) => "bad_archive",
            Self::NameConflict => "name_conflict",
            Self::ImageNotFound(_) => "image_not_found",
            Self::PullFailed(_) => "pull_failed",
            Self::DiskFull(_) => "host_disk_full",
            Self::NotWell(_) => "not_well",
            Self::Busy => "container_busy",
            Self::Conflict(_) => "conflict",
            Self::Refused(_) => "engine_refused",
            Self::OwnContainer => "own_container",
            Self::LogsNotReadable(_) => "logs_not_readable",
            Self::Unreachable(_) => "host_unreachable",
            Self::Timeout => "engine_timeout",
            Self::AnothersProof => "internal",
        }
    }

    /// Whether nobody can tell if it was done: the engine did not say.
    pub fn leaves_open(&self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::Unreachable(Fault::Reset | Fault::Timeout | Fault::TooLarge | Fault::NotAnEngine(_) | Fault::Other(_))
        )
    }

    /// From a call about a container. What the engine says is made one line.
    pub(super) fn of_container(fault: Fault) -> Self {
        Self::of_container_said(fault, tidy)
    }

    /// The same; `say` makes of the engine's words what may be shown of them.
    pub(super) fn of_container_said(fault: Fault, say: impl FnOnce(&str) -> String) -> Self {
        let (status, message) = match fault {
            Fault::Status { status, message } => (status, message),
            Fault::Timeout => return Self::Timeout,
            fault => return Self::Unreachable(fault),
        };
        let says = |words: &str| message.contains(words);
        match status {
            _ if is_disk_full(&message) => Self::DiskFull(say(&message)),
            404 if says("No such container") || says("no such container") => Self::ContainerNotFound,
            409 if says("already in progress") => Self::AlreadyBeingRemoved,
            409 if says("is already in use by container") => Self::NameConflict,
            409 if says("remove a running container") || says("container is running") || says("paused container") => Self::Running,
            _ if says("is already paused") => Self::AlreadyPaused,
            _ if says("is not paused") => Self::NotPaused,
            409 if says("is not running") => Self::NotRunning,
            409 => Self::Conflict(say(&message)),
            _ if says("does not support reading") => Self::LogsNotReadable(say(&message)),
            _ => Self::Refused(say(&message)),
        }
    }
}

/// As the kernel says it, and Docker after it.
pub(super) fn is_disk_full(words: &str) -> bool {
    words.contains("no space left on device") || words.contains("disk quota exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_words_become_codes() {
        let of = |status, message: &str| EngineError::of_container(Fault::Status { status, message: message.into() }).code();
        assert_eq!(of(404, "No such container: web"), "container_not_found");
        assert_eq!(of(404, "network shop_default not found"), "engine_refused");
        assert_eq!(of(409, "removal of container ab is already in progress"), "already_being_removed");
        assert_eq!(of(409, "You cannot remove a running container ab. Stop the container before"), "container_running");
        assert_eq!(of(409, "Conflict. The container name \"/web\" is already in use by container \"ab\""), "name_conflict");
        assert_eq!(of(409, "Container ab is already paused"), "already_paused");
        assert_eq!(of(500, "Container ab is not paused"), "not_paused");
        assert_eq!(of(409, "Cannot kill container: ab: Container ab is not running"), "not_running");
        assert_eq!(of(500, "OCI runtime create failed"), "engine_refused");
        assert_eq!(of(500, "mkdir /var/lib/docker/overlay2/ab-init: no space left on device"), "host_disk_full");
        assert!(EngineError::of_container(Fault::Timeout).leaves_open());
        assert!(
            EngineError::of_container(Fault::NotAnEngine("half an answer".into())).leaves_open(),
            "it was sent, and what came is no answer"
        );
        assert!(!EngineError::of_container(Fault::NoSocket).leaves_open());
    }
}
