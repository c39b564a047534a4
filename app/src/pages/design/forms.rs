//! Fields of forms, and a form that was refused.

use leptos::{ev, prelude::*};

use super::say;
use crate::components::{
    button::{Button, Kind},
    field::{CheckField, PasswordField, SelectField, TextField},
    note::{Note, Tone},
    page::Section,
};

#[component]
pub(super) fn Forms() -> impl IntoView {
    let name = RwSignal::new("settle-debug".to_owned());
    let socket = RwSignal::new("/var/run/docker.sock".to_owned());
    let password = RwSignal::new("correct horse".to_owned());
    let host = RwSignal::new("sh1-app-03".to_owned());
    let memory = RwSignal::new("1 GiB".to_owned());
    let follow = RwSignal::new(true);
    // Browsers want a password in a form; this one sends nothing.
    let stay = |ev: ev::SubmitEvent| ev.prevent_default();
    let error = Signal::derive(move || {
        socket.with(|s| s.contains("docker.sock")).then(|| "Mounting the engine's socket is root on the host.".to_owned())
    });
    let hosts = vec![("sh1-app-03".to_owned(), TextProp::from("sh1-app-03")), ("sh2-app-07".to_owned(), TextProp::from("sh2-app-07"))];
    view! {
        <div class="split flow">
            <div>
                <Section title=say("Fields", "字段")>
                    <form class="fields" on:submit=stay>
                        <div class="fields-2">
                            <SelectField name="host" label=say("Host", "主机") value=host options=hosts />
                            <TextField name="name" label=say("Name", "名称") value=name autocomplete="off" />
                        </div>
                        <TextField
                            name="image"
                            label=say("Image", "镜像")
                            value=RwSignal::new("registry.bank.example/pay-core/settle:57".to_owned())
                            mono=true
                            autocomplete="off"
                            hint=say("212 MiB · not on the host, will be pulled", "212 MiB · 主机上没有，将拉取")
                        />
                        <TextField name="source" label=say("Mount", "挂载") value=socket error mono=true autocomplete="off" />
                        <div class="fields-2">
                            <TextField
                                name="memory"
                                label=say("Memory", "内存")
                                value=memory
                                autocomplete="off"
                                optional=true
                                hint=say("46 of 64 GiB quota used", "配额已用 46 / 64 GiB")
                            />
                            <PasswordField name="secret" label=say("Password", "密码") value=password />
                        </div>
                        <CheckField
                            name="follow"
                            label=say("Start when the engine starts", "随引擎启动")
                            value=follow
                            hint=say("Unless it was stopped by hand", "手动停止的除外")
                        />
                        <div class="form-actions">
                            <Button label=say("Create and start", "创建并启动") kind=Kind::Primary />
                            <Button label=say("Cancel", "取消") />
                        </div>
                    </form>
                </Section>
            </div>
            <div>
                <Section title=say("Why the form was refused", "表单被拒绝的原因")>
                    <form class="stack" on:submit=stay>
                        <input type="text" name="username" autocomplete="username" value="ops-c" hidden />
                        <Note tone=Tone::Bad>{say("User name or password is wrong.", "用户名或密码不正确。")}</Note>
                        <PasswordField name="password" label=say("Password", "密码") value=password />
                        <Button label=say("Sign in", "登录") kind=Kind::Primary wide=true />
                    </form>
                </Section>
            </div>
        </div>
    }
}
