//! What stands against a container.

use std::fmt;

use super::rules::{Road, Subject};

/// One thing that the rules do not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: `privileged`, `mounts[2].source`, `capabilities_added[0]`. Stable.
    pub field: String,
    /// Why: `privileged`, `host_namespace`, `bind` … Stable.
    pub code: &'static str,
    /// What was asked for, where that is no secret: a path, a capability, a name.
    pub value: String,
}

impl Finding {
    /// What no exception covers.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.code, "own_container" | "own_volume" | "own_path" | "holds_own_path")
    }

    /// What nobody is merely warned of. A platform's administrator may restart the console; a directory above the console's own, which
    /// others mounted before, does not keep them from being started as they are.
    pub(super) fn refuses(&self, subject: &Subject) -> bool {
        match self.code {
            "own_container" => self.field != "id" || subject.road != Road::RestartUnchanged || !subject.platform_admin,
            "holds_own_path" => subject.road == Road::Other,
            _ => self.is_final(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.code)?;
        if self.value.is_empty() { Ok(()) } else { write!(f, " ({})", self.value) }
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Found(pub Vec<Finding>);

impl Found {
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, value: impl Into<String>) {
        self.0.push(Finding { field: field.into(), code, value: value.into() });
    }
}
