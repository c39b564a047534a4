//! The list: filter, groups, rows, what can be done with them.

use std::{collections::BTreeSet, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    act::Acts,
    bulk::Bulk,
    cells::{columns, href, key_of},
    condition_word,
    create::Purpose,
    export,
    forms::Forms,
    groups::{group_actions, group_head},
    state::{FIRST, KEYS, Live, State},
    usage::Uses,
};
use crate::{
    api::{
        container::{Condition, Container},
        list::{List, MAX_LIMIT},
        view::ViewPage,
    },
    client::live::{LiveState, use_changes, use_live_state},
    components::{
        button::{Button, Kind},
        chips::{Chip, Chips},
        column_chooser::{ColumnChooser, Hidden},
        filter_box::{FilterBox, suggest_words},
        icon::Glyph,
        key_help::{KeyHelp, list_keys},
        menu::MenuPopup,
        page::PageHead,
        segmented::Segmented,
        states::EmptyState,
        table::{DataTable, ListFailure, ListFoot, Rows, Selection, SortMenu, Wanted},
        toasts::Toast,
    },
    loader::use_client,
    me::use_me,
    pages::{address::Sent, views::ViewsButton},
    problems::sentence,
    words::{
        ContainersFirstSelected, Lang, W, containers_hosts_unreachable, containers_on_hosts, containers_sub, t, text, thousands, use_lang,
    },
};

