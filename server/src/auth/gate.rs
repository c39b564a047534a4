//! The gate before protected environments: any effect on workload, configuration, data or traffic needs a reason that
//! somebody else has seen. It stands beside the container policy, and every effect passes it.

use super::directory::EnvironmentRule;

/// What kind of effect is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Containers: start, stop, restart, remove, create …
    Workload,
    Configuration,
    Data,
    Traffic,
}

/// What opens a protected environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A step of a running, approved release.
    Release { id: String },
    /// An approved short change: this object, this action, now.
    ShortChange { id: String },
    /// Break glass, to be reviewed by somebody else.
    BreakGlass { id: String },
}

/// The proof that the gate was passed. Only [`gate`] makes one.
#[derive(Clone, Debug)]
pub struct Passed {
    key: Option<Key>,
}

impl Passed {
    /// What opened it; `None` where the environment is not protected.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }
}

/// Refused: the environment is protected and nothing opens it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment {environment} is protected: this needs an approved change or break glass")]
pub struct Closed {
    pub environment: String,
}

/// Whether an effect may happen in an environment. `None`: the host belongs to no environment.
pub fn gate(environment: Option<&EnvironmentRule>, _effect: Effect, key: Option<Key>) -> Result<Passed, Closed> {
    match environment {
        Some(e) if e.protected && key.is_none() => Err(Closed { environment: e.name.clone() }),
        _ => Ok(Passed { key }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protected_environment_needs_a_key() {
        let rule = |protected| EnvironmentRule { id: "e".into(), name: "production".into(), kind: "production".into(), protected };
        assert!(gate(None, Effect::Workload, None).is_ok());
        assert!(gate(Some(&rule(false)), Effect::Workload, None).is_ok());
        assert_eq!(gate(Some(&rule(true)), Effect::Workload, None).err(), Some(Closed { environment: "production".into() }));
        assert!(gate(Some(&rule(true)), Effect::Data, Some(Key::BreakGlass { id: "b".into() })).is_ok());
    }
}
