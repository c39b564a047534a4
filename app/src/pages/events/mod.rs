//! Kept events as rows: of a host, of a container.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{
        event::{Cause, CauseKind, Event, EventQuery},
        problem::Failure,
    },
    client::live::use_changes,
    components::{
        button::{Button, Kind},
        skeleton::SkeletonLines,
        tag::{TagTone, tag},
        time::{TimeStyle, time, use_now},
    },
    loader::use_client,
    pages::{deeds::happened, failed::Failed, in_turn::in_turn},
    problems::sentence,
    words::{Lang, W, events_exit, events_fresh, events_signal, t, text, use_lang},
};

/// Events at once.
const PAGE: u32 = 50;

/// How many events there are above the newest one shown; `None`: more than a page, so that what lies between is not known.
fn newer(shown: Option<&Event>, newest: &[Event]) -> Option<usize> {
    match shown {
        Some(shown) => newest.iter().position(|e| e.id == shown.id),
        None => Some(newest.len()),
    }
}

/// What the feed holds. Copy, for closures.
#[derive(Clone, Copy)]
struct Feed {
    events: RwSignal<Vec<Event>>,
    cursor: RwSignal<Option<String>>,
    /// Nothing has come yet, or why nothing came.
    first: RwSignal<Option<Result<(), Failure>>>,
    /// The newest page, held back while older ones are open.
    held: RwSignal<Option<Vec<Event>>>,
    older_busy: RwSignal<bool>,
    older_failed: RwSignal<Option<Failure>>,
}

impl Feed {
    fn new() -> Self {
        Self {
            events: RwSignal::new(Vec::new()),
            cursor: RwSignal::new(None),
            first: RwSignal::new(None),
            held: RwSignal::new(None),
            older_busy: RwSignal::new(false),
            older_failed: RwSignal::new(None),
        }
    }

    /// The newest page has come. Whoever looks at older events is told of it, and not moved.
    fn take(self, items: Vec<Event>, cursor: Option<String>) {
        let has_older = self.older_busy.get_untracked() || self.events.with_untracked(|all| all.len() > PAGE as usize);
        if !has_older {
            if self.events.with_untracked(|all| *all != items) {
                self.events.set(items);
            }
            self.cursor.set(cursor);
        } else if self.events.with_untracked(|all| newer(all.first(), &items)) != Some(0) {
            self.held.set(Some(items));
        }
    }

    /// Shows what was held back: above what is there where that joins on, else from the top.
    fn show(self, start_over: impl FnOnce()) {
        let Some(items) = self.held.get_untracked() else { return };
        self.held.set(None);
        if let Some(n) = self.events.with_untracked(|all| newer(all.first(), &items)) {
            self.events.update(|all| drop(all.splice(0..0, items.into_iter().take(n))));
        } else {
            self.events.set(Vec::new());
            start_over();
        }
    }
}

/// Events of a host or of an object, newest first and live; older ones when asked for.
#[component]
pub fn EventFeed(query: EventQuery) -> impl IntoView {
    let lang = use_lang();
    let client = StoredValue::new(use_client());
    let query = StoredValue::new(query);
    let feed = Feed::new();
    let page = move |from: Option<String>| {
        let (client, query) = (client.get_value(), query.get_value());
        async move { client.events(&EventQuery { cursor: from, limit: Some(PAGE), ..query }).await }
    };
    let fetch = in_turn(move || {
        let coming = page(None);
        async move {
            let result = coming.await;
            // The page may have been left meanwhile.
            let Some(is_filled) = feed.first.try_with_untracked(|first| matches!(first, Some(Ok(())))) else { return };
            match result {
                Ok(newest) => {
                    feed.take(newest.items, newest.next_cursor);
                    if !is_filled {
                        feed.first.set(Some(Ok(())));
                    }
                }
                // What is shown stays; the frame tells of a lost console.
                Err(_) if is_filled => {}
                Err(failure) => feed.first.set(Some(Err(failure))),
            }
        }
    });
    Effect::new(move |_| fetch.run(()));
    // Of nothing at all is told where something may have been missed.
    use_changes(&["event"], move |_| fetch.run(()));
    let older = move || {
        if feed.older_busy.get_untracked() {
            return;
        }
        let Some(from) = feed.cursor.get_untracked() else { return };
        feed.older_busy.set(true);
        spawn_local(async move {
            let result = page(Some(from)).await;
            if feed.older_busy.try_set(false).is_some() {
                return;
            }
            feed.older_failed.set(result.as_ref().err().cloned());
            if let Ok(next) = result {
                feed.events.update(|all| all.extend(next.items));
                feed.cursor.set(next.next_cursor);
            }
        });
    };
    let news = move || {
        feed.held.with(|held| {
            let held = held.as_ref()?;
            let n = feed.events.with(|all| newer(all.first(), held));
            let label = move || match n {
                Some(n) => events_fresh(lang.get(), n as u64),
                None => text(lang.get(), W::events_fresh_many).to_owned(),
            };
            let show = move |_| feed.show(move || fetch.run(()));
            Some(view! { <p class="empty-line" role="status"><Button label kind=Kind::Link on_press=show /></p> })
        })
    };
    let more = move || {
        feed.cursor.with(Option::is_some).then(|| {
            let failed = move || {
                let why = feed.older_failed.get()?;
                Some(view! { <span class="bad" role="status">{move || sentence(lang.get(), &why)}</span> })
            };
            view! {
                <p class="empty-line row-links">
                    <Button label=t(W::containers_older) busy=feed.older_busy on_press=move |_| older() />
                    {failed}
                </p>
            }
        })
    };
    move || match feed.first.get() {
        None => view! { <SkeletonLines lines=8 /> }.into_any(),
        Some(Err(failure)) => view! { <Failed failure on_retry=fetch /> }.into_any(),
        Some(Ok(())) => view! {
            {news}
            {move || view! { <EventRows events=feed.events.get() /> }}
            {more}
        }
        .into_any(),
    }
}

