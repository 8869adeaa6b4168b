use serde::Serialize;

use super::hazard::Hazard;
use crate::catalog::ObjectId;

/// DDL that makes one catalog of another, in an order in which a server takes it.
///
/// The statements are written for a session whose `search_path` holds `pg_catalog` alone and whose
/// `check_function_bodies` is off: [`DdlPlan::SESSION`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DdlPlan {
    /// The statements in their order.
    pub statements: Vec<DdlStatement>,
    /// Differences that stay, because no DDL is known here for them.
    pub unexpressed: Vec<Unexpressed>,
    /// Pairs of a dropped and a new object that may be one that was renamed. Say which with [`DiffOptions::renames`].
    pub likely_renames: Vec<Rename>,
}

/// One statement of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DdlStatement {
    /// Its text, without a semicolon.
    pub sql: String,
    /// The object it is about.
    pub object: ObjectId,
    /// What is dangerous about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Hazard>,
    /// Whether a transaction may hold it with others. Where not, the server refuses it there, or the others' locks would be held
    /// while it reads a table.
    pub transactional: bool,
}

/// A difference that no DDL here takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unexpressed {
    /// The object.
    pub object: ObjectId,
    /// Why, and what to do about it.
    pub reason: String,
}

/// An object that has another name in the other catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rename {
    /// As it is in the first catalog.
    pub from: ObjectId,
    /// As it is in the second one; of the same kind.
    pub to: ObjectId,
}

/// How a plan is made.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// What is not dropped and made anew, but renamed.
    pub renames: Vec<Rename>,
    /// Prefer forms that block nobody for long to short ones: indexes `CONCURRENTLY`, constraints `NOT VALID` and then validated,
    /// `NOT NULL` by way of a check. Such a plan does not fit into one transaction.
    pub online: bool,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A rename names what is not there.
    #[error("rename {from} to {to}: {reason}")]
    Rename {
        /// As it was given.
        from: String,
        /// As it was given.
        to: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl DdlPlan {
    /// What a session says before the statements.
    pub const SESSION: &'static str =
        "SET search_path = pg_catalog, pg_temp;\nSET check_function_bodies = off;\n";

    /// Whether one transaction can hold all of it.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.statements.iter().all(|statement| statement.transactional)
    }

    /// Whether the catalogs are equal already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.unexpressed.is_empty()
    }
}
