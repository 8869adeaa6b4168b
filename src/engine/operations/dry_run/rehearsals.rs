use std::time::Duration;

use super::model::{Depth, DryStep, Place, Rehearsal, Rehearsed};
use super::on_database::{self, OnDatabase};
use super::options::{DryRunOptions, StageChoice};
use super::probe::{MeasuredStep, unmeasured};
use super::seen::{Seen, joined};
use super::{on_clone, on_scratch};
use crate::db::Connection;
use crate::engine::{Error, Migrator, RevisionStatus, StepError};
use crate::history::History;
use crate::plan::Plan;
use crate::revisions::{Direction, Revision, Step};
use crate::safety::{FoundHazard, Verdict};

/// Whether a step, or what stands around it, is Rust.
fn has_code(revision: &Revision, direction: Direction) -> bool {
    let has_hooks = direction == Direction::Up && revision.around.hooks().next().is_some();
    has_hooks || matches!(revision.step(direction), Some(Step::Rust(_)))
}

/// The rehearsals of one plan. Where there are two, the first counts as far as it went.
#[derive(Default)]
pub(super) struct Rehearsals {
    on_database: Option<OnDatabase>,
    elsewhere: Option<Seen>,
    /// Why there is none elsewhere that was wanted.
    refused: Option<String>,
    /// Whether one was asked for.
    was_tried: bool,
}

impl Rehearsals {
    pub(super) async fn take(
        migrator: &Migrator,
        connection: &Connection,
        options: &DryRunOptions,
        history: &History,
        plan: &Plan<'_>,
    ) -> Result<Self, Error> {
        let mut taken = Self { was_tried: options.depth != Depth::Plan, ..Self::default() };
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

    pub(super) fn step(
        &self,
        revision: &Revision,
        direction: Direction,
        hazards: Vec<FoundHazard>,
    ) -> DryStep {
        let parts = revision.step(direction).map(unmeasured).unwrap_or_default();
        let file = revision.step(direction).map_or(String::new(), |step| step.file().to_owned());
        let found = self.of(revision.version);
        let measured = found.and_then(|(seen, _)| seen.step(revision.version));
        let rehearsed = found.map_or_else(|| self.not_rehearsed(revision), |(_, outcome)| outcome.clone());
        DryStep {
            revision: RevisionStatus::of(revision),
            stem: revision.stem(),
            file,
            has_code: has_code(revision, direction),
            verdict: Verdict::Safe,
            hazards,
            statements: joined(parts, measured, self.begin_of(found)),
            rehearsed,
            duration: measured.map(MeasuredStep::duration).filter(|time| !time.is_zero()),
        }
    }

    /// When a rehearsal began, since the first one did: one elsewhere comes behind the one on the database itself.
    fn begin_of(&self, found: Option<(&Seen, &Rehearsed)>) -> Duration {
        let first = self.on_database.as_ref().map(|on_database| on_database.seen.duration);
        let is_second = found.is_some_and(|(seen, _)| seen.place != Place::Database);
        first.filter(|_| is_second).unwrap_or_default()
    }

    /// Why a step was not run.
    fn not_rehearsed(&self, revision: &Revision) -> Rehearsed {
        let ran = self.on_database.iter().map(|on_database| &on_database.seen).chain(&self.elsewhere);
        let mut outcomes = ran.flat_map(|seen| &seen.outcomes);
        let reason = match &self.refused {
            Some(refused) => refused.clone(),
            None if self.on_database.is_none() && self.elsewhere.is_none() && !self.was_tried => {
                "nothing was run".to_owned()
            }
            None if outcomes.any(|(_, outcome)| !matches!(outcome, Rehearsed::Yes { .. })) => {
                "a step before it did not come to its end".to_owned()
            }
            None => format!(
                "{} or one before it cannot be rolled back with others: it has no transaction, opens or ends one, or finishes a \
                 backfill first; --on auto tries the rest on a scratch database",
                revision.stem()
            ),
        };
        Rehearsed::No { reason }
    }

    /// Where the steps were rehearsed, for the evidence.
    pub(super) fn note(&self) -> String {
        let on_database = self.on_database.as_ref().map(|on_database| &on_database.seen);
        let number = |place: Place| {
            let seen = on_database.into_iter().chain(&self.elsewhere).filter(move |seen| seen.place == place);
            seen.flat_map(|seen| &seen.outcomes).count()
        };
        let first = number(Place::Database);
        let places = [
            (first, Place::Database),
            (number(Place::Scratch).saturating_sub(first), Place::Scratch),
            (number(Place::Clone), Place::Clone),
        ];
        let places = places.iter().filter(|(number, _)| *number > 0);
        let said: Vec<String> = places.map(|(number, place)| format!("{number} {place}")).collect();
        format!("steps: {}", said.join(", "))
    }

    pub(super) fn summary(self, plan: &Plan<'_>) -> Option<Rehearsal> {
        let untouched = self.on_database.as_ref().map(|on_database| on_database.untouched.clone());
        let left_behind = self.on_database.as_ref().map(|on_database| on_database.seen.left_behind());
        let on_database = self.on_database.map(|on_database| on_database.seen);
        let all: Vec<Seen> = on_database.into_iter().chain(self.elsewhere).collect();
        let place = all.first().map(|seen| seen.place)?;
        let duration = all.iter().map(|seen| seen.duration).sum();
        // Where there are two, the second one saw the whole.
        let last = all.into_iter().next_back().filter(|seen| seen.outcomes.len() == plan.steps.len());
        let differences = last.and_then(|seen| seen.differences);
        let left_behind = left_behind.unwrap_or_default();
        Some(Rehearsal { place, duration, differences, untouched, left_behind })
    }
}
