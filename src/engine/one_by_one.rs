//! A script without a transaction: statement by statement, each recorded, so that it can go on where it stopped.
//!
//! A statement that the server accepts inside a transaction gets one, together with the record that it is done: either
//! both are there or neither. What stands alone (`CREATE INDEX CONCURRENTLY` and its kin) is recorded before and after;
//! found half-way, the catalog is asked what became of it.

use std::hash::Hasher;
use std::time::Duration;

use siphasher::sip::SipHasher13;
use tokio_postgres::Error as PgError;
use tokio_postgres::error::SqlState;

use super::around::Values;
use super::concurrent::{self, Fate};
use super::operations::Part;
use super::step::{says, statement_error};
use super::task::Task;
use super::worker::{Worker, Wrap};
use super::{Error, Event, Left, StepError};
use crate::db::{first_value, quote_literal};
use crate::history::Unfinished;
use crate::revisions::{EffectKind, Script};

/// A script on its way.
struct Walk<'a> {
    worker: &'a Worker<'a>,
    task: &'a Task<'a>,
    script: &'a Script,
    /// How many statements are done.
    done: usize,
    /// Where the script opened a transaction of its own that is still open.
    opened_at: Option<usize>,
}

impl Worker<'_> {
    pub(super) async fn one_by_one(&self, task: &Task<'_>, script: &Script) -> Result<(), Error> {
        let mut walk = Walk { worker: self, task, script, done: 0, opened_at: None };
        walk.begin_anew().await?;
        walk.resume().await?;
        let values = walk.before().await?;
        while walk.done < script.statements().len() {
            walk.statement().await?;
            let (revision, position, total) = (task.revision, walk.done, script.statements().len());
            self.settings.tell(&Event::StatementFinished { revision, position, total });
        }
        walk.after(values).await
    }
}

