use super::{Aside, RelationName, definition};

definition! {
    /// A view, or a materialised view.
    pub struct View {
        /// The query, without a semicolon.
        pub query: String,
        /// The columns in their order.
        pub columns: Vec<ViewColumn>,
        /// `security_barrier=true`, `check_option=local`; a materialised view's storage parameters; sorted.
        pub options: Vec<String>,
        /// A materialised view's access method, where it is not `heap`.
        pub access_method: Option<String>,
        /// A materialised view's tablespace, where it is not the database's.
        pub tablespace: Option<String>,
        /// Whether a materialised view was never filled.
        pub unpopulated: Aside<bool>,
    }

    /// A column of a view.
    pub struct ViewColumn {
        /// The name.
        pub name: String,
        /// The type with its modifiers.
        #[serde(rename = "type")]
        pub data_type: String,
        /// Its collation, where it is not the type's.
        pub collation: Option<String>,
        /// What an insert through the view puts where nothing is given.
        pub default: Option<String>,
        /// Its comment.
        pub comment: Option<String>,
        /// A materialised view's statistics target, where that was said.
        pub statistics: Option<i32>,
    }

    /// An index that is no constraint's.
    pub struct Index {
        /// Whether it refuses equal keys.
        pub unique: bool,
        /// From the method on: `btree (lower(email)) INCLUDE (id) WHERE (NOT deleted)`.
        pub definition: String,
        /// Whether a `CREATE INDEX CONCURRENTLY` left it unfinished, or partitions are missing.
        pub invalid: bool,
        /// Whether it is a partitioned table's.
        pub partitioned: bool,
        /// The index of a partitioned table that it is a part of.
        pub attached_to: Option<RelationName>,
        /// The tablespace, where it is not the database's.
        pub tablespace: Option<String>,
        /// Whether `CLUSTER` orders the table by it.
        pub clustered: bool,
        /// Whether it is the replica identity.
        pub replica_identity: bool,
        /// The statistics targets of its expressions: place and target.
        pub statistics: Vec<(i16, i32)>,
    }

    /// Extended statistics.
    pub struct Statistics {
        /// The whole `CREATE STATISTICS` statement.
        pub definition: String,
        /// The statistics target, where that was said.
        pub target: Option<i32>,
    }

    /// A rewrite rule that is no view's.
    pub struct Rule {
        /// The whole `CREATE RULE` statement.
        pub definition: String,
        /// When it acts, where that is not the default: `disabled`, `replica`, `always`.
        pub enabled: Option<String>,
    }

    /// A trigger.
    pub struct Trigger {
        /// The whole `CREATE TRIGGER` statement.
        pub definition: String,
        /// When it fires, where that is not the default: `disabled`, `replica`, `always`.
        pub enabled: Option<String>,
    }

    /// A policy of row-level security.
    pub struct Policy {
        /// Whether all of its kind must hold, instead of one.
        pub restrictive: bool,
        /// `all`, `select`, `insert`, `update` or `delete`.
        pub command: String,
        /// The roles it is for, as SQL has them, sorted.
        pub roles: Vec<String>,
        /// Which rows are seen.
        pub using: Option<String>,
        /// Which rows may be written.
        pub check: Option<String>,
    }
}
