use std::io;
use std::path::PathBuf;

use crate::db::error::ConnectError;
use crate::db::options::OptionsError;

/// Why there is no private server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// A private server must never stand in for a production database.
    #[error(
        "start a private development server in the environment `{environment}`: it would pass for the real database; set DATABASE_URL"
    )]
    Production {
        /// The environment's name.
        environment: String,
    },
    /// No server programs on this machine, and none could be fetched.
    #[error(
        "find or fetch PostgreSQL's server programs ({reason}); set DATABASE_URL to use a server you have, or install one: \
         Debian or Ubuntu `apt install postgresql`, Fedora or RHEL `dnf install postgresql-server`, \
         macOS `brew install postgresql@{major}`; programs in another place: HARDTACK_PG_BIN=/path/to/bin"
    )]
    NoPrograms {
        /// Why fetching failed, or that it was not tried.
        reason: String,
        /// The major version that would have been fetched.
        major: u32,
    },
    /// The named directory of programs does not hold a server.
    #[error("use the PostgreSQL programs in {}: {reason}", path.display())]
    Programs {
        /// The directory.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// The kept data is of another major version than the programs.
    #[error(
        "open the data in {}: PostgreSQL {data} wrote it and the programs found are {programs}; \
         point HARDTACK_PG_BIN at PostgreSQL {data}, or remove the directory to start empty", path.display()
    )]
    OtherVersion {
        /// The data directory.
        path: PathBuf,
        /// The major version that wrote it.
        data: String,
        /// The major version of the programs.
        programs: String,
    },
    /// A directory is not what it has to be.
    #[error("use the directory {}: {reason}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The file system refused.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// PostgreSQL refuses root, and there is nobody else to be.
    #[error(
        "run PostgreSQL as root: it refuses to; create a user `postgres` (`useradd --system postgres`), or do not run as root"
    )]
    NoAccount,
    /// A program of PostgreSQL failed.
    #[error("run {program}: {output}")]
    Program {
        /// Which program.
        program: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// The server ended before it accepted a connection.
    #[error("start the private server: it ended with {status}; the end of {}:\n{tail}", log.display())]
    Died {
        /// How it ended.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// Something did not happen in time.
    #[error("wait for {what} within {seconds} seconds")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// The limit.
        seconds: u64,
    },
    /// The server runs but does not let us in.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The address of the server cannot be expressed, which is a fault of ours.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// A statement of the set-up failed.
    #[error("set the private server up: {source}")]
    Statement {
        /// What the server said.
        #[from]
        source: tokio_postgres::Error,
    },
}

/// Adds to an I/O error what was being done.
pub(super) trait Doing<T> {
    fn doing(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, EmbeddedError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::Io { action, path: path.into(), source })
    }
}
