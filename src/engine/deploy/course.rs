use std::time::{Duration, Instant};

use super::backup::Taken;
use super::failure::{is_before_any_step, is_loss};
use super::found::{Beginning, Pending};
use super::model::{Deploy, DeployFailure, DeployOutcome, StageOutcome, StageReport};
use super::{DeployError, DeployOptions, after, back, backup, before};
use crate::engine::lock::LockGuard;
use crate::engine::{DataCheck, Error, Event, Migrator, StepError};
use crate::history::{DeployEnd, DeployRow, DeployStage, WayBack};

/// A deploy under way.
pub(super) struct Course<'a> {
    pub(super) migrator: &'a Migrator,
    pub(super) options: &'a DeployOptions,
    /// Keeps other deploys of the same history away.
    pub(super) guard: Option<LockGuard>,
    /// Its row in `hardtack.deploy`; none before the rehearsal, and where nothing is pending.
    pub(super) row: Option<DeployRow>,
    /// Its backup.
    pub(super) taken: Option<Taken>,
    pub(super) report: Deploy,
    /// Whether an earlier run of it had begun the upgrade.
    had_begun: bool,
    is_stopped: bool,
    /// Whether the last failure was that the server went away.
    lost_the_server: bool,
    started: Instant,
}

/// What a stage came to that did not fail.
pub(super) enum Came<T = ()> {
    /// It passed: in a sentence without a full stop, and what the next stages want to know.
    Passed(String, T),
    /// It was gone without, for this reason.
    Skipped(String, T),
}

/// A stage has failed, or a stop was asked for: the report says how.
#[derive(Debug)]
pub(super) struct Halt;

impl<'a> Course<'a> {
    pub(super) fn new(migrator: &'a Migrator, options: &'a DeployOptions, guard: Option<LockGuard>) -> Self {
        let report = Deploy {
            database: migrator.database().database().to_owned(),
            outcome: DeployOutcome::Planned,
            plan: None,
            from: None,
            to: None,
            earlier: None,
            stages: Vec::new(),
            failure: None,
            backup: None,
            way_back: None,
            duration: Duration::ZERO,
        };
        Self {
            migrator,
            options,
            guard,
            row: None,
            taken: None,
            report,
            had_begun: false,
            is_stopped: false,
            lost_the_server: false,
            started: Instant::now(),
        }
    }

    /// Goes the whole way, from wherever an earlier run was.
    pub(super) async fn run(mut self) -> Result<Deploy, Error> {
        let outcome = match Beginning::find(self.migrator, self.options.target).await? {
            Beginning::New { pending: Err(error), .. } => {
                self.fail(DeployStage::Verify, Instant::now(), error.into());
                DeployOutcome::Refused
            }
            Beginning::New { pending: Ok(pending), other } => {
                if let Some(other) = other {
                    self.report.earlier = Some(abandoned(&other));
                    self.write_end(&other, DeployEnd::Abandoned).await?;
                }
                self.forward(pending).await?
            }
            Beginning::TakenUp(row) => {
                self.report.earlier =
                    Some(format!("an earlier run of this deploy had come to its {}", row.stage));
                let pending = self.take_up(row);
                self.forward(Some(pending)).await?
            }
            Beginning::GoingBack(row) => {
                let why = row.error.as_deref().unwrap_or("its process died");
                self.report.earlier =
                    Some(format!("an earlier run of this deploy was on its way back: {why}"));
                self.take_up(row);
                Box::pin(back::go_back(&mut self)).await
            }
        };
        if let Some(guard) = self.guard.take() {
            guard.release().await;
        }
        Ok(self.ended(outcome))
    }

    /// Only shows what a run would do. Writes nothing, and takes no lock.
    pub(super) async fn plan(mut self) -> Result<Deploy, Error> {
        let (pending, earlier) = match Beginning::find(self.migrator, self.options.target).await? {
            Beginning::New { pending, other } => (pending, other.map(|row| abandoned(&row))),
            Beginning::TakenUp(row) => {
                let earlier = format!("an earlier run of this deploy had come to its {}", row.stage);
                (Ok(Some(self.take_up(row))), Some(earlier))
            }
            Beginning::GoingBack(row) => {
                let earlier = "an earlier run of this deploy was on its way back, and that would go on first";
                (Ok(Some(self.take_up(row))), Some(earlier.to_owned()))
            }
        };
        self.report.earlier = earlier;
        if let Ok(pending) = &pending {
            self.announce(pending.as_ref());
        }
        let looked = match pending {
            Ok(pending) => self.look(pending.as_ref()).await.map(|_| pending),
            Err(error) => Err(self.fail(DeployStage::Verify, Instant::now(), error.into())),
        };
        let Ok(pending) = looked else { return Ok(self.ended(DeployOutcome::Refused)) };
        let would = before::would(self.options, pending.as_ref(), self.had_begun);
        self.report.stages.extend(would.into_iter().map(|(stage, reason)| StageReport {
            stage,
            outcome: StageOutcome::Skipped { reason },
            summary: String::new(),
            duration: Duration::ZERO,
        }));
        Ok(self.ended(DeployOutcome::Planned))
    }

