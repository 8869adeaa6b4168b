use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PgError};

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
    let (mut losses, mut dropped) = (Vec::new(), HashSet::new());
    for revision in &plan.steps {
        let Some(step) = revision.step(plan.direction) else { continue };
        let Step::Sql(script) = step else {
            losses.push(Loss::untold(revision, LossKind::Code, ""));
            continue;
        };
        let moves =
            script.statements().any(|statement| statement.to_ascii_lowercase().contains("search_path"));
        for effect in &script.effects {
            let Some(kind) = LossKind::of(effect.kind) else { continue };
            if moves && !matches!(kind, LossKind::Cascade | LossKind::Code) {
                // The names are those of another place than the one where we would look.
                losses.push(Loss::untold(revision, kind, &effect.object));
            } else if !dropped.contains(&effect.object) {
                losses.extend(measure(client, role, revision, kind, effect).await?);
            }
            if kind == LossKind::Table {
                dropped.insert(effect.object.clone());
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

async fn measure(
    client: &Client,
    role: Option<&Role>,
    revision: &Revision,
    kind: LossKind,
    effect: &Effect,
) -> Result<Option<Loss>, PgError> {
    let untold = Loss::untold(revision, kind, &effect.object);
    if matches!(kind, LossKind::Cascade | LossKind::Code) {
        return Ok(Some(untold));
    }
    let column = (kind == LossKind::Column).then(|| effect.part.to_string());
    let Some(estimate) = table_estimate(client, role, &effect.object, column.as_deref()).await? else {
        // It may come back by a down that runs before: a rename, another schema.
        return Ok(Some(Loss { column, ..untold }));
    };
    let counted = count(client, role, &effect.object, column.as_deref().unwrap_or("*")).await?;
    let (rows, estimated) = match counted {
        Counted::Rows(0) => return Ok(None),
        Counted::Rows(rows) => (Some(rows), false),
        Counted::TooMany => (estimate.rows, true),
        Counted::Hidden => (None, false),
    };
    Ok(Some(Loss { column, rows, estimated, ..untold }))
}

/// A table that is there, and how many rows the server thinks it has.
struct Estimate {
    rows: Option<u64>,
}

async fn table_estimate(
    client: &Client,
    role: Option<&Role>,
    table: &str,
    column: Option<&str>,
) -> Result<Option<Estimate>, PgError> {
    let has_column = column.map_or(String::new(), |column| {
        format!(
            " and exists (select from pg_catalog.pg_attribute where attrelid = c.oid and not attisdropped \
             and attname = (pg_catalog.parse_ident({}))[1]::pg_catalog.name)",
            quote_literal(column)
        )
    });
    let query = format!(
        "{}select pg_catalog.round(c.reltuples) from pg_catalog.pg_class c \
         where c.oid = pg_catalog.to_regclass({}){has_column}",
        as_role(role),
        quote_literal(table)
    );
    match client.simple_query(&query).await {
        Ok(messages) => Ok(first_value(&messages).map(|rows| Estimate { rows: rows.parse().ok() })),
        // A schema that the role may not look into.
        Err(error) if error.as_db_error().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

enum Counted {
    Rows(u64),
    /// It took too long.
    TooMany,
    /// The table cannot be read.
    Hidden,
}

async fn count(client: &Client, role: Option<&Role>, table: &str, what: &str) -> Result<Counted, PgError> {
    // Row security would hide rows in silence; off, it is an error.
    let query = format!(
        "begin read only; {}set local row_security = off; set local statement_timeout = '{PATIENCE}'; set local lock_timeout = '{LOCK_PATIENCE}'; \
         select pg_catalog.count({what}) from {table}; commit",
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
