//! The application of docs/cookbook.md: ten folders of revisions, and what they take from the application.

mod keys;

pub use keys::{Keys, Refused};

hardtack::embed!(split_column);
hardtack::embed!(merge_tables);
hardtack::embed!(reencrypt);
hardtack::embed!(normalise);
hardtack::embed!(dedupe);
hardtack::embed!(key_type);
hardtack::embed!(json_to_columns);
hardtack::embed!(enum_change);
hardtack::embed!(tenant_split);
hardtack::embed!(timestamptz);