    fn ended(mut self, outcome: DeployOutcome) -> Deploy {
        self.report.outcome = outcome;
        self.report.duration = self.started.elapsed();
        self.report
    }

    fn take_up(&mut self, row: DeployRow) -> Pending {
        let pending = Pending::of_row(&row);
        self.announce(Some(&pending));
        self.report.backup.clone_from(&row.backup);
        self.had_begun = row.fingerprint.is_some();
        self.row = Some(row);
        pending
    }

    fn announce(&mut self, pending: Option<&Pending>) {
        self.report.plan = pending.map(|pending| pending.plan.clone());
        self.report.from = pending.and_then(|pending| pending.from);
        self.report.to = pending.map(|pending| pending.to);
    }

    /// To the end; and back, where that is wanted.
    async fn forward(&mut self, pending: Option<Pending>) -> Result<DeployOutcome, Error> {
        self.announce(pending.as_ref());
        let went = match &pending {
            Some(pending) => Box::pin(self.stages(pending)).await,
            None => self.nothing_pending().await,
        };
        match (went, self.row.clone()) {
            (Ok(()), None) => Ok(DeployOutcome::UpToDate),
            (Ok(()), Some(row)) => {
                self.write_end(&row, DeployEnd::Deployed).await?;
                Ok(DeployOutcome::Deployed)
            }
            (Err(Halt), _) if self.is_stopped => Ok(DeployOutcome::Stopped),
            (Err(Halt), row) if self.is_refused() => {
                // What an earlier run has begun stays open.
                self.end_quietly(row.filter(|_| !self.had_begun), DeployEnd::Refused).await;
                Ok(DeployOutcome::Refused)
            }
            (Err(Halt), Some(_)) if self.options.way_back != WayBack::Stop => {
                Ok(Box::pin(back::go_back(self)).await)
            }
            (Err(Halt), row) => {
                self.end_quietly(row, DeployEnd::Failed).await;
                Ok(DeployOutcome::Failed)
            }
        }
    }

    async fn stages(&mut self, pending: &Pending) -> Result<(), Halt> {
        let (migrator, options) = (self.migrator, self.options);
        let failing = self.look(Some(pending)).await?;
        if self.had_begun {
            let gone_through = "an earlier run of this deploy has gone through it";
            self.pass_over(DeployStage::Rehearse, gone_through);
            let backup = self.row.as_ref().and_then(|row| row.backup.clone());
            self.taken =
                self.stage(DeployStage::Backup, backup::still_there(migrator, options, backup)).await?;
        } else {
            if self.row.is_none() {
                let begun = before::begin(migrator, options, pending).await;
                let begun = begun.map_err(|error| self.fail(DeployStage::Rehearse, Instant::now(), error))?;
                self.row = Some(begun);
            }
            self.stage(DeployStage::Rehearse, before::rehearse(migrator, options, pending)).await?;
            let earlier = self.row.as_ref().and_then(|row| row.backup.clone());
            let work = backup::take(migrator, options, pending, earlier);
            self.taken = self.stage(DeployStage::Backup, work).await?;
        }
        self.report.backup = self.taken.as_ref().map(|taken| taken.path.clone());
        self.stage(DeployStage::Upgrade, before::upgrade(migrator, options, self.report.backup.clone()))
            .await?;
        self.stage(DeployStage::Checks, after::checks(migrator, failing)).await?;
        self.stage(DeployStage::Probe, after::probe(migrator, options)).await
    }

    async fn nothing_pending(&mut self) -> Result<(), Halt> {
        let (migrator, options) = (self.migrator, self.options);
        self.look(None).await?;
        for stage in [DeployStage::Rehearse, DeployStage::Backup, DeployStage::Upgrade] {
            self.pass_over(stage, "nothing is pending");
        }
        self.stage(DeployStage::Checks, after::checks(migrator, Vec::new())).await?;
        self.stage(DeployStage::Probe, after::probe(migrator, options)).await
    }

    /// What is looked at before anything is written: the database, and the gates. Returns the checks that fail already.
    async fn look(&mut self, pending: Option<&Pending>) -> Result<Vec<DataCheck>, Halt> {
        let (migrator, options) = (self.migrator, self.options);
        let verified = before::verify(migrator, options, pending, self.had_begun);
        let failing = self.stage(DeployStage::Verify, verified).await?;
        match pending {
            None => self.pass_over(DeployStage::Gates, "nothing is pending"),
            // The upgrade judges all of them once more.
            Some(_) => self.stage(DeployStage::Gates, before::gates(migrator, options)).await?,
        }
        Ok(failing)
    }

