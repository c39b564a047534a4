//! Where rows and group heads stand: pure reckoning over places, all tested here.

use std::ops::Range;

use crate::api::list::Group;

/// Rows rendered beyond the visible ones, on either side.
pub const EXTRA: u32 = 5;

/// What stands at a place of the displayed sequence, in which each group's head precedes its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The head of the group with this index.
    Head(usize),
    /// The row with this offset.
    Row(u32),
}

/// What stands at `at`.
pub fn place(groups: &[Group], at: u32) -> Place {
    // Heads stand at offset + number of heads before, which only grows.
    let mut low = 0;
    let mut high = groups.len();
    while low < high {
        let middle = usize::midpoint(low, high);
        if groups[middle].offset + middle as u32 <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    match low.checked_sub(1) {
        Some(group) if groups[group].offset + group as u32 == at => Place::Head(group),
        Some(group) => Place::Row(at - group as u32 - 1),
        None => Place::Row(at),
    }
}

/// The offsets of the rows among the places `places`.
pub fn rows_among(groups: &[Group], places: &Range<u32>) -> Range<u32> {
    let row = |at: u32| match place(groups, at) {
        Place::Head(group) => groups[group].offset,
        Place::Row(offset) => offset,
    };
    row(places.start)..row(places.end)
}

/// What of the scrolled part is rendered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub scrolled: f64,
    pub height: f64,
    pub row_height: f64,
}

impl Viewport {
    /// The places that are visible, and [`EXTRA`] on either side, out of `len`.
    pub fn places(self, len: u32) -> Range<u32> {
        let row_height = self.row_height.max(1.0);
        let first = (self.scrolled / row_height).floor().max(0.0) as u32;
        let visible = (self.height / row_height).ceil().max(0.0) as u32 + 1;
        let start = first.min(len).saturating_sub(EXTRA);
        start..(first.saturating_add(visible + EXTRA)).min(len)
    }

    /// The places that can be read whole below a head of `head` pixels.
    pub fn read(self, head: f64, len: u32) -> Range<u32> {
        let row_height = self.row_height.max(1.0);
        let first = (self.scrolled / row_height).round().max(0.0) as u32;
        let visible = ((self.height - head) / row_height).floor().max(1.0) as u32;
        first.min(len.saturating_sub(visible))..first.saturating_add(visible).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(counts: &[(u32, bool)]) -> Vec<Group> {
        let mut offset = 0;
        counts
            .iter()
            .map(|&(count, collapsed)| {
                let group = Group {
                    key: String::new(),
                    label: String::new(),
                    kind: String::new(),
                    host_name: None,
                    count,
                    offset,
                    collapsed,
                    trouble: 0,
                    restart_loops: 0,
                    unhealthy: 0,
                };
                offset += if collapsed { 0 } else { count };
                group
            })
            .collect()
    }

    #[test]
    fn heads_stand_before_their_members_and_collapsed_groups_have_heads_only() {
        let groups = groups(&[(2, false), (7, true), (1, false)]);
        let all: Vec<_> = (0..6).map(|at| place(&groups, at)).collect();
        assert_eq!(all, [Place::Head(0), Place::Row(0), Place::Row(1), Place::Head(1), Place::Head(2), Place::Row(2)]);
    }

    #[test]
    fn without_groups_a_place_is_a_row() {
        assert_eq!(place(&[], 17), Place::Row(17));
        assert_eq!(rows_among(&[], &(3..9)), 3..9);
    }

    #[test]
    fn the_rows_among_places_leave_heads_out() {
        let groups = groups(&[(2, false), (7, true), (4, false)]);
        assert_eq!(rows_among(&groups, &(0..3)), 0..2);
        assert_eq!(rows_among(&groups, &(2..6)), 1..3);
        assert_eq!(rows_among(&groups, &(3..4)), 2..2);
    }

    #[test]
    fn a_viewport_shows_what_it_covers_and_five_to_either_side() {
        let view = Viewport { scrolled: 3200.0, height: 320.0, row_height: 32.0 };
        assert_eq!(view.places(6000), 95..116);
        assert_eq!(view.places(104), 95..104);
        assert_eq!(Viewport { scrolled: 0.0, ..view }.places(6000), 0..16);
        // Scrolled beyond the end of a list that shrank: the last rows, until the browser corrects the position.
        assert_eq!(view.places(20), 15..20);
    }

    #[test]
    fn what_can_be_read_leaves_out_the_head_and_cut_rows() {
        let view = Viewport { scrolled: 320.0, height: 360.0, row_height: 32.0 };
        assert_eq!(view.read(28.0, 6000), 10..20);
        assert_eq!(view.read(28.0, 12), 2..12);
        assert_eq!(view.read(28.0, 3), 0..3);
        assert_eq!(view.read(28.0, 0), 0..0);
    }
}
