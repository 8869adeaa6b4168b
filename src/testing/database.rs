use std::fmt;
use std::sync::Arc;

use super::lease::Lease;
use super::server::Server;
use super::{Setup, TestError};
use crate::db::{ConnectOptions, Connection, ServerMessage, connect, first_value};
use crate::engine::{DowngradeOptions, Migrator, Run, UpgradeOptions};
use crate::plan::{Back, Target};

/// What the server shows of the tests' sessions.
pub(super) const APPLICATION_NAME: &str = "hardtack test";

/// A test's own database, at the version that the test wants.
///
/// Its methods panic where something fails, as assertions do: a test has nothing else to do about it. What an application does,
/// it does through [`options`](Self::options) or [`url`](Self::url) as it always does.
pub struct TestDatabase {
    lease: Arc<Lease>,
    pub(super) migrator: Migrator,
    url: String,
}

impl TestDatabase {
    /// Makes one outside of [`hardtack::test`](macro@crate::test). The next test of any process drops it, once this one
    /// has ended.
    ///
    /// # Errors
    /// There is no server, the revisions do not run, or a fixture cannot be put in.
    pub async fn create(setup: &Setup) -> Result<Self, TestError> {
        let server = Server::of_process().await?;
        let lease = Lease::take(server, setup).await?;
        let options = lease.options().clone();
        let url = server.url_of(options.database());
        let migrator = setup.configure(Migrator::new(&setup.revisions, options));
        let database = Self { lease: Arc::new(lease), migrator, url };
        for fixture in &setup.fixtures {
            fixture.put_into(&database).await?;
        }
        Ok(database)
    }

    /// How to reach it.
    #[must_use]
    pub fn options(&self) -> &ConnectOptions {
        self.lease.options()
    }

    /// Its URL, for another process or another driver. It has the password that the server's URL has.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A migrator of all the revisions on it, as the application makes one.
    #[must_use]
    pub fn migrator(&self) -> &Migrator {
        &self.migrator
    }

    /// A session.
    ///
    /// # Panics
    /// The server does not let it in.
    pub async fn connect(&self) -> Connection {
        self.open().await.unwrap_or_else(|error| fail(&format!("failed to {error}")))
    }

    /// A pool of at most so many sessions.
    ///
    /// # Panics
    /// The options want TLS, and this build has none.
    #[cfg(feature = "pool")]
    #[must_use]
    pub fn pool(&self, connections: usize) -> deadpool_postgres::Pool {
        crate::db::pool(self.options(), connections)
            .unwrap_or_else(|error| fail(&format!("failed to {error}")))
    }

    /// Runs statements, in one transaction unless they say otherwise.
    ///
    /// # Panics
    /// The server refuses one.
    pub async fn execute(&self, statements: &str) {
        let done = self.connect().await.client.batch_execute(statements).await;
        done.unwrap_or_else(|error| refused(statements, &error));
    }

    /// The first value of a query's first row, as the server writes it.
    ///
    /// # Panics
    /// The server refuses the query; there is no row, or the value is null.
    pub async fn value(&self, query: &str) -> String {
        let messages = self.connect().await.client.simple_query(query).await;
        let messages = messages.unwrap_or_else(|error| refused(query, &error));
        first_value(&messages)
            .unwrap_or_else(|| fail(&format!("there is no row, or its value is null: {query}")))
    }

    /// Applies all that is pending.
    ///
    /// # Panics
    /// A revision fails, or the database and the revisions disagree.
    pub async fn upgrade(&self) -> Run {
        self.upgrade_by(Target::Head).await
    }

    /// Applies what is pending up to a version.
    ///
    /// # Panics
    /// As [`upgrade`](Self::upgrade).
    pub async fn upgrade_to(&self, version: i64) -> Run {
        self.upgrade_by(Target::Version(version)).await
    }

    async fn upgrade_by(&self, target: Target) -> Run {
        let run = self.migrator.upgrade(UpgradeOptions { target, ..UpgradeOptions::default() }).await;
        run.unwrap_or_else(|error| fail(&format!("failed to {error}")))
    }

    /// Undoes what is above a version; 0 undoes everything.
    ///
    /// # Panics
    /// A revision has no way back, or its down fails.
    pub async fn downgrade_to(&self, version: i64) -> Run {
        let options = DowngradeOptions { back: Back::To(version), agreed: None };
        let run = self.migrator.downgrade(options).await;
        run.unwrap_or_else(|error| fail(&format!("failed to {error}")))
    }

    pub(super) async fn open(&self) -> Result<Connection, TestError> {
        Ok(connect(self.options(), APPLICATION_NAME).await?)
    }

    /// What is to be given back when the test has ended.
    pub(super) fn lease(&self) -> Arc<Lease> {
        Arc::clone(&self.lease)
    }
}

impl fmt::Debug for TestDatabase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestDatabase").field("options", self.options()).finish_non_exhaustive()
    }
}

fn refused(statements: &str, error: &tokio_postgres::Error) -> ! {
    fail(&format!("the server refuses it: {}: {statements}", ServerMessage(error)))
}

/// Fails the test.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn fail(why: &str) -> ! {
    panic!("{why}")
}
