//! A comparison of two catalogs as text: for people at a terminal, for psql, for programs, and as a page for reviewers.
//! Nothing here prints.

mod changes;
mod definition;
mod html;
mod human;
mod lines;
pub(crate) mod page;
mod sql;
mod summary;

#[cfg(feature = "admin")]
pub(crate) use definition::made;
pub(crate) use human::shown;

pub use changes::{Change, ChangeKind, FieldChange, PartChange};
pub use summary::{Report, ReportSide};

use super::Catalog;
use super::ddl::{DdlPlan, Rename};

/// Two catalogs, and the plan that leads from the first to the second.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// Where the plan begins.
    pub from: Side<'a>,
    /// Where it ends.
    pub to: Side<'a>,
    /// The plan.
    pub plan: &'a DdlPlan,
    /// The renames that the plan was told of.
    pub renames: &'a [Rename],
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What is in it.
    pub catalog: &'a Catalog,
}

impl Side<'_> {
    /// The server's version as people write it; none for a snapshot that does not say.
    fn server(&self) -> Option<String> {
        let version = self.catalog.server;
        (version > 0).then(|| format!("PostgreSQL {}.{}", version / 10_000, version % 10_000))
    }
}

/// `1 object`, `2 objects`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
