//! Scratch databases that a process left which was killed. Whoever makes one holds a lock of its number, in the database
//! beside which it stands; one whose lock is free is nobody's.

use tokio_postgres::SimpleQueryMessage;

use super::{Connection, quote_identifier, quote_literal};

const PREFIX: &str = "hardtack_scratch_";

/// The name of the scratch database of that number.
pub(super) fn name(number: u64) -> String {
    format!("{PREFIX}{number:016x}")
}

/// What is said of one that stands beside that database.
pub(super) fn comment(database: &str) -> String {
    format!("scratch of hardtack, beside {database}")
}

/// Locks a number for as long as the session lasts, and drops what stands beside this database and is nobody's. Through a
/// pooler a session's lock would be another client's next, so nothing is locked and nothing dropped there.
pub(super) async fn claim(
    beside: &Connection,
    number: u64,
    database: &str,
) -> Result<(), tokio_postgres::Error> {
    let own = number.cast_signed();
    let messages = beside.client.simple_query("select pg_catalog.pg_backend_pid()").await?;
    let process_id = super::first_value(&messages).and_then(|id| id.parse().ok());
    if process_id.is_none() || beside.announced_process_id().await != process_id {
        return Ok(());
    }
    let query = format!(
        "select pg_catalog.pg_advisory_lock({own}); \
         select d.datname from pg_catalog.pg_database d where pg_catalog.starts_with(d.datname, '{PREFIX}') \
         and pg_catalog.shobj_description(d.oid, 'pg_database') = {}",
        quote_literal(&comment(database))
    );
    for message in beside.client.simple_query(&query).await? {
        let SimpleQueryMessage::Row(row) = message else { continue };
        // The first row is the lock's.
        let Some(number) = row.get(0).and_then(number_of) else { continue };
        drop_if_left(beside, number).await?;
    }
    Ok(())
}

fn number_of(name: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_prefix(PREFIX)?, 16).ok()
}

async fn drop_if_left(beside: &Connection, number: u64) -> Result<(), tokio_postgres::Error> {
    let (lock, name) = (number.cast_signed(), name(number));
    let messages =
        beside.client.simple_query(&format!("select pg_catalog.pg_try_advisory_lock({lock})")).await?;
    if super::first_value(&messages).as_deref() != Some("t") {
        return Ok(());
    }
    let drop = format!("drop database if exists {} with (force)", quote_identifier(&name));
    match beside.client.batch_execute(&drop).await {
        Ok(()) => {
            tracing::info!(database = name, "dropped a scratch database that a killed process had left");
        }
        // Another role's; it is in nobody's way.
        Err(error) => {
            tracing::warn!(database = name, %error, "a scratch database of a killed process is still there");
        }
    }
    beside.client.batch_execute(&format!("select pg_catalog.pg_advisory_unlock({lock})")).await
}
