use std::time::Duration;

use deadpool_postgres::{Object, Pool, Timeouts};
use tokio_postgres::error::SqlState;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use crate::config::HistoryTable;
use crate::db::{PoolError, ServerMessage, as_role, is_absent, pool};
use crate::engine::Migrator;

/// Why tokens or the audit cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No session with the database was to be had.
    #[error("{action}: {reason}")]
    Unreachable {
        /// What was being done.
        action: &'static str,
        /// Why there is none.
        reason: String,
    },
    /// The tables are not there.
    #[error(
        "{action}: this database has no tables for it; `upgrade` makes them where revisions are pending, and \
         `tokens create NAME ROLE` in any case"
    )]
    Absent {
        /// What was being done.
        action: &'static str,
    },
    /// The role may not.
    #[error(
        "{action}: the role may not; grant it USAGE on the schema hardtack, SELECT on hardtack.token, and SELECT and INSERT on \
         hardtack.audit: {}",
        ServerMessage(.source)
    )]
    Rights {
        /// What was being done.
        action: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The server refused it.
    #[error("{action}: {}", ServerMessage(.source))]
    Server {
        /// What was being done.
        action: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The tables hold something that this version does not know.
    #[error("{action}: {found}; a newer version of hardtack may have written it")]
    Unknown {
        /// What was being done.
        action: &'static str,
        /// What was found.
        found: String,
    },
}

/// Sessions at once. A query is a lookup of one row, and most are answered from memory.
const SESSIONS: usize = 2;
/// The longest wait for one of them, and for the server's answer: whoever asks is a person, or a program that asks again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest that all of it takes, also where the network says nothing.
const LONGEST: Duration = Duration::from_secs(12);

/// Hardtack's own tables, read and written in short transactions of their own: beside whatever runs, and without the migration
/// lock.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pool: Pool,
    table: HistoryTable,
}

impl Store {
    /// Of a migrator's database, as its role. Opens no session yet.
    pub(super) fn new(migrator: &Migrator) -> Result<Self, PoolError> {
        let pool = pool(migrator.database(), SESSIONS)?;
        Ok(Self { pool, table: migrator.history_table().clone() })
    }

    /// The history that all rows are about.
    pub(super) fn table(&self) -> &HistoryTable {
        &self.table
    }

    /// The rows of a query.
    pub(super) async fn read(
        &self,
        action: &'static str,
        query: &str,
    ) -> Result<Vec<SimpleQueryRow>, StoreError> {
        self.transaction(action, "read only", query).await
    }

    /// Runs a statement. Once this returns, what it wrote is on disk.
    pub(super) async fn write(&self, action: &'static str, statement: &str) -> Result<(), StoreError> {
        let on_disk = "select pg_catalog.set_config('synchronous_commit', 'on', true) \
                       where pg_catalog.current_setting('synchronous_commit') = 'off'";
        self.transaction(action, "read write", &format!("{on_disk}; {statement}")).await.map(drop)
    }

    async fn transaction(
        &self,
        action: &'static str,
        mode: &str,
        statements: &str,
    ) -> Result<Vec<SimpleQueryRow>, StoreError> {
        let answer = tokio::time::timeout(LONGEST, self.answer(action, mode, statements)).await;
        answer.unwrap_or_else(|_| {
            let reason = format!("the server has not answered in {} s", LONGEST.as_secs());
            Err(StoreError::Unreachable { action, reason })
        })
    }

    async fn answer(
        &self,
        action: &'static str,
        mode: &str,
        statements: &str,
    ) -> Result<Vec<SimpleQueryRow>, StoreError> {
        let timeouts = Timeouts { wait: Some(PATIENCE), ..self.pool.timeouts() };
        let session = self.pool.timeout_get(&timeouts).await.map_err(|error| {
            let reason = match &error {
                deadpool_postgres::PoolError::Backend(error) => ServerMessage(error).to_string(),
                other => other.to_string(),
            };
            StoreError::Unreachable { action, reason }
        })?;
        let lent = Lent(Some(session));
        let text = format!(
            "begin isolation level read committed {mode}; {}set local statement_timeout = {}; {statements}; commit",
            as_role(self.table.role()),
            PATIENCE.as_millis(),
        );
        let messages = lent.simple_query(&text).await.map_err(|source| told(action, source))?;
        lent.give_back();
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }
}

/// A session that is only given back once its transaction has ended: one that failed, or whose request was dropped half-way,
/// is closed.
struct Lent(Option<Object>);

impl Lent {
    async fn simple_query(&self, text: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
        match &self.0 {
            Some(session) => session.simple_query(text).await,
            None => Ok(Vec::new()),
        }
    }

    fn give_back(mut self) {
        self.0 = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            drop(Object::take(session));
        }
    }
}

fn told(action: &'static str, source: tokio_postgres::Error) -> StoreError {
    match source.code() {
        _ if is_absent(&source) => StoreError::Absent { action },
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => StoreError::Rights { action, source },
        _ => StoreError::Server { action, source },
    }
}
