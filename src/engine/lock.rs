use std::hash::Hasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use siphasher::sip::SipHasher13;
use tokio_postgres::{Client, SimpleQueryMessage};
use tracing::Instrument;

use super::{APPLICATION_NAME, Event, LockHolder, Waiting};
use crate::config::HistoryTable;
use crate::db::{ConnectError, ConnectOptions, Connection, ServerMessage, client_span, connect};
use crate::revisions::StopSignal;

/// The pause between the first two attempts.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause between two attempts. Short enough that a fleet that boots together goes on soon after
/// the first is done, long enough that its attempts are no load.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another run held it all the time.
    #[error(
        "obtain the migration lock within {:.1} s: {} holds it; nothing was changed; wait for that run, or \
         end that process if it hangs",
        .waited.as_secs_f64(),
        .holder.as_ref().map_or("another run".to_owned(), ToString::to_string)
    )]
    Held {
        /// Who holds it, where the server lets us see.
        holder: Option<LockHolder>,
        /// How long this run waited.
        waited: Duration,
    },
    /// A pooler had no second session to give.
    #[error(
        "use two sessions at once: the second had no answer within {:.1} s (connect_timeout); one keeps the lock while \
         the other runs the revisions, and a connection pooler may have only one to give; nothing was changed; raise the \
         pool's size to two at the least, or connect directly",
        .waited.as_secs_f64()
    )]
    NoSecondSession {
        /// How long this run waited.
        waited: Duration,
    },
    /// A server process still works for a run that has died.
    #[error(
        "obtain the migration lock within {:.1} s: {holder} still works for a run that has died; this run changed \
         nothing; wait for it, or end it with `select pg_terminate_backend({})`, and run again",
        .waited.as_secs_f64(),
        .holder.pid
    )]
    Orphan {
        /// The session.
        holder: LockHolder,
        /// How long this run waited.
        waited: Duration,
    },
    /// The connection of the lock broke while the run worked.
    #[error(
        "keep the migration lock: its connection was lost, so the run was stopped; `status` tells \
         whether the revision it was at is applied; run it again"
    )]
    Lost,
    /// A stop was asked for while waiting.
    #[error("wait for the migration lock: a stop was asked for; nothing was changed")]
    Stopped,
    /// The second connection, which holds the lock, could not be opened.
    #[error("open the connection for the migration lock: {0}")]
    Connect(#[from] ConnectError),
    /// The server refused the query.
    #[error("query the migration lock: {}; nothing was changed; run it again", ServerMessage(.0))]
    Query(#[from] tokio_postgres::Error),
}

/// The migration lock: an advisory lock held by an open transaction on a connection of its own.
///
/// A transaction-scoped lock survives `PgBouncer`'s transaction pooling. The transaction is READ COMMITTED and
/// idle, so that it has no snapshot for which a `CREATE INDEX CONCURRENTLY` would have to wait; and it is polled,
/// never waited for inside the server, because such a waiter would deadlock with that statement. Dropping the
/// guard closes the connection, and so releases the lock on every path.
#[derive(Debug)]
pub(crate) struct LockGuard {
    connection: Arc<Connection>,
    worker_key: i64,
    scope: &'static Scope,
}

/// How long to wait for the lock, and what ends the waiting.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub(super) options: &'a ConnectOptions,
    pub(super) longest: Duration,
    pub(super) stop: &'a StopSignal,
}

