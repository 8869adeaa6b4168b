//! What is told of a command as a whole: that it began, how it ended, and a span around it.

use std::time::Instant;

use futures_util::future::BoxFuture;
use tracing::Instrument;
use tracing::field::Empty;

use super::{Error, Event, Migrator, RunEnd};
use crate::db::{client_span, fail};

impl Migrator {
    /// Does a command's work and tells of it; `end` says of a result how the command ended. The work is boxed: futures inside of
    /// one another fill the stack.
    pub(super) async fn observed<T>(
        &self,
        command: &'static str,
        end: impl FnOnce(&T) -> RunEnd<'static>,
        work: BoxFuture<'_, Result<T, Error>>,
    ) -> Result<T, Error> {
        let span = client_span!(
            "hardtack.run",
            self.database(),
            command,
            hardtack.command = command,
            hardtack.outcome = Empty,
        );
        let telling = Telling::begin(self, command);
        let done = work.instrument(span.clone()).await;
        let ended = match &done {
            Ok(result) => end(result),
            Err(error) if error.is_stop() => RunEnd::Stopped,
            Err(error) => RunEnd::Failed { error: Some(error) },
        };
        span.record("hardtack.outcome", ended.name());
        match &ended {
            RunEnd::Failed { error: Some(error) } => error.record(&span),
            RunEnd::Failed { error: None } => fail(&span, None, command),
            _ => {}
        }
        telling.end(ended);
        done
    }
}

/// A command that has begun. One that is dropped before its end was abandoned.
struct Telling<'a> {
    migrator: &'a Migrator,
    command: &'static str,
    started: Instant,
    has_ended: bool,
}

impl<'a> Telling<'a> {
    fn begin(migrator: &'a Migrator, command: &'static str) -> Self {
        migrator.tell(&Event::RunStarted { command });
        Self { migrator, command, started: Instant::now(), has_ended: false }
    }

    fn end(mut self, end: RunEnd<'_>) {
        self.tell(end);
    }

    fn tell(&mut self, end: RunEnd<'_>) {
        self.has_ended = true;
        let (command, duration) = (self.command, self.started.elapsed());
        self.migrator.tell(&Event::RunFinished { command, end, duration });
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.tell(RunEnd::Abandoned);
        }
    }
}
