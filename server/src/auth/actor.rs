//! Who acts: a person by session or token, the system, or the command line.

use std::sync::Arc;

use super::{
    permission::{ALL, Permission, PermissionSet, account},
    scope::{ObjectScope, Scope},
};

/// One grant, resolved: what may be done, where, and by which role (for the trail).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    pub role: String,
    pub permissions: PermissionSet,
    pub scope: Scope,
}

/// All grants of somebody. Verbs and scopes of different grants never mix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(Vec<Right>);

impl Rights {
    pub fn new(rights: Vec<Right>) -> Self {
        Self(rights)
    }

    /// Everything everywhere: the system and the command line.
    pub fn all(role: &str) -> Self {
        Self(vec![Right { role: role.to_owned(), permissions: PermissionSet::matching(&["*"]), scope: Scope::Platform }])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Right> {
        self.0.iter()
    }

    /// The first grant that allows it, as the trail names it.
    pub fn allow(&self, index: usize, object: &ObjectScope) -> Option<&Right> {
        self.0.iter().find(|r| r.permissions.has(index) && r.scope.covers(object))
    }

    /// The scopes in which a permission is held.
    pub fn scopes(&self, index: usize) -> impl Iterator<Item = &Scope> {
        self.0.iter().filter(move |r| r.permissions.has(index)).map(|r| &r.scope)
    }

    /// Permissions held in any scope.
    pub fn anywhere(&self) -> PermissionSet {
        self.0.iter().fold(PermissionSet::EMPTY, |set, r| set.union(r.permissions))
    }

    /// What a token of this owner holds: the owner's rights now ∩ the token's role ∩ its scope, without what no token may.
    pub fn for_token(&self, role: Option<PermissionSet>, scope: &Scope) -> Self {
        let may = ALL.iter().enumerate().filter(|(_, p)| p.token).fold(PermissionSet::EMPTY, |set, (i, _)| set.with(i));
        let rights = self.0.iter().filter_map(|r| {
            let permissions = role.map_or(r.permissions, |limit| r.permissions.intersect(limit)).intersect(may);
            let scope = r.scope.intersect(scope)?;
            (!permissions.is_empty()).then(|| Right { role: r.role.clone(), permissions, scope })
        });
        Self(rights.collect())
    }
}

/// What the actor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A person, by a browser session.
    Session {
        user_id: String,
        username: String,
        /// The session's id as the database knows it: a hash.
        session: String,
        /// Until when step-up holds, in milliseconds.
        step_up_until: i64,
    },
    /// A person's API token.
    Token { user_id: String, username: String, token: String, token_name: String },
    /// A worker of the console. Made only in `workers`.
    System { name: &'static str },
    /// Somebody with a shell on the console's machine. Made only by the command line.
    CommandLine,
}

/// Who acts, with which rights, from where. Made by authentication, by workers and by the command line, by nothing else.
#[derive(Clone, Debug)]
pub struct Actor {
    pub identity: Identity,
    pub rights: Arc<Rights>,
    /// The peer's address, empty for the system and the command line.
    pub address: String,
    /// The version of the rights that these were read at.
    pub rights_version: i64,
}

impl Actor {
    /// A worker. Only `workers` calls it.
    pub fn system(name: &'static str) -> Self {
        Self { identity: Identity::System { name }, rights: Arc::new(Rights::all("system")), address: String::new(), rights_version: 0 }
    }

    /// The command line. Only `main` calls it.
    pub fn command_line() -> Self {
        Self { identity: Identity::CommandLine, rights: Arc::new(Rights::all("command-line")), address: String::new(), rights_version: 0 }
    }

    /// `user`, `token`, `system`, `command_line`: as the trail writes it.
    pub fn kind(&self) -> &'static str {
        match self.identity {
            Identity::Session { .. } => "user",
            Identity::Token { .. } => "token",
            Identity::System { .. } => "system",
            Identity::CommandLine => "command_line",
        }
    }

    /// The user's id, empty for the system and the command line.
    pub fn user_id(&self) -> &str {
        match &self.identity {
            Identity::Session { user_id, .. } | Identity::Token { user_id, .. } => user_id,
            Identity::System { .. } | Identity::CommandLine => "",
        }
    }

    /// What people read: the username, the worker's name.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Session { username, .. } | Identity::Token { username, .. } => username,
            Identity::System { name } => name,
            Identity::CommandLine => "command line",
        }
    }

    /// Whether it may do this with an object there; everyone who is signed in may what concerns the own account.
    pub fn may<P: Permission>(&self, object: &ObjectScope) -> bool {
        P::READ == account::Read::INDEX && (P::TOKEN || !matches!(self.identity, Identity::Token { .. }))
            || self.rights.allow(P::INDEX, object).is_some()
    }

    /// Whether it is the actor's own who began something: a person's is what they and their tokens began, a token's what it began itself, for
    /// its owner may more than it.
    pub fn began(&self, user_id: &str, token_id: Option<&str>) -> bool {
        match &self.identity {
            Identity::Session { user_id: own, .. } => !own.is_empty() && own == user_id,
            Identity::Token { token, .. } => token_id == Some(token.as_str()),
            Identity::System { .. } | Identity::CommandLine => false,
        }
    }

    /// The API token's id, if it is one that acts.
    pub fn token_id(&self) -> Option<&str> {
        match &self.identity {
            Identity::Token { token, .. } => Some(token),
            _ => None,
        }
    }

    /// Which of a resource's actions the actor may do there: `["operate", "delete"]` for `container`.
    pub fn actions(&self, resource: &str, object: &ObjectScope) -> Vec<String> {
        let named = |i: &usize| ALL[*i].name.strip_prefix(resource).and_then(|rest| rest.strip_prefix('.'));
        (0..ALL.len())
            .filter_map(|i| named(&i).map(|action| (i, action)))
            .filter(|(i, action)| *action != "read" && self.rights.allow(*i, object).is_some())
            .map(|(_, action)| action.to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::permission::{container, grant};

    fn right(patterns: &[&str], scope: Scope) -> Right {
        Right { role: "r".into(), permissions: PermissionSet::matching(patterns), scope }
    }

    #[test]
    fn grants_do_not_mix() {
        let rights =
            Rights::new(vec![right(&["container.operate"], Scope::Project("a".into())), right(&["container.read"], Scope::Platform)]);
        let in_b = ObjectScope { project: Some("b".into()), environment: None };
        assert!(rights.allow(container::Read::INDEX, &in_b).is_some());
        assert!(rights.allow(container::Operate::INDEX, &in_b).is_none());
    }

    #[test]
    fn a_token_is_never_more_than_its_owner() {
        let owner = Rights::new(vec![right(&["container.*", "grant.*"], Scope::Project("a".into()))]);
        let token = owner.for_token(None, &Scope::Platform);
        let in_a = ObjectScope { project: Some("a".into()), environment: None };
        assert!(token.allow(container::Operate::INDEX, &in_a).is_some());
        assert!(token.allow(container::Exec::INDEX, &in_a).is_none());
        assert!(token.allow(grant::Manage::INDEX, &in_a).is_some());
        assert!(token.allow(container::Operate::INDEX, &ObjectScope::platform()).is_none());
        assert_eq!(owner.for_token(None, &Scope::Project("b".into())), Rights::default());
    }
}
