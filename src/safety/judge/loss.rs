use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PgError};

use super::ask::{demand, take};
use super::name::part;
use super::reading::{Reading, Subject};
use super::relation::{Relation, Relations};
use crate::config::Role;
use crate::db::{as_role, first_value, quote_literal};
use crate::plan::Plan;
use crate::revisions::{Effect, EffectKind, Revision, Step};

/// The longest that the rows of one table are counted.
const PATIENCE: &str = "10s";

/// The longest that such a count waits for somebody who holds the table alone.
const LOCK_PATIENCE: &str = "1s";

/// Data that a step destroys, or may destroy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// The revision's stem.
    pub revision: String,
    /// In what way.
    pub kind: LossKind,
    /// The table, or whatever else is dropped, as the step names it; empty where code does it.
    pub object: String,
    /// The column, where it is one.
    pub column: Option<String>,
    /// How many rows, or how many values of the column; none where nobody can tell.
    pub rows: Option<u64>,
    /// Whether the number is the server's estimate, because counting took too long.
    pub estimated: bool,
}

/// In what way data is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LossKind {
    /// A table is dropped.
    Table,
    /// A column is dropped.
    Column,
    /// Rows are deleted, perhaps all of them.
    Rows,
    /// Values are changed.
    Values,
    /// Something is dropped with all that hangs on it.
    Cascade,
    /// Code runs: SQL in a block, or Rust.
    Code,
}

/// What a plan's steps lose, as far as their texts tell, in the order in which they run. What holds no data is no loss.
/// Reads, and writes nothing.
pub(crate) async fn losses(
    client: &Client,
    role: Option<&Role>,
    plan: &Plan<'_>,
) -> Result<Vec<Loss>, PgError> {
    let reading = Reading::of(plan);
    let names = reading.names();
    let relations = Relations::read(&names, &demand(client, role, &Relations::queries(&names)).await?);
    let (mut losses, mut dropped) = (Vec::new(), HashSet::new());
    for (revision, step) in plan.steps.iter().zip(reading.needs(&relations)) {
        if let Some(Step::Rust(_)) = revision.step(plan.direction) {
            losses.push(Loss::untold(revision, LossKind::Code, ""));
        }
        for (effect, subject) in &step.effects {
            let Some(kind) = LossKind::of(effect.kind) else { continue };
            let Subject::There(relation) = subject else {
                // Its name is of another place than the one where we would look, or comes by a step before, perhaps with rows.
                let column = column_of(kind, effect);
                losses.push(Loss { column, ..Loss::untold(revision, kind, &effect.object) });
                continue;
            };
            if !dropped.contains(&relation.oid) {
                losses.extend(measure(client, role, (revision, kind, effect), relation).await?);
            }
            if kind == LossKind::Table {
                dropped.insert(relation.oid);
            }
        }
    }
    Ok(losses)
}

impl LossKind {
    fn of(effect: EffectKind) -> Option<Self> {
        match effect {
            EffectKind::DropsTable => Some(Self::Table),
            EffectKind::DropsColumn => Some(Self::Column),
            EffectKind::DeletesRows => Some(Self::Rows),
            EffectKind::ChangesRows => Some(Self::Values),
            EffectKind::DropsMore => Some(Self::Cascade),
            EffectKind::Opaque => Some(Self::Code),
            _ => None,
        }
    }
}

impl Loss {
    fn untold(revision: &Revision, kind: LossKind, object: &str) -> Self {
        let (revision, object) = (revision.stem(), object.to_owned());
        Self { revision, kind, object, column: None, rows: None, estimated: false }
    }
}

fn column_of(kind: LossKind, effect: &Effect) -> Option<String> {
    (kind == LossKind::Column).then(|| effect.part.to_string())
}