#[component]
fn EventRows(events: Vec<Event>) -> impl IntoView {
    let lang = use_lang();
    let now = use_now();
    let none = events.is_empty();
    let row = move |e: Event| {
        let own = e.clone();
        let what = move || happened(lang.get(), &own);
        let own = e.clone();
        let more = move || particulars(lang.get(), &own);
        let object = if e.kind == "container" && e.action != "destroy" {
            view! { <a class="cut" href=format!("/containers/{}", e.object_id)>{e.object_name.clone()}</a> }.into_any()
        } else {
            view! { <span class="cut">{e.object_name.clone()}</span> }.into_any()
        };
        let who = e.cause.map(behind);
        view! {
            <tr class="row">
                <td class="in-tail">{time(now, lang, e.at, TimeStyle::Clock)}</td>
                <td class="in-second cut">{what}<span class="third">{more}</span></td>
                <td class="in-title">{object}</td>
                <td class="in-tools">{who}</td>
            </tr>
        }
    };
    view! {
        <table class="table items" class:hidden=none aria-label=t(W::nav_events)>
            <thead>
                <tr>
                    <th scope="col">{t(W::events_time)}</th>
                    <th scope="col">{t(W::events_what)}</th>
                    <th scope="col">{t(W::events_object)}</th>
                    <th scope="col">{t(W::events_who)}</th>
                </tr>
            </thead>
            <tbody>{events.into_iter().map(row).collect::<Vec<_>>()}</tbody>
        </table>
        {none.then(|| view! { <p class="second empty-line">{t(W::events_none)}</p> })}
    }
}

/// Who or what is behind an event: the person, who leads to the operation or to the record; or somebody outside.
fn behind(cause: Cause) -> AnyView {
    let Cause { kind, actor_name, operation_id, record_id } = cause;
    if kind == CauseKind::Outside {
        return tag(TagTone::Warning, t(W::events_outside)).into_any();
    }
    let name = actor_name.unwrap_or_default();
    let href = operation_id.map(|id| format!("/operations/{id}")).or_else(|| record_id.map(|id| format!("/audit?record={id}")));
    match href {
        Some(href) => view! { <a class="cut" href=href>{name}</a> }.into_any(),
        None => view! { <span class="cut">{name}</span> }.into_any(),
    }
}

/// Exit code, signal, memory.
fn particulars(lang: Lang, e: &Event) -> String {
    let mut parts = Vec::new();
    parts.extend(e.exit_code.map(|code| events_exit(lang, code)));
    parts.extend(e.signal.map(|signal| events_signal(lang, signal)));
    parts.extend(e.oom_killed.then(|| text(lang, W::containers_oom).to_owned()));
    parts.into_iter().fold(String::new(), |text, p| text + " · " + &p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(ids: &[&str]) -> Vec<Event> {
        let event = |id: &&str| {
            let json = format!(
                r#"{{"id":"{id}","at":"","host_id":"h","host_name":"h","kind":"host","object_id":"h","object_name":"h","action":"x","outside":false}}"#
            );
            serde_json::from_str(&json).expect("an event")
        };
        ids.iter().map(event).collect()
    }

    fn shown(feed: Feed) -> Vec<String> {
        feed.events.with_untracked(|all| all.iter().map(|e| e.id.clone()).collect())
    }

    #[test]
    fn newer_events_show_at_once_until_older_ones_are_open_and_then_are_held_back() {
        let owner = Owner::new();
        owner.set();
        let feed = Feed::new();
        feed.take(events(&["2", "1"]), None);
        feed.take(events(&["3", "2", "1"]), None);
        assert_eq!(shown(feed), ["3", "2", "1"]);

        let many: Vec<String> = (0..=PAGE).map(|n| format!("o{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        feed.events.set(events(&many));
        feed.take(events(&["o0", "o1"]), Some("again".to_owned()));
        assert!(feed.held.with_untracked(Option::is_none), "nothing is new");
        feed.take(events(&["b", "a", "o0"]), None);
        assert_eq!(shown(feed)[0], "o0");
        feed.show(|| unreachable!("they join on"));
        assert_eq!(shown(feed)[..3], ["b", "a", "o0"]);
        assert_eq!(shown(feed).len(), many.len() + 2);
    }

    #[test]
    fn what_does_not_join_on_is_fetched_anew() {
        let owner = Owner::new();
        owner.set();
        let feed = Feed::new();
        let many: Vec<String> = (0..=PAGE).map(|n| format!("o{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        feed.events.set(events(&many));
        feed.take(events(&["z", "y"]), None);
        let mut started_over = false;
        feed.show(|| started_over = true);
        assert!(started_over && shown(feed).is_empty());
    }
}
