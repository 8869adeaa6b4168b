use std::time::{Duration, Instant};

use super::DeployOptions;
use super::backup::{self, Taken};
use super::model::AsBefore;
use crate::backup::{Manifest, TableEntry, compare_all};
use crate::catalog::differences;
use crate::db::Connection;
use crate::engine::{APPLICATION_NAME, Error, Migrator, StepError};
use crate::history::{self, DeployRow};
use crate::plan::{Plan, Target};
use crate::revisions::{Revision, RevisionSet, Transaction};
use crate::safety::{self, TableAtRisk};

/// How often a server that has gone away is looked for.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// What there is of a deploy's revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Those that are applied, the newest first.
    pub(super) applied: Vec<i64>,
    /// Those that were begun and have not ended.
    pub(super) unfinished: Vec<i64>,
}

/// What is known of the rows behind a way back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    /// Nothing of the upgrade was committed.
    Untouched,
    /// The backup tells, if it has them.
    Unknown,
    /// They were those of the backup before anybody else could write to them.
    Proven { tables: usize, rows: u64 },
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
            Err(_) if migrator.stop.is_requested() => return Err(StepError::Stopped.into()),
            Err(_) if started.elapsed() < migrator.lock_wait => tokio::time::sleep(PAUSE).await,
            connected => return connected,
        }
    }
}

/// Compares the database with what it was.
pub(super) async fn look(
    migrator: &Migrator,
    row: &DeployRow,
    (options, taken): (&DeployOptions, Option<&Taken>),
    rows: Rows,
) -> Result<AsBefore, Error> {
    let Standing { mut applied, unfinished } = stand(migrator, row).await?;
    applied.extend(unfinished);
    let catalog = migrator.catalog().await?;
    let fingerprint_after = catalog.fingerprint();
    let fingerprint_before = row.fingerprint.clone().unwrap_or_default();
    let mut faults = Vec::new();
    if fingerprint_before != fingerprint_after {
        let (now, then) = (&fingerprint_after, &fingerprint_before);
        faults.push(format!("the catalog's fingerprint is {now:.12}, and was {then:.12}"));
        let before = match taken {
            Some(taken) => backup::catalog(options, taken).await,
            None => None,
        };
        let named = before.map(|before| differences(&before, &catalog)).unwrap_or_default();
        faults.extend(named.iter().map(|difference| format!("the catalog: {difference}")));
    }
    faults.extend(applied.iter().map(|version| format!("version {version} is applied, or half done")));
    let (tables, number) = match (rows, taken) {
        (Rows::Untouched, _) => (Some(0), 0),
        (Rows::Proven { tables, rows }, _) => (Some(tables), rows),
        // What is applied all the same may have changed their columns.
        (Rows::Unknown, _) if !faults.is_empty() => (None, 0),
        (Rows::Unknown, taken) => match (at_risk(migrator, options.target).await?.as_slice(), taken) {
            ([], _) => (Some(0), 0),
            (tables, Some(taken)) if !taken.manifest.tables.is_empty() => {
                let manifest = of_tables(&taken.manifest, tables);
                let (there, table) = (migrator.database(), migrator.history_table());
                let proof = compare_all(&manifest, None, there, table, 2, APPLICATION_NAME).await?;
                faults.extend(proof.faults);
                (Some(proof.tables), proof.rows)
            }
            _ => (None, 0),
        },
    };
    let still_applied = applied;
    Ok(AsBefore { fingerprint_before, fingerprint_after, still_applied, tables, rows: number, faults })
}

/// The tables that the plan, pending again, can lose data of. Into the others an application may have written meanwhile.
async fn at_risk(migrator: &Migrator, target: Target) -> Result<Vec<TableAtRisk>, Error> {
    let connection = migrator.connect().await?;
    let (client, table) = (&connection.client, migrator.history_table());
    let history = history::read(client, table).await?;
    let plan = Plan::upgrade(migrator.revisions(), &history, target, migrator.out_of_order)?;
    let risk = safety::at_risk(client, table, &plan).await.map_err(|source| {
        let left = "the revisions of the deploy are undone";
        Error::State { action: "ask which tables the plan can lose data of", left, source }
    })?;
    Ok(risk.tables)
}

/// What a backup says of these tables alone.
fn of_tables(manifest: &Manifest, tables: &[TableAtRisk]) -> Manifest {
    let is_one = |entry: &TableEntry| {
        tables.iter().any(|table| (&table.schema, &table.name) == (&entry.schema, &entry.name))
    };
    let mut manifest = manifest.clone();
    manifest.tables.retain(is_one);
    manifest.large_objects = None;
    manifest
}