impl LockGuard {
    /// Polls until the lock is had.
    pub(super) async fn acquire(
        patience: Patience<'_>,
        table: &HistoryTable,
        mut sink: impl FnMut(&Event<'_>),
    ) -> Result<Self, LockError> {
        let (span, started) = (client_span!("hardtack.lock", patience.options, "lock",), Instant::now());
        let polled = async {
            let connection = Arc::new(connect(patience.options, APPLICATION_NAME).await?);
            Self::poll(connection, &WHOLE, patience, table, &mut sink).await
        };
        let polled = Box::pin(polled).instrument(span.clone()).await;
        let waited = started.elapsed();
        match &polled {
            Ok(_) => sink(&Event::LockAcquired { waited }),
            Err(error) => {
                error.record(&span);
                sink(&Event::LockNotAcquired { waited, error });
            }
        }
        polled
    }

    /// Polls for the lock of a second table on the same session, since a pooler may not have a third to give.
    pub(super) async fn acquire_inner(
        &self,
        patience: Patience<'_>,
        table: &HistoryTable,
    ) -> Result<Self, LockError> {
        Self::poll(Arc::clone(&self.connection), &INNER, patience, table, |_| ()).await
    }

    async fn poll(
        connection: Arc<Connection>,
        scope: &'static Scope,
        patience: Patience<'_>,
        table: &HistoryTable,
        mut sink: impl FnMut(&Event<'_>),
    ) -> Result<Self, LockError> {
        let (key, worker_key) = (key("lock", table), key("worker", table));
        let client = &connection.client;
        let mut waiting = Waiting::new(patience.longest, SHORTEST_PAUSE, LONGEST_PAUSE);
        while let Some(taken) = answered(patience.options, try_lock(client, scope, key, worker_key)).await? {
            if patience.stop.is_requested() {
                return Err(LockError::Stopped);
            }
            let holder = holder(client, taken).await?;
            let waited = waiting.waited();
            if waiting.is_over(waited) {
                return Err(match holder {
                    Some(holder) if taken == worker_key => LockError::Orphan { holder, waited },
                    holder => LockError::Held { holder, waited },
                });
            }
            if waiting.is_to_tell(waited) {
                sink(&Event::WaitingForLock { holder: holder.as_ref(), waited });
            }
            waiting.pause(patience.stop).await;
        }
        Ok(Self { connection, worker_key, scope })
    }

    /// The connection that holds the lock, for questions that take no snapshot along.
    pub(crate) fn client(&self) -> &Client {
        &self.connection.client
    }

    /// The statement with which a step's transaction takes the worker's own lock. It is free when a run begins; who holds
    /// it is the server process of a run that has died, and has perhaps not noticed.
    pub(crate) fn fence(&self) -> String {
        format!("select pg_catalog.pg_advisory_xact_lock({})", self.worker_key)
    }

    /// The server process that holds the worker's lock, as a query.
    pub(crate) fn worker_processes(&self) -> String {
        granted("l.pid", self.worker_key)
    }

    /// Whether the lock's connection broke.
    pub(crate) fn is_lost(&self) -> bool {
        self.connection.client.is_closed()
    }

    /// Resolves when the lock's connection breaks.
    pub(crate) async fn lost(&self) {
        self.connection.closed().wait().await;
    }

    /// Releases the lock and waits until the server has done so.
    pub(crate) async fn release(self) {
        // An error means that the connection is gone, and with it the lock.
        let _ = self.connection.client.batch_execute(self.scope.leave).await;
    }
}

/// What the second of a run's two sessions says to its first question, which waits for nothing on the server. Bounded as
/// a connection attempt is, because behind a pooler it is one: the session has no server yet.
pub(super) async fn answered<T, E>(
    options: &ConnectOptions,
    question: impl Future<Output = Result<T, E>>,
) -> Result<T, E>
where
    E: From<LockError>,
{
    let Some(waited) = options.connect_timeout() else { return question.await };
    let answer = tokio::time::timeout(waited, question).await;
    answer.unwrap_or_else(|_| Err(LockError::NoSecondSession { waited }.into()))
}

/// Two locks a history table, in the database's own space of advisory locks.
fn key(of: &str, table: &HistoryTable) -> i64 {
    let mut hasher = SipHasher13::new();
    hasher.write(b"hardtack migration ");
    hasher.write(of.as_bytes());
    hasher.write(b" ");
    hasher.write(table.to_string().as_bytes());
    hasher.finish().cast_signed()
}

/// The part of a session's work that a lock lives in.
#[derive(Debug)]
struct Scope {
    enter: &'static str,
    leave: &'static str,
}

/// Time-outs that the server or the role sets must not end an idle lock; not every server version knows each of them.
const WHOLE: Scope = Scope {
    enter: "begin isolation level read committed read only; \
        select pg_catalog.set_config(name, '0', true) from pg_catalog.pg_settings \
        where name in ('idle_in_transaction_session_timeout', 'transaction_timeout', 'statement_timeout')",
    leave: "rollback",
};

/// A lock that was taken after a savepoint goes when the transaction goes back to it.
const INNER: Scope = Scope { enter: "savepoint hardtack", leave: "rollback to savepoint hardtack" };

/// Takes the lock; returns the key that somebody else holds where it is not to be had.
async fn try_lock(
    client: &Client,
    scope: &Scope,
    key: i64,
    worker_key: i64,
) -> Result<Option<i64>, LockError> {
    let attempt = format!(
        "{}; select pg_catalog.pg_try_advisory_xact_lock({key}) as obtained; select not exists ({}) as alone",
        scope.enter,
        granted("", worker_key)
    );
    let messages = client.simple_query(&attempt).await?;
    let says = |column: &str| {
        messages.iter().rev().any(|message| match message {
            SimpleQueryMessage::Row(row) => row.try_get(column).ok().flatten() == Some("t"),
            _ => false,
        })
    };
    let taken = match (says("obtained"), says("alone")) {
        (true, true) => return Ok(None),
        (true, false) => worker_key,
        (false, _) => key,
    };
    client.batch_execute(scope.leave).await?;
    Ok(Some(taken))
}

/// What is granted of an advisory lock, as a query over `pg_locks l`.
fn granted(what: &str, key: i64) -> String {
    format!(
        "select {what} from pg_catalog.pg_locks l \
         where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
           and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) \
           and (l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8 = {key}"
    )
}

/// Who holds the migration lock of a history table, where the server lets us see.
pub(super) async fn holder_of(
    client: &Client,
    table: &HistoryTable,
) -> Result<Option<LockHolder>, LockError> {
    Ok(holder(client, key("lock", table)).await?)
}

async fn holder(client: &Client, key: i64) -> Result<Option<LockHolder>, tokio_postgres::Error> {
    let query = format!(
        "select a.pid, coalesce(a.application_name, ''), pg_catalog.host(a.client_addr), \
             coalesce(a.xact_start, a.backend_start)::pg_catalog.text \
         from pg_catalog.pg_stat_activity a where exists ({} and l.pid = a.pid)",
        granted("", key)
    );
    Ok(client.simple_query(&query).await?.iter().find_map(LockHolder::of))
}
