//! A list of 6,000 rows with everything a list has.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    samples::{self, Sample},
    say,
};
use crate::{
    api::list::Group,
    components::{
        bulk_bar::BulkBar,
        button::{Button, Kind, row_button},
        chips::{Chip, Chips},
        column_chooser::{ColumnChooser, Hidden},
        figure,
        filter_box::{FilterBox, Suggestion, Take, Token},
        icon::Glyph,
        menu::{Menu, MenuEntry, MenuItem, MenuPopup},
        meter::meter,
        segmented::Segmented,
        spark::spark,
        state_mark::{Meaning, state_mark},
        states::EmptyState,
        table::{Column, DataTable, GroupView, ListFoot, Narrow, Rows, Selection, Wanted},
        tag::{TagTone, tag},
    },
    words::{W, t, thousands, use_lang},
};

#[component]
pub(super) fn ListPage() -> impl IntoView {
    let lang = use_lang();
    let grouping = RwSignal::new("application".to_owned());
    let collapsed = RwSignal::new(Vec::<String>::new());
    let condition = RwSignal::new(String::new());
    let tokens = RwSignal::new(vec![Token::new("project", "payments").shown("project:payments+5")]);
    let text = RwSignal::new(String::new());
    let sort = RwSignal::new(Some("name".to_owned()));
    let selection = Selection::<Sample>::new();
    let menu = Menu::new();

    let ask = move |wanted: &Wanted| {
        let grouped = grouping.with_untracked(|g| g != "none");
        samples::window(wanted, grouped, &collapsed.get_untracked(), &text.get_untracked(), wanted.query + 1)
    };
    let rows = Rows::new(move |rows, wanted| rows.accept(&wanted, ask(&wanted)));
    let first = Wanted::first(50);
    rows.accept(&first, ask(&first));
    Effect::new(move |before: Option<()>| {
        grouping.track();
        collapsed.track();
        text.track();
        if before.is_some() {
            rows.restart();
        }
    });

    let running = say("Running", "运行中");
    let unhealthy = say("Unhealthy · HTTP 502", "不健康 · HTTP 502");
    let restarting = say("Restarting · 137 OOM", "反复重启 · 137 内存超限");
    let stopped = say("Exited 0, 2 d ago", "已退出 0，2 天前");
    let unknown = say("Unknown · as of 22:04", "未知 · 截至 22:04");
    let word = move |meaning| match meaning {
        Meaning::Good | Meaning::Working => running(),
        Meaning::Warning => unhealthy(),
        Meaning::Bad => restarting(),
        Meaning::Stopped => stopped(),
        Meaning::Unknown => unknown(),
    };
    let row_menu = t(W::common_more);
    let remove = say("Remove…", "删除…");
    let restart = say("Restart", "重启");
    let start = say("Start", "启动");
    let all = vec![
        Column::new("state", say("State", "状态"), move |s: &Sample| state_mark(s.meaning, word(s.meaning)))
            .width(180)
            .narrow(Narrow::Second),
        Column::new("name", say("Name", "名称"), |s: &Sample| view! { <a class="cut" href=format!("#{}", s.id)>{s.name.clone()}</a> })
            .min_width(88)
            .sorted("name")
            .narrow(Narrow::Title),
        Column::new("image", say("Image", "镜像"), |s: &Sample| {
            view! { <span class="mono second">{format!("{}/{}:57", samples::APPLICATIONS[s.application], s.name)}</span> }
        })
        .min_width(160)
        .sorted("image"),
        Column::new("cpu", "CPU", |s: &Sample| {
            view! { <span class="sparked">{spark(&s.course, 100.0)} {format!("{:.0} %", s.cpu)}</span> }
        })
        .width(128)
        .narrow(Narrow::Tail),
        Column::new("memory", say("Memory", "内存"), |s: &Sample| {
            meter(s.used_mib as f64 / s.limit_mib as f64, s.used_mib.to_string(), figure::bytes(s.limit_mib << 20))
        })
        .width(190),
        Column::new("restarts", say("Restarts", "重启 24h"), |s: &Sample| {
            let bad = s.restarts > 0;
            view! { <span class:bad=bad>{s.restarts}</span> }
        })
        .width(80)
        .end()
        .sorted("restarts"),
        Column::new("ports", say("Ports", "端口"), |s: &Sample| s.port.map(|p| view! { <a href="#port">{p}</a> })).width(72),
        Column::new("host", say("Host", "主机"), |s: &Sample| view! { <a href="#host">{s.host.clone()}</a> }).width(112).sorted("host"),
        Column::new("tools", t(W::common_more), move |s: &Sample| {
            let name = s.name.clone();
            view! {
                <div class="tools">
                    {row_button(Glyph::Logs, format!("Logs of {name}"), |_| {})}
                    {row_button(Glyph::Dots, format!("{}: {name}", row_menu()), move |ev| {
                        menu.open(&ev, move || {
                            vec![
                                MenuItem::run(restart, || {}).glyph(Glyph::Restart).entry(),
                                MenuItem::run(start, || {}).glyph(Glyph::Play).refused(Some("It is running already.".to_owned())).entry(),
                                MenuEntry::Line,
                                MenuItem::run(remove, || {}).glyph(Glyph::Trash).danger().entry(),
                            ]
                        });
                    })}
                </div>
            }
        })
        .width(76)
        .tools()
        .narrow(Narrow::Tools),
    ];
    let choices = all.iter().filter(|c| !["name", "tools"].contains(&c.key)).map(|c| (c.key, c.title.clone())).collect();
    let hidden = Hidden::new("design", &[]);
    let columns = hidden.shown(all);

    let loaded = rows.loaded();
    let chips = move || {
        let count = |key: &str| loaded.with(|l| l.counts.get(key).copied());
        let chip = |key: &str, label: TextProp| Chip { key: key.to_owned(), label, count: count(key) };
        vec![
            Chip { key: String::new(), label: say("All", "全部").into(), count: Some(loaded.with(|l| l.total)) },
            chip("running", running.into()),
            chip("trouble", say("Trouble", "异常").into()),
            chip("stopped", say("Stopped", "已停止").into()),
            chip("unknown", say("Unknown", "未知").into()),
        ]
    };
    let suggestions = Signal::derive(move || {
        text.with(|text| {
            let word = text.rsplit(' ').next().unwrap_or_default();
            ["host", "project", "image"]
                .into_iter()
                .filter(|key| !word.is_empty() && key.starts_with(word))
                .map(|key| Suggestion { shown: format!("{key}:"), about: "…".to_owned(), take: Take::Text(format!("{key}:")) })
                .chain((word == "host:").then(|| Suggestion {
                    shown: "sh1-app-03".to_owned(),
                    about: "host".to_owned(),
                    take: Take::Token(Token::new("host", "sh1-app-03")),
                }))
                .collect()
        })
    });
    let group_head: GroupView = Arc::new(move |group: &Group| {
        view! {
            <a href="#group">{group.label.clone()}</a>
            {tag(TagTone::Plain, "compose")}
            <span>{thousands(u64::from(group.count))}</span>
            {(group.trouble > 0).then(|| view! { <span class="bad">{group.trouble} " ◆"</span> })}
        }
        .into_any()
    });
    let group_actions: GroupView = Arc::new(move |_| {
        view! {
            <button type="button">{restart()}</button>
            <button type="button">{stopped_verb(lang.get())}</button>
        }
        .into_any()
    });
    let count = Signal::derive(move || selection.len());
    let fold = move |key: String| {
        collapsed.update(|collapsed| match collapsed.iter().position(|own| *own == key) {
            Some(at) => {
                collapsed.remove(at);
            }
            None => collapsed.push(key),
        });
    };
    let nothing = move || {
        view! {
            <EmptyState title=say("Nothing matches", "没有匹配项")>{say("Fewer words find more.", "减少关键词试试。")}</EmptyState>
        }
    };
    let bulk_actions = move || {
        view! {
            <Button label=move || format!("{} {}", restart(), selection.len()) glyph=Glyph::Restart />
            <Button label=remove kind=Kind::Danger on_press=move |_| selection.clear() />
        }
    };
    let segments = vec![
        ("application", say("Application", "应用").into()),
        ("host", say("Host", "主机").into()),
        ("none", say("None", "不分组").into()),
    ];
    view! {
        <div class="page-list">
            <div class="filter-bar design-filter">
                <FilterBox
                    tokens
                    text
                    keys=vec!["host", "project", "image"]
                    suggestions
                    label=t(W::common_filter)
                    placeholder=say("name, image, host, label…", "名称、镜像、主机、标签…")
                />
                <Chips
                    label=say("Condition", "状态")
                    chips=Signal::derive(chips)
                    chosen=condition
                    on_choose=move |key| condition.set(key)
                />
                <span class="push wide-only"></span>
                <ColumnChooser hidden choices keep=|_| () />
                <Segmented label=say("Group by", "分组") segments chosen=grouping on_choose=move |key| grouping.set(key) />
            </div>
            <DataTable
                rows
                columns
                key=|s: &Sample| s.id.clone()
                label=say("Samples", "样例")
                sort
                on_sort=move |key| sort.set(Some(key))
                selection
                group_head
                group_actions
                on_collapse=fold
                on_open=move |s: Sample| leptos::logging::log!("open {}", s.name)
                empty=nothing
            />
            <BulkBar count actions=bulk_actions.into() on_clear=move |()| selection.clear() />
            <ListFoot rows live=Signal::stored(true) />
            <MenuPopup menu label=t(W::common_more) />
        </div>
    }
}

fn stopped_verb(lang: crate::words::Lang) -> &'static str {
    match lang {
        crate::words::Lang::En => "Stop",
        crate::words::Lang::Zh => "停止",
    }
}
