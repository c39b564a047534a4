//! The design system: what every page is made of. It knows no resource.
//!
//! Rows of a table are rebuilt whole at each change, so what goes into a cell is a plain function of values
//! ([`state_mark::state_mark`], [`tag::tag`], [`spark::spark`], [`meter::meter`], [`time::time`], [`button::row_button`]);
//! everything else is a component. The server and the browser render the same markup: no clock and no window in a view,
//! no `style` attribute, valid nesting only.

pub mod bulk_bar;
pub mod button;
pub mod chart;
pub mod chips;
pub mod clock;
pub mod column_chooser;
pub mod connection;
pub mod copyable;
pub mod dialog;
pub mod dom;
pub mod edit_rows;
pub mod facts;
pub mod field;
pub mod figure;
pub mod filter_box;
pub mod fold;
pub mod frame;
pub mod icon;
pub mod json_tree;
pub mod key_help;
pub mod log;
pub mod menu;
pub mod meter;
pub mod note;
pub mod page;
pub mod segmented;
pub mod skeleton;
pub mod spark;
pub mod state_mark;
pub mod states;
pub mod table;
pub mod tabs;
pub mod tag;
pub mod time;
pub mod toasts;
