use std::time::Duration;

/// How many rows a batch takes, so that it is done within a time: small at first, then as the rows turn out to cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSize {
    rows: u64,
    most: u64,
    target: Duration,
}

/// The first batch.
const FIRST: u64 = 500;

/// The share of the time that a batch is meant to take: rows differ, and the time is a limit.
const SHARE: f64 = 0.5;

impl BatchSize {
    pub(super) fn new(target: Duration, most: u64) -> Self {
        Self { rows: FIRST.min(most), most, target }
    }

    pub(super) fn rows(self) -> u64 {
        self.rows
    }

    /// Learns from a full batch that is committed.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of rows, within limits"
    )]
    pub(super) fn took(&mut self, elapsed: Duration) {
        let fitting = self.target.as_secs_f64() * SHARE / elapsed.as_secs_f64().max(1e-6);
        let rows = self.rows as f64 * fitting.clamp(0.25, 2.0);
        self.rows = (rows as u64).clamp(1, self.most);
    }

    /// Learns from a batch that was too slow, or failed; false where it had one row only.
    pub(super) fn shrink(&mut self) -> bool {
        let can = self.rows > 1;
        self.rows = (self.rows / 4).max(1);
        can
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_the_time_they_take() {
        let mut size = BatchSize::new(Duration::from_millis(100), 10_000);
        for _ in 0..20 {
            // Ten microseconds a row.
            size.took(Duration::from_micros(size.rows() * 10));
        }
        assert!((4_900..=5_100).contains(&size.rows()), "{size:?}");
        size.took(Duration::from_secs(10));
        assert!(size.rows() < 1_300, "{size:?}");
        for _ in 0..20 {
            size.took(Duration::ZERO);
        }
        assert_eq!(size.rows(), 10_000);
    }

    #[test]
    fn it_shrinks_to_one_row() {
        let mut size = BatchSize::new(Duration::from_millis(100), 10);
        assert!(size.shrink() && size.shrink());
        assert_eq!((size.rows(), size.shrink()), (1, false));
    }
}
