//! Set-up, sign-in, account and sign-out.

use app::api::{
    account::{ChangePassword, UpdateAccount},
    audit::AuditQuery,
    problem::Failure,
    session::{SignIn, StepUp},
    setup::Setup,
};

use serde_json::json;

use super::console::{Console, PASSWORD, text};
use crate::{auth::secret, clock::Clock, store::tests::record};

fn code<T: std::fmt::Debug>(result: Result<T, Failure>) -> (u16, String) {
    match result {
        Err(Failure::Problem(p)) => (p.status, p.errors.first().map_or(p.code.clone(), |e| format!("{}: {}", e.field, e.code))),
        other => panic!("a problem was expected: {other:?}"),
    }
}

fn sign_in(username: &str, password: &str) -> SignIn {
    SignIn { username: username.into(), password: password.into() }
}

#[tokio::test]
async fn the_first_account_is_made_once_and_is_signed_in() {
    let console = Console::new().await;
    let visitor = console.visitor();
    let client = visitor.client();
    assert!(client.setup_state().await.expect("open to everyone").needed);
    let token = secret::generate(&ring::rand::SystemRandom::new());
    let now = console.app.clock().now();
    console.app.store().create_setup_token(&secret::hash(&token), now, now + 1000, record("link")).await.expect("kept");
    let request = |token: &str, username: &str, password: &str| Setup {
        token: token.into(),
        username: username.into(),
        password: password.into(),
        language: Some("zh-CN".into()),
    };
    assert_eq!(code(client.setup(&request(&token, "a b", PASSWORD)).await), (422, "username: invalid".into()));
    assert_eq!(code(client.setup(&request(&token, "admin", "short")).await), (422, "password: length".into()));
    assert_eq!(code(client.setup(&request("wrong", "admin", PASSWORD)).await), (422, "token: expired".into()));
    let session = client.setup(&request(&token, "admin", PASSWORD)).await.expect("made");
    assert!(session.may("container.operate") && session.platform);
    assert_eq!(client.session().await.expect("signed in").language.as_deref(), Some("zh-CN"));
    assert!(!client.setup_state().await.expect("read").needed);
    let again = console.visitor().client().setup(&request(&token, "other", PASSWORD)).await;
    assert_eq!(code(again), (422, "token: expired".into()));
}

#[tokio::test]
async fn a_person_signs_in_changes_what_is_theirs_and_signs_out() {
    let console = Console::new().await;
    console.person("ops-c", Some("auditor")).await;
    let visitor = console.visitor();
    let client = visitor.client();
    assert_eq!(code(client.session().await), (401, "unauthenticated".into()));
    assert_eq!(code(client.sign_in(&sign_in("ops-c", "wrong password")).await), (401, "wrong_credentials".into()));
    assert_eq!(code(client.sign_in(&sign_in("nobody", "wrong password")).await), (401, "wrong_credentials".into()));
    client.sign_in(&sign_in("OPS-C", PASSWORD)).await.expect("case aside");
    let elsewhere = console.signed_in("ops-c").await;

    let changed = client.update_account(&UpdateAccount { theme: Some("dark".into()), ..UpdateAccount::default() }).await.expect("changed");
    assert_eq!((changed.theme.as_str(), changed.roles[0].role.as_str()), ("dark", "auditor"));
    let bad = UpdateAccount { theme: Some("pink".into()), ..UpdateAccount::default() };
    assert_eq!(code(client.update_account(&bad).await), (422, "theme: invalid".into()));

    // Preferences change by name; together they have an end.
    let prefer = |value| UpdateAccount { preferences: Some(value), ..UpdateAccount::default() };
    client.update_account(&prefer(json!({"columns:containers": ["image"], "kept": 1}))).await.expect("changed");
    let changed = client.update_account(&prefer(json!({"columns:containers": null, "views": [1]}))).await.expect("changed");
    assert_eq!(changed.preferences, json!({"kept": 1, "views": [1]}));
    client.update_columns("containers", Some(&["ports".to_owned()].into())).await.expect("kept");
    assert_eq!(client.account().await.expect("read").preferences["columns:containers"], json!(["ports"]));
    let long = prefer(json!({"more": "x".repeat(64 * 1024 - 40)}));
    assert_eq!(code(client.update_account(&long).await), (422, "preferences: out_of_range".into()));
    assert_eq!(code(client.update_account(&prefer(json!([1]))).await), (422, "preferences: wrong_type".into()));
    assert_eq!(client.account().await.expect("read").preferences["kept"], json!(1), "what was refused changed nothing");

    let sessions = client.own_sessions().await.expect("read").items;
    assert_eq!(sessions.iter().filter(|s| s.current).count(), 1);
    assert_eq!(sessions.len(), 2);
    let wrong = ChangePassword { current_password: "wrong".into(), new_password: "a whole new password".into() };
    assert_eq!(code(client.change_password(&wrong).await), (422, "current_password: wrong_password".into()));
    client.change_password(&ChangePassword { current_password: PASSWORD.into(), ..wrong }).await.expect("changed");
    assert_eq!(code(elsewhere.client().session().await), (401, "unauthenticated".into()), "other sessions end");
    client.session().await.expect("this one stays");

    client.sign_out().await.expect("signed out");
    assert_eq!(code(client.session().await), (401, "unauthenticated".into()));
    client.sign_in(&sign_in("ops-c", "a whole new password")).await.expect("the new one");
    let trail = client.audit(&AuditQuery { actor: Some("ops-c".into()), ..AuditQuery::default() }).await.expect("an auditor reads");
    let acts: Vec<&str> = trail.items.iter().rev().map(|r| r.action.as_str()).filter(|a| *a != "create").collect();
    assert_eq!(acts, ["sign_in", "sign_in", "update", "update", "update", "update", "change_password", "sign_out", "sign_in"]);
    assert!(trail.items.iter().filter(|r| r.action != "create").all(|r| !r.request_id.is_empty()));
}

