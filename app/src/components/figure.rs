//! Numbers for people, the same on the server and in the browser.

/// Bytes in binary units with three digits at most: `507 MiB`, `1.2 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let n = u128::from(n);
    let unit = (0..UNITS.len() - 1).find(|unit| n * 2 < 2047 << (10 * unit)).unwrap_or(UNITS.len() - 1);
    // In whole numbers: writing floats costs each page kilobytes.
    let tenths = ((n * 20) >> (10 * unit)).div_ceil(2);
    let whole = ((n * 2) >> (10 * unit)).div_ceil(2);
    if unit == 0 || tenths >= 995 || tenths % 10 == 0 {
        format!("{whole} {}", UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

/// What is used of a limit, in the limit's unit: `507`, `512 MiB`. Whole mebibytes up to ten gibibytes, so that figures compare.
pub fn of_limit(used: u64, limit: u64) -> (String, String) {
    const MIB: u64 = 1 << 20;
    if (MIB..10 << 30).contains(&limit) {
        return (((used + MIB / 2) / MIB).to_string(), format!("{} MiB", limit / MIB));
    }
    (bytes(used), bytes(limit))
}

/// Thousandths of a core in cores: `0.61`.
pub fn cores(millicores: u64) -> String {
    // In whole numbers: writing floats costs each page kilobytes.
    let hundredths = (millicores + 5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stands_beside_its_limit() {
        let mib = 1 << 20;
        assert_eq!(of_limit(507 * mib, 512 * mib), ("507".into(), "512 MiB".into()));
        assert_eq!(of_limit(1_111 * mib, 4_096 * mib), ("1111".into(), "4096 MiB".into()));
        assert_eq!(of_limit(512 * mib, 16 << 30), ("512 MiB".into(), "16 GiB".into()));
        assert_eq!([0, 4, 610, 1_996].map(cores), ["0.00", "0.00", "0.61", "2.00"]);
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        let sizes = [0, 1023, 1024, 512 << 20, 1288 << 20, 64 << 30, (11 << 30) + (410 << 20)];
        assert_eq!(sizes.map(bytes), ["0 B", "1023 B", "1 KiB", "512 MiB", "1.3 GiB", "64 GiB", "11.4 GiB"]);
    }
}
