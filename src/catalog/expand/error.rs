/// Why there is no expansion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// An option is not of its form.
    #[error("read {option} {text:?}: {reason}; nothing was written")]
    Form {
        /// `--new`, `--old` or `--expand`.
        option: &'static str,
        /// What was given.
        text: String,
        /// What it lacks.
        reason: &'static str,
    },
    /// The revisions make no such table.
    #[error("expand {table}: the revisions make no such table{hint}; nothing was written")]
    NoTable {
        /// As it was given.
        table: String,
        /// Where one of that name is.
        hint: String,
    },
    /// Other tables inherit from it.
    #[error(
        "expand {table}: tables inherit from it, and its trigger would not fire for their rows; nothing was written"
    )]
    Parent {
        /// The table.
        table: String,
    },
    /// A new column is there already.
    #[error("add column {column} to {table}: it is there already; nothing was written")]
    Exists {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A new column's type brings a default, or refuses null.
    #[error(
        "add column {column} to {table}: its type brings a default, with which every row would look written by the new version, or \
         refuses null, which the rows that are there begin with; nothing was written"
    )]
    MoreThanType {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// An old column is not there.
    #[error("replace column {column} of {table}: there is no such column; nothing was written")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column was given twice.
    #[error("read the columns of {table}: {column} is given twice; nothing was written")]
    Twice {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// An old column is one that no trigger can write, or no down bring back.
    #[error("replace column {column} of {table}: {reason}; nothing was written")]
    Unfit {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What it is.
        reason: String,
    },
}
