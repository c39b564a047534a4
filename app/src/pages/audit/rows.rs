//! The records, and the one that is looked at.

use leptos::{prelude::*, task::spawn_local};

use super::{FIRST, KEYS, query};
use crate::{
    api::{
        audit::{AuditQuery, AuditRecord},
        list::CursorPage,
    },
    client::live::use_changes,
    components::{
        button::{Button, Kind},
        chips::{Chip, Chips},
        copyable::Copyable,
        dialog::SidePanel,
        facts::{Fact, Facts},
        filter_box::{FilterBox, Token, suggest},
        key_help::{KeyHelp, plain_list_keys},
        segmented::Segmented,
        state_mark::{Meaning, state_mark},
        states::EmptyState,
        table::{Column, DataTable, Narrow, Rows, Wanted},
        time::{Time, TimeStyle, time, use_now},
    },
    loader::use_client,
    pages::{
        address::Address,
        deeds::{code, named},
        in_turn::in_turn,
        list_foot::{ListFailure, PlainFoot},
    },
    words::{AuditCounted, Lang, W, audit_fresh, audit_token, t, text, use_lang},
};

const OUTCOMES: [(&str, W); 6] = [
    ("done", W::audit_done),
    ("failed", W::audit_failed),
    ("refused", W::audit_refused),
    ("not_done", W::audit_not_done),
    ("open", W::audit_open),
    ("unknown", W::audit_unknown),
];

/// What of the address narrows the list, beside tokens.
const NARROWING: [&str; 3] = ["q", "outcome", "hours"];

/// Records above the newest one shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    None,
    Some(u64),
    /// More than a page.
    Many,
}

impl Fresh {
    fn of<'a>(shown: Option<&str>, newest: impl Iterator<Item = &'a str>) -> Self {
        let mut newer = 0;
        for id in newest {
            if Some(id) == shown {
                return if newer == 0 { Self::None } else { Self::Some(newer) };
            }
            newer += 1;
        }
        match (newer, shown) {
            (0, _) => Self::None,
            (n, None) => Self::Some(n),
            _ => Self::Many,
        }
    }
}

