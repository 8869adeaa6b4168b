use serde::Serialize;

use crate::catalog::{Catalog, differences};
use crate::engine::operations::replaying::Replaying;
use crate::engine::operations::stage::Stage;
use crate::engine::{Error, Migrator, StepError};
use crate::revisions::{Direction, Down, Revision, Step, Transaction};

/// What became of a revision on the stairway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stair {
    /// Its stem.
    pub revision: String,
    /// The file in question, below the migrations folder: its down, or its up where that fails.
    pub file: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: StairOutcome,
}

/// What came of a revision on the stairway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum StairOutcome {
    /// Up, down and up again left the catalogs that they should.
    Climbed,
    /// There was nothing to try, and why.
    PassedOver(String),
    /// What failed, or what differs.
    Failed(String),
}

pub(super) async fn stairway(migrator: &Migrator, versions: &[i64]) -> Result<Vec<Stair>, Error> {
    // Each stop would have a plan of its own to tell.
    let quiet = migrator.clone().on_event(|_| ());
    let mut rest = migrator.revisions().as_slice();
    let mut climb = Climb { migrator: &quiet, versions, stairs: Vec::new() };
    while !rest.is_empty() {
        let stage = Stage::set_up(&quiet).await?;
        let climbed = climb.climb(&stage, rest.len()).await;
        rest = stage.clear(climbed).await?;
    }
    Ok(climb.stairs)
}

/// A climb so far. A down at fault leaves a database that nothing behind it can be judged on: then it goes on with another.
struct Climb<'a> {
    migrator: &'a Migrator,
    versions: &'a [i64],
    stairs: Vec<Stair>,
}

impl<'a> Climb<'a> {
    /// Climbs the last so many revisions, from an empty database; returns those that are left for another one.
    async fn climb(&mut self, stage: &Stage, left: usize) -> Result<&'a [Revision], Error> {
        let revisions = self.migrator.revisions().as_slice();
        let (below, mut rest) = revisions.split_at(revisions.len() - left);
        let mut replaying = Replaying::new(self.migrator, stage);
        let mut passed: Vec<&Revision> = below.iter().collect();
        while !rest.is_empty() {
            let stop = rest.iter().position(|revision| self.is_stop(revision)).unwrap_or(rest.len());
            let (between, from) = rest.split_at(stop);
            passed.extend(between);
            if let Err(error) = replaying.apply(&std::mem::take(&mut passed)).await {
                return self.give_up(between.last().or(below.last()), error);
            }
            self.pass_over(between);
            let Some((revision, behind)) = from.split_first() else { break };
            rest = behind;
            let lower = stage.catalog().await?;
            if let Err(error) = replaying.apply(&[revision]).await {
                return self.give_up(Some(revision), error);
            }
            let (outcome, is_sound) = try_back(stage, &replaying, revision, &lower).await?;
            self.stairs.push(Stair::new(revision, outcome));
            if !is_sound {
                return Ok(rest);
            }
        }
        Ok(&[])
    }

    fn is_stop(&self, revision: &Revision) -> bool {
        self.versions.contains(&revision.version) && no_way_back(revision).is_none()
    }

    /// Tells of those that were to be tried.
    fn pass_over(&mut self, revisions: &[Revision]) {
        for revision in revisions.iter().filter(|revision| self.versions.contains(&revision.version)) {
            let reason = no_way_back(revision).unwrap_or_default();
            self.stairs.push(Stair::new(revision, StairOutcome::PassedOver(reason)));
        }
    }

    /// Nothing behind an up that fails can be tried.
    fn give_up(&mut self, last: Option<&Revision>, error: Error) -> Result<&'a [Revision], Error> {
        let error = match error {
            Error::Step(StepError::Stopped) => return Err(error),
            // It is no comparison that failed.
            Error::Replay { source } => *source,
            error => error,
        };
        let revisions = self.migrator.revisions();
        let stem = match &error {
            Error::Step(step) => step.revision(),
            _ => None,
        };
        let named = stem.and_then(|stem| revisions.iter().find(|revision| revision.stem() == stem));
        if let Some(revision) = named.or(last) {
            let outcome = StairOutcome::Failed(format!("up: failed to {error}"));
            let (stem, file) = (revision.stem(), revision.file().to_owned());
            self.stairs.push(Stair { revision: stem, file, outcome });
        }
        Ok(&[])
    }
}

/// Down and up again. Says too whether the database is what it was.
async fn try_back(
    stage: &Stage,
    replaying: &Replaying<'_>,
    revision: &Revision,
    lower: &Catalog,
) -> Result<(StairOutcome, bool), Error> {
    if replaying.applied().last().is_none_or(|last| last.version != revision.version) {
        let reason = "its up is a Rust function that is not at hand, or does not work on an empty database";
        return Ok((StairOutcome::PassedOver(reason.to_owned()), true));
    }
    let upper = stage.catalog().await?;
    if let Err(error) = stage.undo_newest(replaying.applied()).await {
        // Without a transaction it may be half undone.
        let step = revision.step(Direction::Down);
        let is_whole = step.is_some_and(|step| step.settings().transaction == Transaction::PerRevision);
        let is_sound = is_whole && differences(&upper, &stage.catalog().await?).is_empty();
        let is_of_function = matches!(error, Error::Step(StepError::Function { .. }));
        return match error {
            Error::Step(StepError::Stopped) => Err(error),
            // It may want rows, or a state, that an empty database cannot offer.
            error if is_of_function => {
                Ok((StairOutcome::PassedOver(format!("down: failed to {error}")), is_sound))
            }
            error => Ok((StairOutcome::Failed(format!("down: failed to {error}")), is_sound)),
        };
    }
    if let Some(text) = difference(lower, &stage.catalog().await?) {
        return Ok((
            StairOutcome::Failed(format!("its down leaves another catalog than there was before it:{text}")),
            false,
        ));
    }
    if let Err(error) = stage.apply(replaying.applied()).await {
        return Ok((StairOutcome::Failed(format!("up again: failed to {error}")), false));
    }
    Ok(match difference(&upper, &stage.catalog().await?) {
        Some(text) => {
            (StairOutcome::Failed(format!("up again, the catalog is another than at first:{text}")), false)
        }
        None => (StairOutcome::Climbed, true),
    })
}

/// Why there is nothing to try, whatever the up does.
fn no_way_back(revision: &Revision) -> Option<String> {
    match &revision.down {
        Down::Irreversible(reason) => Some(format!("it is irreversible: {reason}")),
        Down::Missing => Some("it has no down".to_owned()),
        Down::Step(Step::Rust(step)) if step.run.is_none() => {
            Some("its down is a Rust function, which is in the application's own binary".to_owned())
        }
        Down::Step(_) => None,
    }
}

fn difference(expected: &Catalog, found: &Catalog) -> Option<String> {
    let lines: Vec<String> =
        differences(expected, found).iter().map(|difference| format!("\n  {difference}")).collect();
    (!lines.is_empty()).then(|| lines.concat())
}

impl Stair {
    fn new(revision: &Revision, outcome: StairOutcome) -> Self {
        let down = revision.step(Direction::Down);
        let file = down.map_or(revision.file(), Step::file).to_owned();
        Self { revision: revision.stem(), file, outcome }
    }
}
