use std::path::PathBuf;

use crate::db::embedded::EmbeddedError;
use crate::db::{ConnectError, OptionsError, ScratchError, ServerMessage};
use crate::engine::Error;

/// Why there is no database for a test.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// What the environment names is no database.
    #[error("use HARDTACK_TEST_DATABASE_URL: {0}")]
    Options(#[from] OptionsError),
    /// There is no private server.
    #[error("start a private server for tests in {}: {source}", .home.display())]
    Server {
        /// Its directory.
        home: PathBuf,
        /// Why not.
        source: EmbeddedError,
    },
    /// The server cannot be reached.
    #[error("reach the tests' server: {0}")]
    Connect(#[from] ConnectError),
    /// A copy of the template cannot be made, or dropped.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// The template cannot be made.
    #[error("make the template {template} for tests: {}; it is made anew by the next test", ServerMessage(.source))]
    Template {
        /// Its name.
        template: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The revisions do not run on an empty database.
    #[error("migrate the template for tests: failed to {0}")]
    Migrate(#[from] Error),
    /// What a test begins with cannot be put in.
    #[error("put the fixture {fixture} into the test's database: {}", ServerMessage(.source))]
    Fixture {
        /// Its name.
        fixture: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
}
