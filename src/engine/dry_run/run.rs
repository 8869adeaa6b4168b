use std::time::Duration;

use super::judge::{half_done, judge};
use super::model::{Depth, DryRun, DryStep, Place, Rehearsal, Rehearsed};
use super::on_database::{self, OnDatabase};
use super::options::{DryRunOptions, StageChoice, Way};
use super::probe::unmeasured;
use super::seen::{Seen, joined};
use super::{on_clone, on_scratch};
use crate::db::Connection;
use crate::engine::{Error, Migrator, RevisionStatus, StepError, gate};
use crate::history::{self, EvidenceKind, History};
use crate::plan::{Back, Plan};
use crate::revisions::{Direction, Revision, Step};
use crate::safety::{self, Assessment, Danger, FoundHazard, TableFacts, Verdict};

/// The plan that a dry run is about.
pub(super) fn planned<'a>(migrator: &'a Migrator, history: &History, way: Way) -> Result<Plan<'a>, Error> {
    Ok(match way {
        Way::Up(target) => Plan::upgrade(migrator.revisions(), history, target, migrator.out_of_order)?,
        Way::Down(back) => Plan::downgrade(migrator.revisions(), history, back)?,
    })
}

/// A dry run on an open connection. See [`Migrator::dry_run`].
pub(in crate::engine) async fn dry_run(
    migrator: &Migrator,
    connection: &Connection,
    options: &DryRunOptions,
) -> Result<DryRun, Error> {
    let (client, table) = (&connection.client, migrator.history_table());
    let history = history::read(client, table).await?;
    let plan = planned(migrator, &history, options.way)?;
    let assessment = safety::assess(client, table.role(), &plan).await.map_err(unanswered)?;
    let losses = safety::losses(client, table.role(), &plan).await.map_err(unanswered)?;
    let rehearsals = Rehearsals::take(migrator, connection, options, &history, &plan).await?;
    let Assessed { steps, tables, hazards } = Assessed::of(&plan, &history, assessment, &rehearsals);
    let hash = plan.hash();
    let recorded = options.record && all_came_to_their_end(&steps);
    if recorded {
        let evidence = (EvidenceKind::Rehearsal, hash.as_str(), options.depth.name());
        gate::record(migrator, connection, evidence).await?;
    }
    let dangers = dangers_of(&steps, &hazards);
    let gates = gate::judge(migrator, connection, &history, (&plan, options.way), dangers).await?;
    let worst =
        steps.iter().map(|step| step.verdict).chain(hazards.iter().map(|hazard| hazard.verdict)).max();
    Ok(DryRun {
        database: migrator.database().database().to_owned(),
        server_version: connection.server_version().to_owned(),
        direction: plan.direction,
        depth: options.depth,
        from: plan.from,
        to: end(&plan, &history, options.way),
        plan: hash,
        verdict: worst.unwrap_or(Verdict::Safe),
        steps,
        tables,
        hazards,
        losses,
        gates,
        recorded,
        rehearsal: rehearsals.summary(),
    })
}

/// What a plan's steps do that nobody has accepted in their files, as far as it can be told without running them.
pub(in crate::engine) async fn dangers(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    plan: &Plan<'_>,
) -> Result<Vec<Danger>, Error> {
    let role = migrator.history_table().role();
    let assessment = safety::assess(&connection.client, role, plan).await.map_err(unanswered)?;
    let Assessed { steps, hazards, .. } = Assessed::of(plan, history, assessment, &Rehearsals::default());
    let mut dangers = dangers_of(&steps, &hazards);
    if plan.direction == Direction::Down {
        let losses = safety::losses(&connection.client, role, plan).await.map_err(unanswered)?;
        dangers.extend(losses.into_iter().map(|loss| Danger {
            step: loss.revision.clone(),
            verdict: Verdict::LosesData,
            why: loss.to_string(),
        }));
    }
    Ok(dangers)
}

fn unanswered(source: tokio_postgres::Error) -> Error {
    Error::State { action: "ask the database about the plan", left: "nothing was changed", source }
}

