//! Saved views, on both databases.

use super::{
    StoreError,
    tests::{on_both, record},
    user::NewUser,
    view::ViewRow,
};

fn view(user_id: &str, id: &str, page: &str, name: &str) -> ViewRow {
    ViewRow { id: id.into(), user_id: user_id.into(), page: page.into(), name: name.into(), query: "q=web".into(), created_at: 7 }
}

#[tokio::test]
async fn views_are_a_persons_own_and_one_of_each_name() {
    on_both(|store| async move {
        for (id, username) in [("u1", "ops-c"), ("u2", "dev-a")] {
            let user = NewUser { id: id.into(), username: username.into(), password_hash: "x".into(), language: None, now: 5 };
            store.create_user(user, None, record("create")).await.expect("made");
        }
        let keep = async |row: ViewRow| store.create_view(row, 3, record("save_view")).await;
        assert!(keep(view("u1", "v1", "containers", "web")).await.expect("kept"));
        assert!(keep(view("u1", "v2", "logs", "web")).await.expect("of another page"));
        assert!(keep(view("u2", "v3", "containers", "web")).await.expect("another's"));
        assert!(matches!(keep(view("u1", "v4", "containers", "web")).await, Err(StoreError::Conflict("this name"))));
        assert!(keep(view("u1", "v5", "containers", "All")).await.expect("kept"));
        assert!(!keep(view("u1", "v6", "containers", "more")).await.expect("asked"), "three at most");

        let change = async |user: &str, id: &str, name: Option<&str>, query: Option<&str>| {
            store.change_view(user, id, name.map(Into::into), query.map(Into::into), record("change_view")).await
        };
        assert!(change("u1", "v1", Some("shop"), None).await.expect("changed"));
        assert!(change("u1", "v1", None, Some("q=shop")).await.expect("changed"));
        assert!(matches!(change("u1", "v1", Some("All"), None).await, Err(StoreError::Conflict("this name"))));
        assert!(!change("u2", "v1", Some("mine"), None).await.expect("asked"), "another's is as good as none");
        assert!(!store.delete_view("u2", "v1", record("delete_view")).await.expect("asked"));
        let of = async |user: &str| {
            let rows = store.views_of(user).await.expect("read");
            rows.into_iter().map(|v| (v.id, v.name, v.query)).collect::<Vec<_>>()
        };
        let row = |id: &str, name: &str, query: &str| (id.to_owned(), name.to_owned(), query.to_owned());
        assert_eq!(of("u1").await, [row("v5", "All", "q=web"), row("v1", "shop", "q=shop"), row("v2", "web", "q=web")]);
        assert!(store.delete_view("u1", "v1", record("delete_view")).await.expect("deleted"));
        assert_eq!((of("u1").await.len(), of("u2").await.len()), (2, 1));
    })
    .await;
}
