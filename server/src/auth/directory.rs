//! What checks need at hand: whose each object is, projects' names, environments' rules. Read anew when rights change.

use std::collections::HashMap;

use super::scope::{ObjectScope, Scope};
use crate::{
    clock::Millis,
    fleet::model::{mark, mix},
    store::{Store, StoreError, exception::ExceptionRow},
};

/// An environment's rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentRule {
    pub id: String,
    pub name: String,
    /// `production` …
    pub kind: String,
    /// Whether effects need more than a right.
    pub protected: bool,
}

/// host → kind → object → (the object's creation, project)
type Owners = HashMap<String, HashMap<String, HashMap<String, (Millis, String)>>>;

/// One reading of the rows.
#[derive(Debug, Default)]
pub struct Directory {
    /// Grows with every change of rights.
    pub version: i64,
    projects: HashMap<String, String>,
    environments: HashMap<String, EnvironmentRule>,
    owners: Owners,
    exceptions: Vec<ExceptionRow>,
    /// For each project a number that stands for all that belongs to it.
    marks: HashMap<String, u64>,
}

impl Directory {
    pub async fn read(store: &Store, version: i64) -> Result<Self, StoreError> {
        let projects = store.projects().await?.into_iter().map(|p| (p.id, p.name)).collect();
        let rule = |e: crate::store::grant::Environment| EnvironmentRule { id: e.id, name: e.name, kind: e.kind, protected: e.protected };
        let environments = store.environments().await?.into_iter().map(|e| (e.id.clone(), rule(e))).collect();
        let (mut owners, mut marks) = (Owners::new(), HashMap::<String, u64>::new());
        for row in store.ownerships().await? {
            let object = mix(mark(&row.host_id, 0), mix(mark(&row.kind, 0), mark(&row.object_id, row.created_at.unsigned_abs())));
            let sum = marks.entry(row.project_id.clone()).or_default();
            *sum = sum.wrapping_add(object);
            owners.entry(row.host_id).or_default().entry(row.kind).or_default().insert(row.object_id, (row.created_at, row.project_id));
        }
        let exceptions = store.policy_exceptions().await?;
        Ok(Self { version, projects, environments, owners, exceptions, marks })
    }

    /// Whose an object is: the project's id, or `None` for the platform. `created_at` as the engine tells it: an id that comes again
    /// is another object.
    pub fn owner(&self, host_id: &str, kind: &str, object_id: &str, created_at: Millis) -> Option<&str> {
        let (created, project) = self.owners.get(host_id)?.get(kind)?.get(object_id)?;
        (*created == created_at).then_some(project.as_str())
    }

    /// Where an object of a host is, for checks.
    pub fn scope(&self, host_id: &str, environment_id: Option<&str>, kind: &str, object_id: &str, created_at: Millis) -> ObjectScope {
        ObjectScope {
            project: self.owner(host_id, kind, object_id, created_at).map(str::to_owned),
            environment: environment_id.map(str::to_owned),
        }
    }

    /// Whether any object of the host belongs to a project.
    pub fn any_owned(&self, host_id: &str) -> bool {
        self.owners.get(host_id).is_some_and(|kinds| kinds.values().any(|objects| !objects.is_empty()))
    }

    /// A number that stands for what belongs to the projects in these scopes: it changes when something comes into or out of sight there.
    pub fn belongings<'a>(&self, scopes: impl Iterator<Item = &'a Scope>) -> u64 {
        let all = || self.marks.iter().fold(0_u64, |sum, (project, m)| sum.wrapping_add(mix(mark(project, 0), *m)));
        scopes.fold(0, |state, scope| {
            mix(
                state,
                match scope {
                    Scope::Platform | Scope::Environment(_) => all(),
                    Scope::Project(project) | Scope::ProjectAt { project, .. } => self.marks.get(project).copied().unwrap_or_default(),
                },
            )
        })
    }

    /// Exceptions from the container policy that hold now, the oldest first.
    pub fn exceptions(&self, now: Millis) -> impl Iterator<Item = &ExceptionRow> {
        self.exceptions.iter().filter(move |e| e.ends_at.is_none_or(|ends_at| now < ends_at))
    }

    /// All projects: id and name.
    pub fn projects(&self) -> impl Iterator<Item = (&str, &str)> {
        self.projects.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    pub fn project_name(&self, id: &str) -> Option<&str> {
        self.projects.get(id).map(String::as_str)
    }

    pub fn environment(&self, id: &str) -> Option<&EnvironmentRule> {
        self.environments.get(id)
    }
}
