//! The only file that names refinery: its traits on our session, its runner over our revisions.
//!
//! Refinery decides what is pending and writes the history table; the session decides how each step runs.
//! Refinery's runner speaks to a connection in three kinds of call, told apart by their order alone: one that
//! makes sure of the history table, one that reads it, and then one for each revision (or one for all) whose
//! texts alternate between a revision and the insert of its history row.

use refinery_core::traits::r#async::{AsyncMigrate, AsyncQuery, AsyncTransaction};
use refinery_core::{Migration, Runner, Target as RefineryTarget};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cause::advised;
use super::run::StepReport;
use super::task::Task;
use super::worker::Worker;
use super::{DeferredError, Error, Event, Left, StepError};
use crate::config::HistoryTable;
use crate::db::{quote_identifier, quote_literal};
use crate::history::{Applied, History};
use crate::plan::{OutOfOrder, Plan, Target};
use crate::revisions::{Kind, Revision, RevisionSet};

/// Runs a plan through refinery's runner. Steps that are done stand in `done` also when a later one fails.
pub(super) async fn execute(
    worker: Worker<'_>,
    revisions: &RevisionSet,
    history: &History,
    table: &HistoryTable,
    plan: &Plan<'_>,
    target: Target,
    done: &mut Vec<StepReport>,
) -> Result<(), Error> {
    let shown = Shown::new(revisions, history, worker.settings.out_of_order);
    let migrations = shown.migrations().map_err(|error| refused(&error))?;
    let mut runner =
        Runner::new(&migrations).set_grouped(worker.settings.single_transaction).set_target(match target {
            Target::Head => RefineryTarget::Latest,
            Target::Version(version) => RefineryTarget::Version(version),
        });
    runner.set_migration_table_name(table.to_string());
    let mut session = Session {
        worker,
        shown,
        history,
        table,
        plan,
        done,
        sure_of_table: false,
        create: None,
        failure: None,
    };
    let report = runner.run_async(&mut session).await;
    match (session.failure.take(), report) {
        (Some(failure), _) => Err(failure),
        (None, Ok(_)) => Ok(()),
        (None, Err(error)) => Err(refused(&error)),
    }
}

/// The statements with which refinery records revisions as applied without running them, and makes its table where
/// there is none. It gets to see these revisions alone, on an empty history: its own fake target takes everything
/// up to a version, and refuses what has gaps.
#[cfg(feature = "operations")]
pub(super) async fn fake(
    revisions: &[&Revision],
    table: &HistoryTable,
    exists: bool,
) -> Result<Vec<String>, Error> {
    let migrations = revisions
        .iter()
        .map(|revision| Migration::unapplied(&revision.stem(), revision.text()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(&error))?;
    let mut runner = Runner::new(&migrations).set_target(RefineryTarget::Fake);
    runner.set_migration_table_name(table.to_string());
    let mut recorder = Recorder::default();
    runner.run_async(&mut recorder).await.map_err(|error| refused(&error))?;
    let mut texts = recorder.texts.into_iter();
    let create = texts.next().filter(|_| !exists).map(|create| create_table(table, [create].iter()));
    Ok(create.into_iter().chain(texts).collect())
}

/// Makes the history table, and its schema where that is missing.
fn create_table(table: &HistoryTable, queries: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = create_schema(table);
    for query in queries {
        text = format!("{text};\n{}", query.as_ref());
    }
    text
}

/// Makes the schema of the history table where it is missing.
pub(super) fn create_schema(table: &HistoryTable) -> String {
    // Asked first, because CREATE SCHEMA IF NOT EXISTS wants the right to create even where the schema is.
    let schema = quote_identifier(table.schema());
    let body = format!(
        "begin if pg_catalog.to_regnamespace({}) is null then create schema {schema}; end if; end",
        quote_literal(&schema)
    );
    format!("do {}", quote_literal(&body))
}

/// What refinery gets to see of set and history. The plan has accepted all of it before.
///
/// Refinery takes the newest row for the place in the order, and refuses or skips what lies before it. So two kinds of
/// applied revisions are left out on both sides: unversioned ones, because an applied `U100` would bar `V99`; and, where
/// the policy lets revisions run out of order, whatever is newer than the first of them. Rows of revisions for which one
/// stands now are left out but for the last, which is shown as that one's.
#[derive(Clone, Copy)]
struct Shown<'a> {
    revisions: &'a RevisionSet,
    history: &'a History,
    /// Applied revisions from this version on are left out.
    end: i64,
}

