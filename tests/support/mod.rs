//! The fixture: a private cluster for the whole binary, a database for each test.

mod cluster;
mod database;
mod folder;
mod process;
mod proxy;

pub(crate) use cluster::cluster;
pub(crate) use database::{SLEEPING, TestDatabase};
pub(crate) use folder::{Folder, revisions};
pub(crate) use process::{Output, hardtack, hardtack_command};
pub(crate) use proxy::Proxy;
