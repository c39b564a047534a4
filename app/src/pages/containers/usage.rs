//! What the containers in view use: the list's columns for CPU and memory, told by the live socket for visible rows only.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use leptos::prelude::*;

use crate::{
    api::{
        container::{Container, ContainerRef, ContainerState},
        stats::{Figures, MAX_WATCHED},
    },
    client::live::use_stats,
    components::{
        figure::{bytes, cores, of_limit},
        meter::meter,
        spark::spark,
        table::{Column, Narrow, Rows},
    },
    words::{MetricsOfCores, W, metrics_cores, t, use_lang},
};

/// Rounds that the small line shows: a minute.
const ROUNDS: usize = 30;
/// After scrolling has come to rest for so long, the rows that came into view are watched.
const REST: Duration = Duration::from_millis(250);
/// The columns' keys.
const CPU: &str = "cpu";
const MEMORY: &str = "memory";

/// One container's last minute.
#[derive(Clone, Debug, Default)]
struct Course {
    now: Figures,
    /// Thousandths of a core.
    cpu: VecDeque<Option<u64>>,
}

/// What is known of the rows in view. Copy, for closures.
#[derive(Clone, Copy)]
pub struct Uses(RwSignal<HashMap<ContainerRef, Course>>);

impl Uses {
    pub fn new() -> Self {
        Self(RwSignal::new(HashMap::new()))
    }

    /// The list's columns with these two after the image.
    pub fn beside(self, mut columns: Vec<Column<Container>>) -> Vec<Column<Container>> {
        let lang = use_lang();
        let cpu = move |c: &Container| self.of(c).map(|course| cpu_cell(&course, lang.get()));
        let memory = move |c: &Container| self.of(c).map(|course| memory_cell(&course.now));
        let own = [
            Column::new(CPU, t(W::metrics_cpu), cpu).width(116).narrow(Narrow::Tail),
            Column::new(MEMORY, t(W::metrics_memory), memory).width(164),
        ];
        let place = columns.iter().position(|c| c.key == "image").map_or(columns.len(), |image| image + 1);
        columns.splice(place..place, own);
        columns
    }

    fn of(self, c: &Container) -> Option<Course> {
        self.0.with(|all| all.get(&reference(c)).cloned())
    }

    /// Watches what can be read now, while one of the columns is shown.
    pub fn follow(self, rows: Rows<Container>, shown: Signal<Vec<Column<Container>>>) {
        let is_shown = Memo::new(move |_| shown.with(|columns| columns.iter().any(|c| c.key == CPU || c.key == MEMORY)));
        let wanted = RwSignal::new(Vec::new());
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        let (seen, loaded) = (rows.seen(), rows.loaded());
        let look = move || {
            let (Some(range), Some(is_shown)) = (seen.try_get_untracked(), is_shown.try_get_untracked()) else { return };
            let now: Vec<ContainerRef> = loaded.with_untracked(|l| {
                let rows = range.filter_map(|offset| l.row(offset)).filter(|c| is_shown && is_measured(c));
                rows.map(reference).take(MAX_WATCHED).collect()
            });
            if wanted.with_untracked(|before| *before != now) {
                wanted.set(now);
            }
        };
        Effect::new(move |_| {
            seen.track();
            loaded.track();
            is_shown.track();
            if let Some(before) = waiting.get_value() {
                before.clear();
            }
            waiting.set_value(set_timeout_with_handle(look, REST).ok());
        });
        on_cleanup(move || {
            if let Some(Some(before)) = waiting.try_get_value() {
                before.clear();
            }
        });
        use_stats(wanted.into(), move |(watched, _, figures)| {
            // The page may have been left meanwhile.
            let _ = self.0.try_update(|all| take(all, watched, &figures));
        });
    }
}

fn reference(c: &Container) -> ContainerRef {
    ContainerRef { host_id: c.host_id.clone(), id: c.id.clone() }
}

fn is_measured(c: &Container) -> bool {
    matches!(c.state, ContainerState::Running | ContainerState::Paused | ContainerState::Restarting)
}

/// Puts a round in, and forgets what is not watched any more. Of what nothing is told there is a gap.
fn take(all: &mut HashMap<ContainerRef, Course>, watched: &[ContainerRef], figures: &[(usize, Figures)]) {
    all.retain(|key, _| watched.contains(key));
    for (place, key) in watched.iter().enumerate() {
        let told = figures.iter().find(|(at, _)| *at == place).map(|(_, figures)| *figures);
        if told.is_none() && !all.contains_key(key) {
            continue;
        }
        let course = all.entry(key.clone()).or_default();
        course.now = told.unwrap_or_default();
        course.cpu.push_back(course.now.cpu_millicores);
        if course.cpu.len() > ROUNDS {
            course.cpu.pop_front();
        }
    }
}

/// Percent of its limit; without one, of a core.
fn cpu_cell(course: &Course, lang: crate::words::Lang) -> impl IntoView + use<> {
    let used = course.now.cpu_millicores?;
    let limit = course.now.cpu_limit_millicores;
    let whole = limit.unwrap_or(1_000).max(1);
    let most = course.cpu.iter().flatten().copied().fold(whole, u64::max);
    // A line of less than a minute begins at the right.
    let missing = std::iter::repeat_n(None, ROUNDS - course.cpu.len().min(ROUNDS));
    let points: Vec<Option<f64>> = missing.chain(course.cpu.iter().map(|p| p.map(|p| p as f64))).collect();
    let title = match limit {
        Some(limit) => MetricsOfCores { used: &cores(used), limit: &cores(limit) }.text(lang),
        None => metrics_cores(lang, cores(used)),
    };
    let percent = (used * 100 + whole / 2) / whole;
    Some(view! { <span class="sparked" title=title>{spark(&points, most as f64)} <span>{percent}" %"</span></span> })
}

/// What it uses of its limit.
fn memory_cell(now: &Figures) -> impl IntoView + use<> {
    let used = now.memory_bytes?;
    Some(match now.memory_limit_bytes {
        Some(limit) => {
            let (of, all) = of_limit(used, limit);
            meter(used as f64 / limit.max(1) as f64, of, all).into_any()
        }
        None => view! { <span>{bytes(used)}</span> }.into_any(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> ContainerRef {
        ContainerRef { host_id: "h".into(), id: id.into() }
    }

    #[test]
    fn rounds_become_courses_with_gaps_and_what_left_is_forgotten() {
        let used = |millicores| Figures { cpu_millicores: Some(millicores), ..Figures::default() };
        let (mut all, watched) = (HashMap::new(), [key("a"), key("b"), key("never")]);
        take(&mut all, &watched, &[(0, used(1)), (1, used(2))]);
        take(&mut all, &watched, &[(1, used(3))]);
        assert_eq!(all[&key("a")].cpu, [Some(1), None]);
        assert_eq!((&all[&key("b")].cpu, all.len()), (&VecDeque::from([Some(2), Some(3)]), 2));
        for n in 0..40 {
            take(&mut all, &watched[1..], &[(0, used(n))]);
        }
        assert_eq!((all.len(), all[&key("b")].cpu.len()), (1, ROUNDS));
    }
}