#[tokio::test]
async fn another_persons_session_is_not_there() {
    let console = Console::new().await;
    console.person("ops-c", None).await;
    console.person("dev-a", None).await;
    let (ops, dev) = (console.signed_in("ops-c").await.client(), console.signed_in("dev-a").await.client());
    let own = ops.own_sessions().await.expect("read").items[0].id.clone();
    assert_eq!(code(dev.end_session(&own).await), (404, "not_found".into()));
    ops.end_session(&own).await.expect("one's own");
    assert_eq!(code(ops.session().await).0, 401);
}

/// The password was right when it was looked at; by the time that there is a session for it, somebody has set another.
#[tokio::test]
async fn a_password_that_is_reset_while_it_signs_in_signs_nobody_in() {
    let console = Console::new().await;
    let id = console.person("ops-c", Some("auditor")).await;
    let store = console.app.store();
    let looked_at = store.user(&id).await.expect("read").expect("there");
    let session = tower_sessions::Session::new(None, std::sync::Arc::new(crate::http::session::sessions(&console.app)), None);
    let peer = crate::http::peer::Peer([192, 0, 2, 7].into());
    let start = async |user| {
        let record = crate::api::session::own_record(&console.app, user, peer, "sign_in");
        crate::api::session::start(&console.app, &session, user, peer, &axum::http::HeaderMap::new(), record).await
    };
    let hash = console.app.passwords().hash("another horse battery").await;
    store.set_password(&id, &hash, None, 5, record("reset")).await.expect("reset");
    let refused = start(&looked_at).await.map(drop).expect_err("too late");
    assert_eq!((refused.status().as_u16(), refused.code()), (401, "wrong_credentials"));
    assert_eq!(store.sessions_of(&id, 0).await.expect("read"), []);
    let now = store.user(&id).await.expect("read").expect("there");
    start(&now).await.map(drop).expect("the new one does");
    assert_eq!(store.sessions_of(&id, 0).await.expect("read").len(), 1);
    let trail = console.app.store().audit_page(&crate::auth::Visible::of(&crate::auth::Actor::command_line()), &all()).await.expect("read");
    assert_eq!(trail.iter().filter(|r| r.record.action == "sign_in").count(), 1, "nobody has signed in but once");
}

fn all() -> crate::store::audit::AuditFilter {
    crate::store::audit::AuditFilter { limit: 100, ..crate::store::audit::AuditFilter::default() }
}

#[tokio::test]
async fn step_up_lasts_five_minutes() {
    let clock = Clock::manual(1_700_000_000_000);
    let console = Console::at(clock.clone()).await;
    console.person("ops-c", None).await;
    let client = console.signed_in("ops-c").await.client();
    clock.advance(6 * 60_000);
    assert_eq!(code(client.step_up(&StepUp { password: "wrong".into() }).await), (422, "password: wrong_password".into()));
    let session = client.step_up(&StepUp { password: PASSWORD.into() }).await.expect("given again");
    assert_eq!(session.step_up_until.as_deref(), Some("2023-11-14T22:24:20.000Z"));
    assert_eq!(client.session().await.expect("read").step_up_until, session.step_up_until);
}

