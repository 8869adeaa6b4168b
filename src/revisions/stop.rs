use tokio::sync::watch;

/// Asks a run to stop at its next safe point: between revisions, or where a Rust revision looks.
///
/// Clones share one state.
///
/// ```
/// let stop = hardtack::StopSignal::new();
/// let seen_by_the_run = stop.clone();
/// stop.request();
/// assert!(seen_by_the_run.is_requested());
/// ```
#[derive(Clone, Debug)]
pub struct StopSignal {
    sender: watch::Sender<Urgency>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    None,
    AtSafePoint,
    Now,
}

impl StopSignal {
    /// A signal that nobody has given yet.
    #[must_use]
    pub fn new() -> Self {
        Self { sender: watch::Sender::new(Urgency::None) }
    }

    /// Asks for the stop; more than once changes nothing.
    pub fn request(&self) {
        self.raise(Urgency::AtSafePoint);
    }

    /// Asks to give up at once: the running statement is cancelled, and its transaction rolled back.
    pub fn give_up(&self) {
        self.raise(Urgency::Now);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.sender.borrow() >= Urgency::AtSafePoint
    }

    /// Waits until a stop is asked for.
    pub async fn requested(&self) {
        self.reached(Urgency::AtSafePoint).await;
    }

    pub(crate) async fn given_up(&self) {
        self.reached(Urgency::Now).await;
    }

    /// Asks for the stop of some work, and waits until it has ended; it gives up where somebody wants the same of `asked`.
    #[cfg(any(feature = "cli", feature = "admin"))]
    pub(crate) async fn end<T>(&self, work: impl Future<Output = T>, asked: &Self) -> T {
        self.request();
        let mut work = std::pin::pin!(work);
        tokio::select! {
            ended = &mut work => return ended,
            () = asked.given_up() => self.give_up(),
        }
        work.await
    }

    fn raise(&self, urgency: Urgency) {
        self.sender.send_modify(|current| *current = urgency.max(*current));
    }

    async fn reached(&self, urgency: Urgency) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self.sender.subscribe().wait_for(|current| *current >= urgency).await;
    }
}

impl Default for StopSignal {
    fn default() -> Self {
        Self::new()
    }
}
