#![doc = include_str!("../README.md")]
#![expect(clippy::needless_doctest_main, reason = "the page shows a build script as it is")]

// Baked code and the attribute macros say `::hardtack`, also inside this crate.
extern crate self as hardtack;

#[cfg(feature = "admin")]
pub mod admin;
#[cfg(feature = "backup")]
pub mod backup;
#[cfg(feature = "operations")]
pub mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod data;
pub mod db;
pub mod engine;
pub mod health;
pub mod history;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod plan;
#[cfg(feature = "operations")]
pub mod report;
pub mod revisions;
pub mod safety;
#[cfg(all(unix, feature = "testing"))]
pub mod testing;

#[cfg(feature = "operations")]
mod disk;
#[cfg(doctest)]
mod doctests;
mod words;

pub use config::HistoryTable;
pub use data::{Backfill, BackfillError, BackfillReport, Throttle};
pub use db::{ConnectError, ConnectOptions};
pub use engine::{
    DowngradeOptions, Error, Event, Migrator, Run, RunOutcome, Status, StepError, UpgradeOptions,
};
/// ```
/// hardtack::embed!();
///
/// assert_eq!(migrations::v1_accounts::VERSION, 1);
/// assert_eq!(migrations::Revision::V1Accounts.version(), 1);
/// assert!(migrations::v1_accounts::UP.contains("create table accounts"));
/// ```
pub use hardtack_macros::embed;
#[cfg(all(unix, feature = "testing"))]
pub use hardtack_macros::test;
pub use hardtack_macros::{after, backfill, before, check, down, up};
pub use plan::{Back, Conflict, Plan, Target, Way};
pub use revisions::{
    Around, BackfillNews, Check, Context, Direction, Down, Effect, EffectKind, Kind, Progress, Revision,
    RevisionSet, RustStep, Script, Step, StopSignal, Transaction, types,
};

/// What a Rust revision's file wants to have in scope.
///
/// ```
/// use hardtack::prelude::*;
///
/// async fn count(context: &Context<'_>) -> Result<i64> {
///     Ok(context.query_one("select count(*) from accounts", &[]).await?.get(0))
/// }
/// ```
pub mod prelude {
    pub use crate::revisions::types::TableRow as _;
    pub use crate::revisions::{Check, Context, RevisionResult as Result};
}
