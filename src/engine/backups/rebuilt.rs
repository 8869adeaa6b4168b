use super::super::{APPLICATION_NAME, Error, Event, Migrator};
use crate::backup::{self, Proof, Rebuild, Stored};
use crate::db::{ConnectOptions, Scratch};
use crate::revisions::Progress;

/// A database made of a backup, beside others, and proven. It is dropped again where it is not what was taken.
pub(super) async fn rebuilt(
    migrator: &Migrator,
    stored: &Stored,
    beside: &ConnectOptions,
    (jobs, programs): (usize, Option<&std::path::Path>),
) -> Result<(Scratch, Proof), Error> {
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    let request = Rebuild {
        stored,
        beside,
        history: migrator.history_table(),
        jobs,
        programs,
        application_name: APPLICATION_NAME,
        stop: &migrator.stop,
        tell: &tell,
    };
    let scratch = backup::scratch(&request).await?;
    match backup::rebuild(&request, &scratch).await {
        Ok(proof) => Ok((scratch, proof)),
        Err(error) => Err(discarded(scratch, error.into()).await),
    }
}

/// Drops what was made of a backup and came to nothing; what is to be told then.
pub(super) async fn discarded(scratch: Scratch, error: Error) -> Error {
    match scratch.discard().await {
        Ok(()) => error,
        Err(left) => Error::Left { left, source: Box::new(error) },
    }
}
