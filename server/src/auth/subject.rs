//! What permissions are about, and how it is looked up: looking up is authorising.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{permitted::ObjectRef, scope::ObjectScope};
use crate::{
    app::App,
    fleet::model::{ContainerEntry, HostEntry},
    store::StoreError,
};

/// A kind of object that permissions are about.
pub trait Subject: Sized + Send + Sync + 'static {
    /// In words, for "there is no such …".
    const KIND: &'static str;
    /// What names one.
    type Key: Send + Sync;

    /// All objects that go by this name, on any host, whoever asks. The caller keeps what the asking person may see.
    fn candidates<'a>(app: &'a App, key: &'a Self::Key) -> BoxFuture<'a, Result<Vec<(ObjectRef, Self)>, StoreError>>;
}

/// Ties a permission to its subject.
pub trait About: super::Permission {
    type Subject: Subject;
}

/// `about! { container::Read, container::Operate => Container }`
macro_rules! about {
    ($( $($permission:path),+ => $subject:ty );+ $(;)?) => { $($( impl $crate::auth::subject::About for $permission { type Subject = $subject; } )+)+ };
}

/// The console as a whole: what has no object of its own.
#[derive(Clone, Copy, Debug)]
pub struct Platform;

impl Subject for Platform {
    const KIND: &'static str = "platform";
    type Key = ();

    fn candidates<'a>(_: &'a App, (): &'a ()) -> BoxFuture<'a, Result<Vec<(ObjectRef, Self)>, StoreError>> {
        let object = ObjectRef { kind: "platform", name: "platform".into(), ..ObjectRef::default() };
        Box::pin(async move { Ok(vec![(object, Self)]) })
    }
}

/// Somebody's own account: everyone who is signed in may look it up, nobody else's.
#[derive(Clone, Debug)]
pub struct OwnAccount(pub crate::store::user::User);

impl Subject for OwnAccount {
    const KIND: &'static str = "account";
    /// The user's id.
    type Key = String;

    fn candidates<'a>(app: &'a App, key: &'a String) -> BoxFuture<'a, Result<Vec<(ObjectRef, Self)>, StoreError>> {
        Box::pin(async move {
            let user = app.store().user(key).await?;
            let object = |u: &crate::store::user::User| ObjectRef {
                kind: "account",
                id: u.id.clone(),
                name: u.username.clone(),
                ..ObjectRef::default()
            };
            Ok(user.into_iter().map(|u| (object(&u), Self(u))).collect())
        })
    }
}

about! {
    super::permission::platform::Read, super::permission::platform::Manage, super::permission::audit::Read,
    super::permission::policy::Read, super::permission::policy::Manage => Platform;
    super::permission::account::Read, super::permission::account::Update, super::permission::session::Read => OwnAccount;
}

/// What names a container: its id, and the host where the id is on several.
#[derive(Clone, Debug)]
pub struct ContainerKey {
    pub id: String,
    pub host_id: Option<String>,
}

/// A container of the fleet, as the snapshot has it.
#[derive(Clone, Debug)]
pub struct ContainerSubject {
    pub host: Arc<HostEntry>,
    pub entry: Arc<ContainerEntry>,
    /// The project's id.
    pub project: Option<String>,
}

impl ContainerSubject {
    /// Where it is now, for checks that go on: it may have changed hands. `None` once it is gone.
    pub fn scope_now(&self, app: &App) -> Option<ObjectScope> {
        let (snapshot, directory) = (app.fleet().snapshot(), app.auth().directory());
        let (host, entry) = snapshot.find(&self.entry.id).into_iter().find(|(host, _)| host.id == self.host.id)?;
        Some(directory.scope(&host.id, host.environment_id.as_deref(), "container", &entry.id, entry.created_at))
    }
}

impl Subject for ContainerSubject {
    const KIND: &'static str = "container";
    type Key = ContainerKey;

    fn candidates<'a>(app: &'a App, key: &'a ContainerKey) -> BoxFuture<'a, Result<Vec<(ObjectRef, Self)>, StoreError>> {
        let (snapshot, directory) = (app.fleet().snapshot(), app.auth().directory());
        let on_host = |host: &HostEntry| key.host_id.as_ref().is_none_or(|wanted| *wanted == host.id);
        let found = snapshot.find(&key.id).into_iter().filter(|(host, _)| on_host(host)).map(|(host, entry)| {
            let scope = directory.scope(&host.id, host.environment_id.as_deref(), "container", &entry.id, entry.created_at);
            let project = scope.project.clone();
            let object = ObjectRef {
                kind: "container",
                id: entry.id.clone(),
                name: entry.name.clone(),
                host_id: Some(host.id.clone()),
                host_name: Some(host.name.clone()),
                scope,
            };
            (object, Self { host: host.clone(), entry: entry.clone(), project })
        });
        let found = found.collect();
        Box::pin(async move { Ok(found) })
    }
}

about! {
    super::permission::container::Read, super::permission::container::Operate, super::permission::container::Update,
    super::permission::container::Delete, super::permission::container::Reveal, super::permission::container::Exec => ContainerSubject;
}