#[component]
pub fn ListView(first: List<Container>, state: State) -> impl IntoView {
    let lang = use_lang();
    let live = Live::new(state);
    let client = StoredValue::new(use_client());
    let rows = Rows::new(move |rows: Rows<Container>, wanted: Wanted| {
        let (client, query) = (client.get_value(), live.get_untracked().query(wanted.offset, wanted.limit));
        spawn_local(async move {
            match client.containers(&query).await {
                Ok(list) => rows.accept(&wanted, list),
                Err(failure) => rows.fail(&wanted, failure),
            }
        });
    });
    rows.accept(&Wanted::first(FIRST), first);
    let loaded = rows.loaded();
    // What changes in the filter goes into the address and asks anew.
    let navigate = use_navigate();
    let address = use_query_map();
    let sent = Sent::default();
    Effect::new(move |first: Option<()>| {
        let asked = State::read(&address.get());
        // A link to this page with another state, or back in history.
        let asked_at = asked.address();
        if first.is_some() && !sent.is_own(&asked_at) && asked_at != live.get_untracked().in_order().address() {
            live.set(asked);
        }
    });
    Effect::new(move |before: Option<State>| {
        let now = live.get();
        if let Some(before) = before.filter(|b| *b != now) {
            sent.add(&before.in_order().address(), now.clone().in_order().address());
            navigate(&now.address(), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
            rows.restart();
        }
        now
    });
    use_changes(&["container", "host"], move |_| rows.refresh());

    let connection = use_live_state();
    let selection = Selection::<Container>::new();
    let acts = Acts::new(move || rows.refresh()).selecting(selection);
    // What is selected is what was seen of it last.
    Effect::new(move |_| {
        loaded.with(|l| selection.refresh(l.all().into_iter().map(|c| (key_of(c), c))));
    });
    let uses = Uses::new();
    let all = uses.beside(columns(acts));
    let hidden = Hidden::new("containers", &[]);
    let choices: Vec<(&'static str, TextProp)> =
        all.iter().filter(|c| !["name", "tools"].contains(&c.key)).map(|c| (c.key, c.title.clone())).collect();
    let sortable = all.clone();
    let shown = hidden.shown(all);
    uses.follow(rows, shown);
    let chips = move || {
        loaded.with(|l| {
            let count = |c: Condition| l.counts.get(c.key()).copied().unwrap_or_default();
            let every = Condition::ALL.into_iter().map(count).sum();
            let all = Chip { key: String::new(), label: TextProp::from(t(W::containers_all)), count: Some(every) };
            let chip = |c: Condition| Chip { key: c.key().to_owned(), label: TextProp::from(t(condition_word(c))), count: Some(count(c)) };
            std::iter::once(all).chain(Condition::ALL.into_iter().map(chip)).collect::<Vec<_>>()
        })
    };
    let key_words = Signal::derive(move || KEYS.map(|key| (key, key_word(lang.get(), key))).to_vec());
    let suggestions = Signal::derive(move || key_words.with(|words| suggest_words(&live.q.get(), words)));
    // All that match, those of collapsed groups too, as many as one operation takes.
    let select_all = Callback::new(move |()| {
        let state = State { group: "none".into(), collapsed: Vec::new(), ..live.get_untracked() };
        let call = client.get_value().containers(&state.query(0, MAX_LIMIT));
        spawn_local(async move {
            match call.await {
                // The filter may have been changed meanwhile, or the page left.
                Ok(list) if live.try_is(&state) => {
                    let (total, lang) = (list.total, lang.get_untracked());
                    selection.add(list.items.into_iter().map(|c| (key_of(&c), c)));
                    if total > MAX_LIMIT {
                        let (n, total) = (thousands(u64::from(MAX_LIMIT)), thousands(u64::from(total)));
                        acts.toasts().show(Toast::good(ContainersFirstSelected { n: &n, total: &total }.text(lang)));
                    }
                }
                Ok(_) => {}
                Err(failure) => acts.failed(text(lang.get_untracked(), W::common_select_all), &failure),
            }
        });
    });
    let segments = vec![
        ("application", TextProp::from(t(W::containers_by_application))),
        ("host", TextProp::from(t(W::containers_by_host))),
        ("project", TextProp::from(t(W::containers_by_project))),
        ("none", TextProp::from(t(W::containers_by_none))),
    ];
    let export_all = move |_| {
        let (client, state) = (client.get_value(), live.get_untracked());
        spawn_local(async move {
            if let Err(failure) = export::csv(client, state).await {
                acts.toasts().show(Toast::bad(sentence(lang.get_untracked(), &failure)));
            }
        });
    };
    let sub = move || {
        let said = move || {
            let (total, hosts) = loaded.with(|l| (l.total, l.hosts));
            let mut said = containers_sub(lang.get(), u64::from(total));
            // With one host that answers there is nothing to add.
            if let Some(hosts) = hosts.filter(|h| h.total > 1 || h.unreachable > 0) {
                said.push_str(&containers_on_hosts(lang.get(), u64::from(hosts.total)));
                if hosts.unreachable > 0 {
                    said.push_str(&containers_hosts_unreachable(lang.get(), u64::from(hosts.unreachable)));
                }
            }
            said
        };
        view! { <span>{said}</span> }
    };
    let keep = Callback::new(move |(table, hidden): (&'static str, Option<BTreeSet<String>>)| {
        let client = client.get_value();
        // What is shown has changed already; that it could not be kept is said.
        spawn_local(async move {
            if let Err(failure) = client.update_columns(table, hidden.as_ref()).await {
                acts.toasts().show(Toast::bad(sentence(lang.get_untracked(), &failure)));
            }
        });
    });
    let may_create = use_me().may("container.create");
    let no_create = Signal::derive(move || (!may_create).then(|| text(lang.get(), W::problems_forbidden).to_owned()));
    let actions = move || {
        view! {
            // Narrow items have no columns to choose.
            <span class="wide-only row-links">
                <ColumnChooser hidden choices=choices.clone() keep />
                <Button label=t(W::containers_export) glyph=Glyph::Download on_press=export_all />
            </span>
            <Button
                label=t(W::create_open)
                glyph=Glyph::Plus
                kind=Kind::Primary
                refused=no_create
                on_press=move |_| acts.form.set(Some(Purpose::New))
            />
        }
    };
    let go = use_navigate();
    let open = move |c: Container| go(&href(&c), NavigateOptions::default());
    let empty = move || {
        if live.get().is_filtered() {
            view! {
                <EmptyState
                    title=t(W::containers_no_match)
                    actions=move || view! { <Button label=t(W::common_filter_clear) on_press=move |_| live.clear_filter() /> }
                >
                    {t(W::containers_no_match_text)}
                </EmptyState>
            }
            .into_any()
        } else {
            view! { <EmptyState title=t(W::containers_none)>{t(W::containers_none_text)}</EmptyState> }.into_any()
        }
    };
    view! {
        <div class="page-list">
            <PageHead title=t(W::nav_containers) sub actions />
            <div class="filter-bar">
                <FilterBox
                    tokens=live.tokens
                    text=live.q
                    keys=KEYS.to_vec()
                    words=key_words
                    suggestions
                    label=t(W::common_filter)
                    placeholder=t(W::containers_placeholder)
                />
                <Chips label=t(W::containers_state) chips=Signal::derive(chips) chosen=live.condition on_choose=move |key| live.condition.set(key) />
                <span class="push"></span>
                <ViewsButton page=ViewPage::Containers />
                <SortMenu columns=sortable sort=live.sort on_sort=move |key| live.sort.set(Some(key)) />
                <Segmented label=t(W::containers_group_by) segments chosen=live.group on_choose=move |key| live.group.set(key) />
            </div>
            <DataTable
                rows
                columns=shown
                key=key_of
                label=t(W::nav_containers)
                sort=live.sort
                on_sort=move |key| live.sort.set(Some(key))
                selection
                on_select_all=select_all
                row_name=Arc::new(|c: &Container| c.name.clone())
                on_escape=move |()| acts.clear_outcome()
                group_head=group_head()
                group_actions=group_actions(acts, rows, move || !live.get_untracked().is_filtered())
                on_collapse=move |key| live.toggle_group(key)
                on_open=open
                row_class=Arc::new(|c: &Container| if c.stale { "stale" } else { "" })
                empty
            />
            <Bulk acts selection on_select_all=select_all />
            <ListFailure rows />
            <ListFoot rows live=Signal::derive(move || connection.get() == LiveState::Live) />
            <MenuPopup menu=acts.menu label=t(W::common_more) />
            <Forms acts />
            <KeyHelp keys=list_keys() />
        </div>
    }
}

/// What the reader calls a token's key.
fn key_word(lang: Lang, key: &str) -> &'static str {
    let word = match key {
        "host" => W::containers_key_host,
        "project" => W::containers_key_project,
        "compose" => W::containers_key_compose,
        _ => W::containers_key_image,
    };
    text(lang, word)
}