#[tokio::test]
async fn guessing_is_slowed_and_ends_by_itself() {
    let clock = Clock::manual(1_700_000_000_000);
    let console = Console::at(clock.clone()).await;
    console.person("ops-c", None).await;
    let client = console.visitor().client();
    let mut last = (0, String::new());
    for _ in 0..20 {
        last = code(client.sign_in(&sign_in("ops-c", "a wrong password")).await);
        if last.0 == 429 {
            break;
        }
    }
    assert_eq!(last, (429, "too_many_tries".into()));
    clock.advance(10 * 60_000);
    client.sign_in(&sign_in("ops-c", PASSWORD)).await.expect("nobody is shut out for good");
}

#[tokio::test]
async fn a_token_reads_and_changes_nothing_of_the_account() {
    let console = Console::new().await;
    let id = console.person("ops-c", Some("auditor")).await;
    let script = console.script(&console.token(&id, None).await);
    let session = script.client().session().await.expect("a token is somebody");
    assert_eq!((session.username.as_str(), session.via.as_str()), ("ops-c", "token"));
    assert_eq!(script.json("PATCH", "/api/v1/account", Some(r#"{"theme":"dark"}"#)).await.0, 403);
    assert_eq!(script.json("PUT", "/api/v1/account/password", Some(r#"{"current_password":"x","new_password":"y"}"#)).await.0, 403);
    assert_eq!(console.script("ecos_nonsense").json("GET", "/api/v1/session", None).await.0, 401);
}

#[tokio::test]
async fn a_repeat_under_a_key_has_one_effect_and_one_answer() {
    let console = Console::new().await;
    console.person("ops-c", Some("auditor")).await;
    let visitor = console.signed_in("ops-c").await;
    let send = async |key: &str, body: &str| {
        let response = visitor.send("PATCH", "/api/v1/account", &[("idempotency-key", key)], Some(body)).await;
        let replayed = response.headers().contains_key("idempotent-replay");
        (response.status().as_u16(), replayed, text(response).await)
    };
    let first = send("k1", r#"{"theme":"dark"}"#).await;
    assert_eq!((first.0, first.1), (200, false));
    let second = send("k1", r#"{"theme":"dark"}"#).await;
    assert_eq!((second.0, second.1, &second.2), (200, true, &first.2));
    let other = send("k1", r#"{"theme":"light"}"#).await;
    assert!(other.0 == 422 && other.2.contains("idempotency_key_reused"));
    let updates = visitor.client().audit(&AuditQuery { q: Some("update".into()), ..AuditQuery::default() }).await.expect("read");
    assert_eq!(updates.items.len(), 1);
}

/// Whoever guesses on and on, at this account and from this very address, keeps nobody out who was here before.
#[tokio::test]
async fn guessing_keeps_no_known_browser_and_no_session_out() {
    let clock = Clock::manual(1_700_000_000_000);
    let console = Console::at(clock.clone()).await;
    console.person("ops-c", Some("operator")).await;
    let known = console.signed_in("ops-c").await;
    let signed_in = console.signed_in("ops-c").await;
    known.client().sign_out().await.expect("signed out");
    let guesser = console.visitor().client();
    let mut slowed = 0;
    for _ in 0..20 {
        clock.advance(1_000);
        slowed += u32::from(code(guesser.sign_in(&sign_in("ops-c", "a guess")).await).0 == 429);
    }
    assert!(slowed > 5);
    assert_eq!(code(console.visitor().client().sign_in(&sign_in("ops-c", PASSWORD)).await), (429, "too_many_tries".into()));
    known.client().sign_in(&sign_in("ops-c", PASSWORD)).await.expect("the browser is known");
    signed_in.client().step_up(&StepUp { password: PASSWORD.into() }).await.expect("a session has its own pace");

    // A new password makes other browsers unknown, and a session that guesses is slowed as anybody is.
    let change = ChangePassword { current_password: PASSWORD.into(), new_password: "a whole new password".into() };
    known.client().change_password(&change).await.expect("changed");
    known.client().sign_out().await.expect("signed out");
    known.client().sign_in(&sign_in("ops-c", "a whole new password")).await.expect("known by the new one");
    let mut refused = 0;
    for _ in 0..10 {
        refused += u32::from(code(known.client().step_up(&StepUp { password: "a guess".into() }).await).0 == 429);
    }
    assert_eq!(refused, 4, "six tries are free");
}
