use std::fmt;

use serde::Serialize;

/// What is dangerous about a statement on a database in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hazard {
    /// Rows, or values of them, are gone for good.
    DeletesData,
    /// It fails where rows do not fit.
    DependsOnData,
    /// Nobody reads or writes the table while all of it is written anew.
    RewritesTable,
    /// Nobody reads or writes the table while all of it is read.
    ScansTable,
    /// Nobody writes to the table while it runs.
    BlocksWrites,
    /// A program that runs now may use what goes away or changes its form.
    BreaksUsers,
    /// Rights change.
    ChangesAccess,
}

impl Hazard {
    /// Its name, as JSON and people have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeletesData => "deletes-data",
            Self::DependsOnData => "depends-on-data",
            Self::RewritesTable => "rewrites-table",
            Self::ScansTable => "scans-table",
            Self::BlocksWrites => "blocks-writes",
            Self::BreaksUsers => "breaks-users",
            Self::ChangesAccess => "changes-access",
        }
    }

    /// What it means, in a sentence without a full stop.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::DeletesData => "rows or values are gone for good",
            Self::DependsOnData => "fails where rows do not fit",
            Self::RewritesTable => "nobody reads or writes the table while all of it is written anew",
            Self::ScansTable => "nobody reads or writes the table while all of it is read",
            Self::BlocksWrites => "nobody writes to the table while it runs",
            Self::BreaksUsers => "a program that runs now may use what goes away or changes its form",
            Self::ChangesAccess => "who may do what changes",
        }
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
