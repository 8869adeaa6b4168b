use futures_util::future::BoxFuture;

use crate::engine::{Error, Migrator};
use crate::history::LoggedRun;

impl Migrator {
    /// The newest runs of the run log, at the most so many, older than the one of the number `before`. Writes nothing and takes no
    /// lock.
    ///
    /// # Errors
    /// The database cannot be reached, or the run log cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn runs(&self, before: Option<i64>, limit: u32) -> BoxFuture<'_, Result<Vec<LoggedRun>, Error>> {
        Box::pin(async move {
            Ok(LoggedRun::read(&self.connect().await?.client, self.history_table(), before, limit).await?)
        })
    }
}
