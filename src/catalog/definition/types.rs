use super::definition;

definition! {
    /// A collation.
    pub struct Collation {
        /// `libc`, `icu` or `builtin`.
        pub provider: String,
        /// The locale; libc's `LC_COLLATE`.
        pub locale: Option<String>,
        /// libc's `LC_CTYPE`.
        pub lc_ctype: Option<String>,
        /// Whether strings of unequal bytes may be equal.
        pub nondeterministic: bool,
        /// ICU's further rules.
        pub rules: Option<String>,
    }

    /// An enum.
    pub struct Enum {
        /// The labels in their order.
        pub labels: Vec<String>,
    }

    /// A domain.
    pub struct Domain {
        /// The type below it.
        #[serde(rename = "type")]
        pub data_type: String,
        /// Its collation, where it is not that type's.
        pub collation: Option<String>,
        /// Whether null is refused.
        pub not_null: bool,
        /// The default expression.
        pub default: Option<String>,
        /// Its checks, by name.
        pub constraints: Vec<DomainConstraint>,
    }

    /// A check of a domain.
    pub struct DomainConstraint {
        /// The name.
        pub name: String,
        /// `CHECK (..)`.
        pub definition: String,
        /// Whether existing values were never looked at.
        pub not_valid: bool,
        /// Its comment.
        pub comment: Option<String>,
    }

    /// A composite type.
    pub struct CompositeType {
        /// The attributes in their order.
        pub attributes: Vec<Attribute>,
    }

    /// An attribute of a composite type.
    pub struct Attribute {
        /// The name.
        pub name: String,
        /// The type with its modifiers.
        #[serde(rename = "type")]
        pub data_type: String,
        /// Its collation, where it is not the type's.
        pub collation: Option<String>,
        /// Its comment.
        pub comment: Option<String>,
    }

    /// A range type.
    pub struct RangeType {
        /// The type of the bounds.
        pub subtype: String,
        /// The operator class that orders them, where it is not the default.
        pub operator_class: Option<String>,
        /// Their collation, where it is not the type's.
        pub collation: Option<String>,
        /// The function that gives one form to equal ranges.
        pub canonical: Option<String>,
        /// The function that tells the distance of two bounds.
        pub difference: Option<String>,
        /// The name of the multirange type (PostgreSQL 14 and later).
        pub multirange: Option<String>,
    }

    /// A sequence. Where it stands is data.
    pub struct Sequence {
        /// The type of its values.
        #[serde(rename = "type")]
        pub data_type: String,
        /// Its options.
        pub options: SequenceOptions,
        /// Whether it is lost in a crash.
        pub unlogged: bool,
        /// The column with which it is dropped: schema, table, column.
        pub owned_by: Option<(String, String, String)>,
    }

    /// How a sequence counts.
    pub struct SequenceOptions {
        /// The first value.
        pub start: i64,
        /// The step.
        pub increment: i64,
        /// The smallest value.
        pub min: i64,
        /// The largest value.
        pub max: i64,
        /// How many values a session takes at a time.
        pub cache: i64,
        /// Whether it begins anew at its end.
        pub cycle: bool,
    }
}
