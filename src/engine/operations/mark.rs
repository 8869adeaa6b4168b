use serde::Serialize;

use crate::db::Connection;
use crate::engine::execute::fake;
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::{Error, Migrator, RevisionStatus};
use crate::history::{Change, DeferredBackfill, History, RunLog, Unfinished};
use crate::plan;
use crate::revisions::{Kind, Revision};

/// What was recorded as applied without being run.
#[derive(Clone, Debug, Serialize)]
pub struct Marked {
    /// The newest applied version before; none in an empty history.
    pub from: Option<i64>,
    /// The newest applied version now.
    pub to: Option<i64>,
    /// The revisions, in order of version; none where all of them were recorded already.
    pub marked: Vec<RevisionStatus>,
}

/// Records revisions as applied without running them: refinery's rows, and a row each in the run log, in one
/// transaction under the migration lock.
///
/// `choose` gets the history as read under the lock and says which; none of them may be applied. They may be any
/// part of the set. The history table is made where it is missing. With nothing chosen, nothing is written.
pub(super) async fn mark<'a>(
    migrator: &'a Migrator,
    connection: &Connection,
    command: &str,
    note: &str,
    choose: impl FnOnce(&History) -> Result<Vec<&'a Revision>, Error> + Send,
) -> Result<Marked, Error> {
    let table = migrator.history_table();
    let intent = Intent { table, rights: &["SELECT", "INSERT"], untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let outcome = match choose(&locked.history) {
        Ok(chosen) => write(migrator, &locked, command, note, chosen).await,
        Err(error) => Err(error),
    };
    locked.release().await;
    outcome
}

async fn write(
    migrator: &Migrator,
    locked: &Locked<'_>,
    command: &str,
    note: &str,
    mut chosen: Vec<&Revision>,
) -> Result<Marked, Error> {
    chosen.sort_by_key(|revision| revision.version);
    let from = plan::newest_versioned(migrator.revisions(), &locked.history);
    if !chosen.is_empty() {
        let mut statements = fake(&chosen, migrator.history_table(), locked.history.exists).await?;
        let log_rows = |log: &RunLog| {
            for revision in &chosen {
                statements.push(log.note(*revision, Change::Mark, note));
                statements.push(Unfinished::forget(migrator.history_table(), revision.version));
                // What is marked as applied counts as wholly done.
                statements.push(DeferredBackfill::undo(migrator.history_table(), revision.version));
            }
            statements
        };
        locked.write(command, log_rows).await?;
    }
    let versioned = chosen.iter().filter(|revision| revision.kind == Kind::Versioned);
    let to = versioned.map(|revision| revision.version).max().max(from);
    Ok(Marked { from, to, marked: chosen.into_iter().map(RevisionStatus::of).collect() })
}
