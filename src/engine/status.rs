use serde::Serialize;

use super::{Error, Migrator};
use crate::db::Connection;
use crate::history::{self, Applied, DeferredBackfill, Unfinished};
use crate::plan::{self, Conflict};
use crate::revisions::{Down, Kind, Revision, Transaction};

/// Where a database stands against a set of revisions.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The database's name.
    pub database: String,
    /// The server's version, as it says it.
    pub server_version: String,
    /// The history table, quoted.
    pub history_table: String,
    /// The newest applied version; none in an empty history.
    pub current: Option<i64>,
    /// The newest version of the set.
    pub head: Option<i64>,
    /// What is applied, in order of version.
    pub applied: Vec<AppliedRevision>,
    /// What is not, in the order in which it would run.
    pub pending: Vec<RevisionStatus>,
    /// Steps without a transaction that were begun and have not ended: the next run goes on with them.
    pub unfinished: Vec<Unfinished>,
    /// Deferred backfills of applied revisions that have not finished.
    pub backfills: Vec<DeferredBackfill>,
    /// Where history and set disagree.
    pub conflicts: Vec<Conflict>,
}

#[cfg(feature = "metrics")]
impl Status {
    /// As metrics.
    pub(super) fn record(&self) {
        let is_ready = self.pending.is_empty() && self.conflicts.is_empty();
        super::record_status(&self.database, self.pending.len(), (self.current, self.head), is_ready);
    }
}

/// A revision that is applied.
#[derive(Clone, Debug, Serialize)]
pub struct AppliedRevision {
    /// The kind; `versioned` where the set does not know the revision.
    pub kind: Kind,
    /// Its row of the history.
    #[serde(flatten)]
    pub row: Applied,
}

/// A revision that is not applied.
#[derive(Clone, Debug, Serialize)]
pub struct RevisionStatus {
    /// The version.
    pub version: i64,
    /// The name behind it.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// Whether it is `sql` or `rust`.
    pub language: &'static str,
    /// How it is wrapped.
    pub transaction: Transaction,
    /// What its way back is.
    pub down: Down,
}

impl RevisionStatus {
    /// What is unusual about it, in a word or two each.
    #[must_use]
    pub fn notes(&self) -> Vec<&'static str> {
        let rust = (self.language == "rust").then_some("Rust");
        let alone = (self.transaction == Transaction::None).then_some("no transaction");
        let back = match self.down {
            Down::Irreversible(_) => Some("irreversible"),
            Down::Missing => Some("no way back"),
            Down::Step(_) => None,
        };
        [rust, alone, back].into_iter().flatten().collect()
    }

    pub(super) fn of(revision: &Revision) -> Self {
        Self {
            version: revision.version,
            name: revision.name.clone().into_owned(),
            kind: revision.kind,
            language: revision.up.language(),
            transaction: revision.up.settings().transaction,
            down: revision.down.clone(),
        }
    }
}

pub(super) async fn status(migrator: &Migrator, connection: &Connection) -> Result<Status, Error> {
    let (client, revisions, table) = (&connection.client, migrator.revisions(), migrator.history_table());
    let (history, mut durations) =
        futures_util::future::try_join(history::read(client, table), history::read_durations(client, table))
            .await?;
    let kind = |version| revisions.get(version).map_or(Kind::Versioned, |revision| revision.kind);
    let pending = revisions.iter().filter(|revision| history.get(revision.version).is_none());
    Ok(Status {
        database: migrator.database().database().to_owned(),
        server_version: connection.server_version().to_owned(),
        history_table: table.to_string(),
        current: plan::newest_versioned(revisions, &history),
        head: revisions.head(),
        pending: pending.map(RevisionStatus::of).collect(),
        conflicts: plan::conflicts(revisions, &history, migrator.out_of_order),
        unfinished: history.unfinished,
        backfills: history.deferred,
        applied: history
            .applied
            .into_iter()
            .map(|row| AppliedRevision {
                kind: kind(row.version),
                row: Applied { duration: durations.remove(&row.version), ..row },
            })
            .collect(),
    })
}
