use time::OffsetDateTime;

use super::{Error, Migrator};
use crate::config::HistoryTable;
use crate::db::Connection;
use crate::history::{Evidence, EvidenceKind, History};
use crate::plan::{self, Plan, Target};
use crate::revisions::{Direction, Revision, Step};
use crate::safety::{self, Danger, Facts, GateOutcome, Gates, Verdict};

/// What an operator says together with a run. It stands in the run log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The verdicts that are accepted.
    pub accepted: Vec<Verdict>,
    /// Why.
    pub reason: Option<String>,
    /// The backup that was taken just before, by whatever name its system has for it.
    pub backup: Option<String>,
}

impl Consent {
    /// What the run log says of it; none where nothing was said.
    pub(super) fn note(&self) -> Option<String> {
        let accepted: Vec<&str> = self.accepted.iter().map(|verdict| verdict.name()).collect();
        let accepted = (!accepted.is_empty()).then(|| {
            let reason = self.reason.as_deref().unwrap_or_default();
            format!("accepted {}: {reason}", accepted.join(", "))
        });
        let backup = self.backup.as_ref().map(|backup| format!("backup taken: {backup}"));
        let said: Vec<String> = accepted.into_iter().chain(backup).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// The statement that records the backup for a plan; none where none was taken.
    pub(super) fn evidence(&self, table: &HistoryTable, plan: &Plan<'_>) -> Option<String> {
        let backup = self.backup.as_ref()?;
        Some(EvidenceKind::Backup.record(table, &plan.hash(), backup))
    }
}

/// The versions of a plan that passed the gates; none where no gate is set.
pub(super) struct Passed(Option<Vec<i64>>);

impl Passed {
    /// Under the lock the plan may be shorter, because another run did a part of it. What was not judged does not run.
    pub(super) fn covers(&self, plan: &Plan<'_>) -> Result<(), Error> {
        let is_judged = |revision: &&Revision| {
            self.0.as_ref().is_none_or(|versions| versions.contains(&revision.version))
        };
        if plan.steps.iter().all(is_judged) { Ok(()) } else { Err(Error::PlanChanged) }
    }
}

/// Judges an upgrade before the lock is taken.
pub(super) async fn pass_up(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    (plan, target): (&Plan<'_>, Target),
) -> Result<Passed, Error> {
    if migrator.gates.are_open() {
        return Ok(Passed(None));
    }
    pass(judge_up(migrator, connection, history, (plan, target)).await?, plan)
}

/// What the gates say of an upgrade. Asks the database only what a gate that is set wants to know; writes nothing.
pub(super) async fn judge_up(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    (plan, target): (&Plan<'_>, Target),
) -> Result<Vec<GateOutcome>, Error> {
    let gates = &migrator.gates;
    let longer = || plan::hashes_of_longer(migrator.revisions(), history, target, migrator.out_of_order);
    let found = read(migrator, connection, gates).await?;
    let mut facts = facts(migrator, gates, plan, &found, longer);
    facts.drift = drifted(migrator, history).await?;
    Ok(gates.judge(&facts))
}

/// The same of a downgrade, for which fewer gates hold: [`Gates::for_downgrade`].
pub(super) async fn pass_down(
    migrator: &Migrator,
    connection: &Connection,
    plan: &Plan<'_>,
) -> Result<Passed, Error> {
    let gates = migrator.gates.for_downgrade();
    if gates.are_open() {
        return Ok(Passed(None));
    }
    let found = read(migrator, connection, &gates).await?;
    let mut facts = facts(migrator, &gates, plan, &found, Vec::new);
    if gates.accept.contains(&Verdict::LosesData) {
        facts.dangers.extend(lost(migrator, connection, plan).await?);
    }
    pass(gates.judge(&facts), plan)
}

fn pass(judged: Vec<GateOutcome>, plan: &Plan<'_>) -> Result<Passed, Error> {
    let refused: Vec<GateOutcome> = judged.into_iter().filter(|outcome| !outcome.passed).collect();
    if !refused.is_empty() {
        return Err(Error::Gate { refused });
    }
    Ok(Passed(Some(plan.steps.iter().map(|revision| revision.version).collect())))
}

/// What is known without a look at the schema.
fn facts(
    migrator: &Migrator,
    gates: &Gates,
    plan: &Plan<'_>,
    found: &[Evidence],
    longer: impl FnOnce() -> Vec<String>,
) -> Facts {
    let mut plans = Vec::new();
    if !found.is_empty() {
        plans.push(plan.hash());
        plans.extend(longer());
    }
    let newest = |kind: EvidenceKind| {
        let of_plan = found.iter().filter(|evidence| evidence.kind == kind && plans.contains(&evidence.plan));
        of_plan.map(|evidence| evidence.age).min()
    };
    let taken_now = migrator.consent.backup.as_ref().map(|_| std::time::Duration::ZERO);
    Facts {
        dangers: if gates.accept.is_empty() { Vec::new() } else { dangers(plan) },
        accepted: migrator.consent.accepted.clone(),
        rehearsal: newest(EvidenceKind::Rehearsal),
        backup: taken_now.or_else(|| newest(EvidenceKind::Backup)),
        drift: None,
        now: OffsetDateTime::now_utc(),
    }
}

/// What the files of a plan's steps tell of it: hazards that nobody has accepted there, and code.
fn dangers(plan: &Plan<'_>) -> Vec<Danger> {
    plan.steps.iter().flat_map(|revision| dangers_of(revision, plan.direction)).collect()
}

fn dangers_of(revision: &Revision, direction: Direction) -> Vec<Danger> {
    let danger = |verdict, why: &str| Danger { step: revision.stem(), verdict, why: why.to_owned() };
    let hooks = direction == Direction::Up && revision.around.hooks().next().is_some();
    match revision.step(direction) {
        Some(Step::Sql(script)) => {
            let open = script.hazards.iter().filter(|hazard| hazard.allowed.is_none());
            let verdict = |rule: &str| safety::hazard(rule).map_or(Verdict::Unknown, |hazard| hazard.verdict);
            let hazards = open.map(|hazard| danger(verdict(&hazard.rule), &hazard.rule));
            hazards.chain(hooks.then(|| danger(Verdict::Unknown, "hooks in Rust"))).collect()
        }
        Some(Step::Rust(_)) => vec![danger(Verdict::Unknown, "a function in Rust")],
        None => Vec::new(),
    }
}

/// What the downs would lose, counted.
async fn lost(migrator: &Migrator, connection: &Connection, plan: &Plan<'_>) -> Result<Vec<Danger>, Error> {
    let role = migrator.history_table().role();
    let losses = safety::losses(&connection.client, role, plan).await.map_err(|source| Error::State {
        action: "count what the downs would lose",
        left: "nothing was changed",
        source,
    })?;
    let danger = |loss: safety::Loss| Danger {
        step: loss.revision.clone(),
        verdict: Verdict::LosesData,
        why: loss.to_string(),
    };
    Ok(losses.into_iter().map(danger).collect())
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
    if !migrator.gates.stop_on_drift {
        return Ok(None);
    }
    if history.applied.is_empty() {
        return Ok(Some(Ok(0)));
    }
    match migrator.drift().await {
        Ok(drift) => Ok(Some(Ok(drift.differences.len()))),
        Err(stopped @ Error::Step(super::StepError::Stopped)) => Err(stopped),
        Err(error) => Ok(Some(Err(error.to_string()))),
    }
}

/// Records evidence for a plan, as a run of its own in the run log.
pub(super) async fn record(
    migrator: &Migrator,
    connection: &Connection,
    (kind, plan, note): (EvidenceKind, &str, &str),
) -> Result<(), Error> {
    let table = migrator.history_table();
    let intent = super::preflight::Intent { table, rights: &["SELECT"], untransactional: None, sets: None };
    let locked = super::locked::Locked::acquire(migrator, connection, &intent).await?;
    let written = locked.write("record", |_| vec![kind.record(table, plan, note)]).await;
    locked.release().await;
    written
}
