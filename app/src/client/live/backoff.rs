//! When to try again: soon at first, then ever more rarely, and never all tabs at once.

/// The first wait, in milliseconds.
const FIRST: f64 = 500.0;
/// The longest wait.
const LONGEST: f64 = 15_000.0;
/// Over how long the tabs of a fleet fetch anew after they have all lost the same server.
const SPREAD: f64 = 2_000.0;

/// Milliseconds to wait before the n-th try, counted from 0. `chance` is between 0 and 1.
pub fn wait(tries: u32, chance: f64) -> f64 {
    let full = (FIRST * 2_f64.powi(tries.min(10).cast_signed())).min(LONGEST);
    full * (0.5 + chance / 2.0)
}

/// Milliseconds to wait before fetching anew.
pub fn spread(chance: f64) -> f64 {
    SPREAD * chance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_quarter_of_a_minute_and_differ() {
        let longest: Vec<f64> = (0..8).map(|n| wait(n, 1.0)).collect();
        assert_eq!(longest, [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 15_000.0, 15_000.0, 15_000.0]);
        assert_eq!((wait(0, 0.0), wait(u32::MAX, 0.0)), (250.0, 7_500.0));
        assert_eq!((spread(0.0), spread(1.0)), (0.0, 2_000.0));
    }
}
