//! Groups, roles, grants, projects, environments: the rows that rights are made of.

use uuid::Uuid;

use super::{Draft, Store, StoreError, Tx, db::values};
use crate::clock::Millis;

/// A grant that reaches somebody, directly or by a group.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GrantRow {
    pub role: String,
    /// Of a custom role: a JSON array of names.
    pub permissions: Option<String>,
    pub project_id: Option<String>,
    pub project_name: Option<String>,
    pub environment_id: Option<String>,
    pub environment_name: Option<String>,
    pub expires_at: Option<Millis>,
}

/// Whom a grant is for.
#[derive(Clone, Debug)]
pub enum Grantee {
    User(String),
    Group(String),
}

/// A grant to make.
#[derive(Clone, Debug)]
pub struct NewGrant {
    pub to: Grantee,
    /// A built-in role's name, or a custom one's.
    pub role: String,
    pub project_id: Option<String>,
    pub environment_id: Option<String>,
    pub expires_at: Option<Millis>,
    pub now: Millis,
}

/// An id and a name.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Environment {
    pub id: String,
    pub name: String,
    /// `development`, `test`, `staging`, `production`, `disaster_recovery`
    pub kind: String,
    pub protected: bool,
}

#[derive(sqlx::FromRow)]
struct Meta {
    value: String,
}

/// Tells every process that rights have changed.
pub(super) async fn raise_version(tx: &mut Tx) -> Result<(), StoreError> {
    let sql = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'rights_version'";
    tx.execute(sql, vec![]).await?;
    Ok(())
}

pub(super) async fn insert_platform(tx: &mut Tx, user_id: &str, role: &str, now: Millis) -> Result<(), StoreError> {
    let sql = "INSERT INTO grants (id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![Uuid::now_v7().to_string(), user_id, role, now]).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Name {
    name: String,
}

impl Store {
    /// Raised by every change of people, rights, tokens and sessions, also by other processes.
    pub async fn rights_version(&self) -> Result<i64, StoreError> {
        let row: Option<Meta> = self.state.read.fetch_optional("SELECT value FROM meta WHERE key = 'rights_version'", vec![]).await?;
        Ok(row.and_then(|m| m.value.parse().ok()).unwrap_or_default())
    }

    /// All grants that reach an account now.
    pub async fn grants_of(&self, user_id: &str, now: Millis) -> Result<Vec<GrantRow>, StoreError> {
        let sql = "SELECT g.role, r.permissions, g.project_id, p.name AS project_name, g.environment_id, e.name AS environment_name, g.expires_at \
                   FROM grants g LEFT JOIN roles r ON r.name = g.role LEFT JOIN projects p ON p.id = g.project_id \
                   LEFT JOIN environments e ON e.id = g.environment_id \
                   WHERE (g.user_id = $1 OR g.group_id IN (SELECT m.group_id FROM user_group_members m WHERE m.user_id = $1)) \
                   AND (g.expires_at IS NULL OR g.expires_at > $2) ORDER BY g.created_at, g.id";
        self.state.read.fetch_all(sql, values![user_id, now]).await
    }

    pub async fn create_grant(&self, grant: NewGrant, record: Draft) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let sql = "INSERT INTO grants (id, user_id, group_id, role, project_id, environment_id, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (user, group) = match grant.to {
            Grantee::User(id) => (Some(id), None),
            Grantee::Group(id) => (None, Some(id)),
        };
        let binds = values![&id, user, group, grant.role, grant.project_id, grant.environment_id, grant.expires_at, grant.now];
        self.insert_and_raise(sql, binds, record).await?;
        Ok(id)
    }

    /// Takes all grants of an account away.
    pub async fn delete_grants(&self, user_id: &str, record: Draft) -> Result<(), StoreError> {
        self.insert_and_raise("DELETE FROM grants WHERE user_id = $1", values![user_id], record).await
    }

    pub async fn create_role(&self, name: &str, permissions: &[&str], now: Millis, record: Draft) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let json = serde_json::to_string(permissions).expect("names are plain text");
        let sql = "INSERT INTO roles (id, name, permissions, created_at) VALUES ($1, $2, $3, $4)";
        self.insert_and_raise(sql, values![&id, name, json, now], record).await?;
        Ok(id)
    }

    /// Makes a project. Its containers' names begin with its own and a hyphen, so no project's name may be another's with a hyphen and
    /// more behind it: one could take the other's names. Such a name is a [`StoreError::Conflict`].
    pub async fn create_project(&self, name: &str, now: Millis, record: Draft) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let (row, name) = (id.clone(), name.to_owned());
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let names: Vec<Name> = tx.fetch_all("SELECT name FROM projects", vec![]).await?;
                    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'));
                    if names.iter().any(|n| begins(&n.name, &name) || begins(&name, &n.name)) {
                        return Err(StoreError::Conflict("the beginning of this name"));
                    }
                    tx.execute("INSERT INTO projects (id, name, created_at) VALUES ($1, $2, $3)", values![&row, &name, now]).await?;
                    raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await?;
        Ok(id)
    }

    pub async fn create_environment(
        &self,
        name: &str,
        kind: &str,
        protected: bool,
        now: Millis,
        record: Draft,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let sql = "INSERT INTO environments (id, name, kind, protected, created_at) VALUES ($1, $2, $3, $4, $5)";
        self.insert_and_raise(sql, values![&id, name, kind, protected, now], record).await?;
        Ok(id)
    }

    pub async fn create_group(&self, name: &str, members: &[&str], now: Millis, record: Draft) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        self.insert_and_raise("INSERT INTO user_groups (id, name, created_at) VALUES ($1, $2, $3)", values![&id, name, now], record)
            .await?;
        for member in members {
            let (group, member) = (id.clone(), (*member).to_owned());
            self.state
                .write
                .change(move |tx| {
                    Box::pin(async move {
                        tx.execute("INSERT INTO user_group_members (group_id, user_id) VALUES ($1, $2)", values![group, member]).await?;
                        raise_version(tx).await?;
                        Ok(((), vec![]))
                    })
                })
                .await?;
        }
        Ok(id)
    }

    /// A custom role's permissions: a JSON array of names.
    pub async fn role_permissions(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row: Option<Meta> =
            self.state.read.fetch_optional("SELECT permissions AS value FROM roles WHERE name = $1", values![name]).await?;
        Ok(row.map(|m| m.value))
    }

    pub async fn projects(&self) -> Result<Vec<Named>, StoreError> {
        self.state.read.fetch_all("SELECT id, name FROM projects ORDER BY name", vec![]).await
    }

    pub async fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        self.state.read.fetch_all("SELECT id, name, kind, protected FROM environments ORDER BY name", vec![]).await
    }

    async fn insert_and_raise(&self, sql: &'static str, binds: Vec<super::Value>, record: Draft) -> Result<(), StoreError> {
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    tx.execute(sql, binds).await?;
                    raise_version(tx).await?;
                    Ok(((), vec![record]))
                })
            })
            .await
    }
}
