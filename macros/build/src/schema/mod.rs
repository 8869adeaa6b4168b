//! The `schema` module of a Rust revision: the tables and types of its snapshot, as Rust text.

mod catalog;
mod mention;
mod naming;
mod read;
mod render;
mod rust_type;
mod snapshot;

pub(crate) use mention::Mention;
pub(crate) use read::Wanted;

use std::collections::BTreeSet;

use catalog::Catalog;
use snapshot::Snapshot;

/// What a revision's file may name as `super::schema`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// The file does not name it.
    Unused,
    /// The file names it, and there is no snapshot that could be read; a finding says so.
    Missing,
    /// The text of the module, with as much of the snapshot as the file names.
    Text(String),
}

/// The module's text. What the file has no word for is left out, because it would only be compiled.
fn schema_text(snapshot: &Snapshot, file: &str, words: &BTreeSet<String>) -> String {
    render::render(&Catalog::of(&snapshot.objects), file, words)
}
