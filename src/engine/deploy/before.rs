use super::course::Came;
use super::found::Pending;
use super::{DeployError, DeployOptions, after, backup};
use crate::catalog::render::count;
use crate::engine::locked::Locked;
use crate::engine::operations::dry_run::{Depth, DryRun, DryRunOptions, Place, Rehearsed};
use crate::engine::operations::gate;
use crate::engine::preflight::Intent;
use crate::engine::{
    CheckOutcome, Consent, DataCheck, Error, Expectation, Migrator, OnDrift, RunOutcome, Status, StepError,
    UpgradeOptions,
};
use crate::history::{self, DeployRow, DeployStage, Evidence, EvidenceKind, NewDeploy, WayBack};
use crate::plan::{Conflicts, Plan, Way};
use crate::revisions::{Down, Revision, Transaction};
use crate::safety::{Gates, age};

/// Whether the database is what a deploy can begin on. Writes nothing; returns the checks that fail already, for which nobody is
/// to go back.
pub(super) async fn verify(
    migrator: &Migrator,
    options: &DeployOptions,
    pending: Option<&Pending>,
    had_begun: bool,
) -> Result<Came<Vec<DataCheck>>, Error> {
    let mut status = migrator.status().await?;
    Conflicts::refuse(std::mem::take(&mut status.conflicts))?;
    let applied = count(status.applied.len(), "revision");
    if had_begun {
        return Ok(Came::Passed(format!("{applied} applied, {} pending", status.pending.len()), Vec::new()));
    }
    refuse_unsound(migrator, &status).await?;
    let Some(pending) = pending else {
        return Ok(Came::Passed(format!("{applied} applied, none pending"), Vec::new()));
    };
    let mut remark = String::new();
    if options.leads_back_by_downs() {
        refuse_no_downs(migrator, options.way_back, &status, pending)?;
        remark = no_way_from_the_middle(migrator, pending);
    } else if options.way_back == WayBack::Restore {
        backup::refuse_no_databases(migrator).await?;
    }
    let mut checks = after::asked(migrator).await?;
    checks.retain(|check| matches!(check.outcome, CheckOutcome::Fails(_)));
    remark.push_str(match checks.len() {
        0 => "",
        1 => "; 1 check of what is applied fails already, and is not counted",
        _ => "; checks of what is applied fail already, and are not counted",
    });
    Ok(Came::Passed(format!("{applied} applied, {} pending{remark}", pending.versions.len()), checks))
}

/// A step that was begun, and has not ended, may be the reason for an index that is not valid: the upgrade ends both.
async fn refuse_unsound(migrator: &Migrator, status: &Status) -> Result<(), Error> {
    if let Some(backfill) = status.backfills.iter().find(|backfill| backfill.blocked) {
        return Err(DeployError::Blocked { version: backfill.version }.into());
    }
    let mut unsound = migrator.unsound().await?;
    unsound.retain(|unsound| unsound.expectation == Expectation::Unexpected);
    if unsound.is_empty() || !status.unfinished.is_empty() {
        return Ok(());
    }
    Err(DeployError::Unsound(unsound).into())
}

/// Undoing must lead exactly to where the deploy began.
fn refuse_no_downs(
    migrator: &Migrator,
    way: WayBack,
    status: &Status,
    pending: &Pending,
) -> Result<(), DeployError> {
    let refuse = |why| {
        let instead = "choose --on-failure stop, or restore with --backup full";
        Err(DeployError::NoWayBack { way, why, instead })
    };
    let revisions = pending.revisions(migrator.revisions());
    if let Some(reason) = revisions.iter().find_map(|revision| no_down(revision)) {
        return refuse(reason);
    }
    let newest = status.applied.last().map(|applied| applied.row.version);
    if let Some(late) = revisions.iter().find(|revision| Some(revision.version) < newest) {
        let newest = newest.unwrap_or_default();
        return refuse(format!(
            "{} runs late: version {newest} is applied already, and would have to be undone first",
            late.stem()
        ));
    }
    match status.unfinished.first() {
        Some(step) => refuse(format!(
            "version {} is half done already, and the way back would lead to before it",
            step.version
        )),
        None => Ok(()),
    }
}