    /// Does the work of a stage, and tells and writes down that it is at it.
    pub(super) async fn stage<T>(
        &mut self,
        stage: DeployStage,
        work: impl Future<Output = Result<Came<T>, Error>>,
    ) -> Result<T, Halt> {
        // They are large, and each lives inside those that wait for it.
        let work = Box::pin(work);
        let started = Instant::now();
        self.migrator.tell(&Event::DeployStageStarted { stage });
        let came = match self.enter(stage).await {
            Ok(()) => work.await,
            Err(error) => Err(error),
        };
        let (outcome, summary, value) = match came {
            Ok(Came::Passed(summary, value)) => (StageOutcome::Passed, summary, value),
            Ok(Came::Skipped(reason, value)) => (StageOutcome::Skipped { reason }, String::new(), value),
            Err(error) => return Err(self.fail(stage, started, error)),
        };
        self.told(StageReport { stage, outcome, summary, duration: started.elapsed() });
        Ok(value)
    }

    /// Writes down that a stage begins, and before the upgrade what the catalog is.
    async fn enter(&mut self, stage: DeployStage) -> Result<(), Error> {
        if self.migrator.stop.is_requested() {
            return Err(StepError::Stopped.into());
        }
        let Some(row) = self.row.as_mut().filter(|_| stage.is_logged()) else { return Ok(()) };
        row.stage = stage;
        if stage == DeployStage::Upgrade && row.fingerprint.is_none() {
            row.backup = self.taken.as_ref().map(|taken| taken.path.clone());
            let fingerprint = self.migrator.catalog().await?.fingerprint();
            if self.taken.as_ref().is_some_and(|taken| taken.manifest.fingerprint != fingerprint) {
                return Err(DeployError::ChangedSinceBackup.into());
            }
            row.fingerprint = Some(fingerprint);
        }
        let (row, connection) = (row.clone(), self.migrator.connect().await?);
        row.write(&connection.client, self.migrator.history_table()).await.map_err(unwritten)
    }

    fn pass_over(&mut self, stage: DeployStage, reason: &str) {
        self.migrator.tell(&Event::DeployStageStarted { stage });
        let outcome = StageOutcome::Skipped { reason: reason.to_owned() };
        self.told(StageReport { stage, outcome, summary: String::new(), duration: Duration::ZERO });
    }

    fn told(&mut self, report: StageReport) {
        self.migrator.tell(&Event::DeployStageFinished { stage: &report });
        self.report.stages.push(report);
    }

    /// Takes down why a stage failed. The first failure is the deploy's: behind it there is only the way back.
    pub(super) fn fail(&mut self, stage: DeployStage, started: Instant, error: Error) -> Halt {
        let duration = started.elapsed();
        self.lost_the_server = is_loss(&error);
        if error.is_stop() {
            self.is_stopped = true;
            let outcome = StageOutcome::Skipped { reason: "a stop was asked for".to_owned() };
            self.told(StageReport { stage, outcome, summary: String::new(), duration });
            return Halt;
        }
        let message = error.to_string();
        let outcome = StageOutcome::Failed;
        self.told(StageReport { stage, outcome, summary: format!("failed to {message}"), duration });
        self.report.failure.get_or_insert(DeployFailure { stage, message, error });
        Halt
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    pub(super) fn lost_the_server(&self) -> bool {
        self.lost_the_server
    }

    /// Whether the failure came before any step was sent.
    fn is_refused(&self) -> bool {
        let Some(failure) = &self.report.failure else { return false };
        failure.stage < DeployStage::Upgrade
            || failure.stage == DeployStage::Upgrade && is_before_any_step(&failure.error)
    }

    /// Ends a row where nothing hangs on that: the database says itself how it is.
    pub(super) async fn end_quietly(&self, row: Option<DeployRow>, end: DeployEnd) {
        let Some(row) = row else { return };
        if let Err(error) = self.write_end(&row, end).await {
            tracing::warn!(%error, "the deploy could not be ended in hardtack.deploy");
        }
    }

    async fn write_end(&self, row: &DeployRow, end: DeployEnd) -> Result<(), Error> {
        let mut row = row.clone();
        row.error = row.error.or_else(|| self.report.failure.as_ref().map(|failure| failure.message.clone()));
        let connection = self.migrator.connect().await?;
        let note = self.report.earlier.as_deref();
        row.finish(&connection.client, self.migrator.history_table(), (end, note)).await.map_err(unwritten)
    }
}

pub(super) fn unwritten(source: tokio_postgres::Error) -> Error {
    let left = "what was reported stands; the next deploy takes this one up";
    Error::State { action: "write hardtack.deploy", left, source }
}

fn abandoned(row: &DeployRow) -> String {
    format!(
        "an earlier deploy, to version {}, had come to its {} and was of another plan: abandoned",
        row.to, row.stage
    )
}
