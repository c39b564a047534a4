//! What one container uses: what was measured, and from then on what the live socket tells.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{
        container::{ContainerDetail, ContainerRef, ContainerState},
        event::{Event, EventQuery},
        problem::Failure,
        stats::{ContainerStats, Figures, StatsQuery},
    },
    client::live::{use_changes, use_stats},
    components::chart::{Line, Mark, Span},
    loader::use_client,
    words::{Lang, MetricsMarkBy, W, metrics_mark_exit, text},
};

/// Points kept, in milliseconds: what the server keeps.
const KEEP: f64 = 2.0 * 60.0 * 60.0 * 1_000.0;
/// Events looked through for marks.
const EVENTS: u32 = 200;

/// The time that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// So many minutes until now, and on.
    Last(u32),
    /// A part that was chosen.
    Between(Span),
}

/// When, and what.
type Point = (f64, Figures);

/// A container's course. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Usage {
    /// In order of time.
    points: RwSignal<Vec<Point>>,
    /// What the server said first.
    pub told: RwSignal<Option<Result<ContainerStats, Failure>>>,
    pub now: RwSignal<Option<Figures>>,
    events: RwSignal<Vec<Event>>,
    /// The server's time, as far as it is known.
    clock: RwSignal<f64>,
    pub again: Callback<()>,
}

impl Usage {
    /// Follows the container of this page.
    pub fn follow(detail: RwSignal<ContainerDetail>, asked: Signal<Asked>) -> Self {
        let client = StoredValue::new(use_client());
        let of = detail.with_untracked(|d| ContainerRef { host_id: d.container.host_id.clone(), id: d.container.id.clone() });
        let own = StoredValue::new(of.clone());
        let (points, told, now) = (RwSignal::new(Vec::new()), RwSignal::new(None), RwSignal::new(None));
        let (events, clock) = (RwSignal::new(Vec::new()), RwSignal::new(js_now()));
        let fetch = move || {
            let (client, own, asked) = (client.get_value(), own.get_value(), asked.get_untracked());
            spawn_local(async move {
                let got = client.container_stats(&own.id, &query(&own.host_id, &asked)).await;
                if let Ok(stats) = &got {
                    let _ = clock.try_set(moment(&stats.at));
                    let _ = points.try_update(|points| *points = joined(std::mem::take(points), measured(stats), &asked));
                    let _ = now.try_set(stats.now);
                }
                let _ = told.try_set(Some(got));
            });
        };
        let look = move || {
            let (client, own) = (client.get_value(), own.get_value());
            spawn_local(async move {
                let query =
                    EventQuery { host_id: Some(own.host_id), object_id: Some(own.id), limit: Some(EVENTS), ..EventQuery::default() };
                // Without marks a chart is still a chart.
                if let Ok(page) = client.events(&query).await {
                    let _ = events.try_set(page.items);
                }
            });
        };
        // It is worth asking anew when it started or ended.
        let turned = Memo::new(move |_| detail.with(|d| (d.container.started_at.clone(), d.container.finished_at.clone())));
        Effect::new(move |_| {
            asked.track();
            // Read, not only tracked: a memo that nobody reads never turns. The tab may have been left before this runs.
            if turned.try_with(|_| ()).is_some() {
                fetch();
            }
        });
        use_changes(&["event"], move |_| look());
        let running = Memo::new(move |_| {
            let runs = |s| matches!(s, ContainerState::Running | ContainerState::Paused | ContainerState::Restarting);
            detail.with(|d| runs(d.container.state)) && asked.with(|a| matches!(a, Asked::Last(_)))
        });
        let watched = Signal::derive(move || if running.get() { vec![own.get_value()] } else { Vec::new() });
        use_stats(watched, move |(_, at, figures)| {
            let at = moment(at);
            let _ = clock.try_set(at);
            let Some((_, figures)) = figures.first() else { return };
            let _ = now.try_set(Some(*figures));
            let _ = points.try_update(|points| {
                if points.last().is_none_or(|(last, _)| *last < at) {
                    points.push((at, *figures));
                }
                points.retain(|(moment, _)| at - moment <= KEEP);
            });
        });
        Self { points, told, now, events, clock, again: Callback::new(move |()| fetch()) }
    }

    /// The time that is shown.
    pub fn span(self, asked: &Asked) -> Span {
        match asked {
            Asked::Last(minutes) => {
                let to = self.clock.get();
                Span { from: to - f64::from(*minutes) * 60_000.0, to }
            }
            Asked::Between(span) => *span,
        }
    }

    /// Whether anything was measured in a time.
    pub fn is_empty(self, span: Span) -> bool {
        self.points.with(|points| !points.iter().any(|(at, _)| span.holds(*at)))
    }

    /// One figure's line.
    pub fn line(self, label: &str, of: impl Fn(&Figures) -> Option<f64>) -> Line {
        let points = self.points.with(|points| points.iter().filter_map(|(at, figures)| Some((*at, of(figures)?))).collect());
        Line { label: label.to_owned(), points }
    }

