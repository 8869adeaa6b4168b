use futures_util::future::{BoxFuture, try_join4};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Error, LockHolder, Migrator, lock};
use crate::data::BackfillStatus;
use crate::db::Connection;
use crate::history::{self, Applied, History, OpenRun, Unfinished};
use crate::plan::{self, Conflict};
use crate::revisions::Revision;

/// Where a database stands against a binary, as an application that serves wants to know it.
#[derive(Clone, Debug, Serialize)]
pub struct MigrationStatus {
    /// The database's name.
    pub database: String,
    /// The newest applied version; none in an empty history.
    pub current: Option<i64>,
    /// The newest version that this binary has.
    pub expected: Option<i64>,
    /// When the newest was applied, RFC 3339 in UTC.
    pub last_applied_at: Option<String>,
    /// The stems of what is not applied, in the order in which it would run.
    pub pending: Vec<String>,
    /// What is applied and newer than this binary.
    pub ahead: Vec<Ahead>,
    /// Where history and binary disagree otherwise.
    pub conflicts: Vec<Conflict>,
    /// Steps without a transaction that were begun and have not ended.
    pub unfinished: Vec<Unfinished>,
    /// Who holds the migration lock; none where nobody migrates.
    pub lock_holder: Option<LockHolder>,
    /// The run that has not ended, in whatever process; told while somebody holds the lock.
    pub run: Option<OpenRun>,
    /// Backfills that have not finished.
    pub backfills: Vec<BackfillStatus>,
}

/// An applied revision that is newer than everything in this binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ahead {
    /// The version.
    pub version: i64,
    /// The name behind it.
    pub name: String,
    /// The version that a binary must know at the least to work behind it; none where every older one does, or nobody knows.
    pub breaks_before: Option<i64>,
    /// Whether this binary works behind it. One that was not applied by hardtack does not say so.
    pub is_compatible: bool,
}

impl MigrationStatus {
    /// Whether this binary's code works on the schema, as far as revisions tell that are newer than it.
    #[must_use]
    pub fn is_compatible(&self) -> bool {
        self.ahead.iter().all(|ahead| ahead.is_compatible)
    }
}

impl Migrator {
    /// Looks where the database stands, and what is being done to it. A round trip beside the connection's own, two where the database is ahead. Writes
    /// nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn check_migration_status(&self) -> BoxFuture<'_, Result<MigrationStatus, Error>> {
        Box::pin(async move { self.migration_status(&self.connect().await?).await })
    }

    /// The same on an open connection.
    pub(crate) async fn migration_status(&self, connection: &Connection) -> Result<MigrationStatus, Error> {
        let (client, table, revisions) = (&connection.client, self.history_table(), self.revisions());
        let holder = async { lock::holder_of(client, table).await.map_err(Error::from) };
        let run = async { OpenRun::read(client, table).await.map_err(Error::from) };
        let history = async { history::read(client, table).await.map_err(Error::from) };
        let (history, lock_holder, run, backfills) =
            try_join4(history, holder, run, self.backfills_on(connection)).await?;
        let is_ahead = |conflict: &Conflict| matches!(conflict, Conflict::Missing { ahead: true, .. });
        let mut conflicts = plan::conflicts(revisions, &history, self.out_of_order);
        let is_behind = conflicts.iter().any(is_ahead);
        conflicts.retain(|conflict| !is_ahead(conflict));
        let pending = revisions.iter().filter(|revision| history.get(revision.version).is_none());
        Ok(MigrationStatus {
            database: self.database().database().to_owned(),
            current: plan::newest_versioned(revisions, &history),
            expected: revisions.head(),
            last_applied_at: last_applied_at(&history.applied),
            pending: pending.map(Revision::stem).collect(),
            ahead: if is_behind { self.ahead(connection, &history).await? } else { Vec::new() },
            conflicts,
            run: run.filter(|_| lock_holder.is_some()),
            lock_holder,
            backfills,
            unfinished: history.unfinished,
        })
    }

    /// What of a history is newer than this binary.
    async fn ahead(&self, connection: &Connection, history: &History) -> Result<Vec<Ahead>, Error> {
        let newest = self.revisions().digest().newest;
        let breaks = history::read_breaks(&connection.client, self.history_table(), newest).await?;
        let newer = history.applied.iter().filter(|applied| Some(applied.version) > newest);
        Ok(newer.map(|applied| Ahead::new(applied, breaks.get(&applied.version), newest)).collect())
    }
}

impl Ahead {
    fn new(applied: &Applied, said: Option<&Option<i64>>, newest: Option<i64>) -> Self {
        let breaks_before = said.copied().flatten();
        Self {
            version: applied.version,
            name: applied.name.clone(),
            breaks_before,
            is_compatible: said.is_some() && breaks_before.is_none_or(|least| newest >= Some(least)),
        }
    }
}

/// Refinery writes times with as many digits as they have, so texts cannot be compared.
fn last_applied_at(applied: &[Applied]) -> Option<String> {
    let time = |applied: &Applied| OffsetDateTime::parse(&applied.applied_at, &Rfc3339).ok();
    applied.iter().max_by_key(|applied| time(applied)).map(|applied| applied.applied_at.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_works_behind_what_does_not_break_it() {
        let applied = Applied {
            version: 9,
            name: "contract".to_owned(),
            applied_at: String::new(),
            checksum: String::new(),
            duration: None,
        };
        let is_compatible =
            |said: Option<Option<i64>>, newest| Ahead::new(&applied, said.as_ref(), newest).is_compatible;
        assert!(is_compatible(Some(None), Some(5)));
        assert!(is_compatible(Some(Some(5)), Some(5)));
        assert!(!is_compatible(Some(Some(6)), Some(5)));
        assert!(!is_compatible(Some(Some(1)), None));
        // Refinery applied it, or another tool did.
        assert!(!is_compatible(None, Some(5)));
    }
}
