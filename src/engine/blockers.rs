use std::convert::Infallible;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::APPLICATION_NAME;
use crate::db::{ConnectOptions, connect};

/// How often the server is asked who blocks us, at the most.
const INTERVAL: Duration = Duration::from_secs(1);

/// A session that holds a lock which a step waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// The server process.
    pub pid: i32,
    /// The session's `application_name`.
    pub application_name: String,
    /// The role.
    pub role: String,
    /// `active`, `idle in transaction` and so on.
    pub state: String,
    /// Since when its transaction is open, as the server writes it.
    pub since: String,
    /// The start of its current or last statement.
    pub query: String,
}

/// Who blocked an attempt, as last seen.
#[derive(Debug, Default)]
pub(super) struct Blockers(Mutex<Vec<Blocker>>);

impl Blockers {
    /// Asks from time to time, over a connection that is not the one that waits, until it is dropped. Tells when
    /// somebody new is in the way.
    pub(super) async fn watch(
        &self,
        client: &Client,
        sessions: &str,
        lock_timeout: Duration,
        tell: impl Fn(&[Blocker], Duration),
    ) -> Infallible {
        let started = Instant::now();
        loop {
            tokio::time::sleep(interval(lock_timeout)).await;
            // Whoever asks in vain knows no less than before.
            let seen = seen(client, sessions).await.unwrap_or_default();
            if seen.is_empty() {
                continue;
            }
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = *last != seen;
            if is_new {
                last.clone_from(&seen);
            }
            drop(last);
            if is_new {
                tell(&seen, started.elapsed());
            }
        }
    }

    /// The same on a session of its own, which is opened when the first question is due. A concurrent index build waits for
    /// the whole transaction of whoever has a snapshot at the wrong moment, and that of the migration lock ends behind it.
    pub(super) async fn watch_apart(
        &self,
        options: &ConnectOptions,
        sessions: &str,
        lock_timeout: Duration,
        tell: impl Fn(&[Blocker], Duration),
    ) -> Infallible {
        tokio::time::sleep(interval(lock_timeout)).await;
        match connect(options, APPLICATION_NAME).await {
            Ok(connection) => self.watch(&connection.client, sessions, lock_timeout, tell).await,
            // A pooler may have no third session to give; then nobody is named.
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn into_inner(self) -> Vec<Blocker> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn interval(lock_timeout: Duration) -> Duration {
    let half = lock_timeout / 2;
    if half.is_zero() { INTERVAL } else { half.min(INTERVAL) }
}

/// Who holds up one of these sessions, a query of process ids. The asking transaction is a long one, in which the server
/// keeps its first look at its sessions unless it is told to forget it.
async fn seen(client: &Client, sessions: &str) -> Result<Vec<Blocker>, tokio_postgres::Error> {
    let query = format!(
        "select pg_catalog.pg_stat_clear_snapshot(); select b.pid, coalesce(b.application_name, ''), coalesce(b.usename::pg_catalog.text, ''), \
             coalesce(b.state, b.backend_type, ''), coalesce(b.xact_start, b.backend_start)::pg_catalog.text, \
             pg_catalog.left(coalesce(b.query, ''), 200) \
         from pg_catalog.pg_stat_activity w, pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) as blocking (pid) \
         join pg_catalog.pg_stat_activity b on b.pid = blocking.pid \
         where w.pid in ({sessions}) order by b.xact_start, b.pid"
    );
    let messages = client.simple_query(&query).await?;
    Ok(messages.iter().filter_map(blocker).collect())
}

fn blocker(message: &SimpleQueryMessage) -> Option<Blocker> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let text = |column: usize| row.get(column).unwrap_or_default().to_owned();
    Some(Blocker {
        pid: row.get(0)?.parse().ok()?,
        application_name: text(1),
        role: text(2),
        state: text(3),
        since: text(4),
        query: text(5).split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

impl fmt::Display for Blocker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, application_name, role, state, since, query } = self;
        let name = if application_name.is_empty() { "no application name" } else { application_name };
        write!(formatter, "server process {pid} ({name}, role {role}, {state}, since {since}")?;
        if !query.is_empty() {
            write!(formatter, ", `{query}`")?;
        }
        formatter.write_str(")")
    }
}
