use std::sync::Arc;

use super::Event;
#[cfg(feature = "operations")]
use super::dry_run::Place;
use crate::db::ConnectOptions;

/// Where events go: to whoever wants to be told, and into the metrics.
#[derive(Clone)]
pub(super) struct Sink {
    listener: Arc<dyn Fn(&Event<'_>) + Send + Sync>,
    #[cfg(feature = "metrics")]
    is_counted: bool,
}

impl Sink {
    /// Tells nobody, and counts nothing.
    pub(super) fn silent() -> Self {
        Self::default().uncounted()
    }

    /// The same with another listener.
    pub(super) fn with(mut self, listener: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.listener = Arc::new(listener);
        self
    }

    /// The same with another listener beside the one that it has.
    pub(super) fn and(self, other: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        let listener = Arc::clone(&self.listener);
        self.with(move |event| {
            other(event);
            listener(event);
        })
    }

    /// The same for a rehearsal, of whose steps it is told that they begin and where.
    #[cfg(feature = "operations")]
    pub(super) fn rehearsing(&self, place: Place) -> Self {
        let listener = Arc::clone(&self.listener);
        self.clone().uncounted().with(move |event| {
            if let Event::StepStarted { revision, position, total, .. } = *event {
                listener(&Event::Rehearsing { revision, place, position, total });
            }
        })
    }

    /// The same without metrics: what is rehearsed is no migration.
    #[cfg(feature = "metrics")]
    pub(super) fn uncounted(mut self) -> Self {
        self.is_counted = false;
        self
    }

    /// There are no metrics.
    #[cfg(not(feature = "metrics"))]
    pub(super) fn uncounted(self) -> Self {
        self
    }

    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics name the database"))]
    pub(super) fn tell(&self, database: &ConnectOptions, event: &Event<'_>) {
        #[cfg(feature = "metrics")]
        if self.is_counted {
            super::metrics::record(database.database(), event);
        }
        (self.listener)(event);
    }
}

impl Default for Sink {
    /// Nobody listens.
    fn default() -> Self {
        Self {
            listener: Arc::new(|_| ()),
            #[cfg(feature = "metrics")]
            is_counted: true,
        }
    }
}
