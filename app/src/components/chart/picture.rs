//! The picture itself, by plotters.

use std::fmt::Write as _;

use plotters::{
    chart::ChartBuilder,
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _},
    element::{PathElement, Text},
    series::LineSeries,
    style::{Color as _, IntoTextStyle as _, ShapeStyle, TextStyle},
};

use super::{
    Shown,
    axis::TimeAxis,
    backend::{FONT, Ink, SCALE, Svg, text_width},
    scale::Unit,
};

/// In pixels.
pub const HEIGHT: u32 = 168;
const TOP: u32 = 16;
const BOTTOM: u32 = 22;
const RIGHT: u32 = 10;
/// A label of the axis of time, with the room that it wants.
const TICK: u32 = 84;
/// Two points further apart than this many milliseconds have a gap between them.
const GAP: f64 = 25_000.0;

/// Points in time with their values, in order; where the distance is large, there is a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub label: String,
    pub points: Vec<(f64, f64)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub at: f64,
    pub label: String,
}

/// A time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    pub from: f64,
    pub to: f64,
}

impl Span {
    pub fn holds(self, moment: f64) -> bool {
        (self.from..=self.to).contains(&moment)
    }
}

/// Where what is in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    unit: Unit,
    width: u32,
    /// Of the labels at the left, in pixels.
    left: u32,
    step: f64,
    top: f64,
    span: Span,
}

impl Frame {
    pub fn of(shown: &Shown, unit: Unit, width: u32, span: Span) -> Self {
        let seen = shown.lines.iter().flat_map(|line| &line.points).filter(|(at, _)| span.holds(*at)).map(|(_, value)| *value);
        let most = seen.chain(shown.limit.as_ref().map(|(_, limit)| *limit)).fold(0.0_f64, f64::max);
        let step = unit.step(most * 1.02);
        let top = (most * 1.02 / step).ceil().max(1.0) * step;
        let labels = (0..=((top / step).round() as u32)).map(|n| text_width(&unit.say(f64::from(n) * step)));
        let left = labels.max().unwrap_or_default() / SCALE + 10;
        Self { unit, width, left, step, top, span }
    }

    /// Where a moment is, in pixels; `None` outside of the plot.
    pub fn x(&self, moment: f64) -> Option<f64> {
        let share = (moment - self.span.from) / (self.span.to - self.span.from).max(1.0);
        (0.0..=1.0).contains(&share).then(|| f64::from(self.left) + share * f64::from(self.plot_width()))
    }

    /// The moment at so many pixels; `None` outside of the plot.
    pub fn moment(&self, x: f64) -> Option<f64> {
        let share = (x - f64::from(self.left)) / f64::from(self.plot_width().max(1));
        (0.0..=1.0).contains(&share).then_some(self.span.from + share * (self.span.to - self.span.from))
    }

    fn plot_width(&self) -> u32 {
        self.width.saturating_sub(self.left + RIGHT)
    }
}

/// The value at the point that is nearest to a moment, unless that is far away.
pub fn nearest(points: &[(f64, f64)], moment: f64) -> Option<f64> {
    let distance = |point: &&(f64, f64)| (point.0 - moment).abs();
    let found = points.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(&found) <= GAP).then_some(found.1)
}

/// Cuts a line where nothing was measured.
fn pieces(points: &[(f64, f64)], span: Span) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    for point in points.iter().filter(|(at, _)| span.holds(*at)) {
        match pieces.last_mut().filter(|piece| piece.last().is_some_and(|(at, _)| point.0 - at <= GAP)) {
            Some(piece) => piece.push(*point),
            None => pieces.push(vec![*point]),
        }
    }
    pieces
}

/// The whole `<svg>`; `clock` writes moments of the axis.
pub fn draw(shown: &Shown, frame: &Frame, clock: &dyn Fn(f64) -> String) -> String {
    let size = (frame.width * SCALE, HEIGHT * SCALE);
    let mut out = String::with_capacity(8_192);
    let _ = write!(out, "<svg viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{HEIGHT}\" aria-hidden=\"true\">", size.0, size.1, frame.width);
    let area = Svg::new(&mut out, size).into_drawing_area();
    // A text can't refuse to be written to.
    let drawn = paint(&area, shown, frame, clock);
    drop(area);
    debug_assert!(drawn.is_ok(), "{drawn:?}");
    out.push_str("</svg>");
    out
}

fn ink(ink: Ink) -> ShapeStyle {
    ink.color().stroke_width(1)
}

type Painted = Result<(), DrawingAreaErrorKind<std::convert::Infallible>>;

