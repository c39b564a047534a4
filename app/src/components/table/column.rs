//! What a column is.

use std::sync::Arc;

use leptos::prelude::*;

/// Where a column's cell goes when rows become items of two lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Narrow {
    #[default]
    Hidden,
    /// First line.
    Title,
    /// First line, at its end.
    Tools,
    /// Second line.
    Second,
    /// Second line, at its end.
    Tail,
}

/// A column of rows of type `T`.
#[derive(Clone)]
pub struct Column<T: 'static> {
    /// Its name in the page's address and in the kept choice of columns.
    pub key: &'static str,
    pub title: TextProp,
    /// Pixels; none: shares what is left.
    pub width: Option<u16>,
    /// Never narrower than this, in pixels; below it the table scrolls sideways.
    pub min_width: u16,
    /// Figures stand at the end.
    pub end: bool,
    /// The list's sort key.
    pub sort: Option<&'static str>,
    pub narrow: Narrow,
    /// Holds buttons: nothing is cut off, and the title is read aloud only.
    pub tools: bool,
    pub(super) cell: Arc<dyn Fn(&T) -> AnyView + Send + Sync>,
}

impl<T: 'static> Column<T> {
    /// `cell` is called for every visible row at every change: values in, view out, no signal made inside.
    pub fn new<V: IntoView + 'static>(
        key: &'static str,
        title: impl Into<TextProp>,
        cell: impl Fn(&T) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            key,
            title: title.into(),
            width: None,
            min_width: 96,
            end: false,
            sort: None,
            narrow: Narrow::Hidden,
            tools: false,
            cell: Arc::new(move |row| cell(row).into_any()),
        }
    }

    pub fn width(mut self, pixels: u16) -> Self {
        self.width = Some(pixels);
        self.min_width = pixels;
        self
    }

    pub fn min_width(mut self, pixels: u16) -> Self {
        self.min_width = pixels;
        self
    }

    pub fn end(mut self) -> Self {
        self.end = true;
        self
    }

    pub fn sorted(mut self, key: &'static str) -> Self {
        self.sort = Some(key);
        self
    }

    pub fn narrow(mut self, narrow: Narrow) -> Self {
        self.narrow = narrow;
        self
    }

    pub fn tools(mut self) -> Self {
        self.tools = true;
        self
    }

    /// The class of its cells.
    pub(super) fn class(&self) -> String {
        let mut class = String::from(match self.narrow {
            Narrow::Hidden => "",
            Narrow::Title => "in-title",
            Narrow::Tools => "in-tools",
            Narrow::Second => "in-second",
            Narrow::Tail => "in-tail",
        });
        if self.end {
            class.push_str(" end");
        }
        if self.tools {
            class.push_str(" tools");
        }
        class
    }
}
