//! What the policy says of a container that is there, and exceptions that end by themselves.

use app::{api::spec::NewPolicyException, client::Client};
use serde_json::json;

use super::{
    create::project,
    fake::{console_at, id, listed, problem},
};
use crate::{
    clock::{Clock, Millis},
    fleet::fake::{Fake, FakeContainer},
};

const DAY: Millis = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn whoever_reads_a_container_reads_what_does_not_fit_and_what_is_excepted() {
    let fake = Fake::start();
    let host_config = json!({"Privileged": true, "CapAdd": ["SYS_ADMIN"]});
    fake.world().add(FakeContainer { host_config, ..FakeContainer::running(&id(1), "payments-web") });
    fake.world().add(FakeContainer::running(&id(2), "other"));
    let clock = Clock::manual(1_800_000_000_000);
    let console = console_at(clock.clone(), &[&fake]).await;
    let payments = project(&console, "payments", "dev-a").await;
    console.person("ops-c", Some("platform-admin")).await;
    console.own(&payments, "h0", &id(1)).await;
    let (dev, admin) = (console.signed_in("dev-a").await.client(), console.signed_in("ops-c").await.client());
    listed(&admin, 2).await;
    let found = async |dev: &Client| {
        let policy = dev.container_policy(&id(1)).await.expect("read");
        policy.findings.into_iter().map(|f| (f.finding.code, f.excepted, f.exceptable)).collect::<Vec<_>>()
    };
    let finding = |code: &str, excepted: bool| (code.to_owned(), excepted, true);
    assert_eq!(found(&dev).await, [finding("privileged", false), finding("capability", false)]);
    assert_eq!(problem(dev.container_policy(&id(2)).await).0, 404, "of what one may not read nothing is told");
    assert!(admin.container_policy(&id(2)).await.expect("read").findings.is_empty());

    let except = NewPolicyException {
        container: Some("payments-web".into()),
        project_id: Some(payments),
        code: "privileged".into(),
        reason: "measures the host".into(),
        days: Some(2),
        ..NewPolicyException::default()
    };
    for days in [0, 367] {
        let bad = NewPolicyException { days: Some(days), ..except.clone() };
        assert_eq!(problem(admin.except_from_policy(&bad).await).0, 422, "{days} days");
    }
    let kept = admin.except_from_policy(&except).await.expect("excepted");
    assert_eq!(kept.until.as_deref(), Some("2027-01-17T08:00:00.000Z"));
    assert_eq!(found(&dev).await, [finding("privileged", true), finding("capability", false)]);
    assert_eq!(dev.container(&id(1)).await.expect("read").exceptions, std::slice::from_ref(&kept));

    clock.advance(2 * DAY);
    let (dev, admin) = (console.signed_in("dev-a").await.client(), console.signed_in("ops-c").await.client());
    assert_eq!(found(&dev).await, [finding("privileged", false), finding("capability", false)], "it has ended by itself");
    assert!(dev.container(&id(1)).await.expect("read").exceptions.is_empty());
    assert!(admin.policy_exceptions().await.expect("read").is_empty());
    assert_eq!(problem(admin.end_policy_exception(&kept.id).await).0, 404);
}
