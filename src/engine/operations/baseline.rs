use super::mark::{Marked, mark};
use crate::db::Connection;
use crate::engine::{Error, Migrator};
use crate::history::History;
use crate::plan::{self, Conflicts, OutOfOrder, Plan, PlanError, Target};
use crate::revisions::Revision;

/// The revisions up to a version, in the order in which they run.
pub(super) fn up_to(migrator: &Migrator, version: i64) -> Result<Vec<&Revision>, PlanError> {
    let empty = History::default();
    Ok(Plan::upgrade(migrator.revisions(), &empty, Target::Version(version), OutOfOrder::Reject)?.steps)
}

/// What a baseline would record: the revisions up to a version that are not applied. Where the history contradicts the
/// set, nothing is to be added to it.
pub(super) fn unrecorded<'a>(
    migrator: &'a Migrator,
    history: &History,
    version: i64,
) -> Result<Vec<&'a Revision>, PlanError> {
    let conflicts = plan::conflicts(migrator.revisions(), history, OutOfOrder::Allow);
    Conflicts::refuse(conflicts)?;
    let revisions = up_to(migrator, version)?.into_iter();
    Ok(revisions.filter(|revision| history.get(revision.version).is_none()).collect())
}

/// Records the revisions up to a version as applied.
pub(super) async fn baseline(
    migrator: &Migrator,
    connection: &Connection,
    version: i64,
    reason: &str,
) -> Result<Marked, Error> {
    let choose = |history: &History| Ok(unrecorded(migrator, history, version)?);
    mark(migrator, connection, "baseline", reason, choose).await
}
