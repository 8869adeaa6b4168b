//! The table of hazards: each one of the text is found in its example, takes the locks that are written down, which are those that a
//! rehearsal tells, and its recipe is free of it and runs. An example is a file `tests/golden/hazards/RULE.sql`.
//!
//! `HARDTACK_TEST_OVERWRITE=1` writes the locks of the server's major version and the page anew, on 15 and on 18: read the difference
//! before you commit it.

mod example;
mod handled;
mod locks;
mod page;
mod rehearsal;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use hardtack::safety::{FoundBy, HAZARDS, hazard};
use hardtack_build::{Finding, Policy, Verdict};

use crate::support::{Folder, TestDatabase, cluster};
use example::Example;

/// How many examples are under way at a time.
const AT_ONCE: usize = 4;

/// The major versions whose locks are kept.
const KEPT: [u32; 2] = [15, 18];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn golden() -> PathBuf {
    root().join("tests/golden/hazards")
}

fn overwrites() -> bool {
    std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some()
}

#[test]
fn the_table_has_what_the_build_finds_and_what_it_takes() {
    let named = |found: fn(FoundBy) -> bool| -> BTreeSet<&str> {
        HAZARDS.iter().filter(|hazard| found(hazard.found)).map(|hazard| hazard.name).collect()
    };
    let of_text: BTreeSet<_> = hardtack_build::text_hazards().map(|(name, _)| name).collect();
    assert_eq!(named(|found| found == FoundBy::Text), of_text);
    let live: BTreeSet<_> = hardtack_build::LIVE_HAZARDS.iter().copied().collect();
    assert_eq!(named(|found| found != FoundBy::Text), live);
    let examples = Example::all();
    let examples: BTreeSet<_> = examples.iter().map(|example| example.rule.as_str()).collect();
    assert_eq!(examples, of_text, "an example each");
}

#[test]
fn each_hazard_is_found_and_its_recipe_is_free_of_it() {
    let mut faults = Vec::new();
    for example in Example::all() {
        let folder = example.shipped();
        folder.write("V2__hazard.sql", &example.hazard);
        let (codes, carried) = found(&folder, &example);
        if codes != [example.rule.as_str()] || carried != codes {
            faults.push(format!("{}: found {codes:?}, carries {carried:?}", example.rule));
        }
        let folder = example.shipped();
        example.write_recipe(&folder);
        let (codes, _) = found(&folder, &example);
        if !codes.is_empty() {
            faults.push(format!("{}: found {codes:?} in its recipe", example.rule));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The rules that are reported, and those that the second revision carries.
fn found(folder: &Folder, example: &Example) -> (Vec<String>, Vec<String>) {
    let mut policy = Policy::default();
    policy.postgres = policy.postgres.max(example.needs);
    policy.rules.insert(example.rule.clone(), Verdict::Deny);
    let resolved = hardtack_build::resolve(folder.path(), &policy).unwrap();
    let code = |finding: &Finding| finding.code.to_string();
    let codes: BTreeSet<_> = resolved.findings.iter().map(code).collect();
    let second = resolved.revisions.iter().find(|revision| revision.version == 2);
    let carried: BTreeSet<_> = match second.map(|revision| &revision.up) {
        Some(hardtack_build::Step::Sql(script)) => {
            script.hazards.iter().map(|hazard| hazard.rule.clone()).collect()
        }
        _ => BTreeSet::new(),
    };
    (codes.into_iter().collect(), carried.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_are_as_they_are_written_down_and_recipes_run() {
    let measured = measured().await;
    let faults: Vec<_> = measured.values().filter_map(|result| result.as_ref().err()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let compared = rehearsal::COMPARED.load(std::sync::atomic::Ordering::Relaxed);
    assert!(compared >= 60, "only {compared} rehearsals were compared with what a second session sees");
    let major = cluster().major();
    if KEPT.contains(&major) {
        assert_eq!(lines(measured), locks::read(major), "tests/golden/hazards/locks.{major}");
    }
}

type Measured = BTreeMap<String, Result<String, String>>;

fn lines(measured: &Measured) -> BTreeMap<String, String> {
    measured.iter().map(|(rule, result)| (rule.clone(), result.clone().unwrap_or_default())).collect()
}

/// What each example's hazard locks on this server, or what went wrong.
async fn measured() -> &'static Measured {
    static MEASURED: tokio::sync::OnceCell<Measured> = tokio::sync::OnceCell::const_new();
    MEASURED
        .get_or_init(async || {
            let major = cluster().major();
            let examples = Example::all().into_iter().filter(|example| u32::from(example.needs) <= major);
            let runs: Vec<_> = examples.map(named_run).collect();
            let measured = futures_util::stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
            if overwrites() && KEPT.contains(&major) {
                locks::write(major, &lines(&measured));
            }
            measured
        })
        .await
}

async fn named_run(example: Example) -> (String, Result<String, String>) {
    let result = run(&example).await;
    (example.rule, result)
}

/// Measures the hazard of an example, and then runs its recipe on the same database, or on one like it where something of the
/// hazard stays.
async fn run(example: &Example) -> Result<String, String> {
    let database = TestDatabase::empty().await;
    example.prepare().await;
    let folder = example.shipped();
    upgrade(&database, &folder).await.map_err(|error| format!("{}: before: {error}", example.rule))?;
    let locks = locks::measure(&database, example).await;
    let locks = locks.map_err(|error| format!("{}: {error}", example.rule))?;
    rehearsal::compare(&database, &folder, example).await?;
    let fresh = if example.stands_alone() { Some(TestDatabase::empty().await) } else { None };
    let database = fresh.as_ref().unwrap_or(&database);
    follow(database, &folder, example).await.map_err(|error| format!("{}: recipe: {error}", example.rule))?;
    Ok(locks)
}

/// Runs the recipe of an example. None of its revisions works on a whole table under a lock that bars writing to it.
async fn follow(database: &TestDatabase, folder: &Folder, example: &Example) -> Result<(), String> {
    upgrade(database, folder).await?;
    for (version, text) in (2..).zip(&example.recipe) {
        if !text.contains("-- hardtack: no-transaction") {
            let long = locks::long_locks(database, text).await?;
            if !long.is_empty() {
                return Err(format!("revision {version} holds {long:?}"));
            }
        }
        folder.write(&format!("V{version}__recipe.sql"), text);
        upgrade(database, folder).await?;
    }
    Ok(())
}

async fn upgrade(database: &TestDatabase, folder: &Folder) -> Result<(), String> {
    let resolved = hardtack::revisions::resolve(folder.path()).map_err(|error| error.to_string())?;
    let migrator = database.migrator(&resolved.revisions);
    migrator.upgrade(hardtack::UpgradeOptions::default()).await.map_err(|error| error.to_string())?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_the_table() {
    if overwrites() {
        measured().await;
        std::fs::write(page::place(), page::text()).unwrap();
    }
    let page = std::fs::read_to_string(page::place()).unwrap_or_default();
    assert!(page == page::text(), "docs/hazards.md is not what the table, the examples and the locks make");
    assert!(hazard("adding-field-with-default").is_some());
}
