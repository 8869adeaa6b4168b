use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, SimpleQueryMessage, Statement};

use super::states::{MissingState, States};
use super::types::{Columns, Parameter, TableRow, by_reference};
use super::{BackfillNews, Direction, News, Progress, Revision, StopSignal};
use crate::config::HistoryTable;
use crate::db::ConnectOptions;

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
///
/// # Through a pooler
///
/// A connection pooler may hand each transaction to another server session. In a transactional revision that changes
/// nothing. In one without a transaction, [`query`](Self::query), [`query_one`](Self::query_one) and
/// [`execute`](Self::execute) with parameters then run in a short transaction each, because the driver sends a
/// statement in two parts; nothing else that belongs to a session may be relied on between two calls.
pub struct Context<'a> {
    client: &'a Client,
    revision: &'a Revision,
    stop: &'a StopSignal,
    surroundings: Surroundings<'a>,
}

/// What a run offers a function beside its session.
#[derive(Clone)]
pub(crate) struct Surroundings<'a> {
    /// For sessions besides the run's own.
    pub(crate) database: &'a ConnectOptions,
    /// The history, and as whom to work.
    pub(crate) table: &'a HistoryTable,
    /// The longest wait for one lock.
    pub(crate) lock_timeout: Duration,
    /// The row of the deferred backfill that the function is; none in a step.
    pub(crate) deferred: Option<i64>,
    /// Which way the revision goes.
    pub(crate) direction: Direction,
    /// Whether the function runs inside the run's transaction.
    pub(crate) in_transaction: bool,
    /// Whether what the function does in the database is rolled back, or done to a copy.
    pub(crate) is_rehearsal: bool,
    /// What goes around each call; none where a call needs no transaction of its own.
    pub(crate) around_calls: Option<AroundCalls>,
    /// What the application registered.
    pub(crate) states: &'a States,
    /// Where it tells what it does.
    pub(crate) tell: &'a (dyn Fn(&News<'_>) + Send + Sync),
}

