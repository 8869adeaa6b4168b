//! The stairway: each revision up, down and up again, with an equal catalog on both landings.

use std::path::Path;

use hardtack::catalog::{Catalog, differences};
use hardtack::{Back, Direction, DowngradeOptions, RevisionSet, Target, UpgradeOptions};

use crate::support::TestDatabase;

#[tokio::test]
async fn the_reference_application_climbs_and_descends() {
    let climbed = Stairway::climb(&crate::migrations::REVISIONS).await;
    assert_eq!(climbed.faults, Vec::<String>::new());
    assert_eq!(climbed.steps, crate::migrations::REVISIONS.len() - 1);
}

/// Folders that somebody names: `HARDTACK_TEST_HISTORIES=one:two cargo test --test integration stairway -- --nocapture`.
#[tokio::test]
async fn histories_that_somebody_names_climb_and_descend() {
    let Some(folders) = std::env::var_os("HARDTACK_TEST_HISTORIES") else {
        eprintln!("skipped: HARDTACK_TEST_HISTORIES names no folders");
        return;
    };
    for folder in std::env::split_paths(&folders) {
        let set = resolved(&folder);
        let climbed = Stairway::climb(&set).await;
        println!("{}: {} of {} steps are reversible", folder.display(), climbed.steps, set.len());
        for fault in climbed.faults {
            println!("  {fault}");
        }
    }
}

/// With whatever `hardtack.toml` beside the revisions says: histories of others have faults that their owners know.
fn resolved(folder: &Path) -> RevisionSet {
    let policy = hardtack_build::Policy::load(&folder.join("hardtack.toml")).unwrap().for_shipped();
    let resolved = hardtack_build::resolve(folder, &policy).unwrap();
    RevisionSet::from_revisions(resolved.revisions.into_iter().map(hardtack::Revision::from).collect())
}

/// What is wrong with the downs of a set.
pub(crate) async fn faults(set: &RevisionSet) -> Vec<String> {
    Stairway::climb(set).await.faults
}

/// What a climb found.
struct Stairway<'a> {
    set: &'a RevisionSet,
    database: TestDatabase,
    /// How many revisions went up, down and up again with equal catalogs.
    steps: usize,
    /// The others that have a down, with what is wrong with it.
    faults: Vec<String>,
}

impl<'a> Stairway<'a> {
    async fn climb(set: &'a RevisionSet) -> Self {
        let mut stairway = Self { set, database: TestDatabase::empty().await, steps: 0, faults: Vec::new() };
        let mut below = (0, stairway.catalog().await);
        for revision in set {
            let version = revision.version;
            stairway.up(version).await.unwrap_or_else(|error| panic!("{}: {error}", revision.stem()));
            let above = stairway.catalog().await;
            if revision.step(Direction::Down).is_some() {
                match stairway.down_and_up(below.0, &below.1, version, &above).await {
                    Ok(()) => stairway.steps += 1,
                    Err(fault) => {
                        stairway.faults.push(format!("{}: {fault}", revision.stem()));
                        stairway.begin_anew(version).await;
                    }
                }
            }
            below = (version, above);
        }
        stairway
    }

    async fn down_and_up(
        &self,
        below: i64,
        lower: &Catalog,
        version: i64,
        upper: &Catalog,
    ) -> Result<(), String> {
        let options = DowngradeOptions { back: Back::To(below), agreed: None };
        let down = self.database.migrator(self.set).downgrade(options).await;
        down.map_err(|error| error.to_string())?;
        equal("its down leaves another catalog", lower, &self.catalog().await)?;
        self.up(version).await.map_err(|error| format!("up again: {error}"))?;
        equal("up again, the catalog is another", upper, &self.catalog().await)
    }

    async fn up(&self, version: i64) -> Result<(), hardtack::Error> {
        let options = UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
        let migrator = self.database.migrator(self.set);
        migrator.upgrade(options).await?;
        // What is deferred may be required by the next one.
        migrator.run_backfills().await.map(drop)
    }

    /// A down at fault must not be held against the revisions behind it.
    async fn begin_anew(&mut self, version: i64) {
        self.database = TestDatabase::empty().await;
        self.up(version).await.unwrap();
    }

    async fn catalog(&self) -> Catalog {
        self.database.migrator(self.set).catalog().await.unwrap()
    }
}

fn equal(what: &str, expected: &Catalog, found: &Catalog) -> Result<(), String> {
    let differences = differences(expected, found);
    let lines: Vec<_> = differences.iter().map(|difference| format!("\n    {difference}")).collect();
    if lines.is_empty() { Ok(()) } else { Err(format!("{what}:{}", lines.concat())) }
}
