//! Dialogs, panels, messages; skeletons, nothing, failure.

use leptos::prelude::*;

use super::say;
use crate::components::{
    button::{Button, Kind},
    dialog::{Confirm, Dialog, SidePanel},
    field::TextField,
    page::Section,
    skeleton::{SkeletonLines, SkeletonRows},
    states::{EmptyState, ErrorState},
    toasts::{Toast, use_toasts},
};

#[component]
pub(super) fn Overlays() -> impl IntoView {
    let (dialog, confirm, panel) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let typed = Signal::stored(Some("settle-data".to_owned()));
    let name = RwSignal::new(String::new());
    let toasts = use_toasts();
    let cancel = say("Cancel", "取消");
    let good = Toast::good("settle.3 restarted").link("Open", "#open");
    let bad = Toast::bad("settle.3 could not be stopped").detail("sh1-app-03 does not answer. Request 01JD9K4Q");
    let dialog_foot = move || {
        view! {
            <Button label=cancel on_press=move |_| dialog.set(false) />
            <Button label=say("Raise to 1 GiB", "提高到 1 GiB") kind=Kind::Primary on_press=move |_| dialog.set(false) />
        }
    };
    let panel_foot = move || {
        view! {
            <span class="start">{say("1 thing to change", "1 处需修改")}</span>
            <Button label=cancel on_press=move |_| panel.set(false) />
            <Button label=say("Create and start", "创建并启动") kind=Kind::Primary />
        }
    };
    let gone =
        say("sh1-app-03 does not answer since 22:04. All else here still works.", "sh1-app-03 自 22:04 起没有响应，其余内容仍可用。");
    view! {
        <Section title=say("Overlays", "弹层")>
            <div class="design-row">
                <Button label=say("Dialog", "对话框") on_press=move |_| dialog.set(true) />
                <Button label=say("Typed confirmation…", "输入名称确认…") kind=Kind::Danger on_press=move |_| confirm.set(true) />
                <Button label=say("Side panel", "侧边面板") on_press=move |_| panel.set(true) />
                <Button label=say("Good message", "成功消息") on_press=move |_| toasts.show(good.clone()) />
                <Button label=say("Bad message", "失败消息") on_press=move |_| toasts.show(bad.clone()) />
            </div>
        </Section>
        <div class="split flow">
            <div>
                <Section title=say("Coming", "加载中")>
                    <SkeletonLines />
                </Section>
                <Section title=say("Rows coming", "行加载中") flush=true>
                    <SkeletonRows rows=4 />
                </Section>
            </div>
            <div>
                <EmptyState
                    title=say("No containers yet", "还没有容器")
                    actions=move || view! { <Button label=say("Create container", "创建容器") kind=Kind::Primary /> }
                >
                    {say("Containers of all hosts appear here by themselves.", "所有主机的容器会自动出现在这里。")}
                </EmptyState>
                <ErrorState
                    title=say("The log of settle.3 could not be read", "无法读取 settle.3 的日志")
                    detail=gone
                    request_id="01JD9K4QZX"
                    on_retry=move |()| {}
                />
            </div>
        </div>
        <Dialog open=dialog title=say("Raise the memory limit", "提高内存上限") foot=dialog_foot>
            <div class="stack">
                <p>{say("settle.3 keeps running; the new limit holds at once.", "settle.3 会继续运行，新上限立即生效。")}</p>
                <TextField name="limit" label=say("Memory", "内存") value=name />
            </div>
        </Dialog>
        <Confirm
            open=confirm
            title=say("Remove the volume settle-data?", "删除存储卷 settle-data？")
            action=say("Remove volume", "删除存储卷")
            typed
            on_confirm=move |()| confirm.set(false)
        >
            <p>{say("18 GiB of data on sh1-app-03 are gone for good.", "sh1-app-03 上的 18 GiB 数据将永久删除。")}</p>
        </Confirm>
        <SidePanel
            open=panel
            title=say("Create container", "创建容器")
            head=move || view! { <Button label=say("Paste docker run", "粘贴 docker run") kind=Kind::Quiet /> }
            foot=panel_foot
        >
            <div class="fields">
                <TextField name="panel-name" label=say("Name", "名称") value=name />
                <TextField name="panel-image" label=say("Image", "镜像") value=name mono=true />
            </div>
        </SidePanel>
    }
}
