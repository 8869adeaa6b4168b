//! A program that brings its own database up to date, by the library without features: forward, back, and forward at a boot.
//! `tests/lean.rs` builds it by itself, because with others it gets their features.

#![expect(clippy::print_stdout, reason = "this is an application")]

use hardtack::health::BootPolicy;
use hardtack::{Back, ConnectOptions, DowngradeOptions, Migrator, Target, UpgradeOptions, db};

hardtack::embed!();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = db::process_environment("DATABASE_URL");
    let database = ConnectOptions::resolve(url.as_deref(), db::process_environment)?;
    let migrator = Migrator::new(&migrations::REVISIONS, database);
    let target = Target::Version(migrations::Revision::V20ModelVersionsBackfill.version());
    let run = migrator.upgrade(UpgradeOptions { target, ..UpgradeOptions::default() }).await?;
    println!("{} applied", run.applied.len());
    let run = migrator.downgrade(DowngradeOptions { back: Back::Steps(3), agreed: None }).await?;
    println!("{} undone", run.undone.len());
    let applied = migrator.boot(&BootPolicy::default()).await?.run.map_or(0, |run| run.applied.len());
    let status = migrator.check_migration_status().await?;
    println!("{applied} applied at the boot, {} pending", status.pending.len());
    Ok(())
}
