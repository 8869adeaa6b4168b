use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::{Fixture, TestDatabase, TestError};
use crate::engine::Migrator;
use crate::revisions::RevisionSet;

/// What a test's database is to be like.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(super) revisions: RevisionSet,
    /// None for the head.
    pub(super) version: Option<i64>,
    pub(super) configured: Option<Configured>,
    pub(super) fixtures: Vec<Fixture>,
}

/// How the application makes its migrator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configured {
    pub(super) name: &'static str,
    configure: fn(Migrator) -> Migrator,
}

impl Setup {
    /// A database with all of these revisions.
    #[must_use]
    pub fn new(revisions: &RevisionSet) -> Self {
        Self { revisions: revisions.clone(), version: None, configured: None, fixtures: Vec::new() }
    }

    /// No further than this version; 0 for an empty database.
    #[must_use]
    pub fn at(self, version: i64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// Through a migrator that this function configures, such as with the state that Rust revisions want. The name tells its templates
    /// from others.
    #[must_use]
    pub fn migrator(self, name: &'static str, configure: fn(Migrator) -> Migrator) -> Self {
        Self { configured: Some(Configured { name, configure }), ..self }
    }

    /// With what the test begins with, in the order given.
    #[must_use]
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.fixtures.push(fixture);
        self
    }

    /// The revisions that are applied.
    pub(super) fn applied(&self) -> RevisionSet {
        let Some(version) = self.version else { return self.revisions.clone() };
        let applied = self.revisions.iter().filter(|revision| revision.version <= version);
        RevisionSet::from_revisions(applied.cloned().collect())
    }

    /// A migrator as the application makes it.
    pub(super) fn configure(&self, migrator: Migrator) -> Migrator {
        match self.configured {
            Some(Configured { configure, .. }) => configure(migrator),
            None => migrator,
        }
    }
}

/// Runs a test with a database of its own, on a runtime of its own, and takes the database back whatever came of the test. What
/// [`hardtack::test`](macro@crate::test) expands to.
///
/// # Panics
/// Where there is no database; and as the test does.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn run<T>(setup: &Setup, test: impl AsyncFnOnce(TestDatabase) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("failed to start a runtime for the test: {error}"));
    let outcome = runtime.block_on(async {
        let database = TestDatabase::create(setup).await?;
        let lease = database.lease();
        let outcome = AssertUnwindSafe(test(database)).catch_unwind().await;
        // Where a task of the test still has it, the next test that is run drops it.
        if let Some(lease) = std::sync::Arc::into_inner(lease) {
            lease.give_back().await;
        }
        Ok::<_, TestError>(outcome)
    });
    match outcome {
        Ok(Ok(value)) => value,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => panic!("failed to {error}"),
    }
}
