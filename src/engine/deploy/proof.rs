use std::time::{Duration, Instant};

use super::backup::Taken;
use super::model::AsBefore;
use crate::backup::{self, Proof};
use crate::db::Connection;
use crate::engine::{APPLICATION_NAME, Error, Migrator};
use crate::history::{self, DeployRow};
use crate::revisions::{Revision, RevisionSet, Transaction};

/// How often a server that has gone away is looked for.
const PAUSE: Duration = Duration::from_millis(500);

/// What there is of a deploy's revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Those that are applied, the newest first.
    pub(super) applied: Vec<i64>,
    /// Those that were begun and have not ended.
    pub(super) unfinished: Vec<i64>,
}

/// What is known of the rows behind a way back.
pub(super) enum Rows {
    /// The backup tells.
    Unknown,
    /// They were proven before anybody could write to them.
    Proven(Proof),
}

impl Standing {
    pub(super) fn is_nothing(&self) -> bool {
        self.applied.is_empty() && self.unfinished.is_empty()
    }

    /// Whether the upgrade may have committed anything. Where nothing is applied, it came no further than the first revision, and
    /// what that did is rolled back, unless it has no transaction.
    pub(super) fn may_have_left_something(&self, revisions: &RevisionSet, row: &DeployRow) -> bool {
        let first = row.versions.first().and_then(|version| revisions.get(*version));
        let is_alone = |revision: &Revision| revision.up.settings().transaction == Transaction::None;
        !self.is_nothing() || first.is_none_or(is_alone)
    }
}

/// Looks what there is, once the server is there: that it went away may be why the deploy failed.
pub(super) async fn stand(migrator: &Migrator, row: &DeployRow) -> Result<Standing, Error> {
    let connection = reach(migrator).await?;
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let is_ours = |version: &i64| row.versions.contains(version);
    let mut applied: Vec<i64> = history.applied.iter().map(|row| row.version).filter(is_ours).collect();
    applied.reverse();
    let unfinished = history.unfinished.iter().map(|step| step.version).filter(is_ours).collect();
    Ok(Standing { applied, unfinished })
}

/// Connects, for as long as anybody waits for a lock.
async fn reach(migrator: &Migrator) -> Result<Connection, Error> {
    let started = Instant::now();
    loop {
        match migrator.connect().await {
            Err(_) if started.elapsed() < migrator.lock_wait && !migrator.stop.is_requested() => {
                tokio::time::sleep(PAUSE).await;
            }
            connected => return connected,
        }
    }
}

/// Compares the database with what it was.
pub(super) async fn look(
    migrator: &Migrator,
    row: &DeployRow,
    taken: Option<&Taken>,
    rows: Rows,
) -> Result<AsBefore, Error> {
    let Standing { mut applied, unfinished } = stand(migrator, row).await?;
    applied.extend(unfinished);
    let fingerprint_after = migrator.catalog().await?.fingerprint();
    let fingerprint_before = row.fingerprint.clone().unwrap_or_default();
    let proof = match (rows, taken) {
        (Rows::Proven(proof), _) => Some(proof),
        (Rows::Unknown, Some(taken)) if !taken.manifest.tables.is_empty() => {
            let (there, table) = (migrator.database(), migrator.history_table());
            Some(backup::compare_all(&taken.manifest, None, there, table, 2, APPLICATION_NAME).await?)
        }
        (Rows::Unknown, _) => None,
    };
    let mut faults = Vec::new();
    if fingerprint_before != fingerprint_after {
        faults.push(format!(
            "the catalog's fingerprint is {fingerprint_after:.12}, and was {fingerprint_before:.12}"
        ));
    }
    faults.extend(applied.iter().map(|version| format!("version {version} is applied, or half done")));
    let (tables, rows) = proof.as_ref().map_or((None, 0), |proof| (Some(proof.tables), proof.rows));
    faults.extend(proof.into_iter().flat_map(|proof| proof.faults));
    Ok(AsBefore { fingerprint_before, fingerprint_after, still_applied: applied, tables, rows, faults })
}
