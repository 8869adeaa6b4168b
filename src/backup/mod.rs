//! Backups: taken at one moment, proven by what they hold, and put back.
//!
//! A backup is a folder of files with a [`Manifest`], which says what was taken and what must come back: the catalog's
//! fingerprint, and of each table its rows and a hash of them. Nothing here takes the migration lock; the engine does.

mod archive;
mod content;
mod error;
mod keys;
mod listed;
mod manifest;
mod pack;
mod place;
mod pulse;
mod rows;
mod space;
mod stored;
mod strategy;
mod survey;
mod take;
mod unpack;
mod verify;

pub(crate) use content::{Content, SESSION, content_of};
pub use error::BackupError;
pub use keys::{Identities, Recipients};
pub use listed::{Depth, Listed, Verified};
pub use manifest::{ColumnEntry, DatabaseEntry, FileEntry, Manifest, RowsEntry, TableEntry};
pub use place::{Place, Stream};
pub(crate) use stored::{Rows, Stored};
pub use strategy::Strategy;
pub(crate) use survey::Snapshot;
pub(crate) use take::{Request, take};
pub(crate) use verify::read_through;
