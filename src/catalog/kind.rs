use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What an object of a catalog is, in the order in which a schema is built up from nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its name, as snapshots, ignore patterns and people have it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// A schema.
    Schema = "schema",
    /// An extension. What belongs to one is not listed.
    Extension = "extension",
    /// A collation.
    Collation = "collation",
    /// An enum.
    Enum = "enum",
    /// A composite type that is no table's.
    CompositeType = "composite type",
    /// A domain.
    Domain = "domain",
    /// A range type.
    RangeType = "range type",
    /// What has a place in the catalog and no DDL here: operators, casts, text search ..
    Other = "other",
    /// A sequence that is no identity column's.
    Sequence = "sequence",
    /// A function, window functions too.
    Function = "function",
    /// A procedure.
    Procedure = "procedure",
    /// An aggregate.
    Aggregate = "aggregate",
    /// A foreign-data wrapper.
    ForeignDataWrapper = "foreign-data wrapper",
    /// A foreign server.
    Server = "server",
    /// How a role logs in to a foreign server.
    UserMapping = "user mapping",
    /// A table, partitioned ones and partitions too.
    Table = "table",
    /// A foreign table.
    ForeignTable = "foreign table",
    /// A column of a table or foreign table.
    Column = "column",
    /// A view.
    View = "view",
    /// A materialised view.
    MaterializedView = "materialized view",
    /// An index that is no constraint's.
    Index = "index",
    /// A primary, unique, check, exclusion or foreign key of a table.
    Constraint = "constraint",
    /// Extended statistics.
    Statistics = "statistics",
    /// A rewrite rule that is no view's.
    Rule = "rule",
    /// A trigger.
    Trigger = "trigger",
    /// A policy of row-level security.
    Policy = "policy",
    /// A publication.
    Publication = "publication",
    /// An event trigger.
    EventTrigger = "event trigger",
    /// What future objects of a kind grant.
    DefaultPrivileges = "default privileges",
}

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether it has columns, rules or triggers.
    #[must_use]
    pub const fn is_relation(self) -> bool {
        matches!(self, Self::Table | Self::ForeignTable | Self::View | Self::MaterializedView)
    }

    /// Whether it is part of a relation and goes with it.
    #[must_use]
    pub const fn is_part(self) -> bool {
        matches!(
            self,
            Self::Column | Self::Index | Self::Constraint | Self::Rule | Self::Trigger | Self::Policy
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| D::Error::custom(format!("an unknown kind of object: {name}")))
    }
}
