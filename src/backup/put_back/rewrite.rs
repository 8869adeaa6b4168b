//! From the rows that are there to those of the backup.

use tokio_postgres::{Client, Error as PgError, SimpleQueryMessage, SimpleQueryRow};

use super::conflict::{self, Changed};
use super::foreign_key::ForeignKey;
use super::order::referring_first;
use super::{PutBackError, Table, Written, held, index};

/// Writes what differs. What was written, by table.
pub(super) async fn rewrite(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
) -> Result<Vec<Written>, PutBackError> {
    held::by_others(client, tables, keys).await?;
    let indexes = index::build(client, tables, keys).await?;
    let mut written = vec![Written::default(); tables.len()];
    for group in referring_first(tables.len(), &refers(tables, keys)) {
        for &place in &group {
            let_go(client, tables, keys, &tables[place], &mut written).await?;
        }
        for &place in &group {
            held::by_own(client, tables, keys, &tables[place]).await?;
        }
        delete(client, tables, &group, &mut written).await?;
    }
    for (place, table) in tables.iter().enumerate() {
        match conflict::update(client, tables, keys, table).await? {
            Changed::InPlace(rows) => written[place].changed += rows,
            Changed::Deleted(rows) => written[place].deleted += rows,
        }
    }
    for (place, table) in tables.iter().enumerate() {
        written[place].inserted = run(client, table, &table.insertion()).await?;
    }
    let checked = client.batch_execute("set constraints all immediate").await;
    checked.map_err(PutBackError::server("check foreign keys"))?;
    index::drop(client, &indexes).await?;
    Ok(written)
}

/// Which of the tables refer to which.
fn refers(tables: &[Table<'_>], keys: &[ForeignKey]) -> Vec<(usize, usize)> {
    let mut refers = Vec::new();
    for key in keys {
        let to = tables.iter().position(|table| table.live.oid == key.refers_to);
        refers.extend(key.inside(tables).filter_map(|(from, _)| Some((from, to?))));
    }
    refers
}

/// Lets rows that stay refer to what they do in the backup, where they refer to rows that go: a foreign key would act on them.
async fn let_go(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
    table: &Table<'_>,
    written: &mut [Written],
) -> Result<(), PutBackError> {
    for key in keys.iter().filter(|key| key.refers_to == table.live.oid) {
        for (place, own) in key.inside(tables) {
            let columns = key.columns.iter().map(|pair| &*pair.column);
            let columns: Vec<&str> = columns.filter(|column| own.can_set(column)).collect();
            if columns.is_empty() {
                continue;
            }
            let (name, refers) = (table.name(), key.refers("t", "p"));
            let goes = format!("exists (select from only {name} p where {refers} and {})", table.doomed("p"));
            if let Some(statement) = own.setting(&columns, &goes) {
                // Those that differ in more are counted when that is changed.
                let counted = format!(
                    "with done as ({statement} returning {} as more) select pg_catalog.count(*) from done where not more",
                    own.differs("t")
                );
                written[place].changed +=
                    numbers(client, own, &counted).await?.first().copied().unwrap_or_default();
            }
        }
    }
    Ok(())
}

/// Deletes what the backup has not, of all tables of a group at once: foreign keys act when all of it is gone, and find
/// nothing to act on.
async fn delete(
    client: &Client,
    tables: &[Table<'_>],
    group: &[usize],
    written: &mut [Written],
) -> Result<(), PutBackError> {
    let Some(first) = group.first() else { return Ok(()) };
    let deletions =
        group.iter().map(|place| format!("d{place} as ({} returning 1)", tables[*place].deletion()));
    let counts = group.iter().map(|place| format!("(select pg_catalog.count(*) from d{place})"));
    let (deletions, counts): (Vec<_>, Vec<_>) = (deletions.collect(), counts.collect());
    let statement = format!("with {} select {}", deletions.join(", "), counts.join(", "));
    let deleted = numbers(client, &tables[*first], &statement).await?;
    for (place, rows) in group.iter().zip(deleted) {
        written[*place].deleted = rows;
    }
    Ok(())
}

/// The numbers that a statement answers with.
async fn numbers(client: &Client, table: &Table<'_>, statement: &str) -> Result<Vec<u64>, PutBackError> {
    let messages = client.simple_query(statement).await.map_err(|source| refused(table, source))?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let number = |column: usize| row?.get(column)?.parse().ok();
    Ok((0..row.map_or(0, SimpleQueryRow::len)).map(|column| number(column).unwrap_or_default()).collect())
}

fn refused(table: &Table<'_>, source: PgError) -> PutBackError {
    if conflict::is_conflict(&source) {
        PutBackError::Unique { table: table.entry.to_string(), source }
    } else {
        PutBackError::server("write the rows")(source)
    }
}

/// Runs a statement; how many rows it wrote.
pub(super) async fn run(client: &Client, table: &Table<'_>, statement: &str) -> Result<u64, PutBackError> {
    let messages = client.simple_query(statement).await.map_err(|source| refused(table, source))?;
    let count = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
        _ => None,
    };
    Ok(messages.iter().find_map(count).unwrap_or_default())
}
