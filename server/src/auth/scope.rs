//! Scopes of grants and of objects: platform ⊃ environment, project, project@environment.

/// Where a grant holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Platform,
    Environment(String),
    Project(String),
    /// A project, within one environment only.
    ProjectAt {
        project: String,
        environment: String,
    },
}

impl Scope {
    /// From the two nullable columns of `grants`.
    /// The project's and the environment's id.
    pub fn parts(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Platform => (None, None),
            Self::Environment(environment) => (None, Some(environment)),
            Self::Project(project) => (Some(project), None),
            Self::ProjectAt { project, environment } => (Some(project), Some(environment)),
        }
    }

    pub fn from_parts(project: Option<String>, environment: Option<String>) -> Self {
        match (project, environment) {
            (None, None) => Self::Platform,
            (None, Some(environment)) => Self::Environment(environment),
            (Some(project), None) => Self::Project(project),
            (Some(project), Some(environment)) => Self::ProjectAt { project, environment },
        }
    }

    /// Whether a grant here reaches an object there.
    pub fn covers(&self, object: &ObjectScope) -> bool {
        self.reaches(object.project.as_deref(), object.environment.as_deref())
    }

    /// The same, for lists that have the parts at hand.
    pub fn reaches(&self, object_project: Option<&str>, object_environment: Option<&str>) -> bool {
        let in_project = |p: &str| object_project == Some(p);
        let in_environment = |e: &str| object_environment == Some(e);
        match self {
            Self::Platform => true,
            Self::Environment(e) => in_environment(e),
            Self::Project(p) => in_project(p),
            Self::ProjectAt { project, environment } => in_project(project) && in_environment(environment),
        }
    }

    /// Whether whatever `other` covers is covered by `self`, too.
    pub fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Platform, _) => true,
            (Self::Environment(e), Self::ProjectAt { environment, .. }) => e == environment,
            (Self::Project(p), Self::ProjectAt { project, .. }) => p == project,
            (a, b) => a == b,
        }
    }

    /// Both at once; `None` where they have nothing in common.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        if self.contains(other) {
            return Some(other.clone());
        }
        if other.contains(self) {
            return Some(self.clone());
        }
        match (self, other) {
            (Self::Environment(e), Self::Project(p)) | (Self::Project(p), Self::Environment(e)) => {
                Some(Self::ProjectAt { project: p.clone(), environment: e.clone() })
            }
            _ => None,
        }
    }

    /// `platform`, `environment`, `project` or `project@environment`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Environment(_) => "environment",
            Self::Project(_) => "project",
            Self::ProjectAt { .. } => "project@environment",
        }
    }
}

/// Where an object is: whose, and in which environment. Both absent: the platform's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObjectScope {
    pub project: Option<String>,
    pub environment: Option<String>,
}

impl ObjectScope {
    pub fn platform() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(p: Option<&str>, e: Option<&str>) -> ObjectScope {
        ObjectScope { project: p.map(Into::into), environment: e.map(Into::into) }
    }

    #[test]
    fn grants_reach_what_they_name_and_no_more() {
        let pe = Scope::ProjectAt { project: "pay".into(), environment: "prod".into() };
        assert!(pe.covers(&at(Some("pay"), Some("prod"))));
        assert!(!pe.covers(&at(Some("pay"), Some("test"))));
        assert!(!pe.covers(&at(Some("pay"), None)));
        assert!(!Scope::Project("pay".into()).covers(&at(None, Some("prod"))));
        assert!(Scope::Environment("prod".into()).covers(&at(None, Some("prod"))));
        assert!(Scope::Platform.covers(&at(None, None)));
    }

    #[test]
    fn intersections_never_widen() {
        let (p, e) = (Scope::Project("pay".into()), Scope::Environment("prod".into()));
        let both = p.intersect(&e);
        assert_eq!(both, Some(Scope::ProjectAt { project: "pay".into(), environment: "prod".into() }));
        assert_eq!(p.intersect(&Scope::Project("crm".into())), None);
        assert_eq!(Scope::Platform.intersect(&p), Some(p.clone()));
        assert_eq!(both.and_then(|b| b.intersect(&Scope::Environment("test".into()))), None);
    }
}
