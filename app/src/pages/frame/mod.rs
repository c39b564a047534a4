//! The frame for who is signed in: what the navigation offers, where the page is, language, theme and account.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

use crate::{
    api::{account::Appearance, counts::Counts},
    client::live::{LiveState, Outdated, use_changes, use_hush, use_hushed, use_live_state},
    components::{
        connection::ConnectionBar,
        frame::{AccountMenu, Crumb, Frame, LanguageSwitch, NavGroup, NavItem, SearchButton, Theme, ThemeSwitch},
        icon::{Glyph, Icon},
        menu::{MenuEntry, MenuItem},
        toasts::{Toast, use_toasts},
    },
    loader::use_client,
    me::{Me, use_me},
    pages::palette::Palette,
    problems::sentence,
    words::{Lang, W, operations_n_running, t, text, use_lang},
};

/// The name of what a detail page shows, for the breadcrumb; set once the page lives.
#[derive(Clone, Copy)]
pub struct ObjectName(pub RwSignal<Option<String>>);

/// Frame and page.
#[component]
pub fn Framed(children: Children) -> impl IntoView {
    let me = use_me();
    let lang = use_lang();
    let name = ObjectName(RwSignal::new(None));
    provide_context(name);
    let path = use_location().pathname;
    let crumbs = Signal::derive(move || crumbs(lang.get(), &path.get(), name.0.get()));
    let counts = counted(me.counts);
    let groups = StoredValue::new(groups(&me, counts));
    let searching = RwSignal::new(false);
    let middle = move || view! { <SearchButton label=t(W::palette_label) on_press=move |()| searching.set(true) /> };
    let tools = move || view! { <Running counts /> <Tools /> };
    let state = use_live_state();
    let Outdated(outdated) = expect_context();
    let notice = move || view! { <ConnectionBar lost=Signal::derive(move || state.get() == LiveState::Lost) outdated /> };
    view! {
        <Frame brand=t(W::app_name) groups=Signal::derive(move || groups.get_value()) crumbs middle tools notice>
            {children()}
        </Frame>
        <Palette open=searching />
    }
}

/// How many there are, as of a second after the last change.
fn counted(first: Counts) -> RwSignal<Counts> {
    let counts = RwSignal::new(first);
    let client = StoredValue::new(use_client());
    let waiting = StoredValue::new(false);
    let hushed = use_hushed();
    let fetch = move || {
        let _ = waiting.try_set_value(false);
        if hushed.try_run(()).unwrap_or(true) {
            return;
        }
        let Some(client) = client.try_get_value() else { return };
        spawn_local(async move {
            if let Ok(now) = client.counts().await
                && counts.try_get_untracked().is_some_and(|before| before != now)
            {
                let _ = counts.try_set(now);
            }
        });
    };
    use_changes(&["container", "host", "operation"], move |_| {
        if !waiting.try_update_value(|waiting| std::mem::replace(waiting, true)).unwrap_or(true) {
            set_timeout(fetch, Duration::from_secs(1));
        }
    });
    counts
}

fn groups(me: &Me, counts: RwSignal<Counts>) -> Vec<NavGroup> {
    let none: Signal<Option<u32>> = Signal::derive(|| None);
    let item = |glyph, label, href, count| NavItem { glyph, label: TextProp::from(t(label)), href, count, alarm: false };
    let mut all = vec![NavGroup { title: None, items: vec![item(Glyph::Home, W::nav_overview, "/", none)] }];
    let mut group = |title, items: Vec<NavItem>| {
        if !items.is_empty() {
            all.push(NavGroup { title: Some(TextProp::from(t(title))), items });
        }
    };
    let when = |permission, item| if me.may(permission) { vec![item] } else { vec![] };
    let containers = Signal::derive(move || counts.get().containers);
    let hosts = Signal::derive(move || counts.get().hosts);
    group(W::nav_runtime, when("container.read", item(Glyph::Cube, W::nav_containers, "/containers", containers)));
    group(W::nav_infrastructure, when("host.read", item(Glyph::Server, W::nav_hosts, "/hosts", hosts)));
    group(W::nav_observe, when("container.read", item(Glyph::Logs, W::nav_logs, "/logs", none)));
    let mut governance = when("policy.read", item(Glyph::Check, W::policy_title, "/policy", none));
    governance.extend(when("audit.read", item(Glyph::Clipboard, W::nav_audit, "/audit", none)));
    group(W::nav_governance, governance);
    all
}