/// What is to be known of a revision without a transaction: half applied, it is no longer anything that its down undoes.
fn no_way_from_the_middle(migrator: &Migrator, pending: &Pending) -> String {
    let revisions = pending.revisions(migrator.revisions());
    let alone = |revision: &&&Revision| revision.up.settings().transaction == Transaction::None;
    revisions.iter().find(alone).map_or(String::new(), |revision| {
        format!(
            "; {} has no transaction: where it fails half-way, a full restore leads back, and no downgrade",
            revision.stem()
        )
    })
}

fn no_down(revision: &Revision) -> Option<String> {
    match &revision.down {
        Down::Step(_) => None,
        Down::Irreversible(reason) => Some(format!("{} is irreversible: {reason}", revision.stem())),
        Down::Missing => Some(format!("{} has no down", revision.stem())),
    }
}

/// Judges the gates but for those that this deploy satisfies by itself: it rehearses, and takes a backup. The upgrade judges all.
pub(super) async fn gates(migrator: &Migrator, options: &DeployOptions) -> Result<Came, Error> {
    if migrator.policy.gates.is_empty() {
        return Ok(Came::Skipped("none is set".to_owned(), ()));
    }
    let own = &migrator.policy.gates;
    let gates = Gates {
        rehearsal_within: own.rehearsal_within.filter(|_| options.rehearsal.is_none()),
        backup_within: own.backup_within.filter(|_| !options.is_backed_up()),
        ..own.clone()
    };
    let migrator = migrator.clone().with_gates(gates);
    let connection = migrator.connect().await?;
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let plan = Plan::upgrade(migrator.revisions(), &history, options.target, migrator.out_of_order)?;
    if plan.is_empty() {
        return Ok(Came::Skipped("nothing is left to apply".to_owned(), ()));
    }
    gate::pass(&migrator, &connection, &history, (&plan, Way::Up(options.target))).await?;
    Ok(Came::Passed("all that can be judged now are open".to_owned(), ()))
}

/// Writes the row of a new deploy.
pub(super) async fn begin(
    migrator: &Migrator,
    options: &DeployOptions,
    pending: &Pending,
) -> Result<DeployRow, Error> {
    let connection = migrator.connect().await?;
    let table = migrator.history_table();
    let intent = Intent { table, rights: &["SELECT"], untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, &connection, &intent).await?;
    let new = NewDeploy {
        plan: &pending.plan,
        versions: &pending.versions,
        from: pending.from,
        to: pending.to,
        way_back: options.way_back,
    };
    let written = locked.write("deploy", |_| vec![DeployRow::begin(table, &new)]).await;
    locked.release().await;
    written?;
    let row = DeployRow::find(&connection.client, table).await.map_err(super::course::unwritten)?;
    row.ok_or(Error::PlanChanged)
}

/// Rehearses the plan, and records that. What was rehearsed a moment ago is not rehearsed again.
pub(super) async fn rehearse(
    migrator: &Migrator,
    options: &DeployOptions,
    pending: &Pending,
) -> Result<Came, Error> {
    let Some(wanted) = &options.rehearsal else {
        return Ok(Came::Skipped("not wanted".to_owned(), ()));
    };
    let connection = migrator.connect().await?;
    let found = Evidence::read(&connection.client, migrator.history_table(), wanted.good_for).await;
    let found = found.map_err(|source| Error::State {
        action: "read hardtack.evidence",
        left: "nothing was changed",
        source,
    })?;
    drop(connection);
    let is_it = |one: &&Evidence| one.kind == EvidenceKind::Rehearsal && one.plan == pending.plan;
    if let Some(young) = found.iter().find(is_it) {
        let reason = format!("this very plan was rehearsed {} ago", age(young.age));
        return Ok(Came::Skipped(reason, ()));
    }
    let dry_run = DryRunOptions {
        way: Way::Up(options.target),
        depth: if wanted.clone_from.is_some() { Depth::Full } else { Depth::Rehearse },
        stage: wanted.stage,
        bounds: wanted.bounds,
        record: true,
        clone_from: wanted.clone_from.clone(),
    };
    let dry_run = migrator.dry_run(&dry_run).await?;
    let summary = judge(&dry_run, migrator.policy.gates.rehearsal_within.is_some())?;
    Ok(Came::Passed(summary, ()))
}

