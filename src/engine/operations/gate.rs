use std::time::Duration;

use time::OffsetDateTime;

use super::Consent;
use super::dry_run;
use crate::db::Connection;
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::{Error, Migrator, StepError};
#[cfg(feature = "backup")]
use crate::engine::{Event, backups};
use crate::history::{Evidence, EvidenceKind, History};
use crate::plan::{self, Plan, Way};
use crate::revisions::Revision;
use crate::safety::{Danger, Facts, GateOutcome, Gates};

/// What passed the gates.
pub(in crate::engine) struct Passed {
    /// The versions of the plan; none where no gate is set.
    versions: Option<Vec<i64>>,
    /// When the run may begin.
    windows: Gates,
}

impl Passed {
    /// Under the lock the plan may be shorter, because another run did a part of it. What was not judged does not run. And a
    /// window may have closed while the lock was waited for.
    pub(in crate::engine) fn covers(&self, plan: &Plan<'_>) -> Result<(), Error> {
        let is_judged = |revision: &&Revision| {
            self.versions.as_ref().is_none_or(|versions| versions.contains(&revision.version))
        };
        if !plan.steps.iter().all(is_judged) {
            return Err(Error::PlanChanged);
        }
        refuse(self.windows.judge(&Facts::at(OffsetDateTime::now_utc())))
    }

    fn all() -> Self {
        Self { versions: None, windows: Gates::default() }
    }
}

/// Judges a run before the lock is taken. Asks the database only what a gate that is set wants to know; writes nothing.
pub(in crate::engine) async fn pass(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    (plan, way): (&Plan<'_>, Way),
) -> Result<Passed, Error> {
    let gates = gates(migrator, way);
    if gates.is_empty() {
        return Ok(Passed::all());
    }
    let dangers = match gates.accept.is_empty() {
        true => Vec::new(),
        false => dry_run::dangers(migrator, connection, history, plan).await?,
    };
    let outcomes = judge(migrator, connection, history, (plan, way), dangers).await?;
    refuse(outcomes)?;
    let versions = Some(plan.steps.iter().map(|revision| revision.version).collect());
    Ok(Passed { versions, windows: Gates { windows: gates.windows, ..Gates::default() } })
}

fn refuse(judged: Vec<GateOutcome>) -> Result<(), Error> {
    let refused: Vec<GateOutcome> = judged.into_iter().filter(|outcome| !outcome.passed).collect();
    if refused.is_empty() { Ok(()) } else { Err(Error::Gate { refused }) }
}

/// What each gate that is set says of a plan with these dangers.
pub(in crate::engine) async fn judge(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    (plan, way): (&Plan<'_>, Way),
    dangers: Vec<Danger>,
) -> Result<Vec<GateOutcome>, Error> {
    let gates = gates(migrator, way);
    if gates.is_empty() {
        return Ok(Vec::new());
    }
    let found = read(migrator, connection, &gates).await?;
    let plans = || match way {
        _ if found.is_empty() => Vec::new(),
        Way::Up(target) => {
            let longer = plan::hashes_of_longer(migrator.revisions(), history, target, migrator.out_of_order);
            [vec![plan.hash()], longer].concat()
        }
        Way::Down(_) => vec![plan.hash()],
    };
    let plans = plans();
    let newest = |kind: EvidenceKind| {
        let of_plan = found.iter().filter(|evidence| evidence.kind == kind && plans.contains(&evidence.plan));
        of_plan.map(|evidence| evidence.age).min()
    };
    let taken_now =
        (migrator.policy.consent.backup.is_some() || takes_backup(migrator)).then_some(Duration::ZERO);
    let facts = Facts {
        dangers,
        accepted: migrator.policy.consent.accepted.clone(),
        rehearsal: newest(EvidenceKind::Rehearsal),
        backup: taken_now.or_else(|| newest(EvidenceKind::Backup)),
        drift: if gates.stop_on_drift { drifted(migrator, history).await? } else { None },
        now: OffsetDateTime::now_utc(),
    };
    Ok(gates.judge(&facts))
}

/// The gates of a run: fewer for a downgrade, [`Gates::for_downgrade`].
fn gates(migrator: &Migrator, way: Way) -> Gates {
    match way {
        Way::Up(_) => migrator.policy.gates.clone(),
        Way::Down(_) => migrator.policy.gates.for_downgrade(),
    }
}

/// Whether the run itself takes a backup that holds rows, before anything else.
#[cfg(feature = "backup")]
fn takes_backup(migrator: &Migrator) -> bool {
    let holds_rows = |strategy| strategy != crate::backup::Strategy::SchemaOnly;
    migrator.backup.as_ref().is_some_and(|backup| holds_rows(backup.strategy))
}

#[cfg(not(feature = "backup"))]
fn takes_backup(_: &Migrator) -> bool {
    false
}

/// What the operator says with a run that is about to begin, with the backup that it takes first.
#[cfg(feature = "backup")]
pub(in crate::engine) async fn before_run(
    migrator: &Migrator,
    locked: &Locked<'_>,
    plan: &Plan<'_>,
) -> Result<Consent, Error> {
    let consent = migrator.policy.consent.clone();
    let Some(taken) = backups::before_run(migrator, locked.connection(), &locked.history, plan).await? else {
        if migrator.backup.is_some() {
            migrator.tell(&Event::BackupNotNeeded);
        }
        return Ok(consent);
    };
    migrator.tell(&Event::BackupTaken { backup: &taken });
    Ok(if takes_backup(migrator) { Consent { backup: Some(taken.path), ..consent } } else { consent })
}

/// What the operator says with a run that is about to begin.
#[cfg(not(feature = "backup"))]
#[expect(clippy::unused_async, reason = "the same face with and without the feature")]
pub(in crate::engine) async fn before_run(
    migrator: &Migrator,
    _: &Locked<'_>,
    _: &Plan<'_>,
) -> Result<Consent, Error> {
    Ok(migrator.policy.consent.clone())
}

/// The evidence that is young enough for one of the gates.
async fn read(migrator: &Migrator, connection: &Connection, gates: &Gates) -> Result<Vec<Evidence>, Error> {
    let Some(within) = gates.rehearsal_within.max(gates.backup_within) else { return Ok(Vec::new()) };
    Evidence::read(&connection.client, migrator.history_table(), within).await.map_err(|source| {
        Error::State { action: "read hardtack.evidence", left: "nothing was changed", source }
    })
}

/// How many objects differ, where the gate wants to know. Where nothing is applied there is nothing to drift from.
async fn drifted(migrator: &Migrator, history: &History) -> Result<Option<Result<usize, String>>, Error> {
    if history.applied.is_empty() {
        return Ok(Some(Ok(0)));
    }
    match migrator.drift().await {
        Ok(drift) => Ok(Some(Ok(drift.differences.len()))),
        Err(stopped @ Error::Step(StepError::Stopped)) => Err(stopped),
        Err(error) => Ok(Some(Err(error.to_string()))),
    }
}

/// Records evidence for a plan, as a run of its own in the run log.
pub(in crate::engine) async fn record(
    migrator: &Migrator,
    connection: &Connection,
    (kind, plan, note): (EvidenceKind, &str, &str),
) -> Result<(), Error> {
    let table = migrator.history_table();
    let intent = Intent { table, rights: &["SELECT"], untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let written = locked.write("record", |_| vec![kind.record(table, plan, note)]).await;
    locked.release().await;
    written
}
