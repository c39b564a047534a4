//! Who runs in a container: asked of the engine when the tab is opened, and when the reader wants it anew.

use leptos::prelude::*;

use crate::{
    api::{
        container::{ContainerDetail, ContainerState},
        problem::Failure,
        stats::Process,
    },
    components::{
        button::Button,
        figure::{bytes, cores},
        icon::Glyph,
        page::Section,
        skeleton::SkeletonLines,
        time::age,
    },
    loader::use_client,
    pages::{failed::Failed, fetched::fetched},
    words::{W, t, use_lang},
};

#[component]
pub fn ProcessesSection(detail: RwSignal<ContainerDetail>) -> impl IntoView {
    let client = StoredValue::new(use_client());
    let id = StoredValue::new(detail.with_untracked(|d| d.container.id.clone()));
    let (got, again) = fetched(move || {
        let (client, id) = (client.get_value(), id.get_value());
        let runs = detail.with_untracked(|d| matches!(d.container.state, ContainerState::Running | ContainerState::Paused));
        async move { if runs { client.container_processes(&id).await.map(Some) } else { Ok(None) } }
    });
    let turned = Memo::new(move |_| detail.with(|d| (d.container.state, d.container.started_at.clone())));
    Effect::new(move |before: Option<()>| {
        // Read, not only tracked: a memo that nobody reads never turns. The tab may have been left before this runs.
        if turned.try_with(|_| ()).is_some() && before.is_some() {
            again.try_run(());
        }
    });
    let rows = move || match got.get() {
        None => view! { <SkeletonLines lines=4 /> }.into_any(),
        Some(Ok(None)) => view! { <p class="empty-line second">{t(W::metrics_not_running)}</p> }.into_any(),
        // It has stopped meanwhile.
        Some(Err(Failure::Problem(p))) if p.status == 409 => {
            view! { <p class="empty-line second">{t(W::metrics_not_running)}</p> }.into_any()
        }
        Some(Err(failure)) => view! { <Failed failure on_retry=again /> }.into_any(),
        Some(Ok(Some(all))) => view! {
            <Rows items=all.items />
            {all.truncated.then(|| view! { <p class="empty-line second">{t(W::metrics_processes_more)}</p> })}
        }
        .into_any(),
    };
    let refresh = move || view! { <Button label=t(W::metrics_refresh) glyph=Glyph::Restart on_press=move |_| again.run(()) /> };
    view! { <Section title=t(W::metrics_processes) sub=refresh flush=true>{rows}</Section> }
}

#[component]
fn Rows(items: Vec<Process>) -> impl IntoView {
    let lang = use_lang();
    let row = move |p: Process| {
        let elapsed = p.elapsed_seconds;
        view! {
            <tr class="row">
                <td class="end">{p.pid}</td>
                <td><span class="mono cut">{p.program}</span></td>
                <td>{p.user}</td>
                <td class="end">{p.cpu_millicores.map(cores)}</td>
                <td class="end">{p.memory_bytes.map(bytes)}</td>
                <td class="end">{move || elapsed.map(|s| age(lang.get(), s))}</td>
            </tr>
        }
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=t(W::metrics_processes)>
            <table class="table framed processes" aria-label=t(W::metrics_processes)>
                <thead>
                    <tr>
                        <th scope="col" class="end">{t(W::metrics_pid)}</th>
                        <th scope="col">{t(W::metrics_program)}</th>
                        <th scope="col">{t(W::metrics_user)}</th>
                        <th scope="col" class="end">{t(W::metrics_cpu_life)}</th>
                        <th scope="col" class="end">{t(W::metrics_resident)}</th>
                        <th scope="col" class="end">{t(W::metrics_elapsed)}</th>
                    </tr>
                </thead>
                <tbody>{items.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
