use std::time::Duration;

/// The pause before the first retry; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

/// The pauses between the attempts of one step that did not get its locks: growing, and with jitter, so that
/// traffic that queued behind an attempt has passed before the next, and two programs do not meet again and again.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
    /// How often the step was tried.
    pub(super) attempts: u32,
    pause: Duration,
}

impl Retries {
    pub(super) fn new(retries: u32) -> Self {
        Self { left: retries, attempts: 0, pause: FIRST }
    }

    /// Counts an attempt that failed; how long to wait for the next, or none when it was the last.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.attempts += 1;
        self.left = self.left.checked_sub(1)?;
        let pause = self.pause.mul_f64(0.5 + fastrand::f64());
        self.pause = (self.pause * 2).min(LONGEST);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_end() {
        let mut retries = Retries::new(8);
        let pauses: Vec<_> = std::iter::from_fn(|| retries.next()).map(|pause| pause.as_secs_f64()).collect();
        assert_eq!((pauses.len(), retries.attempts), (8, 9));
        for (pause, middle) in pauses.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]) {
            assert!((middle * 0.5..middle * 1.5).contains(pause), "{pauses:?}");
        }
        assert_eq!(Retries::new(0).next(), None);
    }
}
