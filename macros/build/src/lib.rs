//! Resolves a folder of hardtack revisions: for build scripts, and for `--dir` at run time.
//!
//! A build script bakes the folder into the crate:
//!
//! ```no_run
//! // the body of `main` in build.rs
//! hardtack_build::bake("migrations");
//! ```
//!
//! All that is wrong with the folder becomes compile errors with file, line and column, all at once.
//!
//! # A folder of revisions
//!
//! | file | what it is |
//! | --- | --- |
//! | `V7__split_names.sql` | the up of version 7; `U7__..` is refinery's unversioned kind |
//! | `V7__split_names.down.sql` | its down |
//! | `V7__split_names.rs` | a Rust up, down and checks; beside a `.sql`, a Rust down, hooks, checks and a backfill |
//! | `hardtack.lock` | what shipped, by SHA-256; see [`lock`] |
//! | `snapshots/head.json` | the catalog after all revisions, which the crate carries to tell drift |
//! | `snapshots/V7__split_names.json` | the catalog as the Rust revision finds it, for its `schema` module |
//!
//! Folders may nest; files that end in neither `.sql` nor `.rs`, hidden entries and folders `snapshots` and `templates`
//! hold no revisions. Comments above the first statement of a `.sql` may be directives:
//!
//! ```sql
//! -- hardtack: no-transaction
//! -- hardtack: irreversible "drops the legacy table; restore from backup"
//! -- hardtack: allow ban-drop-column "unused since 2.3"
//! -- hardtack: lock-timeout 2s
//! -- hardtack: replaces V1..V40
//! -- hardtack: requires V41
//! -- hardtack: breaks-code-before V39
//! -- hardtack: check "no upper case left" select not exists (select from accounts where email <> lower(email))
//! -- hardtack: check-before "has accounts" select exists (select from accounts)
//! -- hardtack: unchanged "accounts" select count(*) from accounts
//! ```
//!
//! `replaces` makes a `V40__..` of one file stand for the revisions of that range, whose files are gone. `requires` runs the revision only once the
//! backfill of another has finished. `breaks-code-before` says which binaries no longer work behind it: those whose newest revision is older.
//! A check is one query: its
//! answer must be true after the up, before it, or the same before and after.
//!
//! A `.down.sql` takes `no-transaction`, `lock-timeout` and `allow`.
//!
//! # Features
//!
//! `sql` (default) parses every statement with PostgreSQL's grammar and lints it, with squawk's crates. Without
//! it, texts are split and checked for transaction commands all the same, and for the hazards that their words tell.

mod around;
mod assemble;
mod bake;
mod checks;
mod checksum;
mod created;
mod directives;
mod duration;
mod effects;
mod finding;
mod hazards;
mod head;
mod header;
mod inspection;
mod lexer;
pub mod lock;
mod names;
mod nearest;
mod pins;
mod policy;
mod query;
mod render;
mod requires;
mod resolve;
mod revision;
mod rules;
mod rust_file;
mod scan;
mod schema;
mod schema_file;
mod script;
mod source;
mod split;
mod squash;
mod stem;
mod subjects;
mod tables;
mod text_rules;
mod words;

#[cfg(feature = "sql")]
mod cache;
#[cfg(feature = "sql")]
mod inspector;
#[cfg(not(feature = "sql"))]
#[path = "no_inspector.rs"]
mod inspector;

pub use around::{Around, Check, Companion, Hook, Moment};
pub use bake::{bake, bake_as};
pub use checksum::{refinery_checksum, refinery_checksum_int4};
pub use directives::{ATTRIBUTES, AttributeArgument, DIRECTIVES, Directive, FunctionAttribute};
pub use duration::parse_duration;
pub use effects::{Effect, EffectKind};
pub use finding::{Finding, Level};
pub use hazards::StaticHazard;
pub use head::Head;
pub use policy::{Accept, Policy, PolicyError, Verdict};
pub use render::render;
pub use resolve::{Resolved, resolve};
pub use revision::{Down, Kind, Revision, RustFile, Script, Settings, Step, Transaction};
pub use rules::{LIVE_HAZARDS, text_hazards};
pub use scan::{ResolveError, files, versions};
pub use schema::Schema;
pub use schema_file::{SchemaFile, SchemaFileError, SchemaStatement};
pub use stem::{name_of, stem_of};
