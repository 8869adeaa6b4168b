use serde::{Deserialize, Serialize};

use super::{SequenceOptions, definition};
use crate::catalog::Grant;

definition! {
    /// A table, or a foreign table. Its columns, constraints and indexes are objects of their own.
    pub struct Table {
        /// What it is partitioned by: `RANGE (at)`.
        pub partition_by: Option<String>,
        /// What it is a partition of.
        pub partition_of: Option<Partition>,
        /// What it inherits from, in order.
        pub inherits: Vec<RelationName>,
        /// The composite type it is of, as SQL has it.
        pub of_type: Option<String>,
        /// Whether it is lost in a crash.
        pub unlogged: bool,
        /// Storage parameters, sorted; its TOAST table's begin with `toast.`.
        pub options: Vec<String>,
        /// The access method, where it is not `heap`.
        pub access_method: Option<String>,
        /// The tablespace, where it is not the database's.
        pub tablespace: Option<String>,
        /// Whether policies apply.
        pub row_security: bool,
        /// Whether policies apply to its owner too.
        pub force_row_security: bool,
        /// `nothing` or `full`. An index that is the replica identity says so itself.
        pub replica_identity: Option<String>,
        /// Where a foreign table's rows are.
        pub foreign: Option<Foreign>,
    }

    /// A relation's name.
    pub struct RelationName {
        /// The schema.
        pub schema: String,
        /// The name.
        pub name: String,
    }

    /// A place in a partitioned table.
    pub struct Partition {
        /// The partitioned table's schema.
        pub schema: String,
        /// The partitioned table's name.
        pub name: String,
        /// `FOR VALUES ..` or `DEFAULT`.
        pub bound: String,
    }

    /// Where a foreign table's rows are.
    pub struct Foreign {
        /// The server.
        pub server: String,
        /// `name=value`, sorted.
        pub options: Vec<String>,
    }

    /// A column.
    pub struct Column {
        /// The type with its modifiers.
        #[serde(rename = "type")]
        pub data_type: String,
        /// Its collation, where it is not the type's.
        pub collation: Option<String>,
        /// Whether null is refused.
        pub not_null: bool,
        /// The name of its not-null constraint, where it is not the default one (PostgreSQL 18 and later).
        pub not_null_name: Option<String>,
        /// Whether existing rows were never looked at for nulls (PostgreSQL 18 and later).
        pub not_null_not_valid: bool,
        /// Whether tables that inherit go without it (PostgreSQL 18 and later).
        pub not_null_no_inherit: bool,
        /// The comment on its not-null constraint (PostgreSQL 18 and later).
        pub not_null_comment: Option<String>,
        /// The default expression.
        pub default: Option<String>,
        /// What it is computed from.
        pub generated: Option<Generated>,
        /// Its own sequence.
        pub identity: Option<Identity>,
        /// How it is stored, where that is not the type's way.
        pub storage: Option<String>,
        /// How it is compressed, where that was said (PostgreSQL 14 and later).
        pub compression: Option<String>,
        /// The statistics target, where that was said.
        pub statistics: Option<i32>,
        /// `n_distinct` and its kin, sorted.
        pub options: Vec<String>,
        /// What the foreign-data wrapper is told of it, sorted.
        pub foreign_options: Vec<String>,
        /// Whether it comes from a parent table alone.
        pub inherited: bool,
    }

    /// What a generated column is computed from.
    pub struct Generated {
        /// The expression.
        pub expression: String,
        /// Whether it is computed when it is read (PostgreSQL 18 and later).
        #[serde(rename = "virtual")]
        pub on_read: bool,
    }

    /// An identity column's sequence.
    pub struct Identity {
        /// Whether a value that is given is refused.
        pub always: bool,
        /// The sequence's name; it is in the table's schema.
        pub sequence: String,
        /// Its options.
        pub options: SequenceOptions,
        /// Where the sequence's privileges differ from the default ones; sorted.
        pub grants: Vec<Grant>,
        /// The sequence's comment.
        pub comment: Option<String>,
    }

    /// A constraint of a table.
    pub struct Constraint {
        /// What it is.
        #[serde(rename = "type")]
        pub constraint_type: ConstraintType,
        /// As the server writes it, without what the fields below say.
        pub definition: String,
        /// The columns it is on, in its order. An expression has none.
        pub columns: Vec<String>,
        /// Whether its check can wait until the end of the transaction.
        pub deferrable: bool,
        /// Whether it does wait, unless told otherwise.
        pub deferred: bool,
        /// Whether existing rows were never looked at.
        pub not_valid: bool,
        /// Whether new rows are not looked at either (PostgreSQL 18 and later).
        pub not_enforced: bool,
        /// Whether it comes from a parent table alone.
        pub inherited: bool,
        /// The index of a partitioned table that its index is a part of.
        pub attached_to: Option<RelationName>,
        /// The storage parameters of its index, sorted.
        pub options: Vec<String>,
        /// The tablespace of its index, where it is not the database's.
        pub tablespace: Option<String>,
        /// Whether `CLUSTER` orders the table by its index.
        pub clustered: bool,
        /// Whether its index is the replica identity.
        pub replica_identity: bool,
        /// The comment on its index.
        pub index_comment: Option<String>,
    }
}

/// What a constraint is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConstraintType {
    /// A primary key.
    #[serde(rename = "primary key")]
    PrimaryKey,
    /// A unique constraint.
    #[serde(rename = "unique")]
    Unique,
    /// A check.
    #[default]
    #[serde(rename = "check")]
    Check,
    /// An exclusion constraint.
    #[serde(rename = "exclusion")]
    Exclusion,
    /// A foreign key.
    #[serde(rename = "foreign key")]
    ForeignKey,
}
