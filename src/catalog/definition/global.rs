use super::definition;

definition! {
    /// An extension. Its version belongs to the server, and is not compared.
    pub struct Extension {
        /// The schema its objects are in.
        pub schema: String,
    }

    /// A foreign-data wrapper.
    pub struct ForeignDataWrapper {
        /// The function that plans and runs.
        pub handler: Option<String>,
        /// The function that checks options.
        pub validator: Option<String>,
        /// `name=value`, sorted.
        pub options: Vec<String>,
    }

    /// A foreign server.
    pub struct Server {
        /// The foreign-data wrapper.
        pub wrapper: String,
        /// Its type, for the wrapper.
        #[serde(rename = "type")]
        pub server_type: Option<String>,
        /// Its version, for the wrapper.
        pub version: Option<String>,
        /// `name=value`, sorted.
        pub options: Vec<String>,
    }

    /// How a role logs in to a foreign server.
    pub struct UserMapping {
        /// The names of its options, sorted. Their values are secrets, and never read.
        pub options: Vec<String>,
    }

    /// A publication.
    pub struct Publication {
        /// Whether all tables are in it.
        pub all_tables: bool,
        /// Of `insert`, `update`, `delete`, `truncate` what it publishes.
        pub operations: Vec<String>,
        /// Whether a partition's changes are published as the partitioned table's.
        pub via_partition_root: bool,
        /// How generated columns are published, where they are (PostgreSQL 18 and later).
        pub generated_columns: Option<String>,
        /// Its tables, sorted.
        pub tables: Vec<PublicationTable>,
        /// Its schemas, sorted (PostgreSQL 15 and later).
        pub schemas: Vec<String>,
    }

    /// A table of a publication.
    pub struct PublicationTable {
        /// The schema.
        pub schema: String,
        /// The table.
        pub name: String,
        /// The columns, where not all are published (PostgreSQL 15 and later).
        pub columns: Vec<String>,
        /// Which rows are published, where not all are (PostgreSQL 15 and later).
        pub filter: Option<String>,
    }

    /// An event trigger.
    pub struct EventTrigger {
        /// The event: `ddl_command_end`.
        pub event: String,
        /// The commands it is for, where not all.
        pub tags: Vec<String>,
        /// The function, as SQL has it.
        pub function: String,
        /// When it fires, where that is not the default: `disabled`, `replica`, `always`.
        pub enabled: Option<String>,
    }

    /// An object of a kind that has no DDL here.
    pub struct Other {
        /// What of it is compared.
        pub definition: String,
    }
}
