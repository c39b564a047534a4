//! Small parts: buttons, marks, tags, notes, facts, figures, times.

use leptos::prelude::*;

use super::say;
use crate::components::{
    button::{Button, IconButton, Kind, LinkButton},
    chart::{Chart, Line, Mark, Shown, Span, Unit},
    copyable::Copyable,
    facts::{Fact, Facts},
    icon::Glyph,
    menu::{MenuButton, MenuEntry, MenuItem},
    meter::{bar, meter},
    note::{Note, Tone},
    page::Section,
    spark::spark,
    state_mark::{Meaning, StateMark, state_mark},
    tag::{TagTone, tag},
    time::{Time, TimeStyle},
};

#[component]
pub(super) fn Parts() -> impl IntoView {
    let save = say("Save", "保存");
    let refused = Signal::stored(Some("Only an operator of this project may.".to_owned()));
    let working = RwSignal::new(false);
    let marks = [
        (Meaning::Good, say("Running", "运行中")),
        (Meaning::Warning, say("Unhealthy", "不健康")),
        (Meaning::Bad, say("Restarting", "反复重启")),
        (Meaning::Unknown, say("Unknown", "未知")),
        (Meaning::Stopped, say("Stopped", "已停止")),
        (Meaning::Working, say("Stopping", "停止中")),
    ];
    let open_logs = move || view! { <a href="#logs">{say("Open logs", "打开日志")}</a> };
    let mark = |(meaning, word)| view! { <StateMark meaning word /> };
    let menu = vec![
        MenuEntry::Title(say("This container", "当前容器").into()),
        MenuItem::run(say("Restart", "重启"), || {}).glyph(Glyph::Restart).entry(),
        MenuItem::run(say("Stop", "停止"), || {}).glyph(Glyph::Stop).entry(),
        MenuItem::run(say("Start", "启动"), || {}).glyph(Glyph::Play).refused(Some("It is running already.".to_owned())).entry(),
        MenuEntry::Line,
        MenuItem::run(say("Remove…", "删除…"), || {}).glyph(Glyph::Trash).danger().entry(),
    ];
    let course: Vec<_> = (0..24).map(|i| (i != 9).then(|| 40.0 + f64::from((i * 37) % 23))).collect();
    view! {
        <dl class="figures">
            <div class="figure">
                <dt>{say("Hosts", "主机")}</dt>
                <dd>"37 / 38"</dd>
                <dd class="about">{say("1 unreachable for 4 min", "1 台失联 4 分钟")}</dd>
            </div>
            <div class="figure">
                <dt>{say("Containers", "容器")}</dt>
                <dd>"1,284"</dd>
                <dd class="about">{say("3 unhealthy · 1 restarting", "3 个不健康 · 1 个反复重启")}</dd>
            </div>
            <div class="figure">
                <dt>"CPU"</dt>
                <dd>"14 %"</dd>
                <dd class="about">{say("of 4 cores", "共 4 核")}</dd>
            </div>
            <div class="figure">
                <dt>{say("Memory", "内存")}</dt>
                <dd>"3.1 GiB"</dd>
                <dd class="about">{say("of 8 GiB", "共 8 GiB")}</dd>
            </div>
        </dl>
        <div class="split flow">
            <div>
                <Section title=say("Buttons", "按钮")>
                    <div class="design-row">
                        <Button label=save kind=Kind::Primary />
                        <Button label=save />
                        <Button label=say("Restart", "重启") glyph=Glyph::Restart />
                        <Button label=say("Remove…", "删除…") kind=Kind::Danger glyph=Glyph::Trash />
                        <Button label=say("Remove 3 containers", "删除 3 个容器") kind=Kind::DangerSolid />
                        <Button label=say("Quiet", "弱按钮") kind=Kind::Quiet />
                        <Button label=say("In text", "文中按钮") kind=Kind::Link />
                    </div>
                    <div class="design-row">
                        <Button label=save kind=Kind::Primary refused />
                        <Button label=save refused />
                        <Button label=say("Press me", "点我") kind=Kind::Primary busy=working on_press=move |_| working.set(true) />
                        <Button label=save busy=Signal::stored(true) />
                        <LinkButton label=say("Export", "导出") href="#export" glyph=Glyph::Download />
                        <MenuButton label=say("Last hour", "最近一小时") glyph=Glyph::Clock entries=menu />
                        <IconButton label=say("Notifications", "通知") glyph=Glyph::Bell />
                        <IconButton label=say("Terminal", "终端") glyph=Glyph::Terminal refused />
                    </div>
                </Section>
                <Section title=say("State marks", "状态标记")>
                    <div class="design-row">{marks.map(mark).into_iter().collect::<Vec<_>>()}</div>
                </Section>
                <Section title=say("Tags", "标签")>
                    <div class="design-row">
                        {tag(TagTone::Plain, "compose")} {tag(TagTone::Accent, say("Production", "生产"))}
                        {tag(TagTone::Good, say("allowed registry", "允许的仓库"))} {tag(TagTone::Warning, say("stale", "过时"))}
                        {tag(TagTone::Bad, say("privileged", "特权"))}
                    </div>
                </Section>
                <Section title=say("Notes", "提示")>
                    <div class="stack">
                        <Note
                            tone=Tone::Bad
                            title=say("Out of memory, restarted 5 times.", "内存不足，已重启 5 次。")
                            actions=move || view! { <a href="#raise">{say("Raise to 1 GiB…", "提高到 1 GiB…")}</a> }
                        >
                            {say("Before r57 it stayed under 410 MiB.", "r57 之前一直低于 410 MiB。")}
                        </Note>
                        <Note tone=Tone::Warning actions=move || view! { <a href="#preview">{say("Preview…", "预览…")}</a> }>
                            {say("11.4 GiB of unused images can go.", "有 11.4 GiB 未使用的镜像可清理。")}
                        </Note>
                        <Note>{say("Read-only until you switch it on.", "启用前为只读。")}</Note>
                        <Note tone=Tone::Good>{say("The chain is whole.", "链条完整。")}</Note>
                    </div>
                </Section>
                <Section title=say("Last log lines", "最近日志") sub=open_logs>
                    <pre class="log-lines" tabindex="0">
                        "22:07:49.113 INFO  batch loaded, 1,204,118 entries\n22:07:50.402 " <span class="warning">"WARN"</span>
                        "  heap 486 MiB of 512 MiB\n22:07:51.020 " <span class="bad">"ERROR"</span> " out of memory\n"
                    </pre>
                </Section>
            </div>
            <div>
                <Section title=say("What runs", "运行内容")>
                    <Facts>
                        <Fact label=say("Image", "镜像")><a href="#image">"pay-core/settle:57"</a></Fact>
                        <Fact label=say("Digest", "摘要")>
                            <Copyable text="sha256:9f2c41d7a0be3c55" shown="sha256:9f2c41d7a0be…" />
                        </Fact>
                        <Fact label=say("State", "状态")>
                            {state_mark(Meaning::Bad, say("Restarting, next try in 8 s", "重启中，8 秒后重试"))}
                        </Fact>
                        <Fact label=say("Command", "命令")><span class="mono">"java -Xmx480m -jar settle.jar"</span></Fact>
                        <Fact label=say("Created", "创建")><Time at="2026-11-20T08:15:00.000Z" /></Fact>
                        <Fact label=say("For", "已持续")><Time at="2026-11-20T08:15:00.000Z" style=TimeStyle::Age /></Fact>
                        <Fact label=say("At", "时间")><Time at="2026-11-20T08:15:00.000Z" style=TimeStyle::Clock /></Fact>
                    </Facts>
                </Section>
                <Section title=say("Limits and use", "限额与用量")>
                    <Facts>
                        <Fact label="CPU"><span class="sparked">{spark(&course, 100.0)} "0.61 / 1.0"</span></Fact>
                        <Fact label=say("Memory", "内存")>{meter(0.99, "507".to_owned(), "512 MiB".to_owned())}</Fact>
                        <Fact label=say("Disk", "磁盘")>{meter(0.86, "86".to_owned(), "100 GiB".to_owned())}</Fact>
                        <Fact label="/">{bar(0.41)}</Fact>
                    </Facts>
                </Section>
                <Section title=say("Memory", "内存")>
                    <Chart
                        title=say("Memory", "内存")
                        shown=Signal::stored(chart())
                        unit=Unit::Bytes
                        span=Signal::stored(SHOWN)
                        cursor=RwSignal::new(None)
                        on_zoom=|_| {}
                    />
                </Section>
            </div>
        </div>
    }
}

/// An hour of the chart.
const SHOWN: Span = Span { from: 1_795_000_000_000.0, to: 1_795_003_600_000.0 };

/// Two lines, one with a gap, a limit and marks.
fn chart() -> Shown {
    const MIB: f64 = 1_048_576.0;
    let line = |label: &str, least: f64, rise: f64, gap: std::ops::Range<u32>| {
        let point = |n: u32| (SHOWN.from + f64::from(n) * 10_000.0, (least + f64::from(n % 90) * rise) * MIB);
        Line { label: label.to_owned(), points: (0..360).filter(|n| !gap.contains(n)).map(point).collect() }
    };
    let mark = |minute: f64, label: &str| Mark { at: SHOWN.from + minute * 60_000.0, label: label.to_owned() };
    Shown {
        lines: vec![line("settle.3", 200.0, 3.0, 200..240), line("settle.1", 120.0, 0.2, 0..0)],
        limit: Some(("512 MiB".to_owned(), 512.0 * MIB)),
        marks: vec![mark(15.0, "exit 137"), mark(30.0, "r57")],
    }
}