fn paint(area: &DrawingArea<Svg<'_>, Shift>, shown: &Shown, frame: &Frame, clock: &dyn Fn(f64) -> String) -> Painted {
    let span = frame.span;
    let zone = zone_of(span.from, clock);
    let axis = TimeAxis { span: span.from..span.to, most: (frame.plot_width() / TICK).max(1) as usize, zone };
    let mut chart = ChartBuilder::on(area)
        .margin_top(TOP * SCALE)
        .margin_right(RIGHT * SCALE)
        .x_label_area_size(BOTTOM * SCALE)
        .y_label_area_size(frame.left * SCALE)
        .build_cartesian_2d(axis, 0.0..frame.top)?;
    let font: TextStyle<'_> = ("sans-serif", FONT * SCALE).with_color(Ink::Text.color()).into_text_style(area);
    let steps = (frame.top / frame.step).round() as u32;
    // The mesh is drawn by hand: plotters would choose steps of its own.
    chart.configure_mesh().disable_mesh().disable_axes().axis_style(ink(Ink::Mesh)).x_labels(0).y_labels(0).draw()?;
    for n in 0..=steps {
        let value = f64::from(n) * frame.step;
        chart.draw_series([PathElement::new(vec![(span.from, value), (span.to, value)], ink(Ink::Mesh))])?;
        let (_, y) = chart.backend_coord(&(span.from, value));
        let right = font.pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Right,
            plotters::style::text_anchor::VPos::Center,
        ));
        area.draw(&Text::new(frame.unit.say(value), ((frame.left * SCALE) as i32 - 6 * SCALE as i32, y), right))?;
    }
    for at in (TimeAxis { span: span.from..span.to, most: (frame.plot_width() / TICK).max(1) as usize, zone }).points() {
        let (x, y) = chart.backend_coord(&(at, 0.0));
        let below = font.pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Center,
            plotters::style::text_anchor::VPos::Top,
        ));
        area.draw(&Text::new(clock(at), (x, y + 6 * SCALE as i32), below))?;
    }
    if let Some((_, limit)) = &shown.limit {
        chart.draw_series([PathElement::new(vec![(span.from, *limit), (span.to, *limit)], ink(Ink::Limit))])?;
    }
    let mut free = i32::MIN;
    for mark in shown.marks.iter().filter(|mark| span.holds(mark.at)) {
        chart.draw_series([PathElement::new(vec![(mark.at, 0.0), (mark.at, frame.top)], ink(Ink::Mark))])?;
        let (x, y) = chart.backend_coord(&(mark.at, frame.top));
        let wide = text_width(&mark.label) as i32;
        // Where labels would lie on each other, the line alone says that something happened.
        let x = x.min((frame.width * SCALE) as i32 - wide - SCALE as i32);
        if x >= free {
            area.draw(&Text::new(mark.label.clone(), (x + 2 * SCALE as i32, y - (FONT + 3) as i32 * SCALE as i32), font.clone()))?;
            free = x + wide + 6 * SCALE as i32;
        }
    }
    for (n, line) in shown.lines.iter().enumerate() {
        for piece in pieces(&line.points, span) {
            // One point alone is a short dash, so that it can be seen.
            let piece = if let [(at, value)] = piece[..] { vec![(at, value), ((at + 2_000.0).min(span.to), value)] } else { piece };
            chart.draw_series(LineSeries::new(piece, ink(Ink::Series(n as u8))))?;
        }
    }
    Ok(())
}

/// What the reader's clock is ahead of UTC, in milliseconds, by how it writes a moment.
fn zone_of(moment: f64, clock: &dyn Fn(f64) -> String) -> f64 {
    let text = clock(moment);
    let minutes = text.split_once(':').and_then(|(h, m)| Some(h.parse::<f64>().ok()? * 60.0 + m.parse::<f64>().ok()?)).unwrap_or_default();
    let utc = (moment / 60_000.0).floor().rem_euclid(1_440.0);
    (minutes - utc) * 60_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: f64 = 60_000.0;

    fn clock(at: f64) -> String {
        let minutes = (at / MINUTE) as u64;
        format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
    }

    fn shown() -> Shown {
        let course = (0..180).filter(|n| !(60..80).contains(n)).map(|n| (f64::from(n) * 10_000.0, f64::from(n) * 1_048_576.0));
        Shown {
            lines: vec![Line { label: "used".into(), points: course.collect() }],
            limit: Some(("limit".into(), 512.0 * 1_048_576.0)),
            marks: vec![Mark { at: 5.0 * MINUTE, label: "<exit 137>".into() }, Mark { at: 5.1 * MINUTE, label: "start".into() }],
        }
    }

    #[test]
    fn lines_have_gaps_limits_are_there_and_texts_are_texts() {
        let span = Span { from: 0.0, to: 30.0 * MINUTE };
        let shown = shown();
        let frame = Frame::of(&shown, Unit::Bytes, 640, span);
        let svg = draw(&shown, &frame, &clock);
        assert_eq!(svg.matches("class=\"series-1\"").count(), 2, "a gap cuts the line: {svg}");
        assert_eq!((svg.matches("class=\"limit\"").count(), svg.matches("class=\"mark\"").count()), (1, 2));
        for text in [">0 B<", ">200 MiB<", ">600 MiB<", ">00:05<", ">00:10<", "&lt;exit 137&gt;"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        assert!(!svg.contains("style="), "a style attribute is refused by the content security policy");
        assert!(!svg.contains(">start<"), "two labels never lie on each other");
    }

    #[test]
    fn a_place_and_its_moment_are_one() {
        let span = Span { from: 0.0, to: 30.0 * MINUTE };
        let frame = Frame::of(&shown(), Unit::Bytes, 640, span);
        let x = frame.x(7.0 * MINUTE).expect("inside");
        assert!((frame.moment(x).expect("inside") - 7.0 * MINUTE).abs() < 1.0);
        assert_eq!((frame.x(-1.0), frame.moment(2.0)), (None, None));
    }

    #[test]
    fn what_is_pointed_at_is_the_nearest_that_was_measured() {
        let points = [(0.0, 1.0), (10_000.0, 2.0), (200_000.0, 3.0)];
        assert_eq!((nearest(&points, 8_000.0), nearest(&points, 100_000.0), nearest(&[], 0.0)), (Some(2.0), None, None));
    }

    #[test]
    fn the_readers_zone_is_seen_in_how_a_moment_is_written() {
        let india = |at: f64| clock(at + 330.0 * MINUTE);
        assert!((zone_of(20.0 * MINUTE, &india) - 330.0 * MINUTE).abs() < 1.0);
    }
}
