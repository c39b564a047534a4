//! Commands beside each other on one data directory.

use std::{path::Path, time::Duration};

use clap::{CommandFactory as _, Parser as _};

use super::{Cli, account, open, token, verify};
use crate::{
    audit::verify::{Damage, Verdict},
    auth::setup_link,
    config::Settings,
    store::audit::AuditFilter,
};

const PASSWORD: &str = "correct horse battery";

fn settings(dir: &Path) -> Settings {
    Settings::with_data_dir(dir.join("data"))
}

fn said<T>(result: anyhow::Result<T>) -> String {
    result.map_or_else(|e| format!("{e:#}"), |_| "done".to_owned())
}

#[tokio::test]
async fn an_account_is_made_once_and_reset() {
    let dir = tempfile::tempdir().unwrap();
    let s = || settings(dir.path());
    assert_eq!(
        said(account::create(s(), "ops c", PASSWORD.into()).await),
        "a username has 2 to 64 of the characters a-z A-Z 0-9 . _ -, and begins with a letter or digit"
    );
    assert_eq!(said(account::create(s(), "ops-c", "short".into()).await), "a password has 12 to 1,024 characters");
    assert_eq!(said(account::create(s(), "ops-c", PASSWORD.into()).await), "done");
    assert_eq!(said(account::create(s(), "OPS-C", PASSWORD.into()).await), "there is an account OPS-C already");
    assert_eq!(said(account::reset(s(), "nobody", PASSWORD.into()).await), "there is no account nobody");

    let app = open::app(s()).await.unwrap();
    let before = app.store().user_by_name("ops-c").await.unwrap().unwrap();
    assert!(app.passwords().verify(PASSWORD, Some(&before.password_hash)).await);
    account::reset(s(), "OPS-C", "another horse battery".into()).await.unwrap();
    let after = app.store().user_by_name("ops-c").await.unwrap().unwrap();
    assert!(app.passwords().verify("another horse battery", Some(&after.password_hash)).await);
    let rights = app.auth().role("platform-admin").await.unwrap().unwrap();
    let grants = app.store().grants_of(&after.id, 0).await.unwrap();
    assert!(!rights.is_empty() && grants.iter().any(|g| g.role == "platform-admin"));
}

#[tokio::test]
async fn a_token_is_its_owners_and_expires() {
    let dir = tempfile::tempdir().unwrap();
    let s = || settings(dir.path());
    account::create(s(), "ops-c", PASSWORD.into()).await.unwrap();
    assert_eq!(said(token::create(s(), "nobody", "ci", None, None).await), "there is no account nobody");
    assert_eq!(said(token::create(s(), "ops-c", "ci", Some("king".into()), None).await), "there is no role king");
    assert_eq!(said(token::create(s(), "ops-c", " ", None, None).await), "a token's name has 1 to 100 printable characters");
    let bearer = token::create(s(), "ops-c", "ci", Some("viewer".into()), Some(Duration::from_hours(1))).await.unwrap();
    assert!(bearer.starts_with("ecos_"));
    let app = open::app(s()).await.unwrap();
    let actor = app.auth().token(&bearer, "192.0.2.1").await.unwrap();
    assert_eq!(actor.name(), "ops-c");
    // The secret is in no record of the trail.
    let all = crate::auth::Visible::of(&crate::auth::Actor::command_line());
    let trail = app.store().audit_page(&all, &AuditFilter { limit: 100, ..AuditFilter::default() }).await.unwrap();
    assert!(trail.iter().any(|r| r.record.action == "token.create"));
    assert!(!format!("{trail:?}").contains(&bearer[5..]));
}

#[tokio::test]
async fn a_setup_link_is_for_the_first_account_only() {
    let dir = tempfile::tempdir().unwrap();
    let app = open::app(settings(dir.path())).await.unwrap();
    let link = setup_link::make(&app).await.unwrap().unwrap();
    assert!(link.starts_with("http://127.0.0.1:3000/setup#"), "{link}");
    assert_ne!(setup_link::make(&app).await.unwrap().unwrap(), link);
    account::create(settings(dir.path()), "ops-c", PASSWORD.into()).await.unwrap();
    assert_eq!(setup_link::make(&app).await.unwrap(), None);
}

#[tokio::test]
async fn the_check_of_the_trail_needs_a_trail() {
    let dir = tempfile::tempdir().unwrap();
    let s = settings(dir.path());
    assert_eq!(said(verify::run(&s, None).await), format!("there is no database in {}", s.store.data_dir.display()));
    account::create(s.clone(), "ops-c", PASSWORD.into()).await.unwrap();
    let whole = verify::run(&s, None).await.unwrap();
    assert!(whole.is_whole(), "{whole}");
    let anchor = dir.path().join("anchor.jsonl");
    assert!(said(verify::run(&s, Some(&anchor)).await).starts_with("the checkpoint file"));

    // A checkpoint of a record that is no longer there.
    let store = open::store(&s).await.unwrap();
    let key = crate::audit::key::MasterKey::open(None, &s.store.data_dir, &store, &ring::rand::SystemRandom::new()).await.unwrap();
    let clock = crate::clock::Clock::system();
    crate::audit::checkpoint::write(&store, &key.signer(), &clock, &anchor).await.unwrap().unwrap();
    assert!(matches!(verify::run(&s, Some(&anchor)).await.unwrap(), Verdict::Whole { records: 1, anchored: Some(1) }));
    // The console's own file knows of more than an older copy that lies elsewhere: both count.
    account::create(s.clone(), "ops-d", PASSWORD.into()).await.unwrap();
    let own = crate::audit::checkpoint::file_in(&s.store.data_dir);
    crate::audit::checkpoint::write(&store, &key.signer(), &clock, &own).await.unwrap().unwrap();
    assert!(matches!(verify::run(&s, Some(&anchor)).await.unwrap(), Verdict::Whole { records: 2, anchored: Some(2) }));
    assert!(matches!(verify::run(&s, None).await.unwrap(), Verdict::Whole { records: 2, anchored: Some(2) }));
    std::fs::remove_file(s.store.data_dir.join("ecos.db")).unwrap();
    for tail in ["ecos.db-wal", "ecos.db-shm"] {
        let _ = std::fs::remove_file(s.store.data_dir.join(tail));
    }
    open::store(&s).await.unwrap();
    let cut = verify::run(&s, Some(&anchor)).await.unwrap();
    assert!(matches!(cut, Verdict::Broken { seq: 1, what: Damage::Cut { expected: 2 } }), "{cut}");
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn passwords_come_on_standard_input_only() {
    let parse = |line: &str| Cli::try_parse_from(line.split(' '));
    assert!(parse("ecos admin create --username ops-c --password-stdin").is_ok());
    assert!(parse("ecos admin create --username ops-c").is_err());
    assert!(parse("ecos admin create --username ops-c --password sesame").is_err());
    assert!(parse("ecos").unwrap().command.is_none());
    assert!(parse("ecos token create --user ops-c --name ci --expires 90d --role viewer").is_ok());
    assert!(parse("ecos token create --user ops-c --name ci --expires 90").is_err());
    assert!(parse("ecos audit verify --anchor a.jsonl --config e.toml").is_ok());
}
