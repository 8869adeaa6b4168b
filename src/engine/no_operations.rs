//! What runs and steps ask of operations, in a program without them.

use std::marker::PhantomData;
use std::time::Duration;

use super::locked::Locked;
use super::task::Task;
use super::worker::Worker;
use super::{Error, Migrator};
use crate::config::HistoryTable;
use crate::db::Connection;
use crate::history::History;
use crate::plan::{Plan, Way};
use crate::revisions::Script;

/// There is no rehearsal.
pub(super) enum Probe {}

impl Probe {
    pub(super) fn rolls_back(&self) -> bool {
        match *self {}
    }

    pub(super) fn lock_timeout(&self, _: Duration) -> Duration {
        match *self {}
    }

    pub(super) async fn over(&self) {
        match *self {}
    }

    pub(super) fn begin(&self, _: &Task<'_>, _: bool) {
        match *self {}
    }

    pub(super) fn prolong(&self, _: Duration) {
        match *self {}
    }
}

/// A part of a step, of which nobody wants to know more.
pub(super) struct Part<'a>(PhantomData<&'a str>);

impl<'a> Part<'a> {
    pub(super) fn statement(_: &'a Script, _: usize) -> Self {
        Self(PhantomData)
    }

    pub(super) fn function(_: &'a str) -> Self {
        Self(PhantomData)
    }

    pub(super) fn before(_: &'a str) -> Self {
        Self(PhantomData)
    }

    pub(super) fn after(_: &'a str) -> Self {
        Self(PhantomData)
    }

    pub(super) fn alone(self) -> Self {
        self
    }
}

impl Worker<'_> {
    /// Does a part of a step.
    pub(super) async fn measured<T, E>(
        &self,
        _: Part<'_>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        work.await
    }
}

/// What passed the gates.
pub(super) struct Passed;

impl Passed {
    pub(super) fn covers(&self, _: &Plan<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// What an operator says together with a run.
pub(super) struct Consent;

impl Consent {
    pub(super) fn note(&self) -> Option<String> {
        None
    }

    pub(super) fn evidence(&self, _: &HistoryTable, _: &Plan<'_>) -> Option<String> {
        None
    }
}

/// There are none.
pub(super) mod gate {
    use super::{Connection, Consent, Error, History, Locked, Migrator, Passed, Plan, Way};

    pub(in crate::engine) async fn pass(
        _: &Migrator,
        _: &Connection,
        _: &History,
        _: (&Plan<'_>, Way),
    ) -> Result<Passed, Error> {
        Ok(Passed)
    }

    pub(in crate::engine) async fn before_run(
        _: &Migrator,
        _: &Locked<'_>,
        _: &Plan<'_>,
    ) -> Result<Consent, Error> {
        Ok(Consent)
    }
}

/// Nobody looks for it.
pub(super) mod drift {
    use super::{Connection, Error, Migrator};

    pub(in crate::engine) async fn after_upgrade(_: &Migrator, _: &Connection) -> Result<(), Error> {
        Ok(())
    }
}
