use futures_util::future::BoxFuture;

use super::{Error, Migrator};
use crate::data::{self, BackfillControl, BackfillStatus};
use crate::db::Connection;
use crate::revisions::Revision;

impl Migrator {
    /// Lists the backfills that were begun and whose revisions are not recorded yet, and the deferred ones that have not finished.
    /// Writes nothing and takes no lock. The metrics of what is left of them, with the feature `metrics`, are then as of now.
    ///
    /// # Errors
    /// The database cannot be reached, or hardtack's tables cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn backfills(&self) -> BoxFuture<'_, Result<Vec<BackfillStatus>, Error>> {
        Box::pin(async move { self.backfills_on(&self.connect().await?).await })
    }

    /// The same on an open connection.
    pub(super) async fn backfills_on(&self, connection: &Connection) -> Result<Vec<BackfillStatus>, Error> {
        let mut backfills = data::list(&connection.client, self.history_table()).await?;
        for waiting in backfills.iter_mut().filter(|backfill| backfill.name.is_empty()) {
            // Nobody has asked its function yet.
            let revision = self.revisions().get(waiting.version);
            waiting.name = revision.map_or(format!("V{}", waiting.version), Revision::stem);
        }
        #[cfg(feature = "metrics")]
        super::metrics::record_backfills(self.database().database(), &backfills);
        Ok(backfills)
    }

    /// Tells the workers of a backfill what an operator wants; they see it at their next batch, in whatever process they are.
    /// Where several revisions have one of that name, it goes behind its version: `5/normalise-emails`.
    ///
    /// Writes `hardtack.backfill`; what lets it go on, or begin anew, also clears the error in `hardtack.deferred`, and what
    /// begins it anew empties `hardtack.backfill_range` and `hardtack.backfill_reject` of it. Locks those rows alone.
    ///
    /// # Errors
    /// The database cannot be reached; there is no such backfill, it is in no state for it, or several revisions have one.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn control_backfill<'a>(
        &'a self,
        name: &'a str,
        wish: BackfillControl,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let connection = self.connect().await?;
            // A deferred one of which nothing was begun goes by its revision's name.
            let is_it =
                |revision: &&Revision| revision.around.backfill().is_some() && revision.stem() == name;
            let version = self.revisions().iter().find(is_it).map(|revision| revision.version);
            Ok(data::control(&connection.client, self.history_table(), name, version, wish).await?)
        })
    }
}
