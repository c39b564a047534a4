//! What stands where something could not be had: why, what still works, under which request, and once more.

use leptos::prelude::*;

use crate::{
    api::problem::Failure,
    components::{page::PageHead, states::ErrorState},
    pages::not_found::Status,
    problems::{request_id, sentence},
    words::{FailedAtHost, Lang, W, text, use_lang},
};

#[component]
pub fn Failed(
    failure: Failure,
    /// The host that was asked, where it was one.
    #[prop(optional, into)]
    host: Option<String>,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    // A page whose object is not there says so in its status, too.
    if let (Some(404), Some(Status(set))) = (failure.status(), use_context()) {
        set(404);
    }
    let id = request_id(&failure);
    let still = still_works(&failure);
    let detail = move || text(lang.get(), still);
    let title = move || told(lang.get(), host.as_deref(), &failure);
    match id {
        Some(id) => view! { <ErrorState title detail request_id=id on_retry /> }.into_any(),
        None => view! { <ErrorState title detail on_retry /> }.into_any(),
    }
}

/// The same where it takes a whole page's place: under the page's title.
#[component]
pub fn FailedPage(#[prop(into)] title: TextProp, failure: Failure, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <PageHead title ruled=true />
        <Failed failure on_retry />
    }
}

fn told(lang: Lang, host: Option<&str>, failure: &Failure) -> String {
    let what = sentence(lang, failure);
    match host {
        Some(host) => FailedAtHost { host: &host, what: &what }.text(lang),
        None => what,
    }
}

fn still_works(failure: &Failure) -> W {
    match failure.code() {
        None => W::failed_offline,
        Some(code) if code.starts_with("storage_") => W::failed_reading,
        Some("host_unreachable" | "engine_timeout") => W::failed_other_hosts,
        Some(_) => W::failed_other_pages,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Problem;

    fn problem(code: &str) -> Failure {
        let code = code.to_owned();
        let (title, detail, request_id) = (String::new(), String::new(), String::new());
        Failure::Problem(Box::new(Problem { r#type: String::new(), title, status: 503, code, detail, errors: Vec::new(), request_id }))
    }

    #[test]
    fn a_failure_says_on_which_host_and_what_still_works() {
        assert_eq!(told(Lang::En, Some("sh1"), &problem("host_unreachable")), "sh1: The host does not answer.");
        assert_eq!(told(Lang::Zh, None, &Failure::Offline), "控制台没有响应。");
        let found =
            [problem("host_unreachable"), problem("storage_full"), problem("internal"), Failure::Offline].map(|f| still_works(&f) as usize);
        let expected = [W::failed_other_hosts, W::failed_reading, W::failed_other_pages, W::failed_offline].map(|w| w as usize);
        assert_eq!(found, expected);
    }
}
