use futures_util::future::BoxFuture;

use super::locked::Locked;
use super::preflight::Intent;
use super::{Error, Migrator};

/// A change of hardtack's own tables that belongs to no revision, and to no history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnChange<'a> {
    /// As the run log has it.
    pub(crate) command: &'a str,
    /// What the run log says of it.
    pub(crate) note: &'a str,
    /// They run in one transaction.
    pub(crate) statements: &'a [String],
    /// What is being done, for an error.
    pub(crate) action: &'static str,
    /// What it leaves that the role may not, and the rights to give.
    pub(crate) rights: &'static str,
}

impl Migrator {
    /// Makes it under the migration lock, as a run of its own in the run log. Tables that are missing are made first.
    pub(crate) fn change_own<'a>(&'a self, change: OwnChange<'a>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let connection = self.connect().await?;
            let table = self.history_table();
            // The history is only looked at, and need not be there.
            let intent = Intent { table, rights: &[], untransactional: None, sets: None };
            let locked = Locked::acquire(self, &connection, &intent).await?;
            let written = locked.write_own(&change).await;
            locked.release().await;
            written
        })
    }
}
