//! The audit trail: who did what to what, and what came of it.

mod rows;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    api::{
        audit::{AuditQuery, AuditRecord},
        list::CursorPage,
        problem::Failure,
    },
    components::{page::PageHead, skeleton::SkeletonRows},
    loader::{Loaded, loader},
    pages::{address::Address, failed::Failed},
    words::{W, t, text, use_lang},
};

/// Records of the first answer.
const FIRST: u32 = 50;
/// Keys of tokens.
const KEYS: [&str; 3] = ["actor", "permission", "object"];

/// The page.
pub struct AuditPage {
    loaded: Loaded<CursorPage<AuditRecord>>,
    address: Address,
}

#[lazy_route]
impl LazyRoute for AuditPage {
    fn data() -> Self {
        let address = Address::read("/audit", &KEYS, &["q", "outcome", "hours", "record"]);
        let query = untrack(|| query(address, None, FIRST));
        Self { loaded: loader(move |client| client.audit(&query)), address }
    }

    fn view(this: Self) -> AnyView {
        let AuditPage { loaded, address } = this;
        let lang = use_lang();
        let content = move || {
            Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <rows::Trail first address /> }.into_any(),
                    Err(Failure::Later) => view! { <SkeletonRows rows=12 /> }.into_any(),
                    Err(failure) => view! { <Failed failure on_retry=move |()| loaded.refetch() /> }.into_any(),
                }
            })
        };
        view! {
            <Title text=move || text(lang.get(), W::nav_audit) />
            <div class="page-list">
                <PageHead title=t(W::nav_audit) />
                <Suspense fallback=move || view! { <SkeletonRows rows=12 /> }>{content}</Suspense>
            </div>
        }
        .into_any()
    }
}

/// What the address asks for, tracked.
fn query(address: Address, cursor: Option<String>, limit: u32) -> AuditQuery {
    AuditQuery {
        q: address.some("q"),
        outcome: address.some("outcome"),
        within_hours: address.some("hours").and_then(|hours| hours.parse().ok()),
        actor: address.token("actor"),
        permission: address.token("permission"),
        object_id: address.token("object"),
        cursor,
        limit: Some(limit),
        ..AuditQuery::default()
    }
}
