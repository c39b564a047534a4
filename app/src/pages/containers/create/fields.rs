//! The form's fields, by sections.

use leptos::prelude::*;

use super::Shared;
use crate::{
    components::{
        edit_rows::{Cell, EditRows, Rows},
        field::{CheckField, SelectField, TextField},
        figure::bytes,
        fold::Fold,
    },
    words::{W, t, text},
};

const KINDS: &[(&str, W)] = &[("volume", W::create_volume), ("bind", W::create_bind), ("tmpfs", W::create_tmpfs)];
const MODES: &[(&str, W)] = &[("rw", W::create_rw), ("ro", W::create_ro)];
const PROTOCOLS: &[(&str, W)] = &[("tcp", W::create_tcp), ("udp", W::create_udp), ("sctp", W::create_sctp)];

#[component]
pub fn Fields(shared: Shared) -> impl IntoView {
    let limits_only = shared.limits_only();
    view! {
        {(!limits_only).then(|| view! { <Head shared /> })}
        {(!limits_only).then(|| view! { <Command shared /> <Ports shared /> <Mounts shared /> })}
        <LimitFields shared open=limits_only />
        {(!limits_only).then(|| view! { <More shared /> })}
    }
}

fn count(rows: Rows) -> impl Fn() -> String + Copy {
    move || Some(rows.texts().len()).filter(|n| *n > 0).map(|n| n.to_string()).unwrap_or_default()
}

#[component]
fn Head(shared: Shared) -> impl IntoView {
    let form = shared.form();
    let hosts = Signal::derive(move || {
        shared.choices.with(|c| c.hosts.iter().map(|h| (h.id.clone(), TextProp::from(h.name.clone()))).collect::<Vec<_>>())
    });
    let projects = Signal::derive(move || {
        shared.choices.with(|c| {
            let platform = c.platform.then(|| (String::new(), TextProp::from(t(W::containers_platforms))));
            platform.into_iter().chain(c.projects.iter().map(|p| (p.id.clone(), TextProp::from(p.name.clone())))).collect::<Vec<_>>()
        })
    });
    let pulls = Signal::stored(vec![
        ("missing".to_owned(), TextProp::from(t(W::create_pull_missing))),
        ("always".to_owned(), TextProp::from(t(W::create_pull_always))),
        ("never".to_owned(), TextProp::from(t(W::create_pull_never))),
    ]);
    let is_new = shared.is_new();
    // What the host says of the image.
    let known = move || {
        let lang = shared.lang.get();
        shared.preview.with(|p| {
            let p = p.as_ref()?;
            Some(match &p.image {
                Some(i) => {
                    let id: String = i
                        .digest
                        .clone()
                        .unwrap_or_else(|| i.id.clone())
                        .chars()
                        .rev()
                        .take(64)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .take(12)
                        .collect();
                    format!("{id}… · {}", bytes(i.size))
                }
                None => text(lang, W::create_will_pull).to_owned(),
            })
        })
    };
    let real_name = move || shared.preview.with(|p| p.as_ref().map(|p| p.name.clone())).filter(|n| form.name.with(|own| own != n));
    view! {
        {is_new.then(|| view! {
            <div class="fields-2">
                <SelectField name="host_id" label=t(W::containers_host) value=form.host options=hosts error=shared.signal("host_id") />
                <SelectField name="project_id" label=t(W::containers_project) value=form.project options=projects error=shared.signal("project_id") />
            </div>
        })}
        <TextField name="image" label=t(W::containers_image) value=form.image mono=true autofocus=is_new autocomplete="off" error=shared.signal("image")
            hint=TextProp::from(move || known().unwrap_or_else(|| text(shared.lang.get(), W::create_image_hint).to_owned())) />
        {is_new.then(|| view! {
            <TextField name="name" label=t(W::containers_name) value=form.name mono=true optional=true autocomplete="off" error=shared.signal("name")
                hint=TextProp::from(move || real_name().map(|n| crate::words::create_real_name(shared.lang.get(), n)).unwrap_or_default()) />
        })}
        <SelectField name="pull" label=t(W::create_pull) value=form.pull options=pulls />
    }
}

