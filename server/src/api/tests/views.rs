//! Saved views over the API: one's own alone, within their limits.

use app::api::view::{ChangeView, MOST_VIEWS, NewView, ViewPage};

use super::{console::Console, fake::problem};

fn new(name: &str, query: &str) -> NewView {
    NewView { page: ViewPage::Containers, name: name.into(), query: query.into() }
}

#[tokio::test]
async fn a_view_is_kept_renamed_and_deleted_by_its_owner_alone() {
    let console = Console::new().await;
    let id = console.person("ops-c", Some("platform-admin")).await;
    console.person("dev-a", None).await;
    let (ops, dev) = (console.signed_in("ops-c").await.client(), console.signed_in("dev-a").await.client());
    let kept = ops.save_view(&new("  in trouble ", "condition=trouble&group=host")).await.expect("kept");
    assert_eq!((kept.name.as_str(), kept.query.as_str()), ("in trouble", "condition=trouble&group=host"));
    assert_eq!(problem(ops.save_view(&new("in trouble", "")).await), (409, "view_name_taken".into()));
    ops.save_view(&NewView { page: ViewPage::Logs, ..new("in trouble", "") }).await.expect("of another page");
    assert!(dev.saved_views().await.expect("read").items.is_empty());
    let name = ChangeView { name: Some("broken".into()), query: None };
    assert_eq!(problem(dev.change_view(&kept.id, &name).await).0, 404);
    assert_eq!(problem(dev.delete_view(&kept.id).await).0, 404);
    let changed = ops.change_view(&kept.id, &name).await.expect("changed");
    assert_eq!((changed.name.as_str(), changed.query.as_str()), ("broken", "condition=trouble&group=host"));
    let script = console.script(&console.token(&id, None).await).client();
    assert!(script.saved_views().await.expect("read").items.is_empty(), "a token opens no pages");
    assert_eq!(problem(script.save_view(&new("by script", "")).await).0, 403);
    let names = ops.saved_views().await.expect("read").items.into_iter().map(|v| v.name).collect::<Vec<_>>();
    assert_eq!(names, ["broken", "in trouble"]);
    ops.delete_view(&kept.id).await.expect("deleted");
    assert_eq!(problem(ops.delete_view(&kept.id).await).0, 404);
}

#[tokio::test]
async fn names_queries_and_their_number_have_limits() {
    let console = Console::new().await;
    console.person("dev-a", None).await;
    let dev = console.signed_in("dev-a").await.client();
    let long = "x".repeat(2_001);
    for (name, query) in
        [("", "q=a"), (" ", "q=a"), ("a\nb", "q=a"), (&"n".repeat(61)[..], "q=a"), ("a", &long[..]), ("a", "q=a#b"), ("a", "q=\"")]
    {
        assert_eq!(problem(dev.save_view(&new(name, query)).await).0, 422, "{name:?} {}", &query[..query.len().min(9)]);
    }
    for n in 0..MOST_VIEWS {
        dev.save_view(&new(&format!("view {n}"), "q=%E5%AE%B9%E5%99%A8")).await.expect("kept");
    }
    assert_eq!(problem(dev.save_view(&new("one more", "")).await), (409, "too_many_views".into()));
}
