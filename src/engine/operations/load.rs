use tokio_postgres::error::{ErrorPosition, SqlState};
use tokio_postgres::{Error as PgError, SimpleQueryMessage};

use super::SourceCatalog;
use crate::catalog;
use crate::db::{Connection, Likeness, Scratch, connect};
use crate::engine::step::finished;
use crate::engine::{APPLICATION_NAME, Error, Migrator};
use crate::revisions::{SchemaFile, SchemaStatement};

/// Runs a schema file on a scratch database, which is dropped again on every path, and reads what it made.
pub(super) async fn load(migrator: &Migrator, name: &str, file: &SchemaFile) -> Result<SourceCatalog, Error> {
    let role = migrator.history_table().role();
    let scratch = Scratch::create(migrator.database(), role, Likeness::Beside, APPLICATION_NAME).await?;
    let read = load_on(migrator, &scratch, name, file).await;
    let dropped = scratch.discard().await;
    let read = read?;
    dropped?;
    Ok(read)
}

async fn load_on(
    migrator: &Migrator,
    scratch: &Scratch,
    name: &str,
    file: &SchemaFile,
) -> Result<SourceCatalog, Error> {
    let connection = connect(scratch.options(), APPLICATION_NAME).await?;
    let failed = |statement: Option<&SchemaStatement>, source: PgError| {
        let line = statement.map_or(1, |statement| line_of(statement, &source));
        Error::Load { file: name.to_owned(), line, advice: advice(&source), source }
    };
    // Nothing of it has to outlive a crash.
    let mut session =
        "set default_transaction_read_only = off; set statement_timeout = 0; set lock_timeout = 0; \
        set synchronous_commit = off"
            .to_owned();
    if let Some(role) = migrator.history_table().role() {
        session.push_str(&format!("; set role {role}"));
    }
    connection.client.batch_execute(&session).await.map_err(|error| failed(None, error))?;
    let missing_owners = missing(&connection, file).await.map_err(|error| failed(None, error))?;
    // As psql runs them, each on its own, but without waiting for an answer before the next is sent.
    let mut sent = Vec::with_capacity(file.statements.len());
    for statement in &file.statements {
        if statement.owner.as_ref().is_none_or(|owner| !missing_owners.contains(owner)) {
            sent.push((statement, connection.client.simple_query_raw(&statement.text).await));
        }
    }
    for (statement, answer) in sent {
        finished(answer).await.map_err(|error| failed(Some(statement), error))?;
    }
    // Settings and roles of the file go; in a transaction that it left open this fails.
    connection
        .client
        .batch_execute("discard all")
        .await
        .map_err(|error| failed(file.statements.last(), error))?;
    let mut catalog = catalog::introspect(&connection, migrator.history_table()).await?;
    if file.statements.is_empty() {
        // What stands for no database yet is one on which an upgrade has made its schema, before the first revision.
        catalog.history_schema = migrator.history_table().own_schema().map(str::to_owned);
    }
    Ok(SourceCatalog { catalog, missing_owners })
}

/// The roles that the file makes owners and the server does not have.
async fn missing(connection: &Connection, file: &SchemaFile) -> Result<Vec<String>, PgError> {
    let mut owners: Vec<String> =
        file.statements.iter().filter_map(|statement| statement.owner.clone()).collect();
    owners.sort();
    owners.dedup();
    let is_word = |owner: &String| ["current_user", "current_role", "session_user"].contains(&owner.as_str());
    owners.retain(|owner| !is_word(owner));
    if owners.is_empty() {
        return Ok(owners);
    }
    let rows = connection.client.simple_query("select rolname from pg_catalog.pg_roles").await?;
    let known: Vec<&str> = rows
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    owners.retain(|owner| !known.contains(&owner.as_str()));
    Ok(owners)
}

/// The line in the file on which the server found the fault, or else the statement's first.
fn line_of(statement: &SchemaStatement, error: &PgError) -> usize {
    let within = match error.as_db_error().and_then(|error| error.position()) {
        Some(ErrorPosition::Original(place)) => {
            let before = usize::try_from(*place).unwrap_or(1).saturating_sub(1);
            statement.text.chars().take(before).filter(|&character| character == '\n').count()
        }
        _ => 0,
    };
    statement.line + within
}

/// What helps against an error, where that is known.
fn advice(error: &PgError) -> &'static str {
    match error.as_db_error() {
        Some(error)
            if *error.code() == SqlState::UNDEFINED_OBJECT && error.message().starts_with("role ") =>
        {
            "; create the role on the server where scratch databases are made, or dump with --no-privileges"
        }
        _ => "",
    }
}
