use super::judge::{half_done, judge};
use super::model::{DryRun, DryStep, Rehearsed};
use super::options::DryRunOptions;
use super::rehearsals::Rehearsals;
use crate::db::Connection;
use crate::engine::operations::gate;
use crate::engine::{Error, Migrator};
use crate::history::{self, EvidenceKind, History};
use crate::plan::{Plan, Way};
use crate::revisions::Direction;
use crate::safety::{self, Assessment, Danger, FoundHazard, Loss, TableFacts, Verdict};

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
    let dangers = dangers_of(&plan, &history, assessment.clone(), &losses);
    let rehearsals = Rehearsals::take(migrator, connection, options, &history, &plan).await?;
    let Assessed { steps, tables, hazards } = Assessed::of(&plan, &history, assessment, &rehearsals);
    let hash = plan.hash();
    let recorded = options.record && all_came_to_their_end(&steps);
    if recorded {
        let note = rehearsals.note();
        gate::record(migrator, connection, (EvidenceKind::Rehearsal, &hash, &note)).await?;
    }
    let gates = gate::judge(migrator, connection, &history, (&plan, options.way), dangers).await?;
    let worst =
        steps.iter().map(|step| step.verdict).chain(hazards.iter().map(|hazard| hazard.verdict)).max();
    Ok(DryRun {
        database: migrator.database().database().to_owned(),
        server_version: connection.server_version().to_owned(),
        direction: plan.direction,
        depth: options.depth,
        from: plan.from,
        to: plan.end(migrator.revisions(), &history),
        plan: hash,
        verdict: worst.unwrap_or(Verdict::Safe),
        steps,
        tables,
        hazards,
        losses,
        gates,
        recorded,
        rehearsal: rehearsals.summary(&plan),
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
    let losses = match plan.direction {
        Direction::Up => Vec::new(),
        Direction::Down => safety::losses(&connection.client, role, plan).await.map_err(unanswered)?,
    };
    Ok(dangers_of(plan, history, assessment, &losses))
}

fn unanswered(source: tokio_postgres::Error) -> Error {
    Error::State { action: "ask the database about the plan", left: "nothing was changed", source }
}

fn all_came_to_their_end(steps: &[DryStep]) -> bool {
    !steps.is_empty() && steps.iter().all(|step| matches!(step.rehearsed, Rehearsed::Yes { .. }))
}

/// The same from what was asked already: a gate of a dry run says what it will say to the run. Losses are counted for downs;
/// of an up the author has accepted them, or the build would have refused it.
fn dangers_of(plan: &Plan<'_>, history: &History, assessment: Assessment, losses: &[Loss]) -> Vec<Danger> {
    let Assessed { steps, hazards, .. } = Assessed::of(plan, history, assessment, &Rehearsals::default());
    let of = |step: &str, hazard: &FoundHazard| {
        let (verdict, why) = (hazard.verdict, hazard.hazard.clone().into_owned());
        hazard.accepted.is_none().then(|| Danger { step: step.to_owned(), verdict, why })
    };
    let mut dangers: Vec<Danger> = hazards.iter().filter_map(|hazard| of("", hazard)).collect();
    for step in &steps {
        dangers.extend(step.hazards.iter().filter_map(|hazard| of(&step.stem, hazard)));
    }
    let lost = losses.iter().filter(|_| plan.direction == Direction::Down);
    dangers.extend(lost.map(|loss| Danger {
        step: loss.revision.clone(),
        verdict: Verdict::LosesData,
        why: loss.to_string(),
    }));
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
