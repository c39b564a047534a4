//! A group's head in the list: what it is, how it stands, and what can be done with all of it.

use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};

use super::{
    act::{Acts, Asked, Composed, Deed, fits_none},
    newer::check_images,
    words::because,
};
use crate::{
    api::{
        container::{Action, Container, ContainerQuery, Grouping},
        list::{Group, MAX_LIMIT},
    },
    client::percent_encode,
    components::{
        button::{row_menu_button, word_button},
        icon::Glyph,
        menu::{MenuEntry, MenuItem},
        table::{GroupView, Rows},
        tag::{TagTone, tag},
        toasts::Toast,
    },
    words::{
        CommonOfWhat, ContainersDoneOne, Lang, W, containers_group_count, containers_group_loop, containers_group_trouble,
        containers_group_unhealthy, t, text, use_lang,
    },
};

/// Its name, kind, size and the worst that is wrong in it.
pub fn group_head() -> GroupView {
    let lang = use_lang();
    Arc::new(move |g: &Group| {
        let label = if g.kind == "none" { text(lang.get(), W::containers_not_grouped).to_owned() } else { g.label.clone() };
        let kind = (g.kind == "compose").then(|| tag(TagTone::Plain, "compose"));
        let host = g.host_name.clone().filter(|_| g.kind != "host").map(|h| format!(" · {h}")).unwrap_or_default();
        let lang = lang.get();
        let worst = if g.restart_loops > 0 {
            Some(view! { <span class="bad">{containers_group_loop(lang, u64::from(g.restart_loops))}</span> }.into_any())
        } else if g.unhealthy > 0 {
            Some(view! { <span class="warning">{containers_group_unhealthy(lang, u64::from(g.unhealthy))}</span> }.into_any())
        } else if g.trouble > 0 {
            Some(view! { <span class="bad">{containers_group_trouble(lang, u64::from(g.trouble))}</span> }.into_any())
        } else {
            None
        };
        view! {
            <span class="group-name">{label}</span>
            {kind}
            <span class="third">{containers_group_count(lang, u64::from(g.count))}{host}</span>
            {worst}
        }
        .into_any()
    })
}

/// Logs, restart and stop for a compose project on its host, and a menu of what else can be done; refused with the reason where they make sense
/// for none of its containers. `whole` tells whether the list shows all of a group, as it does without a filter.
pub fn group_actions(acts: Acts, rows: Rows<Container>, whole: impl Fn() -> bool + Copy + Send + Sync + 'static) -> GroupView {
    let lang = use_lang();
    let checking = RwSignal::new(false);
    let asking = StoredValue::new(0);
    Arc::new(move |g: &Group| {
        // Its key is the host's id and the project.
        let Some((_, project)) = g.key.split_once('/').filter(|_| g.kind == "compose") else { return ().into_any() };
        let lang = lang.get();
        let button = |action: Action| {
            let deed = Deed::Act(action);
            let word = text(lang, deed.verb());
            let group = g.clone();
            let name = CommonOfWhat { what: &word, name: &g.label }.text(lang);
            word_button(word, name, why_not(rows, g, whole(), deed, lang), move || ask(acts, asking, deed, group.clone()))
        };
        let host = g.host_name.as_ref().map(|host| format!("&host={}", percent_encode(host))).unwrap_or_default();
        let logs = format!("/logs?compose={}{host}", percent_encode(project));
        let more = text(lang, W::common_more);
        let group = g.clone();
        let menu = move |ev: MouseEvent| {
            let group = group.clone();
            acts.menu.open(&ev, move || entries(acts, rows, &group, whole(), checking, asking));
        };
        view! {
            <span class="group-actions">
                <a href=logs>{text(lang, W::nav_logs)}</a>
                // Where there is little room they are in the menu.
                <span class="wide-only">" · " {button(Action::Restart)} " · " {button(Action::Stop)}</span>
                {row_menu_button(more.to_owned(), CommonOfWhat { what: &more, name: &g.label }.text(lang), menu)}
            </span>
        }
        .into_any()
    })
}

