use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What of a database is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// All of it, as an archive of `pg_dump`.
    Full,
    /// Its schema without rows, as an archive of `pg_dump`.
    SchemaOnly,
    /// The rows of some tables, by `COPY`: no other program is needed.
    Tables,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::SchemaOnly, Self::Tables];

    /// As the command line and the manifest write it: `full`, `schema-only`, `tables`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::SchemaOnly => "schema-only",
            Self::Tables => "tables",
        }
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|strategy| strategy.name() == text);
        found.ok_or_else(|| "write full, schema-only or tables".to_owned())
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