#[component]
pub fn Trail(first: CursorPage<AuditRecord>, address: Address) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let rows = Rows::new(move |rows: Rows<AuditRecord>, wanted: Wanted| {
        let ask = untrack(|| query(address, wanted.cursor.clone(), wanted.limit));
        let client = client.get_value();
        spawn_local(async move {
            match client.audit(&ask).await {
                Ok(page) => rows.accept_page(&wanted, page),
                Err(failure) => rows.fail(&wanted, failure),
            }
        });
    });
    rows.accept_page(&Wanted::first(FIRST), first);
    let fresh = RwSignal::new(Fresh::None);
    // Looking at another record asks for no other list.
    let asked = StoredValue::new(untrack(|| query(address, None, FIRST)));
    address.follow(move || {
        let now = untrack(|| query(address, None, FIRST));
        if asked.with_value(|asked| *asked != now) {
            asked.set_value(now);
            rows.restart();
            fresh.set(Fresh::None);
        }
    });
    let show_fresh = move |_| {
        fresh.set(Fresh::None);
        rows.restart();
    };
    // New records are counted and announced, not pushed under the reader's eyes. Of nothing at all is told where something may have been
    // missed: then, too, what there is now says whether there is anything new.
    let count = in_turn(move || {
        let asked = client.try_get_value().map(|client| (client, query(address, None, FIRST)));
        async move {
            let Some((client, ask)) = asked else { return };
            let Ok(newest) = client.audit(&ask).await else { return };
            let Some(shown) = rows.loaded().try_with_untracked(|l| l.row(0).map(|r| r.id.clone())) else { return };
            // Where something else is asked for meanwhile the list comes anew anyhow.
            if untrack(|| query(address, None, FIRST)) == ask {
                fresh.set(Fresh::of(shown.as_deref(), newest.items.iter().map(|r| r.id.as_str())));
            }
        }
    });
    use_changes(&["audit"], move |_| count.run(()));
    let outcome = address.text("outcome");
    let chips = move || {
        let all = Chip { key: String::new(), label: TextProp::from(t(W::containers_all)), count: None };
        let one = |(key, w): &(&str, W)| Chip { key: (*key).to_owned(), label: TextProp::from(t(*w)), count: None };
        std::iter::once(all).chain(OUTCOMES.iter().map(one)).collect::<Vec<_>>()
    };
    let record = address.text("record");
    let looked_at = RwSignal::new(None::<AuditRecord>);
    let open = RwSignal::new(false);
    let look = move |r: AuditRecord| {
        record.set(r.id.clone());
        looked_at.set(Some(r));
    };
    Effect::new(move |_| {
        let id = record.get();
        let shown = looked_at.with_untracked(|r| r.as_ref().map(|r| r.id.clone()));
        if id.is_empty() {
            open.set(false);
        } else if shown.as_ref() == Some(&id) {
            open.set(true);
        } else {
            // By a link.
            let ask = AuditQuery { id: Some(id), limit: Some(1), ..AuditQuery::default() };
            let client = client.get_value();
            spawn_local(async move {
                if let Ok(page) = client.audit(&ask).await {
                    let found = page.items.into_iter().next();
                    open.set(found.is_some());
                    looked_at.set(found);
                }
            });
        }
    });
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            record.set(String::new());
        }
        now
    });
    let suggestions = Signal::derive(move || suggest(&address.text("q").get(), &KEYS));
    let hours = [("1", W::audit_hour), ("24", W::audit_day), ("168", W::audit_week), ("720", W::audit_month), ("", W::audit_ever)];
    let hours = hours.into_iter().map(|(key, w)| (key, TextProp::from(t(w)))).collect();
    let news = move || {
        let words = move || match fresh.get() {
            Fresh::Some(n) => audit_fresh(lang.get(), n),
            _ => text(lang.get(), W::audit_fresh_many).to_owned(),
        };
        let button = move || view! { <Button label=words kind=Kind::Link on_press=show_fresh /> };
        view! { <span role="status">{move || (fresh.get() != Fresh::None).then(button)}</span> }
    };
    let empty = move || {
        let narrowed = address.tokens.with(|tokens| !tokens.is_empty()) || NARROWING.iter().any(|name| address.some(name).is_some());
        let actions =
            move || narrowed.then(|| view! { <Button label=t(W::common_filter_clear) on_press=move |_| address.clear(&NARROWING) /> });
        view! { <EmptyState title=t(W::audit_none) actions>{t(W::audit_none_text)}</EmptyState> }
    };
    view! {
        <div class="filter-bar">
            <FilterBox
                tokens=address.tokens
                text=address.text("q")
                keys=KEYS.to_vec()
                suggestions
                label=t(W::common_filter)
                placeholder=t(W::audit_placeholder)
            />
            <Chips label=t(W::audit_outcome) chips=Signal::derive(chips) chosen=outcome on_choose=move |key| outcome.set(key) />
            <span class="push wide-only"></span>
            <Segmented
                label=t(W::audit_range)
                segments=hours
                chosen=address.text("hours")
                on_choose=move |key| address.text("hours").set(key)
            />
        </div>
        <DataTable
            rows
            columns=Signal::stored(columns())
            key=|r: &AuditRecord| r.id.clone()
            label=t(W::nav_audit)
            on_open=look
            open_on_click=true
            empty
        />
        <ListFailure rows />
        <PlainFoot rows news />
        <SidePanel open title=t(W::audit_this)>
            {move || looked_at.get().map(|record| view! { <One record address /> })}
        </SidePanel>
        <KeyHelp keys=plain_list_keys() />
    }
}

