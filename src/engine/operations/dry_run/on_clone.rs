use std::sync::Arc;
use std::time::Instant;

use super::look::sizes;
use super::model::{Place, Rehearsed};
use super::options::CloneFrom;
use super::probe::Probe;
use super::seen::{Seen, ended_by};
use crate::catalog::{self, differences};
use crate::db::{ConnectOptions, Connection, Likeness, PgRestore, Scratch, connect};
use crate::engine::{
    APPLICATION_NAME, DowngradeOptions, Error, Migrator, RunOutcome, StepError, UpgradeOptions, downgrade,
    run,
};
use crate::history::{self, History};
use crate::plan::{Plan, Target, Way};

/// Runs the steps on a clone that holds data, in earnest: with its commits, its hooks and checks, and in its own time. The
/// clone is dropped again on every path; the database itself is not touched.
pub(super) async fn rehearse(
    migrator: &Migrator,
    from: &CloneFrom,
    history: &History,
    plan: &Plan<'_>,
    way: Way,
) -> Result<Seen, Error> {
    let (database, role) = (migrator.database(), migrator.history_table().role());
    let likeness = match from {
        CloneFrom::Database(name) => Likeness::Copy(name),
        CloneFrom::Dump { .. } => Likeness::Beside,
    };
    let scratch = Scratch::create(database, role, likeness, APPLICATION_NAME).await?;
    let seen = async {
        if let CloneFrom::Dump { path, programs } = from {
            let server = connect(scratch.options(), APPLICATION_NAME).await?.server_version_num();
            let restore = PgRestore::find(path, programs.as_deref(), server / 10_000).await?;
            restore.run(scratch.options(), role.map(crate::config::Role::as_str)).await?;
        }
        on(migrator, scratch.options(), history, plan, way).await
    };
    let seen = seen.await;
    let dropped = scratch.discard().await;
    let seen = seen?;
    dropped?;
    Ok(seen)
}

async fn on(
    migrator: &Migrator,
    clone: &ConnectOptions,
    history: &History,
    plan: &Plan<'_>,
    way: Way,
) -> Result<Seen, Error> {
    let measured = migrator.clone().on_scratch(clone.clone());
    let there = measured.clone().on_event(|_| ());
    let connection = connect(clone, APPLICATION_NAME).await?;
    catch_up(&there, &connection, history).await?;
    let before = catalog::introspect(&connection, there.history_table()).await?;
    let sizes = sizes(&connection.client, there.lock_timeout).await.map_err(catalog::CatalogError::from)?;
    let probe = Arc::new(Probe::new(None, sizes));
    let measured = measured.rehearsing(Place::Clone).with_probe(Arc::clone(&probe));
    let started = Instant::now();
    let ran = match way {
        Way::Up(target) => {
            let options = UpgradeOptions { target, ..UpgradeOptions::default() };
            run::upgrade(&measured, &connection, options).await
        }
        Way::Down(back) => {
            let options = DowngradeOptions { back, agreed: None };
            downgrade::downgrade(&measured, &connection, &options).await
        }
    };
    let duration = started.elapsed();
    let steps = probe.finish();
    let failed = match ran {
        Ok(run) if run.outcome == RunOutcome::Stopped => return Err(StepError::Stopped.into()),
        Ok(_) => None,
        Err(error @ Error::Step(_)) => Some(error),
        Err(error) => return Err(error),
    };
    let last = steps.last().map(|step| step.version);
    let outcome = |version: i64| match &failed {
        Some(error) if last == Some(version) => ended_by(Place::Clone, error),
        _ => Rehearsed::Yes { place: Place::Clone },
    };
    let begun = plan.steps.iter().map(|step| step.version);
    let begun = begun.filter(|version| steps.iter().any(|step| step.version == *version));
    let outcomes = begun.map(|version| (version, outcome(version))).collect();
    let differences = match failed {
        None => Some(differences(&before, &catalog::introspect(&connection, there.history_table()).await?)),
        Some(_) => None,
    };
    Ok(Seen { place: Place::Clone, duration, steps, outcomes, differences })
}

/// Brings a clone, which may be some days old, to where the database is.
async fn catch_up(there: &Migrator, connection: &Connection, history: &History) -> Result<(), Error> {
    let of_clone = history::read(&connection.client, there.history_table()).await?;
    if of_clone.applied.is_empty() && !history.applied.is_empty() {
        return Err(Error::CloneWithoutHistory { table: there.history_table().to_string() });
    }
    let is_same = |one: &History, other: &History| {
        one.applied.iter().all(|applied| other.get(applied.version).is_some())
    };
    if !is_same(&of_clone, history) {
        let ahead = of_clone.applied.iter().find(|applied| history.get(applied.version).is_none());
        let version = ahead.map_or(0, |applied| applied.version);
        return Err(Error::CloneAhead { version });
    }
    let newest = history.applied.last().map(|applied| applied.version);
    let Some(newest) = newest.filter(|_| !is_same(history, &of_clone)) else { return Ok(()) };
    let options = UpgradeOptions { target: Target::Version(newest), ..UpgradeOptions::default() };
    run::upgrade(there, connection, options).await.map(drop)
}
