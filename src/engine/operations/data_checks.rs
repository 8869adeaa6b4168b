use serde::Serialize;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

use crate::db::Connection;
use crate::engine::around::asked;
use crate::engine::cause::server_code;
use crate::engine::hygiene::Hygiene;
use crate::engine::preflight::pooled;
use crate::engine::{CheckFailure, Error, Migrator};
use crate::history::{self, History};
use crate::revisions::{Context, Moment, News, Revision, RevisionCheck};

/// What became of a check of an applied revision.
#[derive(Clone, Debug, Serialize)]
pub struct DataCheck {
    /// The revision's stem.
    pub revision: String,
    /// The check's name.
    pub check: String,
    /// Whether it still holds.
    #[serde(flatten)]
    pub outcome: CheckOutcome,
}

/// What asking a check again brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It holds.
    Holds,
    /// It does not, and what was found instead.
    Fails(String),
    /// What it names is gone; the server's message.
    NoLongerApplies(String),
    /// Its function is not in this program, which has the folder alone.
    NotRun,
}

/// Asks the checks of applied revisions that must hold after their ups, each in a transaction of its own that reads only.
pub(super) async fn check_data(
    migrator: &Migrator,
    connection: &Connection,
) -> Result<Vec<DataCheck>, Error> {
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let hygiene = hygiene(migrator, connection).await.map_err(said)?;
    let mut found = Vec::new();
    for (revision, check) in due(migrator, &history) {
        let outcome = check_again(migrator, connection, &hygiene, revision, check).await?;
        found.push(DataCheck { revision: revision.stem(), check: check.name.to_string(), outcome });
    }
    Ok(found)
}

fn due<'a>(migrator: &'a Migrator, history: &History) -> Vec<(&'a Revision, &'a RevisionCheck)> {
    let applied = migrator.revisions().iter().filter(|revision| history.get(revision.version).is_some());
    let checks =
        applied.flat_map(|revision| revision.around.checks.iter().map(move |check| (revision, check)));
    checks.filter(|(_, check)| check.moment == Moment::After).collect()
}

async fn check_again(
    migrator: &Migrator,
    connection: &Connection,
    hygiene: &Hygiene,
    revision: &Revision,
    check: &RevisionCheck,
) -> Result<CheckOutcome, Error> {
    if check.is_without_code() {
        return Ok(CheckOutcome::NotRun);
    }
    let client = &connection.client;
    client.batch_execute(&hygiene.begin_reading(migrator.lock_timeout)).await.map_err(said)?;
    let settings = migrator.run_settings(connection, false);
    let tell = |_: &News<'_>| ();
    let surroundings = settings.surroundings(&tell);
    let answer = asked(check, &Context::new(client, revision, &migrator.stop, surroundings)).await;
    client.batch_execute("rollback").await.map_err(said)?;
    Ok(match CheckFailure::judge(check.moment, answer, None) {
        Ok(_) => CheckOutcome::Holds,
        Err(failure) if names_what_is_gone(&failure) => CheckOutcome::NoLongerApplies(failure.to_string()),
        Err(failure) => CheckOutcome::Fails(failure.to_string()),
    })
}

/// Whether the server does not know what the check names: a table, a column, a function, a type, a schema.
fn names_what_is_gone(failure: &CheckFailure) -> bool {
    let CheckFailure::Failed(error) = failure else { return false };
    let states = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::UNDEFINED_OBJECT,
        SqlState::INVALID_SCHEMA_NAME,
    ];
    server_code(error.as_ref()).is_some_and(|code| states.contains(code))
}

/// The rules of the session: whether a pooler stands between, and since when this one is there.
async fn hygiene(migrator: &Migrator, connection: &Connection) -> Result<Hygiene, tokio_postgres::Error> {
    let question = "select pg_catalog.pg_backend_pid(), extract(epoch from pg_catalog.clock_timestamp())";
    let messages = connection.client.simple_query(question).await?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((row.get(0)?.parse::<i32>().ok()?, row.get(1)?.parse().ok()?)),
        _ => None,
    });
    let pooled = match row {
        Some((process_id, now)) => pooled(connection, process_id, now).await,
        None => None,
    };
    Ok(Hygiene { pooled, ..migrator.hygiene() })
}

fn said(source: tokio_postgres::Error) -> Error {
    Error::State { action: "ask the checks again", left: "nothing was changed", source }
}
