use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::look::{Look, Sizes};
use super::model::{DryStatement, HeldLock, Measured, StatementKind};
use crate::db::connect;
use crate::engine::APPLICATION_NAME;
use crate::engine::task::Task;
use crate::engine::worker::Worker;
use crate::revisions::{Direction, Script, Step};

/// How long a rehearsal may be in anybody's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The longest wait for one lock. Whoever comes behind a waiter waits as long.
    pub lock_timeout: Duration,
    /// The longest that the transaction of a rehearsal stays open, and so the longest that a lock is held.
    pub longest: Duration,
}

impl Default for Bounds {
    /// Half a second for a lock, 5 seconds in all.
    fn default() -> Self {
        Self { lock_timeout: Duration::from_millis(500), longest: Duration::from_secs(5) }
    }
}

/// How much later a rehearsal is ended from here than the server ends it.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// What is left of a rehearsal's time when the server ends its statement.
const AS_GOOD_AS_NOTHING: Duration = Duration::from_millis(50);

/// Measures each part of each step of a rehearsal: what the worker does stays what it does in earnest, with a look at the
/// server before and after.
#[derive(Debug)]
pub(in crate::engine) struct Probe {
    started: Instant,
    /// Those of a transaction that is rolled back; none where the steps commit, on a database that nobody else uses.
    bounds: Option<Bounds>,
    /// Of what is there at the beginning.
    sizes: Sizes,
    steps: Mutex<Vec<MeasuredStep>>,
}

/// What was seen of one step.
#[derive(Clone, Debug)]
pub(super) struct MeasuredStep {
    pub(super) version: i64,
    direction: Direction,
    /// Whether all of it is one transaction, at the end of which its locks are released.
    is_transaction: bool,
    pub(super) statements: Vec<DryStatement>,
}

/// What a part of a step is.
pub(in crate::engine) struct Part<'a> {
    kind: StatementKind,
    line: usize,
    text: &'a str,
    /// Whether it has no transaction around it, so that its locks are gone when it ends.
    is_alone: bool,
}

impl<'a> Part<'a> {
    /// The statement of a script at that place.
    pub(in crate::engine) fn statement(script: &'a Script, index: usize) -> Self {
        let text = script.statements().nth(index).unwrap_or_default();
        Self { kind: StatementKind::Sql, line: script.line_of(index).unwrap_or(1), text, is_alone: false }
    }

    /// The function of a file.
    pub(in crate::engine) fn function(file: &'a str) -> Self {
        Self { kind: StatementKind::Function, line: 1, text: file, is_alone: false }
    }

    /// A hook or checks of a file, before the step.
    pub(in crate::engine) fn before(file: &'a str) -> Self {
        Self { kind: StatementKind::Before, ..Self::function(file) }
    }

    /// A hook or checks of a file, after the step.
    pub(in crate::engine) fn after(file: &'a str) -> Self {
        Self { kind: StatementKind::After, ..Self::function(file) }
    }

    /// The same without a transaction around it.
    pub(in crate::engine) fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }
}

impl Probe {
    pub(super) fn new(bounds: Option<Bounds>, sizes: Sizes) -> Self {
        Self { started: Instant::now(), bounds, sizes, steps: Mutex::default() }
    }

    /// Whether what it measures is rolled back.
    pub(in crate::engine) fn rolls_back(&self) -> bool {
        self.bounds.is_some()
    }

    /// The longest wait for a lock, where that is less than a step says.
    pub(in crate::engine) fn lock_timeout(&self, of_step: Duration) -> Duration {
        let is_longer = |bound: &Duration| of_step.is_zero() || of_step > *bound;
        self.bounds.map(|bounds| bounds.lock_timeout).filter(is_longer).unwrap_or(of_step)
    }

    /// Ends when the time of the rehearsal is over; never where it has no bounds. The server ends its statements by itself, a
    /// little earlier.
    pub(in crate::engine) async fn over(&self) {
        match self.left() {
            Some(left) => tokio::time::sleep(left + GRACE).await,
            None => std::future::pending().await,
        }
    }

