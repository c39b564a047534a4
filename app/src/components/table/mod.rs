//! The table of a list: virtual rows of one height, groups, selection, keys; two-line items on a narrow screen.
//!
//! ```text
//! let rows = Rows::new(move |rows, wanted| spawn_local(async move {
//!     match client.containers(&query.get_untracked().window(wanted.offset, wanted.limit)).await {
//!         Ok(list) => rows.accept(&wanted, list),
//!         Err(failure) => rows.fail(&wanted, failure),
//!     }
//! }));
//! // First load, inside Suspend: rows.accept(&Wanted::first(50), list);
//! // A filter changed: rows.restart();   the server told of a change: rows.refresh();
//! view! { <DataTable rows columns key=|c: &Container| c.id.clone() label=t(W::containers_title) selection /> }
//! ```

mod body;
mod column;
mod cursor;
mod failure;
mod foot;
mod head;
mod keys;
mod place;
mod rows;
mod selection;
mod sort_menu;
mod viewport;

use std::sync::Arc;

pub use column::{Column, Narrow};
pub use failure::ListFailure;
pub use foot::ListFoot;
use leptos::{html, prelude::*};
pub use rows::{CHUNK, Loaded, Rows, Wanted};
pub use selection::Selection;
pub use sort_menu::SortMenu;

use crate::api::list::Group;

/// Makes a view of a group.
pub type GroupView = Arc<dyn Fn(&Group) -> AnyView + Send + Sync>;
/// The key of a row: what selection goes by.
pub type Key<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;
/// What a row is called.
pub type RowName<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;
/// Further classes of a row: `stale`, `current`.
pub type RowClass<T> = Arc<dyn Fn(&T) -> &'static str + Send + Sync>;

/// Rows rendered on the server and at hydration, before the height of the page is known.
const FIRST: u32 = 50;

/// What the parts of one table share.
struct Table<T: Clone + Send + Sync + 'static> {
    rows: Rows<T>,
    columns: Signal<Vec<Column<T>>>,
    key: Key<T>,
    selection: Option<Selection<T>>,
    /// The places that are rendered.
    window: RwSignal<std::ops::Range<u32>>,
    /// What a row is called, where its key is nothing to read.
    row_name: Option<RowName<T>>,
    /// What the keyboard is at.
    cursor: RwSignal<Option<cursor::Cursor>>,
    scroll: NodeRef<html::Div>,
    on_collapse: Option<Callback<String>>,
    on_open: Option<Callback<T>>,
    on_escape: Option<Callback<()>>,
}

impl<T: Clone + Send + Sync + 'static> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), row_name: self.row_name.clone(), ..*self }
    }
}

/// The table. Scrolls within itself, so it stands in a box of limited height ([`.page-list`] makes one).
///
/// [`.page-list`]: https://developer.mozilla.org/en-US/docs/Web/CSS/flex
#[component]
pub fn DataTable<T: Clone + Send + Sync + 'static>(
    rows: Rows<T>,
    /// The shown columns in order. Selection's column is the table's own.
    #[prop(into)]
    columns: Signal<Vec<Column<T>>>,
    key: impl Fn(&T) -> String + Send + Sync + 'static,
    /// What the table lists, read aloud.
    #[prop(into)]
    label: TextProp,
    /// The list's sort key, with `-` before it when turned round.
    #[prop(optional, into)]
    sort: Signal<Option<String>>,
    #[prop(optional, into)] on_sort: Option<Callback<String>>,
    #[prop(optional)] selection: Option<Selection<T>>,
    /// Selects all that match; without it the head's box selects the rows that are here.
    #[prop(optional, into)]
    on_select_all: Option<Callback<()>>,
    /// What a group's head says after its toggle.
    #[prop(optional)]
    group_head: Option<GroupView>,
    /// What can be done with a group, at the end of its head.
    #[prop(optional)]
    group_actions: Option<GroupView>,
    /// A group was folded or unfolded: its key.
    #[prop(optional, into)]
    on_collapse: Option<Callback<String>>,
    /// Enter at a row; and a click beside links and buttons when `open_on_click`.
    #[prop(optional, into)]
    on_open: Option<Callback<T>>,
    #[prop(optional)] open_on_click: bool,
    #[prop(optional)] row_class: Option<RowClass<T>>,
    /// What a row is called, for its box; its key unless told.
    #[prop(optional)]
    row_name: Option<RowName<T>>,
    /// Escape drops the selection, and does this.
    #[prop(optional, into)]
    on_escape: Option<Callback<()>>,
    /// Shown instead of rows when nothing matches.
    #[prop(optional, into)]
    empty: ViewFn,
) -> impl IntoView {
    let table = Table {
        rows,
        columns,
        key: Arc::new(key),
        selection,
        row_name,
        window: RwSignal::new(0..FIRST),
        cursor: RwSignal::new(None),
        scroll: NodeRef::new(),
        on_collapse,
        on_open,
        on_escape,
    };
    let spacers = (NodeRef::<html::Td>::new(), NodeRef::<html::Td>::new());
    let on_scroll = viewport::follow(&table, spacers);
    keys::listen(&table);
    cursor::follow(&table);

    let region = label.clone();
    let loaded = rows.loaded();
    let min_width = viewport::min_width(&table);
    let body = body::rows(&table, group_head, group_actions, row_class);
    let head = head::view(&table, sort, on_sort, on_select_all);
    let click = body::on_click(&table, open_on_click);
    let span = move || columns.with(Vec::len) + usize::from(selection.is_some());
    view! {
        <div
            class="table-scroll"
            class:table-dim=move || rows.waiting().get()
            node_ref=table.scroll
            tabindex="0"
            role="region"
            aria-label=move || region.get()
            on:scroll=move |_| on_scroll()
        >
            <table
                class="table items"
                class:selectable=selection.is_some()
                class:selecting=move || selection.is_some_and(|s| !s.is_empty())
                aria-label=move || label.get()
                aria-rowcount=move || loaded.with(|l| l.places() + 1)
                aria-busy=move || rows.waiting().get().then_some("true")
                node_ref=min_width
            >
                {head}
                <tbody on:click=click>
                    <tr class="spacer" aria-hidden="true"><td colspan=span node_ref=spacers.0></td></tr>
                    {body}
                    <tr class="spacer" aria-hidden="true"><td colspan=span node_ref=spacers.1></td></tr>
                    {move || {
                        loaded
                            .with(|l| l.filled && l.places() == 0)
                            .then(|| view! { <tr class="empty"><td colspan=span>{empty.run()}</td></tr> })
                    }}
                </tbody>
            </table>
        </div>
    }
}
