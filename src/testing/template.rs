//! A database with the revisions applied, of which each test gets a copy.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::database::APPLICATION_NAME;
use super::server::Server;
use super::{Setup, TestError};
use crate::db::{Connection, NO_TIMEOUTS, connect, first_value, quote_identifier, quote_literal, values_of};
use crate::engine::{Migrator, UpgradeOptions};
use crate::revisions::{RevisionSet, Step};

/// The templates that this process has seen.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

const PREFIX: &str = "hardtack_template_";

/// How many templates stay beside the one that is made; older ones are removed.
const KEPT: usize = 15;

/// Sees that there is a template, which is made once for all processes that want it at a time; its name.
pub(super) async fn ensure(server: &Server, setup: &Setup) -> Result<String, TestError> {
    let revisions = setup.applied();
    let name = name_of(setup, &revisions);
    if SEEN.lock().unwrap_or_else(PoisonError::into_inner).contains(&name) {
        return Ok(name);
    }
    let session = connect(server.options(), APPLICATION_NAME).await?;
    let failed = |source| TestError::Template { template: name.clone(), source };
    session.client.batch_execute(NO_TIMEOUTS).await.map_err(failed)?;
    while !exists(&session, &name).await.map_err(failed)? {
        // A session that waits for a lock would be in the way of indexes that are built concurrently.
        if try_lock(&session, &name).await.map_err(failed)? {
            // Somebody may have made it since it was looked for.
            if !exists(&session, &name).await.map_err(failed)? {
                make(&session, server, (setup, &revisions), &name).await?;
            }
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    session.close().await;
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
    Ok(name)
}

/// Somebody has removed it.
pub(super) fn forget(template: &str) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).remove(template);
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
    let hash: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{hash}")
}

fn has_functions(revision: &crate::revisions::Revision) -> bool {
    matches!(revision.up, Step::Rust(_)) || revision.around.hooks().next().is_some()
}

/// Makes it under another name, so that a killed process leaves nothing that passes for it.
async fn make(
    session: &Connection,
    server: &Server,
    (setup, revisions): (&Setup, &RevisionSet),
    name: &str,
) -> Result<(), TestError> {
    let run = async |statement: &str| {
        let done = session.client.batch_execute(statement).await;
        done.map_err(|source| TestError::Template { template: name.to_owned(), source })
    };
    remove_old(session, name).await?;
    let draft = format!("{name}_draft");
    let quoted = quote_identifier(&draft);
    run(&format!("drop database if exists {quoted} with (force)")).await?;
    run(&format!("create database {quoted}")).await?;
    if !revisions.is_empty() {
        let migrator =
            setup.configure(Migrator::new(revisions, server.options().clone().with_database(draft)));
        migrator.upgrade(UpgradeOptions::default()).await?;
        if migrator.has_deferred_backfills() {
            migrator.run_backfills().await?;
        }
    }
    let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    run(&format!("comment on database {quoted} is {}", quote_literal(&made.to_string()))).await?;
    // Nobody is to come in any more: the server copies no database that is in use.
    run(&format!("alter database {quoted} allow_connections false")).await?;
    run(&format!("alter database {quoted} rename to {}", quote_identifier(name))).await
}

async fn exists(session: &Connection, name: &str) -> Result<bool, tokio_postgres::Error> {
    let query =
        format!("select exists (select from pg_catalog.pg_database where datname = {})", quote_literal(name));
    Ok(first_value(&session.client.simple_query(&query).await?).as_deref() == Some("t"))
}

/// The right to make it, for as long as the session lasts.
async fn try_lock(session: &Connection, name: &str) -> Result<bool, tokio_postgres::Error> {
    let query = format!(
        "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended({}, 0))",
        quote_literal(name)
    );
    Ok(first_value(&session.client.simple_query(&query).await?).as_deref() == Some("t"))
}

/// Removes templates that others have followed on, and drafts that nobody is at any more.
async fn remove_old(session: &Connection, name: &str) -> Result<(), TestError> {
    let list = format!(
        "select d.datname from pg_catalog.pg_database d where pg_catalog.starts_with(d.datname, '{PREFIX}') \
         order by pg_catalog.shobj_description(d.oid, 'pg_database') desc nulls first"
    );
    let found = session.client.simple_query(&list).await;
    let found = found.map_err(|source| TestError::Template { template: name.to_owned(), source })?;
    for old in values_of(&found).into_iter().skip(KEPT) {
        // Of another role, or being copied: then it stays.
        let dropped = session
            .client
            .batch_execute(&format!("drop database if exists {}", quote_identifier(&old)))
            .await;
        tracing::debug!(template = old, ?dropped, "removing an old template");
    }
    Ok(())
}
