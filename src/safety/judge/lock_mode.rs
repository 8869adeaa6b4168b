use std::fmt;

use serde::Serialize;

/// A mode of a lock on a table, index or sequence, in PostgreSQL's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum LockMode {
    /// Of reading.
    AccessShare,
    /// Of `SELECT .. FOR UPDATE` and its kin.
    RowShare,
    /// Of writing.
    RowExclusive,
    /// Bars itself, vacuum and most DDL.
    ShareUpdateExclusive,
    /// Bars writing.
    Share,
    /// Bars writing, and itself.
    ShareRowExclusive,
    /// Bars writing and `SELECT .. FOR UPDATE`.
    Exclusive,
    /// Bars everything.
    AccessExclusive,
}

/// What a lock keeps others from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bars {
    /// Neither from reading nor from writing.
    Nothing,
    /// From writing.
    Writes,
    /// From reading and from writing.
    Everything,
}

impl LockMode {
    /// All modes, the weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// From the name that `pg_locks` has for it, `AccessExclusiveLock`.
    #[must_use]
    pub fn of_server(name: &str) -> Option<Self> {
        let name = name.strip_suffix("Lock")?;
        Self::ALL.into_iter().find(|mode| format!("{mode:?}") == name)
    }

    /// As the manual writes it, `ACCESS EXCLUSIVE`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// What it keeps an application from.
    #[must_use]
    pub const fn bars(self) -> Bars {
        match self {
            Self::AccessShare | Self::RowShare | Self::RowExclusive | Self::ShareUpdateExclusive => {
                Bars::Nothing
            }
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => Bars::Writes,
            Self::AccessExclusive => Bars::Everything,
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_server_are_known() {
        assert_eq!(LockMode::of_server("ShareUpdateExclusiveLock"), Some(LockMode::ShareUpdateExclusive));
        assert_eq!(LockMode::of_server("AccessExclusiveLock").map(LockMode::bars), Some(Bars::Everything));
        assert_eq!(LockMode::of_server("ExclusiveLock"), Some(LockMode::Exclusive));
        assert_eq!(LockMode::of_server("SIReadLock"), None);
    }
}
