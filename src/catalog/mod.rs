//! What a database's catalog holds, as one model: read from a server, compared, kept in snapshots. Reading never writes. With the feature
//! `operations`.

pub mod ddl;
pub mod definition;

mod difference;
pub mod expand;
mod field;
mod id;
mod ignore;
mod introspect;
mod kind;
mod model;
mod name;
mod object;
mod rename;
pub mod render;
mod snapshot;
mod uncertain;

pub use definition::Definition;
pub use difference::{Difference, differences};
pub use field::Field;
pub use id::ObjectId;
#[cfg(feature = "backup")]
pub(crate) use ignore::Glob;
pub use ignore::{Ignore, IgnoreError, Sifted};
pub use introspect::CatalogError;
pub(crate) use introspect::{introspect, introspect_within};
pub use kind::Kind;
pub use model::Catalog;
pub use object::{Grant, Object};
pub use rename::RenameError;
pub use snapshot::{Snapshot, SnapshotError};
