use std::sync::Arc;

use super::dry_run::{Place, Probe};
use super::{Consent, OnDrift};
use crate::catalog::Ignore;
use crate::db::ConnectOptions;
use crate::engine::Migrator;
use crate::safety::Gates;

/// What is asked of every run of a migrator.
#[derive(Clone, Default)]
pub(in crate::engine) struct Policy {
    pub(in crate::engine) on_drift: OnDrift,
    pub(in crate::engine) ignored_drift: Ignore,
    pub(in crate::engine) gates: Gates,
    pub(in crate::engine) consent: Consent,
}

impl Migrator {
    /// What [`upgrade`](Self::upgrade) does about drift when it is done. It compares with the snapshot that comes with the
    /// revisions, which takes one query more, of the whole catalog; without a snapshot of this very history it cannot.
    #[must_use]
    pub fn with_on_drift(mut self, on_drift: OnDrift) -> Self {
        self.policy.on_drift = on_drift;
        self
    }

    /// What is not to count as drift.
    #[must_use]
    pub fn with_ignored_drift(mut self, ignored_drift: Ignore) -> Self {
        self.policy.ignored_drift = ignored_drift;
        self
    }

    /// What must be true before [`upgrade`](Self::upgrade) and [`downgrade`](Self::downgrade) take the lock. Judged only where
    /// something is to be done.
    #[must_use]
    pub fn with_gates(mut self, gates: Gates) -> Self {
        self.policy.gates = gates;
        self
    }

    /// What the operator says together with the next runs.
    #[must_use]
    pub fn with_consent(mut self, consent: Consent) -> Self {
        self.policy.consent = consent;
        self
    }

    /// The same, whose runs tell the run log on whose behalf they are.
    #[cfg(feature = "admin")]
    pub(crate) fn on_behalf_of(mut self, who: String) -> Self {
        self.policy.consent.by = Some(who);
        self
    }

    /// The same, with its steps measured.
    pub(in crate::engine) fn with_probe(mut self, probe: Arc<Probe>) -> Self {
        self.probe = Some(probe);
        self
    }

    /// The same, of whose steps is told that they are rehearsed.
    pub(in crate::engine) fn rehearsing(mut self, place: Place) -> Self {
        self.sink = self.sink.rehearsing(place);
        self
    }

    /// The same on a database that is dropped again, where no gate is in the way of anything.
    pub(in crate::engine) fn on_scratch(self, database: ConnectOptions) -> Self {
        let mut scratch = self.with_database(database);
        (scratch.policy.gates, scratch.policy.consent) = (Gates::default(), Consent::default());
        #[cfg(feature = "backup")]
        {
            scratch.backup = None;
        }
        scratch.sink = scratch.sink.uncounted();
        scratch.is_rehearsal = true;
        scratch
    }
}
