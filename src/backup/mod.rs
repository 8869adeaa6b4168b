//! Backups: taken at one moment, proven by what they hold, and put back.
//!
//! A backup is a folder of files with a [`Manifest`], which says what was taken and what must come back: the catalog's
//! fingerprint, and of each table its rows and a hash of them. Nothing here takes the migration lock; the engine does.
//!
//! ```no_run
//! use hardtack::backup::{Place, Strategy};
//! use hardtack::engine::{BackupOptions, RestoreOptions};
//! use hardtack::{ConnectOptions, Migrator, UpgradeOptions, db::process_environment};
//!
//! # hardtack::embed!();
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let database = ConnectOptions::resolve(Some("postgres://app@db.internal/app"), process_environment)?;
//! let place = Place::Directory("/var/backups/app".into());
//! let first = BackupOptions::new(Strategy::Full, place.clone());
//! let migrator = Migrator::new(&migrations::REVISIONS, database).with_backup(first.clone());
//! migrator.upgrade(UpgradeOptions::default()).await?; // the backup first, under the lock
//!
//! let taken = migrator.backup(&first).await?;
//! let restored = migrator.restore(&RestoreOptions::new(place, taken.manifest.name)).await?;
//! println!("{} is back; the one before is {:?}", restored.database, restored.kept);
//! # Ok(())
//! # }
//! ```

mod archive;
mod begun;
mod content;
mod error;
mod keys;
mod listed;
mod manifest;
mod pack;
mod place;
mod proof;
mod pulse;
mod put_back;
mod rebuild;
mod reload;
mod retention;
mod rows;
mod space;
mod stored;
mod strategy;
mod survey;
mod swap;
mod take;
mod temporary;
mod unpack;
mod verify;

pub(crate) use content::{Content, SESSION, content_of};
pub use error::BackupError;
pub use keys::{Identities, Recipients};
pub use listed::{Depth, Listed, Verified};
pub use manifest::{ArchiveEntry, ColumnEntry, DatabaseEntry, FileEntry, Manifest, RowsEntry, TableEntry};
#[cfg(feature = "object-store")]
pub use place::Store;
pub use place::{Place, Stream};
pub use proof::Proof;
pub(crate) use proof::compare_all;
pub(crate) use put_back::{Live, plan_put_back, put_back};
pub use put_back::{PutBackError, PutBackTable, Reference, Written};
pub(crate) use rebuild::{Rebuild, check_contents, maintenance, rebuild, scratch};
pub(crate) use reload::reload;
pub(crate) use retention::{Series, list, prune, record_verified};
pub(crate) use stored::{Rows, Stored};
pub use strategy::Strategy;
pub(crate) use survey::{Snapshot, system_of};
pub(crate) use swap::{Name, is_there, sessions, swap};
pub(crate) use take::{Chosen, Request, take};
pub(crate) use verify::read_through;