#[component]
fn Command(shared: Shared) -> impl IntoView {
    let form = shared.form();
    let wrong = Signal::derive(move || {
        ["command", "entrypoint", "env", "user", "working_dir", "hostname"].iter().any(|f| shared.error(f).is_some())
    });
    let sub = move || {
        let n = form.env.texts().len() as u64;
        if n > 0 { crate::words::create_variables(shared.lang.get(), n) } else { String::new() }
    };
    let keeps = move || (!shared.is_new()).then(|| view! { <p class="third small">{t(W::create_env_kept)}</p> });
    view! {
        <Fold title=t(W::create_command_env) sub=TextProp::from(sub) wrong>
            <TextField name="command" label=t(W::create_command) value=form.command mono=true optional=true autocomplete="off" error=shared.signal("command") hint=t(W::create_command_hint) />
            <TextField name="entrypoint" label=t(W::create_entrypoint) value=form.entrypoint mono=true optional=true autocomplete="off" error=shared.signal("entrypoint") />
            {keeps}
            <EditRows rows=form.env cells=const { &[Cell::text(W::create_variable), Cell::text(W::create_value)] } add=t(W::create_add_variable)
                error=move |row: usize| {
                    let name = form.env.texts().iter().find(|(i, _)| *i == row).map(|(_, [name, ..])| name.clone())?;
                    shared.error(&format!("env.{name}"))
                } />
            {shared.is_new().then(|| view! {
                <div class="fields-3">
                    <TextField name="user" label=t(W::containers_user) value=form.user mono=true optional=true autocomplete="off" error=shared.signal("user") />
                    <TextField name="working_dir" label=t(W::create_working_dir) value=form.working_dir mono=true optional=true autocomplete="off" error=shared.signal("working_dir") />
                    <TextField name="hostname" label=t(W::create_hostname) value=form.hostname mono=true optional=true autocomplete="off" error=shared.signal("hostname") />
                </div>
            })}
        </Fold>
    }
}

#[component]
fn Ports(shared: Shared) -> impl IntoView {
    let form = shared.form();
    let wrong = Signal::derive(move || shared.error("ports").is_some());
    let sub =
        move || form.ports.texts().iter().map(|(_, [inside, outside, ..])| format!("{inside} → {outside}")).collect::<Vec<_>>().join(", ");
    view! {
        <Fold title=t(W::containers_ports) sub=TextProp::from(sub) wrong>
            <EditRows rows=form.ports fresh=["", "", "tcp", ""] add=t(W::create_add_port)
                cells=const { &[Cell::text(W::create_container_port), Cell::text(W::create_host_port), Cell { label: W::create_protocol, choices: PROTOCOLS }] }
                error=move |row: usize| shared.error(&format!("ports[{row}]")) />
        </Fold>
    }
}

#[component]
fn Mounts(shared: Shared) -> impl IntoView {
    let form = shared.form();
    let wrong = Signal::derive(move || shared.error("mounts").is_some());
    let volumes = move || shared.choices.with(|c| c.volumes.join(", "));
    view! {
        <Fold title=t(W::create_mounts) sub=TextProp::from(count(form.mounts)) wrong>
            <EditRows rows=form.mounts fresh=["volume", "", "", "rw"] add=t(W::create_add_mount)
                cells=const { &[
                    Cell { label: W::create_kind, choices: KINDS },
                    Cell::text(W::create_source),
                    Cell::text(W::create_target),
                    Cell { label: W::create_mode, choices: MODES },
                ] }
                error=move |row: usize| shared.error(&format!("mounts[{row}]")) />
            {move || Some(volumes()).filter(|v| !v.is_empty()).map(|v| view! { <p class="third small">{t(W::create_known_volumes)}" "<span class="mono">{v}</span></p> })}
        </Fold>
    }
}