impl Walk<'_> {
    /// A second attempt finds the session as the first one left it.
    async fn begin_anew(&self) -> Result<(), Error> {
        let rules = self.worker.settings.hygiene.session(true, None);
        let text =
            format!("reset session authorization; reset role; reset all; {}", rules.unwrap_or_default());
        self.worker.client.batch_execute(&text).await.map_err(|source| self.at(source))
    }

    /// Goes to where an earlier run stopped, or announces the way back.
    async fn resume(&mut self) -> Result<(), Error> {
        let Worker { client, settings, .. } = self.worker;
        let (version, direction) = (self.task.revision.version, self.task.direction);
        let as_itself = settings.hygiene.as_itself();
        let found = Unfinished::find(client, &settings.table, &as_itself, version, direction).await;
        let found = found.map_err(|source| self.unrecorded(source, Left::Statements { done: 0 }))?;
        let Some(found) = found else {
            return match self.task.announcement(&settings.table) {
                Some(announcement) => {
                    let announcement = format!("{}{announcement}", self.worker.undoing(self.task));
                    self.record(0, None, &announcement).await
                }
                None => Ok(()),
            };
        };
        if found.done > self.total() || found.done_hash != self.hash(found.done) {
            let (revision, file, done) =
                (self.task.revision.stem(), self.script.file.to_string(), found.done);
            return Err(StepError::EditedHalfWay { direction, revision, file, done }.into());
        }
        self.done = found.done;
        let (revision, done, total) = (self.task.revision, found.done, self.total());
        settings.tell(&Event::Resuming { revision, done, total });
        self.replay_settings().await?;
        match found.running {
            Some(sent) => self.settle(&sent).await,
            None => Ok(()),
        }
    }

    /// What stands before the statements; nothing that it sets on the session reaches them.
    async fn before(&self) -> Result<Values, Error> {
        if self.task.around().is_none() {
            return Ok(Values::new());
        }
        self.begin_anew().await?;
        let values = self.worker.before(self.task, Wrap::None, self.left_around(), self.done > 0).await?;
        self.begin_anew().await?;
        self.replay_settings().await?;
        Ok(values)
    }

    /// What stands after the statements, which nothing that they have set reaches.
    async fn after(&self, values: Values) -> Result<(), Error> {
        if self.task.around().is_none() {
            return Ok(());
        }
        self.begin_anew().await?;
        self.worker.after(self.task, Wrap::None, self.left_around(), values).await
    }

    fn left_around(&self) -> Left {
        Left::AroundStatements { done: self.done }
    }

    /// The session is new; what the finished statements set in the old one holds for the rest too.
    async fn replay_settings(&self) -> Result<(), Error> {
        for (index, statement) in self.script.statements().enumerate().take(self.done) {
            if self.does(index, EffectKind::Sets) {
                let set = self.worker.client.batch_execute(statement).await;
                set.map_err(|source| self.failed(index, source, Left::Statements { done: self.done }))?;
            }
        }
        Ok(())
    }

    /// Finds out what became of a statement that an earlier run sent and did not hear of again.
    async fn settle(&mut self, sent: &str) -> Result<(), Error> {
        let Worker { client, settings, stop, .. } = self.worker;
        let revision = self.task.revision;
        let tell = |holder: &_, waited| {
            settings.tell(&Event::WaitingForStatement { revision, holder, waited });
        };
        let waiting = concurrent::wait_for_orphan(client, sent, settings.lock_wait, stop, tell).await;
        if let Some((holder, waited)) = waiting.map_err(|source| self.at(source))? {
            return match stop.is_requested() {
                true => Err(StepError::Stopped.into()),
                false => Err(StepError::StillRunning { revision: revision.stem(), holder, waited }.into()),
            };
        }
        if self.script.statements().nth(self.done) != Some(sent) {
            return Ok(());
        }
        for effect in self.script.effects_of(self.done) {
            let fate = concurrent::fate(client, effect).await.map_err(|source| self.at(source))?;
            match fate {
                Fate::Done => return self.record_done(self.done + 1).await,
                Fate::Unknown => return Err(self.unnamed(&effect.part)),
                Fate::NotDone => {}
            }
        }
        Ok(())
    }

    /// Runs the next statement.
    async fn statement(&mut self) -> Result<(), Error> {
        let index = self.done;
        let statement = self.script.statements().nth(index).unwrap_or_default();
        if self.opened_at.is_some() {
            return self.in_own_transaction(index, statement).await;
        }
        if self.does(index, EffectKind::OpensTransaction) {
            self.send(index, statement).await?;
            self.opened_at = Some(index);
            let rules = format!("{}{}", self.worker.guard.fence(), self.local_timeout());
            self.send(index, &rules).await?;
            self.done += 1;
            return Ok(());
        }
        if self.does(index, EffectKind::StandsAlone) {
            return self.alone(index, statement, Left::Statements { done: index }).await;
        }
        self.wrapped(index, statement).await
    }

    /// Inside a transaction that the script opened, which commits together with the record.
    async fn in_own_transaction(&mut self, index: usize, statement: &str) -> Result<(), Error> {
        let ends = self.does(index, EffectKind::EndsTransaction);
        let commits = ends && ["commit", "end"].iter().any(|word| says(statement, word));
        if commits {
            let record = self.progress(index + 1, None);
            self.send(index, &record).await?;
        }
        if ends {
            self.send(index, statement).await?;
            self.opened_at = None;
        } else {
            let part = Part::statement(self.script, index);
            self.worker.measured(part, self.send(index, statement)).await?;
        }
        if ends && !commits {
            return self.record_done(index + 1).await;
        }
        self.done = index + 1;
        Ok(())
    }

    /// With a transaction around the statement and its record; without, where the server wants none.
    async fn wrapped(&mut self, index: usize, statement: &str) -> Result<(), Error> {
        let Worker { client, .. } = self.worker;
        let open = format!("begin read write; {}{}", self.worker.guard.fence(), self.local_timeout());
        self.send(index, &open).await?;
        let part = Part::statement(self.script, index);
        match self.worker.measured(part, client.batch_execute(statement)).await {
            Err(error) if wants_no_transaction(&error) => {
                self.worker.roll_back_open().await;
                return self.alone(index, statement, Left::StatementsAndPart { done: index }).await;
            }
            Err(source) => return Err(self.rolled_back(index, source).await),
            Ok(()) => {}
        }
        let close = format!("{}; commit", self.progress(index + 1, None));
        match client.batch_execute(&close).await {
            Ok(()) => self.done = index + 1,
            Err(source) => return Err(self.rolled_back(index, source).await),
        }
        Ok(())
    }

    /// On its own, recorded before and after. `left` is what it leaves when it fails.
    async fn alone(&mut self, index: usize, statement: &str, left: Left) -> Result<(), Error> {
        let Worker { client, settings, .. } = self.worker;
        for effect in self.script.effects_of(index) {
            let cleared = concurrent::clear_invalid_index(client, effect).await;
            for index in cleared.map_err(|source| self.at(source))? {
                settings.tell(&Event::InvalidIndexDropped { revision: self.task.revision, index: &index });
            }
        }
        self.record(index, Some(statement), "").await?;
        let before = self.wait_as_long_as(index, statement).await.map_err(|source| self.at(source))?;
        let part = Part::statement(self.script, index).alone();
        if let Err(source) = self.worker.measured(part, client.batch_execute(statement)).await {
            let found = self.worker.roll_back(&source, left).await;
            if found == left && !self.does(index, EffectKind::DetachesPartition) {
                // It has ended, and in vain; an index that it leaves is found by its name. A detachment may be pending.
                self.record(index, None, "").await?;
            }
            return Err(self.failed(index, source, found));
        }
        if let Some(before) = before {
            client.batch_execute(&before).await.map_err(|source| self.at(source))?;
        }
        for effect in self.script.effects_of(index) {
            let invalid =
                concurrent::invalid_index(client, effect).await.map_err(|source| self.at(source))?;
            if let Some(name) = invalid {
                return Err(self.not_built(index, name));
            }
        }
        self.record_done(index + 1).await
    }

    /// Sets how long a statement alone waits for one lock; returns the statement that sets it back.
    ///
    /// `CONCURRENTLY` waits for old transactions, not in a queue that holds up the application: a time-out there
    /// would only leave an invalid index.
    async fn wait_as_long_as(&self, index: usize, statement: &str) -> Result<Option<String>, PgError> {
        let patient = self.script.settings.lock_timeout.is_none() && self.is_concurrent(index, statement);
        let wanted = self.own_timeout().map(|timeout| if patient { Duration::ZERO } else { timeout });
        let client = self.worker.client;
        let Some(rule) = self.worker.settings.hygiene.session(false, wanted) else { return Ok(None) };
        let messages = client.simple_query("show lock_timeout").await?;
        let now = first_value(&messages).unwrap_or_else(|| "0".to_owned());
        client.batch_execute(&rule).await?;
        Ok(Some(format!("set lock_timeout = {}", quote_literal(&now))))
    }

    fn is_concurrent(&self, index: usize, statement: &str) -> bool {
        let kinds = [EffectKind::BuildsIndex, EffectKind::DropsIndex, EffectKind::DetachesPartition];
        let rebuilds =
            || says(statement, "reindex") && statement.to_ascii_lowercase().contains("concurrently");
        kinds.iter().any(|kind| self.does(index, *kind)) || rebuilds()
    }

    fn local_timeout(&self) -> String {
        let timeout = self.own_timeout();
        timeout.map_or(String::new(), |timeout| format!("; set local lock_timeout = {}", timeout.as_millis()))
    }

    /// The lock timeout of the script's statements; none where the script sets it by itself.
    fn own_timeout(&self) -> Option<Duration> {
        let sets_it = |statement: &str| {
            says(statement, "set") && statement.to_ascii_lowercase().contains("lock_timeout")
        };
        let settings = &self.script.settings;
        let by_itself = settings.lock_timeout.is_none() && self.script.statements().any(sets_it);
        (!by_itself).then(|| self.worker.lock_timeout(settings))
    }

    async fn send(&self, index: usize, text: &str) -> Result<(), Error> {
        match self.worker.client.batch_execute(text).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.rolled_back(index, source).await),
        }
    }

    async fn record_done(&mut self, done: usize) -> Result<(), Error> {
        self.record(done, None, "").await?;
        self.done = done;
        Ok(())
    }

    /// Records how far the step got, in a transaction of its own, with another statement where there is one.
    async fn record(&self, done: usize, running: Option<&str>, also: &str) -> Result<(), Error> {
        let text = format!("begin read write; {}; {also}; commit", self.progress(done, running));
        match self.worker.client.batch_execute(&text).await {
            Ok(()) => Ok(()),
            Err(source) => {
                let left = self.worker.roll_back(&source, Left::Statements { done: self.done }).await;
                Err(self.unrecorded(source, left))
            }
        }
    }

    /// The script may have taken another role, which need not have a right to our tables.
    fn progress(&self, done: usize, running: Option<&str>) -> String {
        let progress = Unfinished {
            version: self.task.revision.version,
            direction: self.task.direction,
            done,
            done_hash: self.hash(done),
            running: running.map(str::to_owned),
        };
        format!(
            "{}; {}",
            self.worker.settings.hygiene.as_itself(),
            progress.record(&self.worker.settings.table)
        )
    }

    fn hash(&self, done: usize) -> String {
        let mut hasher = SipHasher13::new();
        for statement in self.script.statements().take(done) {
            hasher.write(statement.as_bytes());
            hasher.write_u8(0);
        }
        format!("{:016x}", hasher.finish())
    }

    fn does(&self, index: usize, kind: EffectKind) -> bool {
        self.script.effects_of(index).any(|effect| effect.kind == kind)
    }

    fn total(&self) -> usize {
        self.script.statements().len()
    }

    /// A statement failed inside a transaction, ours or the script's own, which is rolled back.
    async fn rolled_back(&self, index: usize, source: PgError) -> Error {
        let done = self.opened_at.unwrap_or(index);
        let left = self.worker.roll_back(&source, Left::Statements { done }).await;
        self.failed(index, source, left)
    }

    fn failed(&self, index: usize, source: PgError, left: Left) -> Error {
        statement_error(self.task, self.script, index, source, left).into()
    }

    fn not_built(&self, index: usize, name: String) -> Error {
        let (direction, revision, file) =
            (self.task.direction, self.task.revision.stem(), self.script.file.to_string());
        let line = self.script.line_of(index).unwrap_or(1);
        StepError::IndexNotBuilt { direction, revision, file, line, index: name, done: index }.into()
    }

    fn unnamed(&self, table: &str) -> Error {
        let (direction, revision, file) =
            (self.task.direction, self.task.revision.stem(), self.script.file.to_string());
        let (line, table, done) = (self.script.line_of(self.done).unwrap_or(1), table.to_owned(), self.done);
        StepError::UnnamedIndex { direction, revision, file, line, table, done }.into()
    }

    /// A query beside the statement failed.
    fn at(&self, source: PgError) -> Error {
        self.failed(
            self.done.min(self.total().saturating_sub(1)),
            source,
            Left::Statements { done: self.done },
        )
    }

    fn unrecorded(&self, source: PgError, left: Left) -> Error {
        let (direction, revision) = (self.task.direction, self.task.revision.stem());
        StepError::Progress { direction, revision, source, left }.into()
    }
}

/// Refused inside a transaction block, or a procedure or block of code that ends transactions by itself.
fn wants_no_transaction(error: &PgError) -> bool {
    matches!(
        error.code(),
        Some(code) if *code == SqlState::ACTIVE_SQL_TRANSACTION || *code == SqlState::INVALID_TRANSACTION_TERMINATION
    )
}