impl<'a> Shown<'a> {
    fn new(revisions: &'a RevisionSet, history: &'a History, policy: OutOfOrder) -> Self {
        let is_pending = |revision: &&Revision| {
            revision.kind == Kind::Versioned && history.get(revision.version).is_none()
        };
        let first = revisions.iter().find(is_pending).filter(|_| policy != OutOfOrder::Reject);
        Self { revisions, history, end: first.map_or(i64::MAX, |revision| revision.version) }
    }

    fn migrations(&self) -> Result<Vec<Migration>, refinery_core::Error> {
        let is_shown = |revision: &&Revision| {
            let is_applied = self.history.get(revision.version).is_some();
            !is_applied || (revision.kind == Kind::Versioned && revision.version < self.end)
        };
        let migration = |revision: &Revision| Migration::unapplied(&revision.stem(), revision.text());
        self.revisions.iter().filter(is_shown).map(migration).collect()
    }

    /// The plan has already accepted each row's checksum, perhaps of another form than this refinery's, so the set's own
    /// stands for it.
    fn rows(&self) -> Vec<Migration> {
        let row = |applied: &Applied| {
            let revision = self.revisions.get(applied.version);
            let at =
                OffsetDateTime::parse(&applied.applied_at, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            let is_gone =
                || revision.is_none() && self.revisions.iter().any(|squash| applied.is_replaced_by(squash));
            let (name, checksum) =
                revision.map_or((applied.name.as_str(), 0), |revision| (&revision.name, revision.checksum));
            let is_versioned = revision.is_none_or(|revision| revision.kind == Kind::Versioned);
            (applied.version < self.end && is_versioned && !is_gone())
                .then(|| Migration::applied(applied.version, name.to_owned(), at, checksum))
        };
        self.history.applied.iter().filter_map(row).collect()
    }
}

fn refused(error: &refinery_core::Error) -> Error {
    Error::Refinery(error.to_string())
}

/// What refinery takes for a connection.
struct Session<'a> {
    worker: Worker<'a>,
    shown: Shown<'a>,
    /// As read under the lock.
    history: &'a History,
    table: &'a HistoryTable,
    plan: &'a Plan<'a>,
    done: &'a mut Vec<StepReport>,
    sure_of_table: bool,
    /// What makes the history table, inside the single transaction.
    create: Option<String>,
    /// Refinery boxes what a session returns; the real error waits here.
    failure: Option<Error>,
}

/// What refinery's runner asks of a connection, written down.
#[cfg(feature = "operations")]
#[derive(Default)]
struct Recorder {
    /// The history that it gets to see.
    rows: Vec<Migration>,
    texts: Vec<String>,
}

#[cfg(feature = "operations")]
impl AsyncTransaction for Recorder {
    type Error = Halted;

    async fn execute<'t, T: Iterator<Item = &'t str> + Send + 't>(
        &'t mut self,
        queries: T,
    ) -> Result<usize, Halted> {
        let before = self.texts.len();
        self.texts.extend(queries.map(str::to_owned));
        Ok(self.texts.len() - before)
    }
}

#[cfg(feature = "operations")]
impl AsyncQuery<Vec<Migration>> for Recorder {
    async fn query<'t>(&'t mut self, _query: &'t str) -> Result<Vec<Migration>, Halted> {
        Ok(self.rows.clone())
    }
}

#[cfg(feature = "operations")]
impl AsyncMigrate for Recorder {}

/// Tells refinery to stop; the reason is in the session.
#[derive(Debug, thiserror::Error)]
#[error("the step failed")]
struct Halted;

impl AsyncTransaction for Session<'_> {
    type Error = Halted;

    async fn execute<'t, T: Iterator<Item = &'t str> + Send + 't>(
        &'t mut self,
        queries: T,
    ) -> Result<usize, Halted> {
        let outcome =
            if self.sure_of_table { self.steps(queries).await } else { self.make_table(queries).await };
        outcome.map_err(|failure| {
            self.failure = Some(failure);
            Halted
        })
    }
}

impl AsyncQuery<Vec<Migration>> for Session<'_> {
    /// Answers from what was read under the lock: nobody else writes while it is held.
    async fn query<'t>(&'t mut self, _query: &'t str) -> Result<Vec<Migration>, Halted> {
        Ok(self.shown.rows())
    }
}

