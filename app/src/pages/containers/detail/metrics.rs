//! The course of what a container uses, and who runs in it.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    processes::ProcessesSection,
    usage::{Asked, Usage},
};
use crate::{
    api::{
        container::ContainerDetail,
        stats::{ContainerStats, Figures, Source},
    },
    components::{
        button::Button,
        chart::{Chart, Line, Shown, Span, Unit},
        page::Section,
        segmented::Segmented,
        skeleton::SkeletonLines,
        states::EmptyState,
    },
    pages::failed::Failed,
    words::{Lang, W, t, text, use_lang},
};

/// The ranges to choose from: as in the address, and in minutes.
const RANGES: [(&str, u32, W); 3] = [("15m", 15, W::metrics_range_15m), ("1h", 60, W::metrics_range_1h), ("2h", 120, W::metrics_range_2h)];
const DEFAULT: (&str, u32) = ("1h", 60);

/// The shortest part that is shown, in milliseconds: a few of the moments that are kept, for whoever gets the address.
const SHORTEST: f64 = 30_000.0;

#[component]
pub fn MetricsTab(detail: RwSignal<ContainerDetail>) -> impl IntoView {
    let lang = use_lang();
    let query = use_query_map();
    let base = detail.with_untracked(|d| format!("/containers/{}?tab=metrics", d.container.id));
    let chosen = Memo::new(move |_| query.with(|q| q.get("range")).unwrap_or_default());
    let part = Memo::new(move |_| {
        // Seconds since 1970: the server reads the address, too, and knows no Date.
        let at = |name: &str| query.with(|q| q.get(name)).and_then(|text| text.parse::<u32>().ok());
        at("from")
            .zip(at("to"))
            .filter(|(from, to)| from < to)
            .map(|(from, to)| Span { from: f64::from(from) * 1e3, to: f64::from(to) * 1e3 })
    });
    let asked = Memo::new(move |_| match part.get() {
        Some(span) => Asked::Between(span),
        None => Asked::Last(chosen.with(|c| RANGES.iter().find(|(key, ..)| key == c).map_or(DEFAULT.1, |(_, minutes, _)| *minutes))),
    });
    let usage = Usage::follow(detail, asked.into());
    let go = {
        let (navigate, base) = (use_navigate(), base);
        StoredValue::new(move |rest: String| {
            navigate(&format!("{base}{rest}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        })
    };
    let choose = move |key: String| go.with_value(|go| go(if key == DEFAULT.0 { String::new() } else { format!("&range={key}") }));
    let zoom = Callback::new(move |Span { from, to }: Span| {
        let about = (SHORTEST - (to - from)).max(0.0) / 2.0;
        let span = Span { from: from - about, to: to + about };
        let rest = format!("&from={}&to={}", (span.from / 1e3).floor() as u32, (span.to / 1e3).ceil() as u32);
        go.with_value(|go| go(rest));
    });
    let back = Callback::new(move |()| {
        if part.with_untracked(Option::is_some) {
            choose(DEFAULT.0.to_owned());
        }
    });
    let shown_range = Signal::derive(move || {
        if part.with(Option::is_some) {
            String::new()
        } else {
            chosen.with(|c| if RANGES.iter().any(|(key, ..)| key == c) { c.clone() } else { DEFAULT.0.to_owned() })
        }
    });
    let segments = RANGES.map(|(key, _, word)| (key, TextProp::from(t(word)))).to_vec();
    let span = Memo::new(move |_| asked.with(|asked| usage.span(asked)));
    let source = move || {
        let spoken = lang.get();
        usage.told.with(|told| {
            let stats = told.as_ref()?.as_ref().ok()?;
            Some(text(spoken, said(stats)))
        })
    };
    // Not drawn anew with each figure that comes: a hand may be on a chart.
    let state = Memo::new(move |_| usage.told.with(|told| told.as_ref().map(|told| told.as_ref().err().cloned())));
    let content = move || match state.get() {
        None => view! { <SkeletonLines lines=12 /> }.into_any(),
        Some(Some(failure)) => view! { <Failed failure on_retry=usage.again /> }.into_any(),
        Some(None) => view! { <Charts usage span=span.into() zoom back /> }.into_any(),
    };
    view! {
        <div class="tab-bar">
            <Segmented label=t(W::metrics_range) segments chosen=shown_range on_choose=choose />
            {move || {
                part.with(Option::is_some)
                    .then(|| view! { <span class="second">{t(W::metrics_zoomed)}</span> <Button label=t(W::metrics_zoom_out) on_press=move |_| choose(DEFAULT.0.to_owned()) /> })
            }}
            <span class="push"></span>
            <span class="third">{source}</span>
        </div>
        {content}
        <ProcessesSection detail />
    }
}

/// Where the figures come from, or why there are none.
fn said(stats: &ContainerStats) -> W {
    match (stats.source, stats.why.as_deref()) {
        (Source::Files, _) => W::metrics_source_files,
        (Source::Engine, _) => W::metrics_source_engine,
        (Source::None, Some("not_running")) => W::metrics_not_running,
        (Source::None, Some("host_unreachable")) => W::metrics_host_unreachable,
        (Source::None, _) => W::metrics_unreadable,
    }
}

/// Thousandths as a share or as cores.
fn thousandths(value: Option<u64>) -> Option<f64> {
    value.map(|v| v as f64 / 1_000.0)
}

fn whole(value: Option<u64>) -> Option<f64> {
    value.map(|v| v as f64)
}

#[component]
fn Charts(usage: Usage, span: Signal<Span>, zoom: Callback<Span>, back: Callback<()>) -> impl IntoView {
    let lang = use_lang();
    let cursor = RwSignal::new(None);
    let has = Memo::new(move |_| !usage.is_empty(span.get()));
    let limit = move |spoken: Lang, value: Option<f64>| value.map(|value| (text(spoken, W::metrics_limit).to_owned(), value));
    let shown = move |lines: Vec<Line>, of_limit: Option<f64>| {
        let spoken = lang.get();
        Shown { lines, limit: limit(spoken, of_limit), marks: usage.marks(spoken) }
    };
    let line = move |word: W, of: fn(&Figures) -> Option<f64>| usage.line(text(lang.get(), word), of);
    let cpu = Memo::new(move |_| {
        shown(vec![line(W::metrics_cpu_used, |f| thousandths(f.cpu_millicores))], thousandths(usage.limit(|f| f.cpu_limit_millicores)))
    });
    let throttled = Memo::new(move |_| shown(vec![line(W::metrics_throttled, |f| f.throttled_permille.map(|p| p as f64 / 10.0))], None));
    let is_throttled = Memo::new(move |_| throttled.with(|shown| !shown.lines[0].points.is_empty()));
    let memory = Memo::new(move |_| memory_shown(usage, lang.get()));
    let network = Memo::new(move |_| {
        let received = line(W::metrics_received, |f| whole(f.received_bytes_per_second));
        shown(vec![received, line(W::metrics_sent, |f| whole(f.sent_bytes_per_second))], None)
    });
    let disk = Memo::new(move |_| {
        let read = line(W::metrics_read, |f| whole(f.read_bytes_per_second));
        shown(vec![read, line(W::metrics_written, |f| whole(f.written_bytes_per_second))], None)
    });
    let processes = Memo::new(move |_| {
        shown(vec![line(W::metrics_processes_count, |f| whole(f.processes))], whole(usage.limit(|f| f.processes_limit)))
    });
    let shares = move || view! { <Shares usage /> };
    let chart = move |title: W, shown: Memo<Shown>, unit: Unit| {
        view! { <Section title=t(title)><Chart title=t(title) shown unit span cursor on_zoom=zoom on_back=back /></Section> }.into_any()
    };
    move || {
        if !has.get() {
            return view! { <EmptyState title=t(W::metrics_none)>{t(W::metrics_none_text)}</EmptyState> }.into_any();
        }
        view! {
            <div class="charts">
                <Section title=t(W::metrics_cpu) sub=shares>
                    <Chart title=t(W::metrics_cpu) shown=cpu unit=Unit::Cores span cursor on_zoom=zoom on_back=back />
                </Section>
                {chart(W::metrics_memory, memory, Unit::Bytes)}
                {move || is_throttled.get().then(|| chart(W::metrics_throttling, throttled, Unit::Percent))}
                {chart(W::metrics_network, network, Unit::BytesPerSecond)}
                {chart(W::metrics_disk, disk, Unit::BytesPerSecond)}
                {chart(W::metrics_processes, processes, Unit::Count)}
            </div>
            <p class="empty-line third wide-only">{t(W::metrics_drag)}</p>
        }
        .into_any()
    }
}

/// Memory with its limit and marks.
pub fn memory_shown(usage: Usage, spoken: Lang) -> Shown {
    let line = usage.line(text(spoken, W::metrics_memory_used), |f| whole(f.memory_bytes));
    let limit = whole(usage.limit(|f| f.memory_limit_bytes)).map(|value| (text(spoken, W::metrics_limit).to_owned(), value));
    Shown { lines: vec![line], limit, marks: usage.marks(spoken) }
}

/// CPU in percent of the limit and of the host.
#[component]
fn Shares(usage: Usage) -> impl IntoView {
    let lang = use_lang();
    let percent = |used: u64, of: u64| (used * 100 + of / 2) / of.max(1);
    move || {
        let spoken = lang.get();
        let now = usage.now.get()?;
        let used = now.cpu_millicores?;
        let host = usage.told.with(|told| told.as_ref()?.as_ref().ok()?.host_cpus);
        let of_limit = now.cpu_limit_millicores.map(|limit| format!("{} % {}", percent(used, limit), text(spoken, W::metrics_of_limit)));
        let of_host = host.map(|cpus| format!("{} % {}", percent(used, cpus * 1_000), text(spoken, W::metrics_of_host)));
        Some(of_limit.into_iter().chain(of_host).collect::<Vec<_>>().join(" · "))
    }
}
