//! What a database or a folder holds against what it should: nothing here writes to the database itself.

mod stairway;
mod unsound;

pub use stairway::{Stair, StairOutcome};
pub use unsound::{Expectation, Flaw, Unsound};

use futures_util::future::BoxFuture;

use crate::engine::{Error, Migrator};

/// Verification.
impl Migrator {
    /// The indexes that are invalid and the constraints that were never checked against the rows that are there, each with
    /// whether the revisions make it so. What does not count as drift is left out. Reads the whole catalog in one round
    /// trip; writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached, or the server refuses a query.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn unsound(&self) -> BoxFuture<'_, Result<Vec<Unsound>, Error>> {
        Box::pin(async move { unsound::unsound(self, &self.connect().await?).await })
    }

    /// Tries the way back: all revisions up in their order on a scratch database, and each of these versions down and up
    /// again, with the catalog compared on both landings. The database beside which that happens is not touched.
    ///
    /// It ends early where an up fails: there is nothing to stand on. What is irreversible, or wants a Rust function that is not
    /// at hand or rows that an empty database has not, is passed over with the reason.
    ///
    /// # Errors
    /// No scratch database can be made, or it could not be dropped. What a revision does wrong is no error: it stands in the
    /// result.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn stairway<'a>(&'a self, versions: &'a [i64]) -> BoxFuture<'a, Result<Vec<Stair>, Error>> {
        Box::pin(async move { stairway::stairway(self, versions).await })
    }
}
