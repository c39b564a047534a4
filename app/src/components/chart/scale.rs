//! What values are: how they are written, and where an axis of them ends.

/// The unit of a chart's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    BytesPerSecond,
    /// Cores of a processor.
    Cores,
    Percent,
    Count,
}

impl Unit {
    /// With its unit and three digits or so.
    pub fn say(self, value: f64) -> String {
        match self {
            Self::Bytes => bytes(value),
            Self::BytesPerSecond => format!("{}/s", bytes(value)),
            Self::Cores => digits(value, 2),
            Self::Percent => format!("{} %", digits(value, 1)),
            Self::Count => digits(value, 0),
        }
    }

    /// The step of an axis that reaches `most` in three to five steps: a round number in this unit.
    pub fn step(self, most: f64) -> f64 {
        let least = match self {
            Self::Bytes | Self::BytesPerSecond => 1_024.0,
            Self::Cores => 0.01,
            Self::Percent | Self::Count => 1.0,
        };
        let rough = (most / 4.0).max(least);
        match self {
            Self::Bytes | Self::BytesPerSecond => {
                // Round in its binary unit.
                let mut unit = 1_024.0;
                while rough >= unit * 1_024.0 {
                    unit *= 1_024.0;
                }
                round(rough / unit) * unit
            }
            _ => round(rough),
        }
    }
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below it.
fn round(rough: f64) -> f64 {
    // A little more, for logarithms of round numbers may fall short of theirs.
    let power = 10_f64.powf((rough.log10() + 1e-9).floor());
    // Below ten a half would be written as another whole number.
    let steps: &[f64] = if power >= 10.0 { &[1.0, 2.0, 2.5, 5.0] } else { &[1.0, 2.0, 5.0] };
    steps.iter().find(|s| rough <= *s * power * 1.000_001).unwrap_or(&10.0) * power
}

fn bytes(value: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut value, mut unit) = (value.max(0.0), 0);
    while value >= 1_023.5 && unit < UNITS.len() - 1 {
        value /= 1_024.0;
        unit += 1;
    }
    let places = usize::from(unit > 0 && value < 99.95);
    format!("{} {}", digits(value, places), UNITS[unit])
}

/// Without zeros at its end.
fn digits(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_their_units() {
        let mib = f64::from(1 << 20);
        assert_eq!(
            [0.0, 1_023.0, 512.0 * mib, 1.5 * mib, 1_023.9 * mib].map(|v| Unit::Bytes.say(v)),
            ["0 B", "1023 B", "512 MiB", "1.5 MiB", "1 GiB"]
        );
        assert_eq!([0.0, 0.5, 0.612, 2.0].map(|v| Unit::Cores.say(v)), ["0", "0.5", "0.61", "2"]);
        assert_eq!(
            (Unit::Percent.say(33.33), Unit::BytesPerSecond.say(2_048.0), Unit::Count.say(41.0)),
            ("33.3 %".into(), "2 KiB/s".into(), "41".into())
        );
    }

    #[test]
    fn axes_go_in_round_steps() {
        let mib = f64::from(1 << 20);
        assert_eq!((Unit::Bytes.step(600.0 * mib) / mib, Unit::Bytes.step(4.0 * mib) / mib), (200.0, 1.0));
        assert!((Unit::Bytes.step(0.0) - 1_024.0).abs() < 1e-9);
        assert!((Unit::Cores.step(0.5) - 0.2).abs() < 1e-9 && (Unit::Cores.step(16.0) - 5.0).abs() < 1e-9);
        assert_eq!((Unit::Percent.step(100.0), Unit::Count.step(3.0)), (25.0, 1.0));
    }
}
