//! From rows to rights: what sessions and tokens are worth, and when they end.

use std::{sync::Arc, time::Duration};

use ring::rand::SystemRandom;

use super::{
    Actor, AuthError, Authenticator, ObjectScope, Permitted,
    permission::{Permission as _, account, container, host},
    permitted::{Denied, ObjectRef},
    secret,
};
use crate::{
    clock::Clock,
    store::{
        Store,
        grant::{Grantee, NewGrant},
        session::SessionRow,
        tests::{on_both, record},
        token::Token,
        user::NewUser,
    },
};

async fn person(store: &Store, name: &str, role: Option<&str>) -> String {
    let user = NewUser { id: uuid::Uuid::now_v7().to_string(), username: name.into(), password_hash: "x".into(), language: None, now: 0 };
    let id = user.id.clone();
    store.create_user(user, role, record("create")).await.expect("made");
    id
}

async fn session(store: &Store, user_id: &str, step_up_until: i64) -> SessionRow {
    let row = SessionRow {
        id: secret::hash(user_id),
        user_id: user_id.into(),
        created_at: 0,
        last_seen_at: 0,
        expires_at: 1_000_000,
        step_up_until,
        address: "10.3.4.18".into(),
        user_agent: String::new(),
    };
    store.save_session(row.clone(), "x", Some(record("sign_in"))).await.expect("saved");
    row
}

fn token(user_id: &str, bearer: &str, role: Option<&str>) -> Token {
    Token {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: user_id.into(),
        name: "ci".into(),
        hash: secret::hash(bearer),
        role: role.map(Into::into),
        project_id: None,
        environment_id: None,
        created_at: 0,
        expires_at: Some(500),
        last_used_at: None,
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_token_is_worth_its_owner_now_within_its_role_until_it_ends() {
    on_both(|store| async move {
        let clock = Clock::manual(100);
        let auth = Authenticator::new(store.clone(), clock.clone()).await.expect("reads");
        let owner = person(&store, "ops-c", Some("operator")).await;
        let bearer = secret::generate_token(&SystemRandom::new());
        let row = token(&owner, &bearer, Some("viewer"));
        store.create_token(row.clone(), record("create")).await.expect("made");
        let here = ObjectScope::platform();

        let actor = auth.token(&bearer, "10.0.0.1").await.expect("valid");
        assert!(actor.may::<container::Read>(&here) && !actor.may::<container::Operate>(&here));
        assert!(actor.may::<account::Read>(&here) && !actor.may::<account::Update>(&here));
        assert!(matches!(auth.token("ecos_nonsense", "").await, Err(AuthError::Token)));
        assert!(matches!(auth.token("other", "").await, Err(AuthError::Token)));

        // The owner loses what the role had: so does the token, at once.
        store.delete_grants(&owner, record("revoke")).await.expect("gone");
        auth.refresh().await.expect("reads");
        assert!(!auth.token(&bearer, "").await.expect("valid").may::<container::Read>(&here));

        clock.advance(400);
        assert!(matches!(auth.token(&bearer, "").await, Err(AuthError::Token)), "expired");
        clock.advance(-400);
        store.revoke_token(&row.id, 100, record("revoke")).await.expect("revoked");
        assert!(matches!(auth.token(&bearer, "").await, Err(AuthError::Token)), "revoked");
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_expires_ends_by_itself() {
    on_both(|store| async move {
        let clock = Clock::manual(100);
        let auth = Authenticator::new(store.clone(), clock.clone()).await.expect("reads");
        let dev = person(&store, "dev-a", None).await;
        let project = store.create_project("payments", 0, record("create")).await.expect("made");
        let grant = NewGrant {
            to: Grantee::User(dev.clone()),
            role: "developer".into(),
            project_id: Some(project.clone()),
            environment_id: None,
            expires_at: Some(200),
            now: 0,
        };
        store.create_grant(grant, record("grant")).await.expect("granted");
        auth.refresh().await.expect("reads");
        let row = session(&store, &dev, 0).await;
        let (own, foreign) =
            (ObjectScope { project: Some(project), environment: None }, ObjectScope { project: Some("other".into()), environment: None });
        let actor = auth.session(&row, "").await.expect("valid");
        assert!(actor.may::<container::Operate>(&own) && !actor.may::<container::Read>(&foreign));
        clock.advance(100);
        assert!(!auth.session(&row, "").await.expect("valid").may::<container::Operate>(&own));
    })
    .await;
}

#[tokio::test]
async fn streams_end_when_the_session_does() {
    on_both(|store| async move {
        let auth = Authenticator::new(store.clone(), Clock::manual(100)).await.expect("reads");
        let ops = person(&store, "ops-c", Some("operator")).await;
        let row = session(&store, &ops, 0).await;
        let actor = auth.session(&row, "").await.expect("valid");
        let permitted = Permitted::<container::Read>::check(actor, ObjectRef::default(), 100, "").expect("an operator reads");
        let watch = tokio::spawn({
            let auth = auth.clone();
            async move { auth.revoked(&permitted, || Some(permitted.object().scope.clone())).await }
        });
        store.delete_session(&row.id, None).await.expect("ended");
        auth.refresh().await.expect("reads");
        tokio::time::timeout(Duration::from_secs(2), watch).await.expect("within two seconds").expect("no panic");
    })
    .await;
}

#[tokio::test]
async fn step_up_and_missing_rights_are_told_apart() {
    on_both(|store| async move {
        let auth = Authenticator::new(store.clone(), Clock::manual(100)).await.expect("reads");
        let admin = person(&store, "admin", Some("platform-admin")).await;
        let viewer = person(&store, "viewer", Some("viewer")).await;
        let nobody = person(&store, "nobody", None).await;
        let check =
            |actor: Arc<Actor>| Permitted::<host::Manage>::check(actor, ObjectRef::default(), 100, "r").map(|p| p.by_right().to_owned());
        let row = session(&store, &admin, 100).await;
        assert_eq!(check(auth.session(&row, "").await.expect("valid")), Err(Denied::StepUp));
        let row = session(&store, &admin, 101).await;
        assert_eq!(check(auth.session(&row, "").await.expect("valid")), Ok("platform-admin @ platform".into()));
        let row = session(&store, &viewer, 101).await;
        assert_eq!(check(auth.session(&row, "").await.expect("valid")), Err(Denied::Lacking { permission: host::Manage::NAME }));
        let row = session(&store, &nobody, 101).await;
        assert_eq!(check(auth.session(&row, "").await.expect("valid")), Err(Denied::Invisible));
    })
    .await;
}