async fn measure(
    client: &Client,
    role: Option<&Role>,
    (revision, kind, effect): (&Revision, LossKind, &Effect),
    relation: &Relation,
) -> Result<Option<Loss>, PgError> {
    let untold = Loss::untold(revision, kind, &effect.object);
    let column = column_of(kind, effect);
    let Some(estimate) = estimate(client, role, relation, column.as_deref()).await? else {
        // It may come by a step before.
        return Ok(Some(Loss { column, ..untold }));
    };
    // A sample of all of it is read where the server can, for it does not count that as a scan: what is told of who reads the
    // table would else be about ourselves.
    let sample =
        if ["r", "p", "m"].contains(&relation.kind.as_str()) { " tablesample system (100)" } else { "" };
    let from = format!("{}{sample}", relation.qualified);
    let counted = count(client, role, &from, column.as_deref().unwrap_or("*")).await?;
    let (rows, estimated) = match counted {
        Counted::Rows(0) => return Ok(None),
        Counted::Rows(rows) => (Some(rows), false),
        Counted::TooMany => (estimate.rows, true),
        Counted::Hidden => (None, false),
    };
    Ok(Some(Loss { column, rows, estimated, ..untold }))
}

/// How many rows the server thinks a table has that has the column.
struct Estimate {
    rows: Option<u64>,
}

async fn estimate(
    client: &Client,
    role: Option<&Role>,
    relation: &Relation,
    column: Option<&str>,
) -> Result<Option<Estimate>, PgError> {
    let has_column = column.and_then(part).map_or(String::new(), |column| {
        format!(
            " and exists (select from pg_catalog.pg_attribute where attrelid = c.oid and not attisdropped \
             and attname = {})",
            quote_literal(&column)
        )
    });
    let query = format!(
        "select pg_catalog.round(c.reltuples) from pg_catalog.pg_class c where c.oid = {}{has_column}",
        relation.oid
    );
    let answers = demand(client, role, &[query]).await?;
    Ok(take(&answers, 0, |row| Some(Estimate { rows: row.number(0) })).pop())
}

enum Counted {
    Rows(u64),
    /// It took too long.
    TooMany,
    /// The table cannot be read.
    Hidden,
}

async fn count(client: &Client, role: Option<&Role>, from: &str, what: &str) -> Result<Counted, PgError> {
    // Row security would hide rows in silence; off, it is an error.
    let query = format!(
        "begin read only; {}set local row_security = off; set local statement_timeout = '{PATIENCE}'; set local lock_timeout = '{LOCK_PATIENCE}'; \
         select pg_catalog.count({what}) from {from}; commit",
        as_role(role)
    );
    let error = match client.simple_query(&query).await {
        Ok(messages) => {
            let rows = first_value(&messages).and_then(|rows| rows.parse().ok());
            return Ok(rows.map_or(Counted::Hidden, Counted::Rows));
        }
        Err(error) => error,
    };
    client.batch_execute("rollback").await?;
    match error.code() {
        Some(code) if [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code) => {
            Ok(Counted::TooMany)
        }
        // The role may not, or a foreign server is away.
        Some(_) => Ok(Counted::Hidden),
        None => Err(error),
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { revision, kind, object, column, rows, estimated } = self;
        let about = if *estimated { "about " } else { "" };
        let number = |one: &str, many: &str| match rows {
            Some(1) => format!("1 {one}"),
            Some(rows) => format!("{about}{rows} {many}"),
            None => format!("an unknown number of {many}"),
        };
        match (kind, column) {
            (LossKind::Column, Some(column)) => {
                write!(formatter, "{} of the column {object}.{column}", number("value", "values"))
            }
            (LossKind::Rows, _) => {
                write!(formatter, "up to {} of the table {object}", number("row", "rows"))
            }
            (LossKind::Values, _) => {
                write!(
                    formatter,
                    "values that change in up to {} of the table {object}",
                    number("row", "rows")
                )
            }
            (LossKind::Cascade, _) => write!(formatter, "{object}, with all that hangs on it"),
            (LossKind::Code, _) => formatter.write_str("whatever its code removes, which nobody can tell"),
            (LossKind::Table | LossKind::Column, _) => {
                write!(formatter, "the table {object} with {}", number("row", "rows"))
            }
        }?;
        write!(formatter, " ({revision})")
    }
}
