use std::io;

use tokio_postgres::error::SqlState;

use super::Reference;
use crate::db::ServerMessage;

/// What to do where a table is not what it was.
const OF_SCHEMA: &str = "nothing was changed; bring the schema to what it was: `backup list` tells the version, `upgrade --to` or \
    `downgrade --to` goes there, and `verify --drift` tells what else differs";

/// Why rows were not put back. Nothing is changed where it does not say otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutBackError {
    /// The server refused.
    #[error("{action}: {}; nothing was changed{}", ServerMessage(.source), advice(.source))]
    Server {
        /// What was being done.
        action: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The catalog answered with something else than was asked for.
    #[error("understand what the catalog says of the tables: {reason}; nothing was changed")]
    Answer {
        /// Why not.
        reason: String,
    },
    /// The commit was sent, and no answer came.
    #[error(
        "hear that the rows were committed: {}; either all of them are back or none: the same command again tells, and \
         puts back what is not",
        ServerMessage(.source)
    )]
    Unheard {
        /// What the driver said.
        source: tokio_postgres::Error,
    },
    /// A table is not there.
    #[error("put rows back into {table}: there is no such table; {OF_SCHEMA}")]
    NoTable {
        /// The table.
        table: String,
    },
    /// Something else has its name.
    #[error("put rows back into {table}: it is no ordinary table any more; {OF_SCHEMA}")]
    NoOrdinaryTable {
        /// The table.
        table: String,
    },
    /// A column is not there, or is generated now.
    #[error("put rows back into {table}: it has no column {column} to write to; {OF_SCHEMA}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column has another type.
    #[error("put rows back into {table}: {column} is of the type {found}, and was {taken}; {OF_SCHEMA}")]
    OtherType {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type when the backup was taken.
        taken: String,
        /// Its type now.
        found: String,
    },
    /// A new column wants a value that the backup has not.
    #[error(
        "put rows back into {table}: {column} wants a value, has no default, and is not in the backup; {OF_SCHEMA}"
    )]
    WantsValue {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Rows that stay refer to rows that would go, or get another key.
    #[error(
        "put rows back:{}\nnothing was changed; delete those rows or let them refer to others, or restore a backup that has \
         their tables too",
        listed(.references)
    )]
    Referred {
        /// Which ones.
        references: Vec<Reference>,
    },
    /// Rows of the backup refer to rows that are no longer there.
    #[error(
        "put rows back: rows of the backup refer to rows that are not there: {}; nothing was changed; put the table that they \
         refer to back first or together with it: a backup of tables takes several",
        ServerMessage(.source)
    )]
    Dangling {
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// A value that must be unique is in the way.
    #[error(
        "put rows back into {table}: {}; nothing was changed; rows exchange a unique value, and others refer to them, or the \
         constraint is newer than the backup; restore a full backup, or make the constraint deferrable",
        ServerMessage(.source)
    )]
    Unique {
        /// The table.
        table: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The rows could not be read from the backup.
    #[error("read the rows of {table} from the backup: {source}; nothing was changed")]
    Unreadable {
        /// The table.
        table: String,
        /// What the system said.
        source: io::Error,
    },
    /// What came out is not what the manifest promises.
    #[error(
        "put rows back into {table}: of its rows afterwards, {how}; nothing was changed; `backup verify` tells whether the backup \
         is sound"
    )]
    Differs {
        /// The table.
        table: String,
        /// In what way.
        how: String,
    },
}

impl PutBackError {
    /// An error of the server, with the kinds that have a name of their own.
    pub(super) fn server(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| match source.code() {
            Some(code) if *code == SqlState::FOREIGN_KEY_VIOLATION => Self::Dangling { source },
            _ => Self::Server { action, source },
        }
    }
}

fn listed(references: &[Reference]) -> String {
    references.iter().map(|reference| format!("\n  {reference}")).collect()
}

fn advice(error: &tokio_postgres::Error) -> &'static str {
    match error.code() {
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => {
            "; somebody works on a table: try again, or wait longer with --lock-timeout"
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "; whoever puts rows back must own the tables, and may read those that refer to them"
        }
        Some(code) if *code == SqlState::CHECK_VIOLATION || *code == SqlState::NOT_NULL_VIOLATION => {
            "; a constraint is newer than the backup: `verify --drift` tells whether it is of a revision"
        }
        _ => "",
    }
}
