//! Browser sessions: tower-sessions' cookie over the store's table, which knows each session's person.
//!
//! A session is made by [`start`] and ended by [`end`]; what is in it never changes through the cookie's layer, and its last
//! use is written by authentication.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use super::{edge::credentials::cookie_name, peer::Peer};
use crate::{
    app::App,
    auth::secret,
    clock::{Clock, Millis},
    config::Settings,
    store::{Draft, Store, StoreError, session::SessionRow},
};

/// The record's one entry.
const ROW: &str = "session";
/// Longer user agents are cut, in characters.
const USER_AGENT: usize = 256;

tokio::task_local! {
    /// Set while a session is made for somebody who signs in: tower-sessions has no way through for either.
    static MAKING: Making;
}

/// What goes with a new session, and what went wrong.
#[derive(Clone)]
struct Making {
    /// What the trail says of the sign-in, for the same transaction.
    record: Draft,
    /// What the password was checked against.
    password_hash: String,
    failure: Arc<Mutex<Option<StoreError>>>,
}

/// A session as the record holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    id: String,
    user_id: String,
    created_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
    step_up_until: Millis,
    address: String,
    user_agent: String,
}

impl From<SessionRow> for Kept {
    fn from(r: SessionRow) -> Self {
        Self {
            id: r.id,
            user_id: r.user_id,
            created_at: r.created_at,
            last_seen_at: r.last_seen_at,
            expires_at: r.expires_at,
            step_up_until: r.step_up_until,
            address: r.address,
            user_agent: r.user_agent,
        }
    }
}

impl From<Kept> for SessionRow {
    fn from(k: Kept) -> Self {
        Self {
            id: k.id,
            user_id: k.user_id,
            created_at: k.created_at,
            last_seen_at: k.last_seen_at,
            expires_at: k.expires_at,
            step_up_until: k.step_up_until,
            address: k.address,
            user_agent: k.user_agent,
        }
    }
}

/// The store's table of sessions, as tower-sessions wants it.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: Clock,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// The id as the database knows it.
fn hash(id: &Id) -> String {
    secret::hash(&id.to_string())
}

fn failed(error: &StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // Never the id that a request brought.
        record.id = Id::default();
        let Some(value) = record.data.get_mut(ROW) else {
            return Err(session_store::Error::Encode("a session without a person is not kept".to_owned()));
        };
        let mut row: Kept = serde_json::from_value(value.clone()).map_err(|e| session_store::Error::Encode(e.to_string()))?;
        row.id = hash(&record.id);
        *value = serde_json::json!(row);
        let Ok(making) = MAKING.try_with(Clone::clone) else {
            return Err(session_store::Error::Encode("a session without a sign-in is not kept".to_owned()));
        };
        self.store.save_session(row.into(), &making.password_hash, Some(making.record)).await.map_err(|e| {
            let text = failed(&e);
            *making.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(e);
            text
        })
    }

    /// Nothing: a session's row changes by the store's own functions only.
    async fn save(&self, _: &Record) -> session_store::Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(row) = self.store.session(&hash(id)).await.map_err(|e| failed(&e))? else { return Ok(None) };
        if row.expires_at <= self.clock.now() {
            return Ok(None);
        }
        let expiry_date =
            time::OffsetDateTime::from_unix_timestamp(row.expires_at / 1000).map_err(|e| session_store::Error::Decode(e.to_string()))?;
        let data = HashMap::from([(ROW.to_owned(), serde_json::json!(Kept::from(row)))]);
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        match self.store.delete_session(&hash(id), None).await {
            Ok(()) | Err(StoreError::Missing(_)) => Ok(()),
            Err(e) => Err(failed(&e)),
        }
    }
}

/// The table of sessions.
pub fn sessions(app: &App) -> Sessions {
    Sessions { store: app.store().clone(), clock: app.clock().clone() }
}

/// The layer that reads and writes the cookie.
pub fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    let settings = app.settings();
    let max = time::Duration::seconds(settings.session.max.as_secs() as i64);
    SessionManagerLayer::new(sessions(app))
        .with_name(cookie_name(settings))
        .with_secure(settings.is_secure())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(max))
}

/// When a session that is used now ends.
pub fn expires_at(settings: &Settings, created_at: Millis, now: Millis) -> Millis {
    let millis = |d: std::time::Duration| d.as_millis() as Millis;
    (now + millis(settings.session.idle)).min(created_at + millis(settings.session.max))
}

/// The row behind a request's session, if it has one that is not over.
pub async fn current(session: &Session) -> Result<Option<SessionRow>, SessionError> {
    let kept: Option<Kept> = session.get(ROW).await?;
    Ok(kept.map(SessionRow::from))
}

/// What can go wrong with a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the session cannot be read or kept: {0}")]
    Session(#[from] tower_sessions::session::Error),
}

/// Who signs in, from where.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub user_id: &'a str,
    /// What the password was checked against: one that was changed meanwhile signs nobody in.
    pub password_hash: &'a str,
    pub peer: Peer,
    /// The header as it came; cut to a sensible length.
    pub user_agent: &'a str,
    /// Until when the password that was just given counts as given again.
    pub step_up_until: Millis,
}

/// Signs somebody in: a new session under a new id, its row committed together with the trail's `record`. The session that the
/// request came with ends. The cookie goes out with the answer.
pub async fn start(app: &App, session: &Session, sign_in: SignIn<'_>, record: Draft) -> Result<SessionRow, SessionError> {
    if session.id().is_some() {
        session.flush().await?;
    }
    let now = app.clock().now();
    let kept = Kept {
        id: String::new(),
        user_id: sign_in.user_id.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: expires_at(app.settings(), now, now),
        step_up_until: sign_in.step_up_until,
        address: sign_in.peer.to_string(),
        user_agent: sign_in.user_agent.chars().take(USER_AGENT).collect(),
    };
    session.insert(ROW, &kept).await?;
    let failure: Arc<Mutex<Option<StoreError>>> = Arc::default();
    let making = Making { record, password_hash: sign_in.password_hash.to_owned(), failure: Arc::clone(&failure) };
    let saved = MAKING.scope(making, session.save()).await;
    let error = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(error) = error {
        // Nothing is there to be saved again, nor a cookie to be set.
        session.clear().await;
        return Err(error.into());
    }
    saved?;
    let id = session.id().map(|id| hash(&id)).unwrap_or_default();
    Ok(SessionRow { id, ..kept.into() })
}

/// Signs out: the row goes, with the trail's record, and the cookie with the answer.
pub async fn end(app: &App, session: &Session, record: Draft) -> Result<(), SessionError> {
    if let Some(id) = session.id() {
        match app.store().delete_session(&hash(&id), Some(record)).await {
            Ok(()) | Err(StoreError::Missing(_)) => {}
            Err(e) => return Err(e.into()),
        }
        session.flush().await?;
    }
    Ok(())
}

/// Writes when sessions were last used: at most once a minute each.
#[derive(Clone, Debug, Default)]
pub struct Touched(Arc<Mutex<HashMap<String, Millis>>>);

impl Touched {
    const EVERY: Millis = 60_000;

    /// Whether to write now; says so once a minute for each session.
    pub fn due(&self, row: &SessionRow, now: Millis) -> bool {
        if now - row.last_seen_at < Self::EVERY {
            return false;
        }
        let mut touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        touched.retain(|_, at| now - *at < Self::EVERY);
        if touched.contains_key(&row.id) {
            return false;
        }
        touched.insert(row.id.clone(), now);
        true
    }
}
