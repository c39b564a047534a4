//! plotters' drawing as SVG with classes: colours and strokes are the style sheet's, in both themes.
//!
//! A colour stands for a class ([`Ink`]): its red channel is the class's number. Coordinates are whole numbers, so that all is drawn at
//! [`SCALE`] times its size.

use std::{convert::Infallible, fmt::Write as _};

use plotters::style::RGBColor;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    text_anchor::{HPos, VPos},
};

/// Units of the drawing in one pixel.
pub const SCALE: u32 = 4;
/// Of texts, in pixels.
pub const FONT: u32 = 11;

/// What something is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Mesh,
    Text,
    Limit,
    Mark,
    /// The n-th line.
    Series(u8),
}

impl Ink {
    pub fn color(self) -> RGBColor {
        let number = match self {
            Self::Mesh => 1,
            Self::Text => 2,
            Self::Limit => 3,
            Self::Mark => 4,
            Self::Series(n) => 10 + n.min(5),
        };
        RGBColor(number, 0, 0)
    }

    fn class(color: BackendColor) -> &'static str {
        match color.rgb.0 {
            1 => "mesh",
            3 => "limit",
            4 => "mark",
            10 => "series-1",
            11 => "series-2",
            12 => "series-3",
            13 => "series-4",
            14 => "series-5",
            15 => "series-6",
            _ => "text",
        }
    }
}

/// Collects the SVG's elements.
#[derive(Debug)]
pub struct Svg<'a> {
    out: &'a mut String,
    size: (u32, u32),
}

impl<'a> Svg<'a> {
    /// Of this size in units.
    pub fn new(out: &'a mut String, size: (u32, u32)) -> Self {
        Self { out, size }
    }

    fn line(&mut self, class: &str, points: impl Iterator<Item = BackendCoord>) {
        let _ = write!(self.out, "<path class=\"{class}\" d=\"");
        for (i, (x, y)) in points.enumerate() {
            let _ = write!(self.out, "{}{x} {y}", if i == 0 { 'M' } else { 'L' });
        }
        self.out.push_str("\"/>");
    }
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Svg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        self.line(Ink::class(color), [point, point].into_iter());
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.line(Ink::class(style.color()), [from, to].into_iter());
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, _: bool) -> Done {
        self.line(Ink::class(style.color()), [a, (b.0, a.1), b, (a.0, b.1), a].into_iter());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        self.line(Ink::class(style.color()), path.into_iter());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, _: bool) -> Done {
        let _ = write!(self.out, "<circle class=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>", Ink::class(style.color()));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Done {
        self.line(Ink::class(style.color()), points.into_iter());
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Done {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let baseline = match style.anchor().v_pos {
            VPos::Top => "hanging",
            VPos::Center => "central",
            VPos::Bottom => "auto",
        };
        let _ = write!(
            self.out,
            "<text class=\"{}\" x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{anchor}\" dominant-baseline=\"{baseline}\">{}</text>",
            Ink::class(style.color()),
            FONT * SCALE,
            escaped(text)
        );
        Ok(())
    }

    /// By a table: plotters counts bytes, which is wrong for Chinese.
    fn estimate_text_size<T: BackendTextStyle>(&self, text: &str, _: &T) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((text_width(text), FONT * SCALE))
    }
}

/// About how wide a text is, in units.
pub fn text_width(text: &str) -> u32 {
    let hundredths = |c: char| match c {
        '0'..='9' => 60,
        ' ' | '.' | ':' | '/' | 'i' | 'l' => 32,
        'M' | 'W' | '%' => 90,
        c if c.is_ascii() => 56,
        _ => 100,
    };
    text.chars().map(hundredths).sum::<u32>() * FONT * SCALE / 100
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_as_wide_as_it_is_high() {
        assert_eq!(text_width("内存"), 2 * FONT * SCALE);
        assert!(text_width("512 MiB") < 7 * FONT * SCALE);
    }
}