fn all_came_to_their_end(steps: &[DryStep]) -> bool {
    !steps.is_empty() && steps.iter().all(|step| matches!(step.rehearsed, Rehearsed::Yes { .. }))
}

fn dangers_of(steps: &[DryStep], whole: &[FoundHazard]) -> Vec<Danger> {
    let of = |step: &str, hazard: &FoundHazard| {
        let (verdict, why) = (hazard.verdict, hazard.hazard.clone().into_owned());
        hazard.accepted.is_none().then(|| Danger { step: step.to_owned(), verdict, why })
    };
    let mut dangers: Vec<Danger> = whole.iter().filter_map(|hazard| of("", hazard)).collect();
    for step in steps {
        dangers.extend(step.hazards.iter().filter_map(|hazard| of(&step.stem, hazard)));
        if step.hazards.iter().all(|hazard| hazard.verdict < step.verdict) {
            let (step, verdict, why) =
                (step.stem.clone(), step.verdict, "the locks that it takes".to_owned());
            dangers.push(Danger { step, verdict, why });
        }
    }
    dangers
}

/// A plan with what text, database and rehearsals say of it.
struct Assessed {
    steps: Vec<DryStep>,
    tables: Vec<TableFacts>,
    hazards: Vec<FoundHazard>,
}

impl Assessed {
    fn of(plan: &Plan<'_>, history: &History, assessment: Assessment, rehearsals: &Rehearsals) -> Self {
        let Assessment { tables, steps, whole } = assessment;
        let steps = plan.steps.iter().zip(steps).map(|(revision, mut hazards)| {
            let unfinished = history.unfinished.iter().find(|step| step.version == revision.version);
            hazards.extend(unfinished.map(half_done));
            let mut step = rehearsals.step(revision, plan.direction, hazards);
            judge(&mut step, &tables);
            step
        });
        Self { steps: steps.collect(), tables, hazards: whole }
    }
}

/// The newest applied version afterwards.
fn end(plan: &Plan<'_>, history: &History, way: Way) -> Option<i64> {
    let versions = plan.steps.iter().map(|step| step.version);
    match way {
        Way::Up(_) => versions.max().max(plan.from),
        Way::Down(Back::To(_) | Back::Steps(_)) => {
            let undone: Vec<i64> = versions.collect();
            history
                .applied
                .iter()
                .map(|applied| applied.version)
                .filter(|version| !undone.contains(version))
                .max()
        }
    }
}

/// Whether a step, or what stands around it, is Rust.
fn has_code(revision: &Revision, direction: Direction) -> bool {
    let has_hooks = direction == Direction::Up && revision.around.hooks().next().is_some();
    has_hooks || matches!(revision.step(direction), Some(Step::Rust(_)))
}

/// The rehearsals of one plan. Where there are two, the first counts as far as it went.
#[derive(Default)]
struct Rehearsals {
    on_database: Option<OnDatabase>,
    elsewhere: Option<Seen>,
    /// Why there is none elsewhere that was wanted.
    refused: Option<String>,
}

impl Rehearsals {
    async fn take(
        migrator: &Migrator,
        connection: &Connection,
        options: &DryRunOptions,
        history: &History,
        plan: &Plan<'_>,
    ) -> Result<Self, Error> {
        let mut taken = Self::default();
        match options.depth {
            _ if plan.is_empty() => {}
            Depth::Plan => {}
            Depth::Full => {
                let from = options.clone_from.as_ref().ok_or(Error::NoClone)?;
                let seen = on_clone::rehearse(migrator, from, history, plan, options.way).await?;
                taken.elsewhere = Some(seen);
            }
            Depth::Rehearse => {
                if options.stage != StageChoice::Scratch {
                    taken.on_database = on_database::rehearse(migrator, connection, options).await?;
                }
                if options.stage != StageChoice::Database && !taken.is_whole(plan) {
                    taken.on_scratch(migrator, history, plan, options.stage).await?;
                }
            }
        }
        Ok(taken)
    }