    /// Whether the time is over, or as good as over.
    pub(super) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left < AS_GOOD_AS_NOTHING)
    }

    /// Ends some work of the rehearsal's own when its time is over; none where it was.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.over() => None,
        }
    }

    /// How long a rehearsal may take that is rolled back.
    pub(in crate::engine) fn limit(&self) -> Option<Duration> {
        self.bounds.map(|bounds| bounds.longest)
    }

    /// The bounds of the statement to come: what is left, and the longest wait for a lock.
    pub(super) fn bounds_left(&self) -> Option<Bounds> {
        let lock_timeout = self.bounds?.lock_timeout;
        Some(Bounds { lock_timeout, longest: self.left()? })
    }

    /// Something that belongs to the last part took time behind it.
    pub(in crate::engine) fn prolong(&self, time: Duration) {
        let mut steps = self.steps();
        let last = steps.last_mut().and_then(|step| step.statements.last_mut());
        if let Some(measured) = last.and_then(|statement| statement.measured.as_mut()) {
            measured.duration += time;
        }
    }

    /// The time that is left.
    fn left(&self) -> Option<Duration> {
        self.bounds.map(|bounds| bounds.longest.saturating_sub(self.started.elapsed()))
    }

    /// A step begins, or is tried again.
    pub(in crate::engine) fn begin(&self, task: &Task<'_>, is_transaction: bool) {
        let (version, direction) = (task.revision.version, task.direction);
        let mut steps = self.steps();
        steps.retain(|step| (step.version, step.direction) != (version, direction));
        steps.push(MeasuredStep { version, direction, is_transaction, statements: Vec::new() });
    }

    fn record(&self, part: &Part<'_>, measured: Option<Measured>) {
        let Part { kind, line, text, .. } = *part;
        if let Some(step) = self.steps().last_mut() {
            step.statements.push(DryStatement { kind, line, text: text.to_owned(), measured });
        }
    }

    /// How many steps were begun.
    pub(super) fn number_of_steps(&self) -> usize {
        self.steps().len()
    }

    /// What was seen, a step after the other; how long each lock was held is known now.
    pub(super) fn finish(&self) -> Vec<MeasuredStep> {
        let mut steps = self.steps().clone();
        steps.iter_mut().filter(|step| step.is_transaction).for_each(MeasuredStep::hold_to_the_end);
        steps
    }

    fn steps(&self) -> MutexGuard<'_, Vec<MeasuredStep>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MeasuredStep {
    /// How long its parts took, without what was measured between them.
    pub(super) fn duration(&self) -> Duration {
        self.statements.iter().filter_map(|statement| Some(statement.measured.as_ref()?.duration)).sum()
    }

    /// A lock of a transaction is held from its statement to the end of the last.
    fn hold_to_the_end(&mut self) {
        let mut held = Duration::ZERO;
        let measured = self.statements.iter_mut().rev().filter_map(|statement| statement.measured.as_mut());
        for Measured { duration, locks, .. } in measured {
            held += *duration;
            locks.iter_mut().for_each(|lock| lock.held = held);
        }
    }

    /// Leaves out the locks of earlier steps that this one is not seen to want.
    pub(super) fn without_strangers(&mut self) {
        let texts: Vec<String> =
            self.statements.iter().map(|statement| statement.text.to_ascii_lowercase()).collect();
        let measured = self.statements.iter().filter_map(|statement| statement.measured.as_ref());
        let touched: Vec<String> = measured
            .flat_map(|measured| {
                let written = measured.written.iter().map(|written| written.table.clone());
                written.chain(measured.scanned.iter().map(|scan| scan.table.clone()))
            })
            .collect();
        let is_named = |lock: &HeldLock| {
            let name =
                lock.relation.rsplit('.').next().unwrap_or_default().trim_matches('"').to_ascii_lowercase();
            touched.contains(&lock.relation) || texts.iter().any(|text| has_word(text, &name))
        };
        for measured in self.statements.iter_mut().filter_map(|statement| statement.measured.as_mut()) {
            measured.locks.retain(|lock| !lock.carried || is_named(lock));
        }
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

impl Worker<'_> {
    /// Does a part of a step, and measures it where this is a rehearsal. What it needs to know of the server it asks before
    /// and after; where an answer does not come, the part stands without a measure.
    pub(in crate::engine) async fn measured<T, E>(
        &self,
        part: Part<'_>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(probe) = self.settings.probe.as_deref() else { return work.await };
        let before = Look::take(self, probe.bounds_left()).await;
        let started = Instant::now();
        let (outcome, sampled) = match part.is_alone {
            true => self.watched(work).await,
            false => (work.await, Vec::new()),
        };
        let duration = started.elapsed();
        let done = outcome?;
        let after = Look::take(self, probe.bounds_left()).await;
        let (began, is_first) = (started.duration_since(probe.started), probe.is_first_part());
        let measured = before.zip(after).map(|(before, after)| Measured {
            started: began,
            duration,
            locks: held(&before, &after, &sampled, is_first, duration),
            ..before.changes(&after, &probe.sizes)
        });
        probe.record(&part, measured);
        Ok(done)
    }

    /// Looks at the locks while a statement works that lets go of them when it ends.
    async fn watched<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> (Result<T, E>, Vec<HeldLock>) {
        // Not over the session of the migration lock: a concurrent index build would wait for its transaction.
        let Ok(watcher) = connect(&self.settings.database, APPLICATION_NAME).await else {
            return (work.await, Vec::new());
        };
        // A concurrent index build waits for this snapshot, so that even an empty table's is seen.
        let snapshot = watcher.client.batch_execute("begin isolation level repeatable read; select 1").await;
        let (seen, released) = (Mutex::new(Vec::new()), Instant::now() + LONGEST_HOLD);
        let watch = async {
            let (mut is_held, mut pause) = (snapshot.is_ok(), Duration::from_millis(1));
            loop {
                let locks = Look::locks(self, &watcher.client).await.unwrap_or_default();
                let is_seen = !locks.is_empty();
                keep(&seen, locks);
                if is_held && (is_seen || Instant::now() > released) {
                    is_held = watcher.client.batch_execute("commit").await.is_err();
                }
                tokio::time::sleep(pause).await;
                pause = if is_held { pause } else { (pause * 2).min(LONGEST_HOLD) };
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            never = watch => never,
        };
        (outcome, seen.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps what was not seen before.
fn keep(seen: &Mutex<Vec<HeldLock>>, locks: Vec<HeldLock>) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for lock in locks {
        if !seen.contains(&lock) {
            seen.push(lock);
        }
    }
}

/// How long a statement without a transaction may be held up to be looked at, where nobody else uses the database.
const LONGEST_HOLD: Duration = Duration::from_millis(100);

impl Probe {
    fn is_first_part(&self) -> bool {
        self.steps().last().is_none_or(|step| step.statements.is_empty())
    }
}

/// The locks that a part took: those that are new; before the first part of a step, the step's transaction may hold others'.
fn held(
    before: &Look,
    after: &Look,
    sampled: &[HeldLock],
    is_first: bool,
    duration: Duration,
) -> Vec<HeldLock> {
    let is_new = |lock: &&HeldLock| !before.locks.contains(lock);
    let mut locks: Vec<HeldLock> = after.locks.iter().chain(sampled).filter(is_new).cloned().collect();
    if is_first {
        locks.extend(before.locks.iter().map(|lock| HeldLock { carried: true, ..lock.clone() }));
    }
    locks.iter_mut().for_each(|lock| lock.held = duration);
    locks.sort_by(|one, other| (other.mode, &one.relation).cmp(&(one.mode, &other.relation)));
    locks.dedup_by(|one, other| {
        (&one.relation, &one.kind, one.mode) == (&other.relation, &other.kind, other.mode)
    });
    locks
}

/// The parts of a step before it is run, for one that is not.
pub(super) fn unmeasured(step: &Step) -> Vec<DryStatement> {
    let statement = |(line, text): (usize, &str), kind| DryStatement {
        kind,
        line,
        text: text.to_owned(),
        measured: None,
    };
    match step {
        Step::Sql(script) => {
            let lines = (0..).map(|index| script.line_of(index).unwrap_or(1));
            lines.zip(script.statements()).map(|part| statement(part, StatementKind::Sql)).collect()
        }
        Step::Rust(step) => vec![statement((1, &step.file), StatementKind::Function)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safety::LockMode;

    fn lock(relation: &str, mode: LockMode) -> HeldLock {
        let (relation, kind) = (relation.to_owned(), "table".to_owned());
        HeldLock { relation, kind, mode, held: Duration::ZERO, carried: false }
    }

    fn statement(text: &str, milliseconds: u64, locks: Vec<HeldLock>) -> DryStatement {
        let duration = Duration::from_millis(milliseconds);
        let measured = Some(Measured { duration, locks, ..Measured::default() });
        DryStatement { kind: StatementKind::Sql, line: 1, text: text.to_owned(), measured }
    }

    fn locks(step: &MeasuredStep) -> Vec<&HeldLock> {
        let measured = step.statements.iter().filter_map(|statement| statement.measured.as_ref());
        measured.flat_map(|measured| &measured.locks).collect()
    }

    #[test]
    fn a_lock_is_held_to_the_end_of_its_step() {
        let mut step = MeasuredStep {
            version: 1,
            direction: Direction::Up,
            is_transaction: true,
            statements: vec![
                statement("lock table a", 5, vec![lock("public.a", LockMode::AccessExclusive)]),
                statement("lock table b", 20, vec![lock("public.b", LockMode::Share)]),
                statement("select 1", 100, vec![]),
            ],
        };
        step.hold_to_the_end();
        let held: Vec<u128> = locks(&step).iter().map(|lock| lock.held.as_millis()).collect();
        assert_eq!((held, step.duration().as_millis()), (vec![125, 120], 125));
    }

    #[test]
    fn carried_locks_stay_where_the_step_names_their_table() {
        let carried = |relation| HeldLock { carried: true, ..lock(relation, LockMode::AccessExclusive) };
        let held = vec![carried("public.orders"), carried("public.order"), carried("app.\"Files\"")];
        let mut step = MeasuredStep {
            version: 2,
            direction: Direction::Up,
            is_transaction: true,
            statements: vec![statement("update orders set a = 1 from app.\"Files\"", 1, held)],
        };
        step.without_strangers();
        let left: Vec<&str> = locks(&step).iter().map(|lock| lock.relation.as_str()).collect();
        assert_eq!(left, ["public.orders", "app.\"Files\""]);
    }

    #[test]
    fn bounds_tighten_and_never_loosen() {
        let probe = Probe::new(Some(Bounds::default()), Sizes::default());
        let timeout = |milliseconds| probe.lock_timeout(Duration::from_millis(milliseconds)).as_millis();
        assert_eq!([timeout(0), timeout(100), timeout(5_000)], [500, 100, 500]);
        assert_eq!(Probe::new(None, Sizes::default()).lock_timeout(Duration::ZERO), Duration::ZERO);
    }
}