/// A step that fails stops the deploy. One that could not be rehearsed does where a gate wants it.
fn judge(dry_run: &DryRun, is_wanted: bool) -> Result<String, DeployError> {
    let mut ended = 0;
    let mut open = None;
    for step in &dry_run.steps {
        match &step.rehearsed {
            Rehearsed::Failed { error, .. } => {
                return Err(DeployError::Rehearsal { revision: step.stem.clone(), error: error.clone() });
            }
            Rehearsed::Yes { .. } => ended += 1,
            Rehearsed::No { reason } | Rehearsed::GaveUp { reason, .. } => {
                open = open.or_else(|| Some((step.stem.clone(), reason.clone())));
            }
        }
    }
    let rehearsal = dry_run.rehearsal.as_ref();
    if rehearsal.and_then(|one| one.untouched.as_ref()).is_some_and(|untouched| !untouched.is_same()) {
        return Err(DeployError::Touched);
    }
    let place = match rehearsal.map(|rehearsal| rehearsal.place) {
        Some(Place::Scratch) => "a scratch database",
        Some(Place::Clone) => "a clone",
        _ => "the database itself",
    };
    let of = count(dry_run.steps.len(), "revision");
    let summary = format!("{ended} of {of} ran to the end on {place}; {}", dry_run.verdict);
    match open {
        Some((revision, reason)) if is_wanted => Err(DeployError::NotRecorded { revision, reason }),
        Some((revision, reason)) => Ok(format!("{summary}; {revision} did not: {reason}")),
        None => Ok(summary),
    }
}

/// The upgrade itself. Drift is looked for behind it, as one of the checks.
pub(super) async fn upgrade(
    migrator: &Migrator,
    options: &DeployOptions,
    backup: Option<String>,
) -> Result<Came, Error> {
    let backup = migrator.policy.consent.backup.clone().or(backup.filter(|_| options.is_backed_up()));
    let consent = Consent { backup, ..migrator.policy.consent.clone() };
    let migrator = migrator.clone().with_on_drift(OnDrift::Ignore).with_consent(consent);
    let upgrade = UpgradeOptions {
        target: options.target,
        single_transaction: options.single_transaction,
        ..UpgradeOptions::default()
    };
    let run = migrator.upgrade(upgrade).await?;
    if run.outcome == RunOutcome::Stopped {
        return Err(StepError::Stopped.into());
    }
    let at = run.to.map_or("empty".to_owned(), |version| format!("at version {version}"));
    Ok(Came::Passed(format!("{} applied, now {at}", count(run.applied.len(), "revision")), ()))
}

/// What the stages behind the gates would do.
pub(super) fn would(
    options: &DeployOptions,
    pending: Option<&Pending>,
    had_begun: bool,
) -> Vec<(DeployStage, String)> {
    let mut would = Vec::new();
    if let (Some(pending), false) = (pending, had_begun) {
        let rehearse = options.rehearsal.as_ref().map_or("not wanted".to_owned(), |wanted| {
            format!("would rehearse the plan, unless that was done in the last {}", age(wanted.good_for))
        });
        would.push((DeployStage::Rehearse, rehearse));
        would.push((DeployStage::Backup, backup::would(options)));
        let number = count(pending.versions.len(), "revision");
        would.push((DeployStage::Upgrade, format!("would apply {number}, up to version {}", pending.to)));
    }
    would.push((DeployStage::Checks, "would ask the checks, and look for drift".to_owned()));
    let probe = options.probe.as_ref().map_or("no probe is set".to_owned(), |probe| {
        format!("would ask {probe}, for {:?} at the most", options.probe_timeout)
    });
    would.push((DeployStage::Probe, probe));
    would
}
