//! Scratch databases that a process left which was killed. Whoever makes one holds a lock of its number, in the database
//! beside which it stands, whose own number is in its name; one whose lock is free is nobody's.

use super::{Connection, quote_identifier, values_of};

const PREFIX: &str = "hardtack_scratch_";

/// Gives a scratch database a name, locks its number for as long as the session lasts, and drops what stands beside this
/// database and is nobody's. Through a pooler a session's lock would be another client's next: there nothing is locked, the
/// name is none of those, and nothing is dropped.
pub(super) async fn claim(beside: &Connection) -> Result<String, tokio_postgres::Error> {
    let number = fastrand::u64(..);
    let query = "select pg_catalog.pg_backend_pid(); \
        select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()";
    let found = values_of(&beside.client.simple_query(query).await?);
    let process_id = found.first().and_then(|id| id.parse().ok());
    let (Some(oid), true) =
        (found.get(1), process_id.is_some() && beside.announced_process_id().await == process_id)
    else {
        return Ok(format!("{PREFIX}{number:016x}"));
    };
    let own = format!("{PREFIX}{oid}_");
    let query = format!(
        "select pg_catalog.pg_advisory_lock({}); \
         select datname from pg_catalog.pg_database where pg_catalog.starts_with(datname, '{own}')",
        number.cast_signed()
    );
    // The first value is the lock's.
    for name in values_of(&beside.client.simple_query(&query).await?).into_iter().skip(1) {
        let number = name.strip_prefix(&own).and_then(|number| u64::from_str_radix(number, 16).ok());
        if let Some(number) = number {
            drop_if_left(beside, &name, number).await?;
        }
    }
    Ok(format!("{own}{number:016x}"))
}

async fn drop_if_left(beside: &Connection, name: &str, number: u64) -> Result<(), tokio_postgres::Error> {
    let lock = number.cast_signed();
    let query = format!("select pg_catalog.pg_try_advisory_lock({lock})");
    if super::first_value(&beside.client.simple_query(&query).await?).as_deref() != Some("t") {
        return Ok(());
    }
    let drop = format!("drop database if exists {} with (force)", quote_identifier(name));
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
