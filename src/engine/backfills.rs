use futures_util::future::BoxFuture;

use super::{Error, Migrator};
use crate::data::{self, BackfillControl, BackfillStatus};

impl Migrator {
    /// Lists the backfills that were begun and whose revisions are not recorded yet. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached, or hardtack's tables cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn backfills(&self) -> BoxFuture<'_, Result<Vec<BackfillStatus>, Error>> {
        Box::pin(async move {
            let connection = self.connect().await?;
            Ok(data::list(&connection.client, self.history_table()).await?)
        })
    }

    /// Tells the workers of a backfill what an operator wants; they see it at their next batch, in whatever process they are.
    /// Writes `hardtack.backfill`, and takes no lock but on that row.
    ///
    /// # Errors
    /// The database cannot be reached; there is no such backfill, or it is in no state for it.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn control_backfill<'a>(
        &'a self,
        name: &'a str,
        wish: BackfillControl,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let connection = self.connect().await?;
            Ok(data::control(&connection.client, self.history_table(), name, wish).await?)
        })
    }
}
