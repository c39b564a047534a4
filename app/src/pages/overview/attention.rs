//! What somebody should look at.

use leptos::prelude::*;

use crate::{
    api::overview::Attention,
    components::{
        page::Section,
        state_mark::{Meaning, state_mark},
        time::{TimeStyle, time, use_now},
    },
    pages::hosts::cause_text,
    words::{Lang, W, containers_exited, overview_restarts, overview_stale_containers, t, text, thousands, use_lang},
};

#[component]
pub fn NeedsAttention(attention: Vec<Attention>, total: u32) -> impl IntoView {
    let lang = use_lang();
    let now = use_now();
    let quiet = attention.is_empty();
    let row = move |a: Attention| {
        let meaning = if a.level == "bad" { Meaning::Bad } else { Meaning::Warning };
        let own = a.clone();
        let href = format!("/{}s/{}", a.object_kind, a.object_id);
        let shown = if a.object_kind == "host" { a.object_name.clone() } else { format!("{} · {}", a.object_name, a.host_name) };
        view! {
            <tr class="row">
                <td class="in-tools">{state_mark(meaning, move || text(lang.get(), kind_word(&a.kind)))}</td>
                <td class="in-title"><a class="cut" href=href>{shown}</a></td>
                <td class="in-second why cut">{move || why(lang.get(), &own)}</td>
                <td class="in-tail end">{time(now, lang, a.since, TimeStyle::Ago)}</td>
            </tr>
        }
    };
    view! {
        <Section title=t(W::overview_attention) sub=move || view! { <span>{thousands(u64::from(total))}</span> } flush=true>
            {quiet.then(|| view! { <p class="second empty-line">{t(W::overview_quiet)}</p> })}
            <table class="table items attention" class:hidden=quiet aria-label=t(W::overview_attention)>
                <tbody>{attention.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </Section>
    }
}

fn kind_word(kind: &str) -> W {
    match kind {
        "host_unreachable" => W::overview_host_unreachable,
        "restart_loop" => W::overview_restart_loop,
        "dead" => W::containers_dead,
        _ => W::containers_unhealthy,
    }
}

fn why(lang: Lang, a: &Attention) -> String {
    let mut parts = Vec::new();
    parts.extend(a.cause.as_ref().map(|c| cause_text(lang, &c.code, &c.detail)));
    parts.extend(a.containers.filter(|n| *n > 0).map(|n| overview_stale_containers(lang, u64::from(n))));
    parts.extend(a.restarts_24h.filter(|n| *n > 0).map(|n| overview_restarts(lang, u64::from(n))));
    parts.extend(a.exit_code.map(|code| containers_exited(lang, code)));
    parts.extend(a.oom_killed.then(|| text(lang, W::containers_oom).to_owned()));
    parts.join(" · ")
}
