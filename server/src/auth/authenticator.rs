//! From a session or a token to an [`Actor`] with the rights of now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::{
    actor::{Actor, Identity, Right, Rights},
    directory::Directory,
    permission::{Permission, PermissionSet},
    permitted::Permitted,
    role,
    scope::{ObjectScope, Scope},
    secret,
};
use crate::{
    clock::{Clock, Millis},
    store::{Store, StoreError, grant::GrantRow, session::SessionRow, token::Token},
};

/// Why a session or token is nobody.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error("the session has ended")]
    Session,
    #[error("the token is not valid")]
    Token,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tokens are marked as used at most this often.
const TOUCH: Millis = 60_000;

/// Reads rights and remembers them until they change.
#[derive(Clone, Debug)]
pub struct Authenticator(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    directory: ArcSwap<Directory>,
    version: watch::Sender<i64>,
    /// user → (version, until when an expiring grant lets it stand, active, name, rights)
    known: Mutex<HashMap<String, Known>>,
    touched: Mutex<HashMap<String, Millis>>,
}

#[derive(Clone, Debug)]
struct Known {
    version: i64,
    until: Millis,
    active: bool,
    username: String,
    rights: Arc<Rights>,
}

impl Authenticator {
    pub async fn new(store: Store, clock: Clock) -> Result<Self, StoreError> {
        let version = store.rights_version().await?;
        let directory = ArcSwap::from_pointee(Directory::read(&store, version).await?);
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            directory,
            version: watch::channel(version).0,
            known: Mutex::default(),
            touched: Mutex::default(),
        })))
    }

    /// Ownership, projects, environments, as of the last change of rights.
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.load_full()
    }

    /// Told at every change of rights.
    pub fn version(&self) -> watch::Receiver<i64> {
        self.0.version.subscribe()
    }

    /// Reads the version of the rights and, where it has moved, what hangs on it. A worker calls it each second (other processes
    /// write, too), a change of rights at once.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let version = self.0.store.rights_version().await?;
        if version != self.0.directory.load().version {
            let directory = Directory::read(&self.0.store, version).await?;
            self.0.directory.store(Arc::new(directory));
            self.0.version.send_replace(version);
        }
        Ok(())
    }

    /// The person behind a session that is not over.
    pub async fn session(&self, session: &SessionRow, address: &str) -> Result<Arc<Actor>, AuthError> {
        if session.expires_at <= self.0.clock.now() {
            return Err(AuthError::Session);
        }
        let known = self.known(&session.user_id).await?.filter(|k| k.active).ok_or(AuthError::Session)?;
        let identity = Identity::Session {
            user_id: session.user_id.clone(),
            username: known.username,
            session: session.id.clone(),
            step_up_until: session.step_up_until,
        };
        Ok(Arc::new(Actor { identity, rights: known.rights, address: address.to_owned(), rights_version: known.version }))
    }

    /// The person behind a bearer token.
    pub async fn token(&self, bearer: &str, address: &str) -> Result<Arc<Actor>, AuthError> {
        if !bearer.starts_with(secret::TOKEN_PREFIX) || bearer.len() > 256 {
            return Err(AuthError::Token);
        }
        let now = self.0.clock.now();
        let token = self.0.store.token_by_hash(&secret::hash(bearer)).await?.ok_or(AuthError::Token)?;
        let actor = self.token_actor(&token, address).await?.ok_or(AuthError::Token)?;
        if self.due(&token.id, now) {
            // Nobody waits for it: a disk that is full, or slow, refuses changes, not reads.
            let (store, id) = (self.0.store.clone(), token.id);
            tokio::spawn(async move {
                if let Err(error) = store.touch_token(&id, now).await {
                    tracing::warn!(%error, "a token's last use could not be kept");
                }
            });
        }
        Ok(actor)
    }

    async fn token_actor(&self, token: &Token, address: &str) -> Result<Option<Arc<Actor>>, StoreError> {
        let over = token.revoked_at.is_some() || token.expires_at.is_some_and(|at| at <= self.0.clock.now());
        let Some(known) = self.known(&token.user_id).await?.filter(|k| k.active && !over) else { return Ok(None) };
        let limit = match &token.role {
            // A role that is gone leaves the token with nothing.
            Some(name) => Some(self.role(name).await?.unwrap_or(PermissionSet::EMPTY)),
            None => None,
        };
        let scope = Scope::from_parts(token.project_id.clone(), token.environment_id.clone());
        let rights = Arc::new(known.rights.for_token(limit, &scope));
        let identity = Identity::Token {
            user_id: token.user_id.clone(),
            username: known.username,
            token: token.id.clone(),
            token_name: token.name.clone(),
        };
        Ok(Some(Arc::new(Actor { identity, rights, address: address.to_owned(), rights_version: known.version })))
    }

    /// The same person with the rights of now; `None` where the session or token has ended.
    pub async fn again(&self, actor: &Actor) -> Result<Option<Arc<Actor>>, StoreError> {
        let ended = |e| match e {
            AuthError::Store(e) => Err(e),
            _ => Ok(None),
        };
        match &actor.identity {
            Identity::Session { session, .. } => match self.0.store.session(session).await? {
                Some(row) => self.session(&row, &actor.address).await.map_or_else(ended, |a| Ok(Some(a))),
                None => Ok(None),
            },
            Identity::Token { token, .. } => match self.0.store.token_by_id(token).await? {
                Some(row) => self.token_actor(&row, &actor.address).await,
                None => Ok(None),
            },
            Identity::System { .. } | Identity::CommandLine => Ok(Some(Arc::new(actor.clone()))),
        }
    }

    /// Completes once a right is no longer held: sessions that end, grants that go or expire, tokens revoked, objects that change hands.
    /// `scope`: where the object is now, `None` once it is gone. Streams select on it.
    pub async fn revoked<P: Permission>(&self, permitted: &Permitted<P>, scope: impl Fn() -> Option<ObjectScope>) {
        let mut version = self.version();
        let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = version.changed() => {}
                _ = tick.tick() => {}
            }
            match self.again(permitted.actor()).await {
                // What is gone ends by itself.
                Ok(Some(now)) if scope().is_none_or(|scope| now.may::<P>(&scope)) => {}
                // What can't be checked can't go on.
                _ => return,
            }
        }
    }

    /// A role's permissions by name, built in or custom.
    pub async fn role(&self, name: &str) -> Result<Option<PermissionSet>, StoreError> {
        if let Some(set) = role::built_in(name) {
            return Ok(Some(set));
        }
        Ok(self.0.store.role_permissions(name).await?.map(|json| parse_permissions(&json)))
    }

    async fn known(&self, user_id: &str) -> Result<Option<Known>, StoreError> {
        let now = self.0.clock.now();
        let version = self.0.directory.load().version;
        {
            let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(k) = known.get(user_id).filter(|k| k.version == version && now < k.until) {
                return Ok(Some(k.clone()));
            }
        }
        let Some(user) = self.0.store.user(user_id).await? else { return Ok(None) };
        let grants = self.0.store.grants_of(user_id, now).await?;
        let until = grants.iter().filter_map(|g| g.expires_at).min().unwrap_or(Millis::MAX);
        let rights = Arc::new(Rights::new(grants.into_iter().filter_map(right).collect()));
        let known = Known { version, until, active: user.active, username: user.username, rights };
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).insert(user_id.to_owned(), known.clone());
        Ok(Some(known))
    }

    fn due(&self, token: &str, now: Millis) -> bool {
        let mut touched = self.0.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let last = touched.entry(token.to_owned()).or_insert(Millis::MIN);
        let due = now.saturating_sub(*last) >= TOUCH;
        if due {
            *last = now;
        }
        due
    }
}

fn parse_permissions(json: &str) -> PermissionSet {
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    PermissionSet::from_names(names.iter().map(String::as_str))
}

/// A grant's row, resolved. A role that is unknown grants nothing.
fn right(grant: GrantRow) -> Option<Right> {
    let permissions = role::built_in(&grant.role).or_else(|| grant.permissions.as_deref().map(parse_permissions))?;
    Some(Right { role: grant.role, permissions, scope: Scope::from_parts(grant.project_id, grant.environment_id) })
}