fn crumbs(lang: Lang, path: &str, name: Option<String>) -> Vec<Crumb> {
    let mut parts = path.split('/').filter(|p| !p.is_empty());
    let (first, second) = (parts.next(), parts.next());
    let word = |w| TextProp::from(text(lang, w));
    let page = match first {
        None => return vec![Crumb { label: word(W::nav_overview), href: None }],
        Some("containers") => (Some(W::nav_runtime), W::nav_containers),
        Some("hosts") => (Some(W::nav_infrastructure), W::nav_hosts),
        Some("logs") => (Some(W::nav_observe), W::nav_logs),
        Some("audit") => (Some(W::nav_governance), W::nav_audit),
        Some("policy") => (Some(W::nav_governance), W::policy_title),
        Some("operations") => (None, W::operations_title),
        Some("account") => (None, W::nav_account),
        Some("api-reference") => (None, W::api_title),
        Some(_) => return vec![],
    };
    let mut all = Vec::new();
    if let Some(id) = second {
        // Of a detail the way begins at its list.
        all.push(Crumb { label: word(page.1), href: first.map(|f| format!("/{f}")) });
        let short: String = id.chars().take(12).collect();
        all.push(Crumb { label: TextProp::from(name.unwrap_or(short)), href: None });
    } else {
        all.extend(page.0.map(|group| Crumb { label: word(group), href: None }));
        all.push(Crumb { label: word(page.1), href: None });
    }
    all
}

/// Operations of one's own that run: a ring with their number, which leads to them.
#[component]
fn Running(counts: RwSignal<Counts>) -> impl IntoView {
    let lang = use_lang();
    let running = Memo::new(move |_| counts.with(|c| c.operations));
    move || {
        Some(running.get()).filter(|n| *n > 0).map(|n| {
            let said = move || operations_n_running(lang.get(), u64::from(n));
            view! {
                <a class="button quiet running" href="/operations" aria-label=said title=said>
                    <span class="spinner"><Icon glyph=Glyph::Working /></span>
                    <span>{n}</span>
                </a>
            }
        })
    }
}

#[component]
fn Tools() -> impl IntoView {
    let me = use_me();
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let keep = move |update: Appearance| {
        let client = client.get_value();
        // What is shown has changed already; that it could not be kept is no reason to change it back.
        spawn_local(async move { drop(client.update_appearance(&update).await) });
    };
    let switch_language = move |()| {
        let next = lang.get_untracked().other();
        speak(lang, next);
        keep(Appearance { language: Some(next.tag()), ..Appearance::default() });
    };
    let theme = expect_context::<RwSignal<Theme>>();
    let keep_theme = move |theme: Theme| keep(Appearance { theme: Some(theme.key()), ..Appearance::default() });
    let toasts = use_toasts();
    let hush = use_hush();
    let sign_out = move || {
        let client = client.get_value();
        hush.run(true);
        spawn_local(async move {
            match client.sign_out().await {
                Ok(()) => drop(window().location().assign("/sign-in")),
                Err(failure) => {
                    hush.run(false);
                    toasts.show(Toast::bad(sentence(lang.get_untracked(), &failure)));
                }
            }
        });
    };
    let (account, leave) = (t(W::nav_account), t(W::nav_sign_out));
    let entries = Signal::derive(move || {
        vec![
            MenuItem::go(account, "/account").glyph(Glyph::Person).entry(),
            MenuItem::go(t(W::operations_title), "/operations").entry(),
            MenuItem::go(t(W::api_title), "/api-reference").entry(),
            MenuEntry::Line,
            MenuItem::run(leave, sign_out).glyph(Glyph::Leave).entry(),
        ]
    });
    view! {
        <LanguageSwitch other=move || other_name(lang.get()) on_switch=switch_language />
        <ThemeSwitch theme on_change=keep_theme />
        <AccountMenu name=me.username entries />
    }
}

/// The other language's own name.
pub fn other_name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "中文",
        Lang::Zh => "EN",
    }
}

/// Changes the page's language in place.
pub fn speak(signal: RwSignal<Lang>, lang: Lang) {
    signal.set(lang);
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", lang.tag());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_page_follows_its_address() {
        let _owner = Owner::new();
        let way = |path: &str, name: Option<&str>| {
            crumbs(Lang::En, path, name.map(str::to_owned)).into_iter().map(|c| (c.label.get().to_string(), c.href)).collect::<Vec<_>>()
        };
        assert_eq!(way("/", None), [("Overview".to_owned(), None)]);
        assert_eq!(way("/containers", None), [("Runtime".to_owned(), None), ("Containers".to_owned(), None)]);
        assert_eq!(
            way("/containers/3f9ac21b04de55aa", None),
            [("Containers".to_owned(), Some("/containers".to_owned())), ("3f9ac21b04de".to_owned(), None)]
        );
        assert_eq!(way("/hosts/x", Some("sh1"))[1].0, "sh1");
    }
}
