use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::revisions::Progress;

/// How often progress is told.
const PAUSE: Duration = Duration::from_millis(200);

/// Counts bytes, and tells now and then how far the work has come.
pub(super) struct Pulse<'a> {
    work: &'a str,
    total: u64,
    done: AtomicU64,
    started: Instant,
    told: Mutex<Instant>,
    tell: &'a (dyn Fn(&Progress<'_>) + Send + Sync),
}

impl<'a> Pulse<'a> {
    /// A count of so many bytes, as far as anybody knows.
    pub(super) fn new(work: &'a str, total: u64, tell: &'a (dyn Fn(&Progress<'_>) + Send + Sync)) -> Self {
        let now = Instant::now();
        Self { work, total, done: AtomicU64::new(0), started: now, told: Mutex::new(now), tell }
    }

    /// So many more are done.
    pub(super) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() < PAUSE {
            return;
        }
        *told = Instant::now();
        // What the server calls a table's size, and its text, are not the same.
        let total = self.total.max(done);
        let left = left(self.started.elapsed(), done, total);
        let work = format!("{} (MB), about {} left", self.work, crate::words::seconds(left.as_secs()));
        (self.tell)(&Progress { total: Some(total >> 20), ..Progress::new(&work, done >> 20) });
    }
}

/// The time that is left where the rest goes as what is done did.
fn left(elapsed: Duration, done: u64, total: u64) -> Duration {
    let rest = u128::from(total.saturating_sub(done));
    let nanoseconds = elapsed.as_nanos() * rest / u128::from(done.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        assert_eq!(left(Duration::from_secs(10), 100, 300), Duration::from_secs(20));
        assert_eq!(left(Duration::from_secs(10), 300, 300), Duration::ZERO);
        assert_eq!(left(Duration::ZERO, 0, 300), Duration::ZERO);
    }
}
