use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{BackupError, Manifest};
use crate::db::{Scratch, ServerMessage, first_value, quote_identifier, quote_literal};

/// How often a database that is in use is tried again.
const ATTEMPTS: u32 = 10;

/// What a database is to be called that was made of a backup.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name<'a> {
    /// A name that no database has.
    New(&'a str),
    /// The name of a database that is kept under another one, if it is there.
    Of { database: &'a str, kept: &'a str },
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

/// Gives a proven database rights, settings and name of the one that was backed up; whether another one was in its place, which
/// is kept. All names change in one transaction: whoever connects finds one or the other.
pub(crate) async fn swap(
    scratch: &Scratch,
    manifest: &Manifest,
    name: Name<'_>,
) -> Result<bool, BackupError> {
    let client = &scratch.beside().client;
    for statement in manifest.database.traits.likeness(scratch.name()) {
        client
            .batch_execute(&statement)
            .await
            .map_err(not_swapped("give the new database its rights and settings"))?;
    }
    let (target, kept) = match name {
        Name::New(name) => (name, None),
        Name::Of { database, kept } => (database, is_there(client, database).await?.then_some(kept)),
    };
    let mut renames = Vec::new();
    if let Some(kept) = kept {
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
    rename(client, &text, kept.map(|_| target)).await?;
    Ok(kept.is_some())
}

/// The rename locks the database against new sessions, and waits some seconds for those that are there.
async fn rename(client: &Client, text: &str, in_use: Option<&str>) -> Result<(), BackupError> {
    let mut attempt = 0;
    loop {
        if let Some(database) = in_use {
            end_sessions(client, database).await?;
        }
        let Err(error) = client.batch_execute(text).await else { return Ok(()) };
        if error.as_db_error().is_none() {
            let left = "the connection broke before the server answered, so either both databases have their new names or \
                neither; `psql -l` tells";
            return Err(BackupError::Server {
                action: "give the new database its name",
                left,
                source: error,
            });
        }
        // Behind an error the transaction is still open.
        let _ = client.batch_execute("rollback").await;
        attempt += 1;
        if error.code() != Some(&SqlState::OBJECT_IN_USE) || attempt == ATTEMPTS {
            return Err(not_swapped("give the new database its name")(error));
        }
        tracing::info!(error = %ServerMessage(&error), "the database is still in use; once more");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn end_sessions(client: &Client, database: &str) -> Result<(), BackupError> {
    let text = format!(
        "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity \
         where datname = {} and pid <> pg_catalog.pg_backend_pid()",
        quote_literal(database)
    );
    client.batch_execute(&text).await.map_err(not_swapped("end the sessions of the database"))
}

fn not_swapped(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> BackupError {
    move |source| BackupError::Server {
        action,
        left: "the database is as it was, under its own name; the new one is dropped again",
        source,
    }
}
