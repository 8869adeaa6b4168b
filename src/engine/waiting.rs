use std::time::{Duration, Instant};

use crate::revisions::StopSignal;

/// Waiting for something that is looked at again and again: how long it may last, when it is told, and the pauses between two looks.
#[derive(Debug)]
pub(crate) struct Waiting {
    started: Instant,
    longest: Duration,
    pause: Duration,
    longest_pause: Duration,
    tell_at: Duration,
}

impl Waiting {
    /// Begins now. A pause is twice as long as the one before it, up to the longest.
    pub(crate) fn new(longest: Duration, first_pause: Duration, longest_pause: Duration) -> Self {
        let tell_at = Duration::ZERO;
        Self { started: Instant::now(), longest, pause: first_pause, longest_pause, tell_at }
    }

    /// For how long already.
    pub(crate) fn waited(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether that is all the patience there was.
    pub(crate) fn is_over(&self, waited: Duration) -> bool {
        waited >= self.longest
    }

    /// Whether it is to be told again that one waits: at growing intervals.
    pub(crate) fn is_to_tell(&mut self, waited: Duration) -> bool {
        let is_due = waited >= self.tell_at;
        if is_due {
            self.tell_at = (waited * 2).clamp(Duration::from_secs(1), waited + Duration::from_secs(30));
        }
        is_due
    }

    /// Pauses, with jitter so that a fleet does not look all at once; until a stop is asked for, and no longer than there is patience.
    pub(crate) async fn pause(&mut self, stop: &StopSignal) {
        let left = self.longest.saturating_sub(self.waited());
        let jittered = self.pause.mul_f64(0.5 + fastrand::f64()).min(left);
        self.pause = (self.pause * 2).min(self.longest_pause);
        tokio::select! {
            () = tokio::time::sleep(jittered) => {}
            () = stop.requested() => {}
        }
    }
}