#[component]
fn LimitFields(shared: Shared, open: bool) -> impl IntoView {
    let form = shared.form();
    let wrong = Signal::derive(move || shared.error("limits").is_some() || shared.error("restart_policy").is_some());
    let sub = move || [form.memory.get(), form.cpus.get()].into_iter().filter(|t| !t.trim().is_empty()).collect::<Vec<_>>().join(" · ");
    let policies = Signal::stored(
        [
            ("no", W::create_restart_no),
            ("on-failure", W::create_restart_failure),
            ("unless-stopped", W::create_restart_unless),
            ("always", W::create_restart_always),
        ]
        .map(|(key, w)| (key.to_owned(), TextProp::from(t(w))))
        .to_vec(),
    );
    view! {
        <Fold title=t(W::create_limits) sub=TextProp::from(sub) open wrong>
            <div class="fields-3">
                <TextField name="memory" label=t(W::create_memory) value=form.memory optional=true autocomplete="off" placeholder="512 MiB" error=shared.signal("limits.memory_bytes") />
                <TextField name="cpus" label=t(W::create_cpus) value=form.cpus optional=true autocomplete="off" placeholder="1.5" error=shared.signal("limits.cpus") />
                <TextField name="pids" label=t(W::containers_pids) value=form.pids optional=true autocomplete="off" placeholder="512" error=shared.signal("limits.pids") />
            </div>
            <div class="fields-2">
                <SelectField name="restart" label=t(W::containers_policy) value=form.restart options=policies error=shared.signal("restart_policy.name") />
                {move || (form.restart.get() == "on-failure").then(|| view! {
                    <TextField name="retries" label=t(W::create_retries) value=form.retries optional=true autocomplete="off" error=shared.signal("restart_policy.max_retries") />
                })}
            </div>
        </Fold>
    }
}

#[component]
fn More(shared: Shared) -> impl IntoView {
    let form = shared.form();
    let fields = ["networks", "network_mode", "health_check", "labels", "log", "privileged", "auto_remove"];
    let wrong = Signal::derive(move || fields.iter().any(|f| shared.error(f).is_some()));
    let networks = move || shared.choices.with(|c| c.networks.join(", "));
    let network_error = Signal::derive(move || shared.error("networks").or_else(|| shared.error("network_mode")));
    let log_error =
        Signal::derive(move || shared.error("log").or_else(|| shared.error("log_driver")).or_else(|| shared.error("log_options")));
    let is_new = shared.is_new();
    let refused = move || shared.error("privileged").map(|why| view! { <span class="field-error">{why}</span> });
    view! {
        <Fold title=t(W::create_more) wrong>
            <TextField name="networks" label=t(W::create_networks) value=form.networks mono=true optional=true autocomplete="off" error=network_error
                hint=TextProp::from(networks) />
            <div class="fields-2">
                <TextField name="health" label=t(W::containers_health) value=form.health mono=true optional=true autocomplete="off" error=shared.signal("health_check") placeholder="curl -f http://localhost/" />
                <TextField name="health_interval" label=t(W::create_interval) value=form.health_interval optional=true autocomplete="off" />
            </div>
            <TextField name="log_driver" label=t(W::create_log_driver) value=form.log_driver mono=true optional=true autocomplete="off" placeholder="json-file" error=log_error />
            <EditRows rows=form.log_options cells=const { &[Cell::text(W::create_option), Cell::text(W::create_value)] } add=t(W::create_add_option)
                error=move |_: usize| None />
            <EditRows rows=form.labels cells=const { &[Cell::text(W::create_label), Cell::text(W::create_value)] } add=t(W::create_add_label)
                error=move |row: usize| {
                    let name = form.labels.texts().iter().find(|(i, _)| *i == row).map(|(_, [name, ..])| name.clone())?;
                    shared.error(&format!("labels.{name}"))
                } />
            {is_new.then(|| view! {
                <div class="fields-2">
                    <CheckField name="tty" label=t(W::create_tty) value=form.tty />
                    <CheckField name="init" label=t(W::create_init) value=form.init />
                    <CheckField name="read_only_root" label=t(W::create_read_only_root) value=form.read_only_root />
                    <CheckField name="auto_remove" label=t(W::create_auto_remove) value=form.auto_remove />
                </div>
            })}
            <CheckField name="privileged" label=t(W::containers_privileged) value=form.privileged />
            {refused}
            <TextField name="reason" label=t(W::create_reason) value=form.reason optional=true autocomplete="off" hint=t(W::create_reason_hint) />
        </Fold>
        {is_new.then(|| view! { <CheckField name="start" label=t(W::create_start) value=form.start /> })}
    }
}