    /// The newest value of a limit.
    pub fn limit(self, of: impl Fn(&Figures) -> Option<u64>) -> Option<u64> {
        self.now.with(|now| now.as_ref().and_then(&of)).or_else(|| self.points.with(|points| points.iter().rev().find_map(|(_, f)| of(f))))
    }

    /// What happened to it: starts, exits, and what was done by somebody here.
    pub fn marks(self, lang: Lang) -> Vec<Mark> {
        let mut marks: Vec<Mark> = self.events.with(|events| events.iter().filter_map(|e| mark(lang, e)).collect());
        marks.sort_by(|a, b| a.at.total_cmp(&b.at));
        marks
    }
}

fn mark(lang: Lang, e: &Event) -> Option<Mark> {
    let label = match (e.action.as_str(), &e.actor_name) {
        ("start", _) => text(lang, W::metrics_mark_start).to_owned(),
        ("die", _) => metrics_mark_exit(lang, e.exit_code.unwrap_or_default()),
        ("oom", _) => text(lang, W::metrics_mark_oom).to_owned(),
        // The signals and stops of a restart are told by its exit.
        ("restart" | "pause" | "unpause" | "rename" | "update", Some(who)) => MetricsMarkBy { action: &e.action, who }.text(lang),
        _ => return None,
    };
    Some(Mark { at: moment(&e.at), label })
}

fn query(host_id: &str, asked: &Asked) -> StatsQuery {
    let host_id = Some(host_id.to_owned());
    match asked {
        Asked::Last(minutes) => StatsQuery { host_id, history: Some(format!("{minutes}m")), ..StatsQuery::default() },
        Asked::Between(Span { from, to }) => {
            StatsQuery { host_id, from: Some(rfc3339(*from)), to: Some(rfc3339(*to)), ..StatsQuery::default() }
        }
    }
}

/// The points of an answer.
fn measured(stats: &ContainerStats) -> Vec<Point> {
    let mut points = Vec::new();
    if let Some(series) = &stats.history {
        let (from, step) = (moment(&series.from), f64::from(series.step_seconds) * 1_000.0);
        for place in 0..series.memory_bytes.len() {
            let figures = series.at(place);
            if figures != Figures::default() {
                points.push((from + place as f64 * step, figures));
            }
        }
    }
    points.extend(stats.now.map(|now| (moment(&stats.at), now)).filter(|(at, _)| points.last().is_none_or(|(last, _)| last < at)));
    points
}

/// How far apart the points are that the server keeps, in milliseconds.
const KEPT: f64 = 10_000.0;

/// What the page has of a time, with an answer's points where it has none: what came live is finer than what the server keeps, which may have
/// nothing of a few seconds.
fn joined(seen: Vec<Point>, told: Vec<Point>, asked: &Asked) -> Vec<Point> {
    let Asked::Between(span) = asked else { return told };
    let mut all: Vec<Point> = seen.into_iter().filter(|(at, _)| span.holds(*at)).collect();
    let is_near = |at: f64| {
        let next = all.partition_point(|(seen, _)| *seen <= at - KEPT);
        all.get(next).is_some_and(|(seen, _)| *seen < at + KEPT)
    };
    let missing: Vec<Point> = told.into_iter().filter(|(at, _)| !is_near(*at)).collect();
    all.extend(missing);
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    all
}

/// Milliseconds of a moment.
fn moment(text: &str) -> f64 {
    js_sys::Date::parse(text)
}

/// A moment as the API has it.
fn rfc3339(moment: f64) -> String {
    String::from(js_sys::Date::new(&moment.into()).to_iso_string())
}

/// The browser's time; on the server, where nothing is drawn, none.
fn js_now() -> f64 {
    if cfg!(feature = "hydrate") { js_sys::Date::now() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At these seconds.
    fn points(at: &[u32]) -> Vec<Point> {
        at.iter().map(|at| (f64::from(*at) * 1_000.0, Figures { processes: Some(u64::from(*at)), ..Figures::default() })).collect()
    }

    #[test]
    fn a_part_shows_what_came_live_and_what_was_kept_about_it() {
        let asked = Asked::Between(Span { from: 10_000.0, to: 90_000.0 });
        let seen = points(&[5, 31, 32, 33, 34, 95]);
        assert_eq!(joined(seen.clone(), points(&[10, 20, 30, 40, 50]), &asked), points(&[10, 20, 31, 32, 33, 34, 50]));
        assert_eq!(joined(seen.clone(), vec![], &asked), points(&[31, 32, 33, 34]), "the server keeps nothing of so short a time");
        assert_eq!(joined(points(&[5]), points(&[10]), &asked), points(&[10]));
        let away = points(&[31, 32, 80, 81]);
        assert_eq!(joined(away, points(&[30, 40, 50, 60, 70, 80]), &asked), points(&[31, 32, 50, 60, 70, 80, 81]), "the page was away");
        assert_eq!(joined(seen, points(&[10, 20]), &Asked::Last(15)), points(&[10, 20]), "until now: as the server tells");
    }
}