impl AsyncMigrate for Session<'_> {}

impl Session<'_> {
    async fn make_table<'t>(
        &mut self,
        queries: impl Iterator<Item = &'t str> + Send,
    ) -> Result<usize, Error> {
        self.sure_of_table = true;
        if self.history.exists {
            return Ok(0);
        }
        let create = create_table(self.table, queries);
        if self.worker.settings.single_transaction {
            self.create = Some(create);
            return Ok(1);
        }
        let opening = self.worker.settings.hygiene.begin(self.worker.settings.lock_timeout);
        self.create_history(&format!("{opening}; {create};\ncommit")).await?;
        Ok(1)
    }

    async fn create_history(&self, text: &str) -> Result<(), Error> {
        let Err(source) = self.worker.client.batch_execute(text).await else { return Ok(()) };
        self.worker.roll_back_open().await;
        let rights = "no revision was run; the role needs CREATE on the database for a new schema, and on the schema \
                      for a new table";
        let left = advised(&source, "no revision was run", rights);
        Err(Error::State { action: "create the history table and its schema", left, source })
    }

    async fn steps<'t>(&mut self, mut queries: impl Iterator<Item = &'t str> + Send) -> Result<usize, Error> {
        if !self.worker.settings.single_transaction {
            return self.each(&mut queries).await;
        }
        let all = async {
            self.control(&self.worker.begin(self.worker.settings.lock_timeout)).await?;
            if let Some(create) = self.create.take() {
                self.create_history(&create).await?;
            }
            let count = self.each(&mut queries).await?;
            // Whoever rehearses wants to look at what there is now, and rolls it back.
            if !self.worker.settings.probe.as_ref().is_some_and(|probe| probe.rolls_back()) {
                self.control("commit").await?;
            }
            Ok(count)
        };
        let outcome = all.await;
        if outcome.is_err() {
            self.worker.roll_back_open().await;
            self.done.clear();
        }
        outcome
    }

    async fn each<'t>(
        &mut self,
        queries: &mut (impl Iterator<Item = &'t str> + Send),
    ) -> Result<usize, Error> {
        let mut count = 0;
        while let (Some(text), Some(insert)) = (queries.next(), queries.next()) {
            self.step(text, insert).await?;
            count += 1;
        }
        Ok(count)
    }

    async fn step(&mut self, text: &str, insert: &str) -> Result<(), Error> {
        let position = self.done.len();
        let revision = self
            .plan
            .steps
            .get(position)
            .filter(|revision| revision.text() == text)
            .ok_or_else(|| Error::Refinery(format!("step {} is not the plan's", position + 1)))?;
        self.worker.may_go_on()?;
        let (position, total) = (position + 1, self.plan.steps.len());
        let direction = self.plan.direction;
        self.worker.settings.tell(&Event::StepStarted { revision, direction, position, total });
        for version in revision.around.requires.iter().filter(|version| self.plan.awaited.contains(version)) {
            let required = self.shown.revisions.get(*version);
            let required = required.ok_or(DeferredError::Unknown { version: *version })?;
            self.worker.finish_awaited(required).await?;
        }
        let is_awaited = self.plan.awaited.contains(&revision.version);
        let duration = self.worker.run(&Task { is_awaited, ..Task::up(revision, insert) }).await?;
        self.worker.settings.tell(&Event::StepFinished { revision, direction, duration });
        self.done.push(StepReport::new(revision, duration));
        Ok(())
    }

    async fn control(&self, text: &str) -> Result<(), Error> {
        let Err(source) = self.worker.client.batch_execute(text).await else { return Ok(()) };
        let left = self.worker.roll_back(&source, Left::AllRolledBack).await;
        Err(StepError::Single { source, left }.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::{Conflict, PlanError};
    use crate::revisions::{Down, Script, Settings, Step, Transaction};

    fn revision(version: i64, kind: Kind, name: String, text: String) -> Revision {
        let settings = Settings { transaction: Transaction::PerRevision, lock_timeout: None };
        let checksum = Migration::unapplied(&format!("V{version}__{name}"), &text).unwrap().checksum();
        let (statements, effects, hazards) = ((&[]).into(), Vec::new(), Vec::new());
        let up =
            Step::Sql(Script { file: "".into(), text: text.into(), statements, effects, hazards, settings });
        Revision {
            version,
            kind,
            name: name.into(),
            up,
            down: Down::Missing,
            sha256: "".into(),
            checksum,
            around: crate::revisions::Around::default(),
            replaces: None,
        }
    }

    fn applied(revision: &Revision, edited: bool) -> Applied {
        Applied {
            version: revision.version,
            name: revision.name.clone().into_owned(),
            applied_at: "2026-01-01T00:00:00Z".into(),
            duration: None,
            checksum: if edited { "1".into() } else { revision.checksum.to_string() },
        }
    }

    /// A set, and a history that agrees with it or not: for each version whether it is unversioned, applied,
    /// edited since, and gone from the set. Sometimes one revision stands for all before it.
    fn cases() -> impl Strategy<Value = (RevisionSet, History)> {
        let one = (any::<bool>(), 0..4_u8, 0..12_u8, 0..12_u8);
        let squash = proptest::option::weighted(0.3, 1..12_i64);
        (proptest::collection::vec(one, 0..12), squash).prop_map(|(specifications, squash)| {
            let (mut set, mut history) = (Vec::new(), History { exists: true, ..History::default() });
            for (version, (unversioned, is_applied, edited, gone)) in (1..).zip(specifications) {
                let kind = if unversioned { Kind::Unversioned } else { Kind::Versioned };
                let revision =
                    revision(version, kind, format!("name_{version}"), format!("select {version}"));
                // Mostly a prefix, as real histories are.
                if is_applied > 0 && (version < 7 || is_applied > 2) {
                    history.applied.push(applied(&revision, edited == 0));
                }
                if gone != 0 {
                    set.push(revision);
                }
            }
            if let Some(version) = squash {
                set.retain(|revision| revision.version > version);
                let squash = revision(version, Kind::Versioned, "squash".into(), "select 'squash'".into());
                set.push(Revision { replaces: Some(1), ..squash });
            }
            (RevisionSet::from_revisions(set), history)
        })
    }

    proptest! {
        /// The plan is what refinery's runner does, and where refinery refuses there is no plan.
        #[test]
        fn the_plan_is_what_refinery_runs(
            (set, history) in cases(),
            target in proptest::option::of(1..13_i64),
            policy in proptest::sample::select(vec![OutOfOrder::Reject, OutOfOrder::Warn, OutOfOrder::Allow]),
        ) {
            let target = target.filter(|version| set.get(*version).is_some());
            let planned = Plan::upgrade(&set, &history, target.map_or(Target::Head, Target::Version), policy);
            let refinery_target = target.map_or(RefineryTarget::Latest, RefineryTarget::Version);
            let shown = Shown::new(&set, &history, policy);
            let mut recorder = Recorder { rows: shown.rows(), texts: Vec::new() };
            let runner = Runner::new(&shown.migrations().unwrap()).set_target(refinery_target);
            let ran = tokio::runtime::Builder::new_current_thread().build().unwrap()
                .block_on(runner.run_async(&mut recorder));
            let of_steps = recorder.texts.iter().skip(1).step_by(2).map(String::as_str).collect::<Vec<_>>();
            match (planned, ran) {
                (Ok(plan), Ok(_)) => {
                    prop_assert_eq!(plan.steps.iter().map(|step| step.text()).collect::<Vec<_>>(), of_steps);
                    let pending = |revision: &&Revision| history.get(revision.version).is_none();
                    let last = target.unwrap_or(i64::MAX);
                    let due = set.iter().filter(pending).filter(|revision| revision.version <= last);
                    prop_assert_eq!(plan.steps.len(), due.count(), "nothing is skipped");
                }
                (Err(PlanError::Conflict(_)), Ok(_)) => {
                    // Only what refinery does not get to see: an edited revision, what a late one runs before, a history
                    // that ends inside a squash.
                    let end = shown.end;
                    let unseen = |conflict: &Conflict| {
                        matches!(conflict, Conflict::Divergent { .. } | Conflict::InsideSquash { .. })
                            || conflict.version() >= end
                    };
                    prop_assert!(crate::plan::conflicts(&set, &history, policy).iter().all(unseen));
                }
                (Err(_), Err(_) | Ok(_)) => prop_assert!(target.is_some() || of_steps.is_empty()),
                (Ok(plan), Err(error)) => prop_assert!(false, "{:?} but {}", plan.steps, error),
            }
        }
    }
}