/// What else can be done with all of a group.
fn entries(
    acts: Acts,
    rows: Rows<Container>,
    g: &Group,
    whole: bool,
    checking: RwSignal<bool>,
    asking: StoredValue<u32>,
) -> Vec<MenuEntry> {
    let refused = |deed| why_not(rows, g, whole, deed, acts.lang());
    let item = |deed: Deed| {
        let group = g.clone();
        MenuItem::run(t(deed.verb()), move || ask(acts, asking, deed, group.clone())).refused(refused(deed))
    };
    let group = g.clone();
    let check = move || with_members(acts, group.clone(), move |containers| check_images(acts, containers, checking));
    let group = g.clone();
    let compose = move || {
        let composed = group.key.split_once('/').map(|(host, project)| Composed::Project { host_id: host.into(), project: project.into() });
        acts.composed.set(composed);
    };
    vec![
        item(Deed::Act(Action::Start)).glyph(Glyph::Play).entry(),
        item(Deed::Act(Action::Stop)).glyph(Glyph::Stop).entry(),
        item(Deed::Act(Action::Restart)).glyph(Glyph::Restart).entry(),
        item(Deed::Act(Action::Pause)).glyph(Glyph::Pause).entry(),
        item(Deed::Act(Action::Unpause)).glyph(Glyph::Play).entry(),
        MenuEntry::Line,
        MenuItem::run(t(W::containers_check_images), check).entry(),
        item(Deed::Renew).entry(),
        MenuItem::run(t(W::create_compose), compose).entry(),
        MenuEntry::Line,
        MenuItem::run(t(W::containers_remove_ask), {
            let group = g.clone();
            move || ask(acts, asking, Deed::Act(Action::Remove), group.clone())
        })
        .glyph(Glyph::Trash)
        .danger()
        .refused(refused(Deed::Act(Action::Remove)))
        .entry(),
    ]
}

/// Why it makes no sense for any of those that are here; nothing where that is not known.
fn why_not(rows: Rows<Container>, g: &Group, whole: bool, deed: Deed, lang: Lang) -> Option<String> {
    let members = if whole { members(rows, g) } else { Vec::new() };
    fits_none(members.iter(), deed).map(|why| because(lang, why))
}

/// Its containers, if all are here.
fn members(rows: Rows<Container>, g: &Group) -> Vec<Container> {
    if g.collapsed {
        return Vec::new();
    }
    let all = rows.loaded().with_untracked(|l| (g.offset..g.offset + g.count).map(|at| l.row(at).cloned()).collect::<Option<Vec<_>>>());
    all.unwrap_or_default()
}

/// Asks about those of the group that it makes sense for, as they are now. What was chosen last is asked, and nothing over a question that is
/// there by then: `asking` counts.
fn ask(acts: Acts, asking: StoredValue<u32>, deed: Deed, g: Group) {
    if acts.is_bulk_busy_now() {
        acts.toasts().show(Toast::bad(text(acts.lang(), W::containers_bulk_busy)));
        return;
    }
    let turn = asking.get_value() + 1;
    asking.set_value(turn);
    let label = g.label.clone();
    with_members(acts, g, move |containers| {
        let is_late = asking.try_get_value() != Some(turn) || acts.asked.try_with_untracked(Option::is_some) != Some(false);
        if is_late {
            return;
        }
        if let Some(why) = fits_none(containers.iter(), deed) {
            let lang = acts.lang();
            acts.toasts().show(Toast::bad(ContainersDoneOne { name: &label, what: &because(lang, why) }.text(lang)));
            return;
        }
        let containers: Vec<Container> = containers.into_iter().filter(|c| deed.fits(c).is_ok()).collect();
        if !containers.is_empty() {
            acts.asked.set(Some(Asked { deed, containers }));
        }
    });
}

/// Hands on all of a group, as they are now.
fn with_members(acts: Acts, g: Group, then: impl FnOnce(Vec<Container>) + 'static) {
    spawn_local(async move {
        let Some((host, project)) = g.key.split_once('/') else { return };
        let query = ContainerQuery {
            host_id: Some(host.to_owned()),
            compose_project: Some(project.to_owned()),
            group: None::<Grouping>,
            limit: Some(MAX_LIMIT),
            ..ContainerQuery::default()
        };
        match acts.client().containers(&query).await {
            Ok(list) => then(list.items),
            Err(failure) => acts.failed(&g.label, &failure),
        }
    });
}
