use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::Revision;

/// What a Rust revision returns: any error fails the revision, and a transactional one is rolled back.
pub type RevisionResult<T> = Result<T, RevisionError>;

/// Any error, as `?` produces it.
pub type RevisionError = Box<dyn std::error::Error + Send + Sync>;

/// The boxed future of a Rust revision.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a Rust revision works with: the migration's own connection, inside the revision's transaction unless
/// the revision asked for `transaction = "none"`.
///
/// Everything it writes commits together with the history row, or not at all. A revision that ends the
/// transaction itself fails.
pub struct Context<'a> {
    client: &'a Client,
    revision: &'a Revision,
    stop: &'a StopSignal,
}

impl<'a> Context<'a> {
    pub(crate) fn new(client: &'a Client, revision: &'a Revision, stop: &'a StopSignal) -> Self {
        Self { client, revision, stop }
    }

    /// The connection itself, for `COPY`, prepared statements and pipelining.
    #[must_use]
    pub fn client(&self) -> &'a Client {
        self.client
    }

    /// The revision that is running.
    #[must_use]
    pub fn revision(&self) -> &'a Revision {
        self.revision
    }

    /// Whether the operator asked the run to stop. A long revision looks here between units of work and
    /// returns an error to be rolled back; one that does not look is let finish.
    #[must_use]
    pub fn stop(&self) -> &'a StopSignal {
        self.stop
    }

    /// Runs one statement with parameters; returns the number of rows it touched.
    ///
    /// # Errors
    /// What the server said.
    pub async fn execute(&self, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> RevisionResult<u64> {
        Ok(self.client.execute(statement, parameters).await?)
    }

    /// Runs statements without parameters, separated by semicolons.
    ///
    /// # Errors
    /// What the server said about the first that failed.
    pub async fn batch_execute(&self, statements: &str) -> RevisionResult<()> {
        Ok(self.client.batch_execute(statements).await?)
    }

    /// Runs a query and returns all its rows.
    ///
    /// # Errors
    /// What the server said.
    pub async fn query(
        &self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> RevisionResult<Vec<Row>> {
        Ok(self.client.query(statement, parameters).await?)
    }

    /// Runs a query that returns exactly one row.
    ///
    /// # Errors
    /// What the server said, or that there was another number of rows.
    pub async fn query_one(
        &self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> RevisionResult<Row> {
        Ok(self.client.query_one(statement, parameters).await?)
    }

    /// Prepares a statement that runs many times.
    ///
    /// # Errors
    /// What the server said.
    pub async fn prepare(&self, statement: &str) -> RevisionResult<Statement> {
        Ok(self.client.prepare(statement).await?)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("revision", &self.revision.stem()).finish_non_exhaustive()
    }
}

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