    /// Where nobody asked for it, a scratch database that cannot be had is no error.
    async fn on_scratch(
        &mut self,
        migrator: &Migrator,
        history: &History,
        plan: &Plan<'_>,
        stage: StageChoice,
    ) -> Result<(), Error> {
        match on_scratch::rehearse(migrator, history, plan).await {
            Ok(seen) => self.elsewhere = Some(seen),
            Err(error @ Error::Step(StepError::Stopped)) => return Err(error),
            Err(error) if stage == StageChoice::Scratch => return Err(error),
            Err(error) => {
                self.refused = Some(format!("there is no scratch database for it: failed to {error}"));
            }
        }
        Ok(())
    }

    /// Whether every step was run on the database itself, or one has failed there.
    fn is_whole(&self, plan: &Plan<'_>) -> bool {
        let Some(OnDatabase { seen, .. }) = &self.on_database else { return false };
        let has_failed = seen.outcomes.iter().any(|(_, outcome)| matches!(outcome, Rehearsed::Failed { .. }));
        has_failed || seen.outcomes.len() == plan.steps.len() && seen.differences.is_some()
    }

    /// The rehearsal that tells of a step.
    fn of(&self, version: i64) -> Option<(&Seen, &Rehearsed)> {
        let on_database = self.on_database.as_ref().map(|on_database| &on_database.seen);
        let all = on_database.into_iter().chain(&self.elsewhere);
        all.filter_map(|seen| Some((seen, seen.outcome(version)?))).next()
    }

    fn step(&self, revision: &Revision, direction: Direction, hazards: Vec<FoundHazard>) -> DryStep {
        let parts = revision.step(direction).map(unmeasured).unwrap_or_default();
        let file = revision.step(direction).map_or(String::new(), |step| step.file().to_owned());
        let found = self.of(revision.version);
        let measured = found.and_then(|(seen, _)| seen.step(revision.version));
        let rehearsed = found.map_or_else(|| self.not_rehearsed(), |(_, outcome)| outcome.clone());
        DryStep {
            revision: RevisionStatus::of(revision),
            stem: revision.stem(),
            file,
            has_code: has_code(revision, direction),
            verdict: Verdict::Safe,
            hazards,
            statements: joined(parts, measured, self.begin_of(found)),
            rehearsed,
            duration: measured.map(super::probe::MeasuredStep::duration),
        }
    }

    /// When a rehearsal began, since the first one did: one elsewhere comes behind the one on the database itself.
    fn begin_of(&self, found: Option<(&Seen, &Rehearsed)>) -> Duration {
        let first = self.on_database.as_ref().map(|on_database| on_database.seen.duration);
        let is_second = found.is_some_and(|(seen, _)| seen.place != Place::Database);
        first.filter(|_| is_second).unwrap_or_default()
    }

    fn not_rehearsed(&self) -> Rehearsed {
        let reason = match &self.refused {
            Some(refused) => refused.clone(),
            None if self.on_database.is_none() && self.elsewhere.is_none() => "nothing was run".to_owned(),
            None => "a step before it did not come to its end, or it has no transaction to be rolled back in"
                .to_owned(),
        };
        Rehearsed::No { reason }
    }

    fn summary(self) -> Option<Rehearsal> {
        let untouched = self.on_database.as_ref().map(|on_database| on_database.untouched.clone());
        let left_behind = self.on_database.as_ref().map(|on_database| on_database.seen.left_behind());
        let on_database = self.on_database.map(|on_database| on_database.seen);
        let all: Vec<Seen> = on_database.into_iter().chain(self.elsewhere).collect();
        let place = all.first().map(|seen| seen.place)?;
        let duration = all.iter().map(|seen| seen.duration).sum();
        // Where there are two, the second one saw the whole.
        let differences = all.into_iter().rev().find_map(|seen| seen.differences).unwrap_or_default();
        let place = if untouched.is_some() { Place::Database } else { place };
        Some(Rehearsal {
            place,
            duration,
            differences,
            untouched,
            left_behind: left_behind.unwrap_or_default(),
        })
    }
}
