//! A database with the revisions applied, of which each test gets a copy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::database::APPLICATION_NAME;
use super::server::Server;
use super::survey::Baseline;
use super::{Setup, TestError};
use crate::db::{Connection, NO_TIMEOUTS, connect, first_value, quote_identifier, quote_literal, values_of};
use crate::engine::{Migrator, UpgradeOptions};
use crate::revisions::{RevisionSet, Step};
use crate::words::hex;

/// The templates that this process has seen, by name.
static SEEN: Mutex<BTreeMap<String, Arc<Template>>> = Mutex::new(BTreeMap::new());

const PREFIX: &str = "hardtack_template_";

/// How many templates stay beside the one that is made; older ones are removed.
const KEPT: usize = 15;

/// A database that is copied for tests.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: String,
    /// What it holds, and therefore each copy that is given back.
    pub(super) baseline: Baseline,
}

/// Its comment. Templates are sorted by it, and the time is first.
#[derive(Deserialize, Serialize)]
struct Comment {
    /// Milliseconds since 1970.
    made: u128,
    baseline: Baseline,
}

impl Template {
    /// How the names of its copies begin that wait for a test.
    pub(super) fn idle(&self) -> String {
        idle(&self.name)
    }
}

fn idle(name: &str) -> String {
    format!("{}_", name.replacen(PREFIX, "hardtack_idle_", 1))
}

/// Sees that there is a template, which is made once for all processes that want it at a time.
pub(super) async fn ensure(server: &Server, setup: &Setup) -> Result<Arc<Template>, TestError> {
    let revisions = setup.applied();
    let name = name_of(setup, &revisions);
    if let Some(seen) = SEEN.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
        return Ok(Arc::clone(seen));
    }
    let session = connect(server.options(), APPLICATION_NAME).await?;
    let failed = |source| TestError::Template { template: name.clone(), source };
    session.client.batch_execute(NO_TIMEOUTS).await.map_err(failed)?;
    let baseline = loop {
        if let Some(found) = find(&session, &name).await.map_err(failed)? {
            break found;
        }
        // A session that waits for a lock would be in the way of indexes that are built concurrently.
        if try_lock(&session, &name).await.map_err(failed)? {
            // Somebody may have made it since it was looked for.
            break match find(&session, &name).await.map_err(failed)? {
                Some(found) => found,
                None => make(&session, server, (setup, &revisions), &name).await?,
            };
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    session.close().await;
    let template = Arc::new(Template { name: name.clone(), baseline });
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&template));
    Ok(template)
}

/// Somebody has removed it.
pub(super) fn forget(template: &Template) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).remove(&template.name);
}

/// What a template is known by: the revisions, and what else the result may come of.
fn name_of(setup: &Setup, revisions: &RevisionSet) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(revisions.fingerprint());
    hash.update(setup.configured.map_or("", |configured| configured.name));
    // What their functions call is in no checksum, but in the binary.
    if setup.configured.is_some() || revisions.iter().any(has_functions) {
        let binary = std::env::current_exe().and_then(|path| Ok((path.metadata()?.modified()?, path)));
        hash.update(format!("{binary:?}"));
    }
    format!("{PREFIX}{}", hex(&hash.finalize()[..8]))
}

fn has_functions(revision: &crate::revisions::Revision) -> bool {
    let around = &revision.around;
    matches!(revision.up, Step::Rust(_)) || around.hooks().next().is_some() || around.backfill().is_some()
}

/// Makes it under another name, so that a killed process leaves nothing that passes for it.
async fn make(
    session: &Connection,
    server: &Server,
    (setup, revisions): (&Setup, &RevisionSet),
    name: &str,
) -> Result<Baseline, TestError> {
    let failed = |source| TestError::Template { template: name.to_owned(), source };
    let run = async |statement: &str| session.client.batch_execute(statement).await.map_err(failed);
    remove_old(session, name).await?;
    let draft = format!("{name}_draft");
    let quoted = quote_identifier(&draft);
    run(&format!("drop database if exists {quoted} with (force)")).await?;
    run(&format!("create database {quoted}")).await?;
    let options = server.options().clone().with_database(draft);
    if !revisions.is_empty() {
        let migrator = setup.configure(Migrator::new(revisions, options.clone()));
        migrator.upgrade(UpgradeOptions::default()).await?;
        if migrator.has_deferred_backfills() {
            migrator.run_backfills().await?;
        }
    }
    let drafted = connect(&options, APPLICATION_NAME).await?;
    let baseline = Baseline::of(&drafted).await.map_err(failed)?;
    drafted.close().await;
    let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let comment = Comment { made, baseline };
    let told = serde_json::to_string(&comment).unwrap_or_default();
    run(&format!("comment on database {quoted} is {}", quote_literal(&told))).await?;
    // Nobody is to come in any more: the server copies no database that is in use.
    run(&format!("alter database {quoted} allow_connections false")).await?;
    // One that is there tells no baseline.
    run(&format!("drop database if exists {}", quote_identifier(name))).await?;
    run(&format!("alter database {quoted} rename to {}", quote_identifier(name))).await?;
    Ok(comment.baseline)
}

/// What the template holds; none where there is no such template.
async fn find(session: &Connection, name: &str) -> Result<Option<Baseline>, tokio_postgres::Error> {
    let query = format!(
        "select pg_catalog.shobj_description(oid, 'pg_database') from pg_catalog.pg_database where datname = {}",
        quote_literal(name)
    );
    let comment = first_value(&session.client.simple_query(&query).await?);
    let comment = comment.and_then(|comment| serde_json::from_str::<Comment>(&comment).ok());
    Ok(comment.map(|comment| comment.baseline))
}

/// The right to make it, for as long as the session lasts.
async fn try_lock(session: &Connection, name: &str) -> Result<bool, tokio_postgres::Error> {
    let query = format!(
        "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended({}, 0))",
        quote_literal(name)
    );
    Ok(first_value(&session.client.simple_query(&query).await?).as_deref() == Some("t"))
}

/// Removes templates that others have followed on, with their copies, and drafts that nobody is at any more.
async fn remove_old(session: &Connection, name: &str) -> Result<(), TestError> {
    let list = format!(
        "select d.datname from pg_catalog.pg_database d where pg_catalog.starts_with(d.datname, '{PREFIX}') \
         order by pg_catalog.shobj_description(d.oid, 'pg_database') desc nulls first"
    );
    let failed = |source| TestError::Template { template: name.to_owned(), source };
    let found = session.client.simple_query(&list).await.map_err(failed)?;
    for old in values_of(&found).into_iter().skip(KEPT) {
        let copies = format!(
            "select datname from pg_catalog.pg_database where pg_catalog.starts_with(datname, {})",
            quote_literal(&idle(&old))
        );
        let copies = session.client.simple_query(&copies).await.map_err(failed)?;
        for database in values_of(&copies).iter().chain([&old]) {
            // Of another role, or being copied: then it stays.
            let drop = format!("drop database if exists {}", quote_identifier(database));
            let dropped = session.client.batch_execute(&drop).await;
            tracing::debug!(database, ?dropped, "removing an old template");
        }
    }
    Ok(())
}
