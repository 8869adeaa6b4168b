//! What the catalog says of each kind of object, as plain values. Expressions and the texts of routines are the server's
//! own, deparsed with nothing but `pg_catalog` in the `search_path`.

mod global;
mod relation;
mod routine;
mod table;
mod types;

use serde::{Deserialize, Serialize};

use super::Kind;

pub use global::{
    EventTrigger, Extension, ForeignDataWrapper, Other, Publication, PublicationTable, Server, UserMapping,
};
pub use relation::{Index, Policy, Rule, Statistics, Trigger, View, ViewColumn};
pub use routine::{Aggregate, Routine};
pub use table::{
    Column, Constraint, ConstraintType, Foreign, Generated, Identity, Partition, RelationName, Table,
};
pub use types::{
    Attribute, Collation, CompositeType, Domain, DomainConstraint, Enum, RangeType, Sequence, SequenceOptions,
};

/// A struct of a definition: what has its default value is left out of its JSON form, so that a later version can add a
/// field without changing a fingerprint.
macro_rules! definition {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })*) => {
        $($(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "crate::catalog::definition::is_default")] pub $field: $type,)*
        })*
    };
}
pub(super) use definition;

/// What a plan wants to know of a live database, and what is neither compared nor kept: two of them are always equal.
#[derive(Clone, Copy, Debug, Default, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aside<T>(pub T);

impl<T> PartialEq for Aside<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

macro_rules! variants {
    ($($kind:ident($type:ty),)*) => {
        /// What the catalog says of an object.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        #[expect(missing_docs, reason = "each variant is the kind of the same name")]
        #[non_exhaustive]
        pub enum Definition {
            $($kind($type),)*
        }

        impl Definition {
            /// Reads the JSON form of a kind's definition.
            pub(super) fn from_json(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
                Ok(match kind {
                    $(Kind::$kind => Self::$kind(serde_json::from_str(json)?),)*
                })
            }
        }
    };
}

variants! {
    Schema(Nothing),
    Extension(Extension),
    Collation(Collation),
    Enum(Enum),
    CompositeType(CompositeType),
    Domain(Domain),
    RangeType(RangeType),
    Other(Other),
    Sequence(Sequence),
    Function(Routine),
    Procedure(Routine),
    Aggregate(Aggregate),
    ForeignDataWrapper(ForeignDataWrapper),
    Server(Server),
    UserMapping(UserMapping),
    Table(Table),
    ForeignTable(Table),
    Column(Column),
    View(View),
    MaterializedView(View),
    Index(Index),
    Constraint(Constraint),
    Statistics(Statistics),
    Rule(Rule),
    Trigger(Trigger),
    Policy(Policy),
    Publication(Publication),
    EventTrigger(EventTrigger),
    DefaultPrivileges(Nothing),
}

definition! {
    /// A kind of which owner, grants and comment say all.
    pub struct Nothing {}
}
