//! Nanoseconds since 1970: how engines time log lines. Read and written without the calendar of a library, for there are thousands a second.

use std::fmt::Write as _;

use super::parse_rfc3339;

/// Nanoseconds since 1970, UTC. 0 where nobody knows.
pub type Nanos = u64;

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400;

/// An engine's `2023-11-14T22:13:20.123456789Z`: any number of decimals, UTC. `None` for anything else.
pub fn parse_engine(text: &[u8]) -> Option<Nanos> {
    let number = |from: usize, to: usize| {
        text.get(from..to)?.iter().try_fold(0_u64, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
    };
    if text.len() < 20 || text[4] != b'-' || text[7] != b'-' || text[10] != b'T' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let decimals = text[19..].strip_suffix(b"Z")?;
    let fraction = match decimals.strip_prefix(b".") {
        Some(digits) if (1..=9).contains(&digits.len()) => number(20, 20 + digits.len())? * 10_u64.pow(9 - digits.len() as u32),
        None if decimals.is_empty() => 0,
        _ => return None,
    };
    if !(1970..=2500).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    Some(seconds * SECOND + fraction)
}

/// Days since 1970 of a date of the Gregorian calendar. Years begin in March here, so that leap days come last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, in_era) = (year / 400, year % 400);
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + of_year - 719_468
}

/// As engines write it, with nine decimals.
pub fn write(at: Nanos) -> String {
    let (seconds, fraction) = (at / SECOND, at % SECOND);
    let (since_march, in_day) = (seconds / DAY + 719_468, seconds % DAY);
    let (era, in_era) = (since_march / 146_097, since_march % 146_097);
    let year_of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let mut text = String::with_capacity(30);
    // Writing to a string can't fail.
    let _ = write!(text, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{fraction:09}Z", in_day / 3_600, in_day / 60 % 60, in_day % 60);
    text
}

/// What people and scripts give: RFC 3339 with any offset, or seconds since 1970 with up to nine decimals.
pub fn parse(text: &str) -> Option<Nanos> {
    if let Some(at) = parse_engine(text.as_bytes()) {
        return Some(at);
    }
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if digits(seconds) && digits(decimals) && decimals.len() <= 9 {
        let fraction = decimals.parse::<u64>().ok()? * 10_u64.pow(9 - decimals.len() as u32);
        return seconds.parse::<u64>().ok()?.checked_mul(SECOND)?.checked_add(fraction);
    }
    // With an offset: whole milliseconds are read by the calendar, what is finer is taken over as it stands.
    let millis = u64::try_from(parse_rfc3339(text)?).ok()?;
    let finer = text.split_once('.').map_or("", |(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
    let finer = finer.get(3..finer.len().min(9)).unwrap_or_default();
    let finer = finer.parse::<u64>().map_or(0, |n| n * 10_u64.pow(6 - finer.len() as u32));
    Some(millis * 1_000_000 + finer)
}

/// As an engine's query takes it.
pub fn query(at: Nanos) -> String {
    format!("{}.{:09}", at / SECOND, at % SECOND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_engines_and_people_write_is_read() {
        const AT: Nanos = 1_700_000_000_123_456_789;
        for text in ["2023-11-14T22:13:20.123456789Z", "1700000000.123456789", "2023-11-15T06:13:20.123456789+08:00"] {
            assert_eq!(parse(text), Some(AT), "{text}");
        }
        assert_eq!(parse("2023-11-14T22:13:20Z"), Some(1_700_000_000 * SECOND));
        assert_eq!(parse("2023-11-14T22:13:20.5+00:00"), Some(1_700_000_000 * SECOND + SECOND / 2));
        assert_eq!(parse("1700000000"), Some(1_700_000_000 * SECOND));
        for bad in ["", "yesterday", "-5", "1e9", "1700000000.", "99999999999999999999", "2023-13-01T00:00:00Z", "2023-11-14T22:13:20.Z"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(query(AT), "1700000000.123456789");
    }

    proptest! {
        #[test]
        fn moments_go_there_and_back(at in 0..16_000_000_000 * SECOND) {
            let text = write(at);
            prop_assert_eq!(parse_engine(text.as_bytes()), Some(at), "{}", text);
            prop_assert_eq!(parse_rfc3339(&text), Some((at / 1_000_000) as i64));
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..48)) {
            let _ = parse_engine(&bytes);
            let _ = parse(&String::from_utf8_lossy(&bytes));
        }
    }
}
