use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// The monotonic clock, which a test may set by hand.
#[derive(Clone)]
pub(super) struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    pub(super) fn now(&self) -> Instant {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(Instant::now))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    /// Moves a clock on.
    #[derive(Clone)]
    pub(in super::super) struct Hand(Arc<Mutex<Instant>>);

    /// A clock that stands still, and what moves it.
    pub(in super::super) fn by_hand() -> (Clock, Hand) {
        let hand = Hand(Arc::new(Mutex::new(Instant::now())));
        let read = hand.clone();
        (Clock(Arc::new(move || *read.0.lock().unwrap())), hand)
    }

    impl Hand {
        pub(in super::super) fn move_on(&self, by: Duration) {
            *self.0.lock().unwrap() += by;
        }
    }
}
