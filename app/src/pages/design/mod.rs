//! Every component in all its states, for those who build pages; there in development only.

mod forms;
mod list;
mod log;
mod overlays;
mod parts;
mod samples;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};

use crate::{
    components::{
        button::Kind,
        connection::ConnectionBar,
        frame::{AccountMenu, Crumb, Environment, Frame, LanguageSwitch, NavGroup, NavItem, SearchButton, Theme, ThemeSwitch},
        icon::Glyph,
        key_help::{KeyHelp, list_keys},
        menu::{MenuButton, MenuEntry, MenuItem},
        page::PageHead,
        tabs::{Tab, Tabs},
    },
    pages::not_found::NotFound,
    words::{Lang, W, t, use_lang},
};

/// The page; it loads nothing.
pub struct Design;

#[lazy_route]
impl LazyRoute for Design {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let Design = this;
        if for_developers() { view! { <DesignPage /> }.into_any() } else { view! { <NotFound /> }.into_any() }
    }
}

/// Whether the server was started for development.
fn for_developers() -> bool {
    #[cfg(feature = "hydrate")]
    {
        document().document_element().is_some_and(|e| e.has_attribute("data-dev"))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        use_context::<crate::shell::Start>().is_some_and(|s| s.dev)
    }
}

/// A text of this page in both languages: it is not worth keys.
fn say(en: &'static str, zh: &'static str) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let lang = use_lang();
    move || match lang.get() {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

#[component]
fn DesignPage() -> impl IntoView {
    let lang = use_lang();
    let theme = use_context::<RwSignal<Theme>>().unwrap_or_else(|| RwSignal::new(Theme::default()));
    let query = use_query_map();
    let open = Signal::derive(move || query.with(|q| q.get("show")).unwrap_or_else(|| "list".to_owned()));
    let lost = Signal::derive(move || query.with(|q| q.get("lost").is_some()));
    let environment = Signal::derive(move || query.with(|q| q.get("plain").is_none()).then_some(Environment::Production));

    let crumbs = vec![
        Crumb { label: say("Runtime", "运行").into(), href: None },
        Crumb { label: say("Design system", "设计系统").into(), href: None },
    ];
    let projects = vec![MenuItem::run(say("Payments", "支付"), || {}).checked(true).entry()];
    let middle = move || {
        view! {
            <span class="wide-only">
                <MenuButton label=say("All projects", "全部项目") glyph=Glyph::Folder entries=projects.clone() />
            </span>
            <SearchButton label=say("Search or run a command", "搜索或执行操作") on_press=|()| {} />
        }
    };
    let tools = move || {
        let other = move || match lang.get() {
            Lang::En => "中文",
            Lang::Zh => "EN",
        };
        let entries = vec![
            MenuEntry::Title("ops-c".into()),
            MenuItem::go(t(W::nav_account), "/account").glyph(Glyph::Person).entry(),
            MenuEntry::Line,
            MenuItem::run(t(W::nav_sign_out), || {}).glyph(Glyph::Leave).entry(),
        ];
        view! {
            <LanguageSwitch other on_switch=move |()| lang.update(|lang| *lang = lang.other()) />
            <ThemeSwitch theme />
            <AccountMenu name="ops-c" entries />
        }
    };
    let tabs = move || {
        vec![
            Tab::new("list", say("List", "列表"), "/design?show=list").count(Some(6000)),
            Tab::new("parts", say("Parts", "部件"), "/design?show=parts"),
            Tab::new("log", say("Log", "日志"), "/design?show=log"),
            Tab::new("forms", say("Forms", "表单"), "/design?show=forms"),
            Tab::new("overlays", say("Overlays and states", "弹层与状态"), "/design?show=overlays"),
        ]
    };
    view! {
        <Title text="Design system" />
        <Frame
            brand=t(W::app_name)
            groups=nav_groups()
            crumbs=crumbs
            environment
            middle
            tools
            notice=move || view! { <ConnectionBar lost outdated=lost /> }
        >
            <PageHead
                title=say("Design system", "设计系统")
                sub=say("every component in all its states", "全部组件及其状态")
                actions=move || {
                    view! {
                        <crate::components::button::LinkButton label=say("Plain frame", "无环境框架") href="/design?plain" />
                        <crate::components::button::LinkButton
                            label=say("Connection lost", "连接中断")
                            href="/design?lost"
                            kind=Kind::Primary
                            glyph=Glyph::Plus
                        />
                    }
                }
            />
            <Tabs label=say("Design system", "设计系统") tabs=Signal::derive(tabs) open />
            {move || match open.get().as_str() {
                "parts" => view! { <parts::Parts /> }.into_any(),
                "log" => view! { <log::LogPart /> }.into_any(),
                "forms" => view! { <forms::Forms /> }.into_any(),
                "overlays" => view! { <overlays::Overlays /> }.into_any(),
                _ => view! { <list::ListPage /> }.into_any(),
            }}
            <KeyHelp keys=list_keys() />
        </Frame>
    }
}

fn nav_groups() -> Vec<NavGroup> {
    let item =
        |glyph, label: TextProp, href, count: Option<u32>| NavItem { glyph, label, href, count: Signal::stored(count), alarm: false };
    vec![
        NavGroup { title: None, items: vec![item(Glyph::Home, t(W::nav_overview).into(), "/", None)] },
        NavGroup {
            title: Some(t(W::nav_runtime).into()),
            items: vec![
                item(Glyph::Cube, t(W::nav_containers).into(), "/containers", Some(6000)),
                item(Glyph::Layers, say("Design system", "设计系统").into(), "/design", None),
            ],
        },
        NavGroup {
            title: Some(t(W::nav_infrastructure).into()),
            items: vec![item(Glyph::Server, t(W::nav_hosts).into(), "/hosts", Some(300))],
        },
        NavGroup {
            title: Some(t(W::nav_governance).into()),
            items: vec![NavItem { alarm: true, ..item(Glyph::Clipboard, t(W::nav_audit).into(), "/audit", Some(2)) }],
        },
    ]
}