fn columns() -> Vec<Column<AuditRecord>> {
    let lang = use_lang();
    let now = use_now();
    let outcome = move |r: &AuditRecord| {
        let (meaning, word) = outcome_of(lang.get(), &r.outcome);
        state_mark(meaning, word)
    };
    let who = move |r: &AuditRecord| view! { <span class="cut">{who(lang.get(), r)}</span> };
    let from = move |r: &AuditRecord| {
        let from = r.token_name.as_ref().map_or_else(|| r.address.clone(), |name| audit_token(lang.get(), name));
        view! { <span class="cut">{from}</span> }
    };
    let what = move |r: &AuditRecord| {
        view! { <span class="cut" title=recorded_as(r)>{named(lang.get(), &r.permission, &r.action)}</span> }
    };
    let object = move |r: &AuditRecord| {
        // On a narrow screen, where each row has two lines, what was done stands before it.
        view! {
            <span class="cut" title=r.detail.clone()>
                <span class="narrow-only">{named(lang.get(), &r.permission, &r.action)}" · "</span>
                {object_link(lang.get(), r)}
            </span>
        }
    };
    vec![
        Column::new("time", t(W::events_time), move |r: &AuditRecord| time(now, lang, r.at.clone(), TimeStyle::Clock))
            .width(112)
            .narrow(Narrow::Tail),
        Column::new("who", t(W::events_who), who).min_width(110).narrow(Narrow::Title),
        Column::new("from", t(W::audit_from), from).min_width(110),
        Column::new("what", t(W::audit_what), what).min_width(180),
        Column::new("object", t(W::audit_object), object).min_width(200).narrow(Narrow::Second),
        Column::new("outcome", t(W::audit_outcome), outcome).width(120).narrow(Narrow::Tools),
    ]
}

fn who(lang: Lang, r: &AuditRecord) -> String {
    match r.actor_kind.as_str() {
        "nobody" => text(lang, W::audit_nobody).to_owned(),
        "system" => format!("{} · {}", text(lang, W::audit_system), r.actor_name),
        "command_line" => text(lang, W::audit_command_line).to_owned(),
        _ => r.actor_name.clone(),
    }
}

fn object(lang: Lang, r: &AuditRecord) -> String {
    if let Some(n) = r.count {
        return AuditCounted { what: &code(lang, &r.detail), n: &n }.text(lang);
    }
    match &r.host_name {
        Some(host) => format!("{} · {host}", r.object_name),
        None => r.object_name.clone(),
    }
}

/// The same as a link, where it names something that has a page.
fn object_link(lang: Lang, r: &AuditRecord) -> AnyView {
    let Some(href) = page_of(r) else { return object(lang, r).into_any() };
    let (name, host) = (r.object_name.clone(), r.host_name.clone());
    let host = host.map(|name| match r.host_id.as_ref().filter(|_| r.object_kind != "host") {
        Some(id) => view! { " · " <a href=format!("/hosts/{id}")>{name}</a> }.into_any(),
        None => view! { " · " {name} }.into_any(),
    });
    view! { <a href=href>{name}</a> {host} }.into_any()
}

/// Where the object can be looked at; not after it was removed.
fn page_of(r: &AuditRecord) -> Option<String> {
    let gone = r.action == "remove" && r.outcome == "done";
    match r.object_kind.as_str() {
        _ if gone || r.object_id.is_empty() || r.count.is_some() => None,
        "container" => Some(format!("/containers/{}", r.object_id)),
        "host" => Some(format!("/hosts/{}", r.object_id)),
        _ => None,
    }
}

/// Permission and action, as the filter and scripts name them.
fn recorded_as(r: &AuditRecord) -> String {
    format!("{} {}", r.permission, r.action)
}

fn outcome_of(lang: Lang, outcome: &str) -> (Meaning, String) {
    let meaning = match outcome {
        "done" => Meaning::Good,
        "failed" => Meaning::Bad,
        "refused" => Meaning::Warning,
        "open" => Meaning::Working,
        "not_done" => Meaning::Stopped,
        _ => Meaning::Unknown,
    };
    let word = OUTCOMES.iter().find(|(key, _)| *key == outcome).map(|(_, w)| *w);
    (meaning, word.map_or_else(|| outcome.to_owned(), |w| text(lang, w).to_owned()))
}

