//! The icons: 16 px, one stroke of 1.5 px, each a single path. Only what is used.

use leptos::prelude::*;

/// Which picture an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A container, and the mark of the product.
    Cube,
    Home,
    Server,
    Clipboard,
    Clock,
    Folder,
    Layers,
    People,
    Person,
    Gear,
    Bell,
    Logs,
    Terminal,
    Search,
    ChevronDown,
    ChevronLeft,
    ArrowUp,
    ArrowDown,
    Check,
    Cross,
    Plus,
    Columns,
    Download,
    Dots,
    Restart,
    Stop,
    Play,
    Pause,
    Trash,
    Copy,
    Warning,
    Info,
    Sun,
    Moon,
    Contrast,
    Lines,
    Key,
    Leave,
    Eye,
    Working,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Cube => "M8 1.5 13.6 4.75v6.5L8 14.5 2.4 11.25v-6.5zM2.4 4.75 8 8l5.6-3.25M8 8v6.5",
            Self::Home => "M2 7.5 8 2l6 5.5M3.5 6.5v7h9v-7",
            Self::Server => "M2 3h12v4.5H2zM2 8.5h12V13H2zM4.5 5.25h.01M4.5 10.75h.01M7 5.25h4.5M7 10.75h4.5",
            Self::Clipboard => "M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2.5",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.75V8l2.25 1.5",
            Self::Folder => "M2 3.5h4l1.5 2H14v7H2z",
            Self::Layers => "m8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
            Self::People => {
                "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.4 2.4 0 0 1 0 4.4M12 9.8c1.6.6 2.5 1.9 2.5 3.7"
            }
            Self::Person => "M8 7.5A2.75 2.75 0 1 0 8 2a2.75 2.75 0 0 0 0 5.5zM3 14c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5",
            Self::Gear => {
                "M8 5.75a2.25 2.25 0 1 0 0 4.5 2.25 2.25 0 0 0 0-4.5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4"
            }
            Self::Bell => "M4 11V7a4 4 0 0 1 8 0v4l1 1.25H3zM6.75 14h2.5",
            Self::Logs => "M2 3.5h12M2 6.5h8M2 9.5h12M2 12.5h7",
            Self::Terminal => "M1.75 3h12.5v10H1.75zM4.5 6l2 2-2 2M8.5 10.25h3",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.25 10.25 14 14",
            Self::ChevronDown => "m4 6 4 4 4-4",
            Self::ChevronLeft => "m10 4-4 4 4 4",
            Self::ArrowUp => "M8 13.5v-11M4 6.5l4-4 4 4",
            Self::ArrowDown => "M8 2.5v11M4 9.5l4 4 4-4",
            Self::Check => "m3 8.5 3.25 3.25L13 5",
            Self::Cross => "m4 4 8 8M12 4l-8 8",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Columns => "M2 3h12v10H2zM6 3v10M10 3v10",
            Self::Download => "M8 2.5v7.5M4.75 7 8 10.25 11.25 7M2.5 11v2.5h11V11",
            Self::Dots => "M3 8h.01M8 8h.01M13 8h.01",
            Self::Restart => "M13 3v3.5H9.5M13 6.5A5.25 5.25 0 1 0 13.25 9",
            Self::Stop => "M4 4h8v8H4z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3.25v9.5L12.5 8z",
            Self::Trash => "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.75 7v4M9.25 7v4",
            Self::Copy => "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
            Self::Warning => "M8 2.25 14.5 13.5h-13zM8 6.5v3.25M8 11.6h.01",
            Self::Info => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.25v3.5M8 5.1h.01",
            Self::Sun => {
                "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"
            }
            Self::Moon => "M13.25 9.5A5.75 5.75 0 1 1 6.5 2.75a4.75 4.75 0 0 0 6.75 6.75z",
            Self::Contrast => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M10.5 3v10M12.75 4.5v7",
            Self::Lines => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Key => "M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8.4 7.6 2.5 13.5M4.5 11.5 6.25 13.25",
            Self::Leave => "M9.5 2.5h-6v11h6M7 8h7M11.25 5.25 14 8l-2.75 2.75",
            Self::Eye => {
                "M1.5 8S4 3.75 8 3.75 14.5 8 14.5 8 12 12.25 8 12.25 1.5 8 1.5 8zM8 6.25a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5z"
            }
            Self::Working => "M8 2.5A5.5 5.5 0 1 1 2.5 8",
        }
    }
}

/// An icon in the colour of the text around it; a label stands beside it or on the button that holds it.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    icon(glyph)
}

/// The same as a plain function, for rows.
pub fn icon(glyph: Glyph) -> impl IntoView + use<> {
    view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=glyph.path()></path></svg> }
}
