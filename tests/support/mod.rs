//! The fixture: a private cluster for the whole binary, a database for each test.

mod cluster;
mod database;
mod fault_proxy;
mod folder;
mod process;
mod proxy;

pub(crate) use cluster::{Cluster, cluster, crashing_cluster};
pub(crate) use database::{SLEEPING, TestDatabase};
pub(crate) use fault_proxy::{FaultProxy, Moment};
pub(crate) use folder::{Folder, revisions};
pub(crate) use process::{Output, hardtack, hardtack_command};
pub(crate) use proxy::Proxy;
