//! The fixture: a private cluster for the whole binary, a database for each test.

mod cluster;
mod database;
mod folder;
mod process;
mod proxy;

pub use cluster::cluster;
pub use database::{SLEEPING, TestDatabase};
pub use folder::{Folder, revisions};
pub use process::{hardtack, hardtack_command};
pub use proxy::Proxy;
