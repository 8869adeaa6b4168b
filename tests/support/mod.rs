//! The fixture: a private cluster for the whole binary, a database for each test.

mod cluster;
mod daemon;
mod database;
mod fault_proxy;
mod folder;
mod pooler;
mod process;
mod proxy;
mod standby;
mod state;

pub(crate) use cluster::{CRASHES, Cluster, cluster, crashing_cluster, embedded, pg_bin};
#[cfg(feature = "admin")]
pub(crate) use daemon::Daemon;
pub(crate) use daemon::find_program;
pub(crate) use database::{GATE, PATIENCE, SLEEPING, TestDatabase, patiently};
pub(crate) use fault_proxy::{FaultProxy, Moment};
pub(crate) use folder::{Code, Folder, revisions, rust_revisions, with_code, with_more_code};
pub(crate) use pooler::Pooler;
pub(crate) use process::{Output, command, hardtack, hardtack_command, output_of};
pub(crate) use proxy::Proxy;
pub(crate) use standby::Standby;
pub(crate) use state::State;