/// All there is to know of a record.
#[component]
fn One(record: AuditRecord, address: Address) -> impl IntoView {
    let lang = use_lang();
    let r = record;
    let spoken = lang.get_untracked();
    let (meaning, word) = outcome_of(spoken, &r.outcome);
    let place = r.seq.map(|seq| view! { <Fact label=t(W::audit_number)>{format!("#{seq}")}</Fact> });
    let hash = r.hash.clone().map(|hash| {
        let short: String = hash.chars().take(16).collect();
        view! { <Fact label=t(W::audit_hash)><Copyable text=hash shown=short /></Fact> }
    });
    let (by, what, to) = (who(spoken, &r), named(spoken, &r.permission, &r.action), object_link(spoken, &r));
    let recorded = recorded_as(&r);
    let token = r.token_name.clone().map(|name| view! { <Fact label=t(W::audit_by_token)>{name}</Fact> });
    let detail = code(spoken, &r.detail);
    let filled = |label: W, value: String| (!value.is_empty()).then(|| view! { <Fact label=t(label)>{value}</Fact> });
    // The list narrowed to what this record is about.
    let narrow = move |key: &'static str, w: W, value: String| {
        (!value.is_empty()).then(|| {
            let press = move |_| {
                address.text("record").set(String::new());
                address.tokens.update(|tokens| {
                    tokens.retain(|t| t.key != key);
                    tokens.push(Token::new(key, value.clone()));
                });
            };
            view! { <button type="button" class="button link" on:click=press>{t(w)}</button> }
        })
    };
    let person = if r.actor_kind == "user" { r.actor_name.clone() } else { String::new() };
    let only = view! {
        {narrow("actor", W::audit_only_person, person)}
        {narrow("object", W::audit_only_object, r.object_id.clone())}
        {narrow("permission", W::audit_only_action, r.permission.clone())}
    };
    let request = (!r.request_id.is_empty()).then(|| view! { <Fact label=t(W::audit_request)><Copyable text=r.request_id /></Fact> });
    view! {
        <Facts>
            {place}
            <Fact label=t(W::events_who)>{by}</Fact>
            {filled(W::audit_from, r.address)}
            {token}
            <Fact label=t(W::audit_what)>{what}</Fact>
            <Fact label=t(W::audit_code)><span class="mono">{recorded}</span></Fact>
            <Fact label=t(W::audit_object)>{to}</Fact>
            <Fact label=t(W::audit_begun)><Time at=r.at style=TimeStyle::Exact /></Fact>
            <Fact label=t(W::audit_outcome)>{state_mark(meaning, word)}</Fact>
            {r.outcome_at.map(|at| view! { <Fact label=t(W::audit_ended)><Time at style=TimeStyle::Exact /></Fact> })}
            {filled(W::audit_detail, detail)}
            {filled(W::audit_reason, r.reason)}
            {filled(W::audit_by_right, r.by_right)}
            {request}
            <Fact label=t(W::audit_only)>
                <span class="row-links">{only}</span>
            </Fact>
            {hash}
        </Facts>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_records_are_counted_down_to_the_newest_one_shown() {
        let of = |shown, newest: &[&'static str]| Fresh::of(shown, newest.iter().copied());
        assert_eq!(of(Some("a"), &["a", "b"]), Fresh::None);
        assert_eq!(of(Some("a"), &["y", "x", "a"]), Fresh::Some(2));
        assert_eq!(of(Some("a"), &["y", "x"]), Fresh::Many);
        assert_eq!(of(None, &["x"]), Fresh::Some(1));
        assert_eq!(of(None, &[]), Fresh::None);
    }

    fn record(kind: &str, action: &str, outcome: &str) -> AuditRecord {
        let json = format!(
            r#"{{"id":"1","at":"","actor_kind":"user","actor_id":"u","actor_name":"ops-a","address":"","permission":"container.operate",
               "action":"{action}","object_kind":"{kind}","object_id":"ab","object_name":"web","outcome":"{outcome}","request_id":""}}"#
        );
        serde_json::from_str(&json).expect("a record")
    }

    #[test]
    fn what_a_record_is_about_leads_to_its_page_while_it_has_one() {
        assert_eq!(page_of(&record("container", "stop", "done")).as_deref(), Some("/containers/ab"));
        assert_eq!(page_of(&record("host", "host.update", "done")).as_deref(), Some("/hosts/ab"));
        assert_eq!(page_of(&record("container", "remove", "done")), None);
        assert_eq!(page_of(&record("container", "remove", "failed")).as_deref(), Some("/containers/ab"));
        assert_eq!(page_of(&record("account", "update", "done")), None);
    }
}
