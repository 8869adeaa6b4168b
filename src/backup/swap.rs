use std::time::Duration;

use time::OffsetDateTime;
use tokio_postgres::Client;

use super::{BackupError, Manifest};
use crate::db::{Scratch, ServerMessage, first_value, is_lost, quote_identifier, quote_literal};

/// How often the sessions of a database are ended, while its rename waits for them to be gone.
const PAUSE: Duration = Duration::from_millis(50);

/// What a database is to be called that was made of a backup.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name<'a> {
    /// A name that no database has.
    New(&'a str),
    /// The name of a database that is kept under another one, if it is there.
    Of(&'a str),
}

/// Whether a database of that name is there.
pub(crate) async fn is_there(client: &Client, database: &str) -> Result<bool, BackupError> {
    let query = format!("select from pg_catalog.pg_database where datname = {}", quote_literal(database));
    let messages =
        client.simple_query(&query).await.map_err(super::survey::reading("look for a database"))?;
    Ok(messages.iter().any(|message| matches!(message, tokio_postgres::SimpleQueryMessage::Row(_))))
}

/// How many sessions a database has.
pub(crate) async fn sessions(client: &Client, database: &str) -> Result<u64, BackupError> {
    let query = format!(
        "select pg_catalog.count(*) from pg_catalog.pg_stat_activity where datname = {}",
        quote_literal(database)
    );
    let messages = client.simple_query(&query).await.map_err(super::survey::reading("count its sessions"))?;
    Ok(first_value(&messages).and_then(|count| count.parse().ok()).unwrap_or_default())
}

/// Gives a proven database rights, settings and name of the one that was backed up; the name under which another one is kept that
/// was in its place. All names change in one transaction: whoever connects finds one or the other, or is told once that there
/// is none. The sessions of the other one are ended by `server`, a second session beside it.
pub(crate) async fn swap(
    scratch: &Scratch,
    server: &Client,
    manifest: &Manifest,
    name: Name<'_>,
) -> Result<Option<String>, BackupError> {
    let client = &scratch.beside().client;
    for statement in manifest.database.traits.likeness(scratch.name()) {
        // One statement, whatever a manifest says.
        client
            .execute_typed(&statement, &[])
            .await
            .map_err(not_swapped("give the new database its rights and settings"))?;
    }
    let (target, kept) = match name {
        Name::New(name) => (name, None),
        Name::Of(database) if is_there(client, database).await? => {
            (database, Some(kept_name(client, database).await?))
        }
        Name::Of(database) => (database, None),
    };
    let mut renames = Vec::new();
    if let Some(kept) = &kept {
        renames.push(format!(
            "alter database {} rename to {}",
            quote_identifier(target),
            quote_identifier(kept)
        ));
    }
    renames.push(format!("alter database {} rename to {}", scratch.name(), quote_identifier(target)));
    if manifest.database.traits.comment.is_none() {
        renames.push(format!("comment on database {} is null", quote_identifier(target)));
    }
    let text = format!("begin; {}; commit", renames.join("; "));
    let renamed = match kept {
        Some(_) => rename_in_use(client, server, &text, target).await,
        None => client.batch_execute(&text).await,
    };
    let Err(error) = renamed else { return Ok(kept) };
    if is_lost(&error) {
        let left = "the connection broke before the server answered, so either both databases have their new names or \
            neither; `psql -l` tells";
        return Err(BackupError::Server { action: "give the new database its name", left, source: error });
    }
    // Behind an error the transaction is still open.
    let _ = client.batch_execute("rollback").await;
    Err(not_swapped("give the new database its name")(error))
}

/// A name that no database has, also where another one was kept in this second.
async fn kept_name(client: &Client, database: &str) -> Result<String, BackupError> {
    let now = OffsetDateTime::now_utc();
    let mut number = 1;
    loop {
        let name = Manifest::kept_name(database, now, number);
        if !is_there(client, &name).await? {
            return Ok(name);
        }
        number += 1;
    }
}

/// The rename locks the database against new sessions, and then waits some seconds for those that are there to be gone. Ending them
/// while it waits, and not before, leaves no moment in which another migration could begin.
async fn rename_in_use(
    client: &Client,
    server: &Client,
    text: &str,
    database: &str,
) -> Result<(), tokio_postgres::Error> {
    let ending = async {
        loop {
            tokio::time::sleep(PAUSE).await;
            // Of sessions that it may not end, the rename itself says that they are there.
            if let Err(error) = end_sessions(server, database).await {
                tracing::warn!(error = %ServerMessage(&error), "the database's sessions cannot be ended");
            }
        }
    };
    tokio::select! {
        renamed = client.batch_execute(text) => renamed,
        () = ending => Ok(()),
    }
}

/// Ends the sessions of a database, once a rename has locked it against new ones.
async fn end_sessions(client: &Client, database: &str) -> Result<(), tokio_postgres::Error> {
    let text = format!(
        "select pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a \
         where a.datname = {} and exists (select from pg_catalog.pg_locks l \
             where l.locktype = 'object' and l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass \
               and l.objid = a.datid and l.mode = 'AccessExclusiveLock' and l.granted)",
        quote_literal(database)
    );
    client.batch_execute(&text).await
}

fn not_swapped(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> BackupError {
    move |source| BackupError::Server {
        action,
        left: "the database is as it was, under its own name; the new one is dropped again",
        source,
    }
}