/// The transaction around a call that needs one.
#[derive(Clone)]
pub(crate) struct AroundCalls {
    pub(crate) open: String,
    /// Forgets the statement that the call has prepared, which its rows may outlive, and commits.
    pub(crate) close: fn(&str) -> String,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        client: &'a Client,
        revision: &'a Revision,
        stop: &'a StopSignal,
        surroundings: Surroundings<'a>,
    ) -> Self {
        Self { client, revision, stop, surroundings }
    }

    pub(crate) fn surroundings(&self) -> &Surroundings<'a> {
        &self.surroundings
    }

    /// The connection itself, for `COPY`, prepared statements and pipelining. In a revision without a transaction,
    /// open one first: a pooler may otherwise hand the next message to another server session.
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

    /// Whether this is a dry run: what the function does to the database is rolled back, or done to a copy. What it would do
    /// outside, such as a call of another service, it leaves out.
    ///
    /// ```
    /// # use hardtack::prelude::*;
    /// # async fn tell_the_search_engine() -> Result<()> { Ok(()) }
    /// async fn up(context: &mut Context<'_>) -> Result<()> {
    ///     context.execute("update documents set indexed = false", &[]).await?;
    ///     if !context.is_rehearsal() {
    ///         tell_the_search_engine().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.surroundings.is_rehearsal
    }

    /// What the application registered of that type with [`Migrator::with_state`](crate::Migrator::with_state): a key, a
    /// client of another service.
    ///
    /// # Errors
    /// That it registered none, as a command-line tool without the application's start has none.
    ///
    /// ```
    /// # use hardtack::prelude::*;
    /// struct Key([u8; 32]);
    ///
    /// async fn up(context: &mut Context<'_>) -> Result<()> {
    ///     let Key(key) = context.state::<Key>()?;
    /// #   let _ = key;
    ///     Ok(())
    /// }
    /// ```
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<&'a T, MissingState> {
        self.surroundings.states.get()
    }

    /// Tells whoever watches how far a piece of work has come: a line in the log, an event. Writes nothing to the database.
    pub fn progress(&self, progress: &Progress<'_>) {
        (self.surroundings.tell)(&News::Progress(progress));
    }

    /// Tells what becomes of a backfill.
    pub(crate) fn backfill_news(&self, name: &str, news: BackfillNews<'_>) {
        (self.surroundings.tell)(&News::Backfill(name, news));
    }

    /// Runs one statement with parameters; returns the number of rows it touched.
    ///
    /// # Errors
    /// What the server said.
    pub async fn execute(&self, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> RevisionResult<u64> {
        if self.surroundings.around_calls.is_some() && parameters.is_empty() {
            // In one message, because it may be a statement that no transaction may hold.
            return Ok(count(&self.client.simple_query(statement).await?));
        }
        let parameters = seen_through(parameters);
        self.enclosed(statement, self.client.execute(statement, &by_reference(&parameters))).await
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
        let parameters = seen_through(parameters);
        self.enclosed(statement, self.client.query(statement, &by_reference(&parameters))).await
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
        let parameters = seen_through(parameters);
        self.enclosed(statement, self.client.query_one(statement, &by_reference(&parameters))).await
    }

    /// Reads rows of a table as the revision's snapshot knows it: `select` its columns `from` it, and what `rest` says, such as
    /// `where id > $1 order by id limit 1000`. Columns that were added since do not matter. All rows are in memory together.
    ///
    /// # Errors
    /// What the server said; a value that its column's Rust type has no room for.
    pub async fn rows<R: TableRow>(
        &self,
        rest: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> RevisionResult<Vec<R>> {
        let rows = self.query(&select::<R>(R::COLUMNS, rest), parameters).await?;
        Ok(rows.iter().map(R::from_row).collect::<Result<_, _>>()?)
    }

    /// Reads some columns of a table, as [`rows`](Self::rows) reads all: `context.columns((accounts::ID,
    /// accounts::EMAIL), "order by id", &[])` returns tuples. Wide columns that nobody looks at stay where they are.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn columns<C: Columns>(
        &self,
        columns: C,
        rest: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> RevisionResult<Vec<C::Values>> {
        let rows = self.query(&select::<C::Row>(&columns.names(), rest), parameters).await?;
        Ok(rows.iter().map(|row| columns.read(row)).collect::<Result<_, _>>()?)
    }

    /// Prepares a statement that runs many times.
    ///
    /// # Errors
    /// What the server said. Through a pooler, in a revision without a transaction and outside one that it opened
    /// itself: the statement would be gone, or another's, when it is run.
    pub async fn prepare(&self, statement: &str) -> RevisionResult<Statement> {
        if self.surroundings.around_calls.is_some() && !self.in_transaction().await? {
            return Err(NO_SESSION.into());
        }
        Ok(self.client.prepare(statement).await?)
    }

    /// Runs a call in a transaction of its own where it needs one.
    async fn enclosed<T>(
        &self,
        statement: &str,
        call: impl Future<Output = Result<T, Error>>,
    ) -> RevisionResult<T> {
        let Some(around) = &self.surroundings.around_calls else { return Ok(call.await?) };
        if self.in_transaction().await? {
            return Ok(call.await?);
        }
        self.client.batch_execute(&around.open).await?;
        let result = call.await;
        let end = if result.is_ok() { (around.close)(statement) } else { "rollback".to_owned() };
        self.client.batch_execute(&end).await?;
        Ok(result?)
    }

    /// Whether the revision has opened a transaction: one that began before this message.
    async fn in_transaction(&self) -> Result<bool, Error> {
        let question = "select pg_catalog.transaction_timestamp() < pg_catalog.statement_timestamp()";
        let answer = self.client.simple_query(question).await?;
        Ok(answer
            .iter()
            .any(|message| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("t"))))
    }
}

const NO_SESSION: &str = "prepare a statement without a transaction: the connection pooler may hand each message to \
    another server session; open a transaction first, or use `query` and `execute`";

fn select<R: TableRow>(columns: &[&str], rest: &str) -> String {
    format!("select {} from {} {rest}", columns.join(", "), R::TABLE)
}

/// The parameters, such that a value of a domain's base type goes into the domain.
fn seen_through<'a>(parameters: &[&'a (dyn ToSql + Sync)]) -> Vec<Parameter<'a>> {
    parameters.iter().map(|parameter| Parameter(*parameter)).collect()
}

/// The rows that the last of some statements touched.
fn count(messages: &[SimpleQueryMessage]) -> u64 {
    let counts = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::CommandComplete(count) => Some(*count),
        _ => None,
    });
    counts.last().unwrap_or_default()
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("revision", &self.revision.stem()).finish_non_exhaustive()
    }
}
