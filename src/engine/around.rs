//! What runs around an up: hooks and checks, inside the step's transaction where it has one.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tracing::Instrument;

use super::operations::Part;
use super::step::{ended_transaction, is_outside_transaction, panic_message};
use super::task::Task;
use super::worker::{Worker, Wrap};
use super::{CheckFailure, Error, Left, StepError};
use crate::revisions::{Check, Context, Moment, News, RevisionCheck, RevisionError, RevisionResult, RustFn};

/// The values from before of what must not change, by the names of the checks.
pub(super) type Values = BTreeMap<String, String>;

impl Worker<'_> {
    /// What comes before an up: its hook, what must hold, and the first values of what must not change. An up that an
    /// earlier run has begun is asked no more what must hold before it.
    pub(super) async fn before(
        &self,
        task: &Task<'_>,
        wrap: Wrap,
        left: Left,
        is_begun: bool,
    ) -> Result<Values, Error> {
        let Some(around) = task.around() else { return Ok(Values::new()) };
        let hook = around.companion.as_ref().and_then(|companion| companion.before);
        if let Some(run) = hook.and_then(|hook| hook.run) {
            self.hook(task, "before", run, wrap, left).await?;
        }
        let is_due = |check: &&RevisionCheck| match check.moment {
            Moment::Before => !is_begun,
            Moment::Unchanged => true,
            Moment::After => false,
        };
        let mut values = Values::new();
        let due: Vec<_> = around.checks.iter().filter(is_due).collect();
        let part = Part::before(task.companion_file());
        self.measured_checks(part, task, due, wrap, left, &mut values).await?;
        Ok(values)
    }

    /// What comes after an up: its hook, what must hold, and what must not have changed.
    pub(super) async fn after(
        &self,
        task: &Task<'_>,
        wrap: Wrap,
        left: Left,
        mut values: Values,
    ) -> Result<(), Error> {
        let Some(around) = task.around() else { return Ok(()) };
        let hook = around.companion.as_ref().and_then(|companion| companion.after);
        if let Some(run) = hook.and_then(|hook| hook.run) {
            self.hook(task, "after", run, wrap, left).await?;
        }
        let due: Vec<_> = around.checks.iter().filter(|check| check.moment != Moment::Before).collect();
        if wrap != Wrap::None && !due.is_empty() {
            // What is deferred may still change rows, and belongs to the up.
            self.open(task, "set constraints all immediate", wrap).await?;
        }
        let part = Part::after(task.companion_file());
        self.measured_checks(part, task, due, wrap, left, &mut values).await
    }

    async fn measured_checks(
        &self,
        part: Part<'_>,
        task: &Task<'_>,
        checks: Vec<&RevisionCheck>,
        wrap: Wrap,
        left: Left,
        values: &mut Values,
    ) -> Result<(), Error> {
        if checks.is_empty() {
            return Ok(());
        }
        self.measured(part, self.checks(task, checks, wrap, left, values)).await
    }

    async fn hook(
        &self,
        task: &Task<'_>,
        hook: &'static str,
        run: RustFn,
        wrap: Wrap,
        left: Left,
    ) -> Result<(), Error> {
        if wrap == Wrap::None {
            self.turn(task, &self.opening(task, wrap), wrap, left).await?;
        }
        let file = task.companion_file();
        let part = if hook == "before" { Part::before(file) } else { Part::after(file) };
        if let Err(source) = self.measured(part, self.invoke(task, run, wrap)).await {
            let (revision, file) = (task.revision.stem(), file.to_owned());
            return Err(self
                .failed(task, wrap, StepError::Hook { revision, file, hook, source, left })
                .await);
        }
        match self.client.batch_execute(if wrap == Wrap::None { "" } else { STILL_OPEN }).await {
            Err(error) if is_outside_transaction(&error) => {
                self.roll_back_open().await;
                Err(ended_transaction(task, file))
            }
            Err(source) => Err(self.uncommitted(task, source, wrap, left).await),
            Ok(()) => Ok(()),
        }
    }

    /// Calls a function; a panic is an error.
    pub(super) async fn invoke(&self, task: &Task<'_>, run: RustFn, wrap: Wrap) -> RevisionResult<()> {
        let tell = |news: &News<'_>| self.settings.pass_on(task.revision, news);
        let surroundings = self.surroundings(task, wrap, &tell);
        called(run, &mut Context::new(self.client, task.revision, self.stop, surroundings)).await
    }

    /// Asks checks, in a transaction or a part of one that is rolled back: they read only, and what the up has set does not
    /// reach them. Keeps the values of those that must not change, and compares them with the ones kept before.
    async fn checks(
        &self,
        task: &Task<'_>,
        checks: Vec<&RevisionCheck>,
        wrap: Wrap,
        left: Left,
        values: &mut Values,
    ) -> Result<(), Error> {
        let (hygiene, timeout) = (&self.settings.hygiene, self.lock_timeout(&task.step.settings()));
        let (opening, closing) = match wrap {
            Wrap::None => (hygiene.begin_reading(timeout), "rollback"),
            Wrap::Step | Wrap::Run => {
                (format!("savepoint hardtack_checks; {}", hygiene.reading(timeout)), BACK_TO_WRITING)
            }
        };
        self.turn(task, &opening, wrap, left).await?;
        for check in checks {
            let answer = self.ask(task, check).await;
            match CheckFailure::judge(check.moment, answer, values.get(&*check.name)) {
                Ok(Some(value)) => drop(values.insert(check.name.to_string(), value)),
                Ok(None) => {}
                Err(failure) => {
                    let (revision, check) = (task.revision.stem(), Box::new(check.clone()));
                    let error = StepError::Check { revision, check, failure, left };
                    return Err(self.failed(task, wrap, error).await);
                }
            }
        }
        self.turn(task, closing, wrap, left).await
    }

    /// Goes from one part of a step to the next.
    async fn turn(&self, task: &Task<'_>, text: &str, wrap: Wrap, left: Left) -> Result<(), Error> {
        match self.client.batch_execute(text).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(task, source, wrap, left).await),
        }
    }

    async fn ask(&self, task: &Task<'_>, check: &RevisionCheck) -> RevisionResult<Check> {
        let tell = |_: &News<'_>| ();
        let surroundings = self.surroundings(task, Wrap::Step, &tell);
        asked(check, &Context::new(self.client, task.revision, self.stop, surroundings)).await
    }

    /// Rolls back what a function has left half done; says that it stopped where it was asked to.
    pub(super) async fn failed(&self, task: &Task<'_>, wrap: Wrap, error: StepError) -> Error {
        if wrap != Wrap::None && !self.roll_back_to_start().await {
            return ended_transaction(task, error.file().unwrap_or(task.file()));
        }
        self.roll_back_open().await;
        if self.stop.is_requested() && error.may_be_a_stop() {
            tracing::info!(%error, "the revision stopped as asked");
            return StepError::Stopped.into();
        }
        error.into()
    }
}

/// Fails where the step's transaction was ended, and its savepoint with it.
const STILL_OPEN: &str = "release savepoint hardtack; savepoint hardtack";

const BACK_TO_WRITING: &str = "rollback to savepoint hardtack_checks; release savepoint hardtack_checks";

/// Calls a function, in a span that names its revision; a panic is an error.
pub(super) async fn called(run: RustFn, context: &mut Context<'_>) -> RevisionResult<()> {
    let span = tracing::info_span!(
        "hardtack.function",
        hardtack.revision.version = context.revision().version,
        hardtack.revision.name = &*context.revision().name,
        hardtack.direction = context.surroundings().direction.name(),
    );
    let returned = AssertUnwindSafe(run(context).instrument(span)).catch_unwind().await;
    returned.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

/// The answer of a check; a panic is an error.
pub(super) async fn asked(check: &RevisionCheck, context: &Context<'_>) -> RevisionResult<Check> {
    let answer = AssertUnwindSafe(check.ask(context)).catch_unwind().await;
    answer.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> RevisionError {
    format!("panicked: {}", panic_message(panic)).into()
}
