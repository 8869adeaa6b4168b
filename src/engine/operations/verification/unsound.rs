use std::collections::HashSet;

use serde::Serialize;
use tokio_postgres::SimpleQueryMessage;

use crate::catalog::{self, Catalog, CatalogError, Definition, Object, ObjectId, Snapshot};
use crate::db::Connection;
use crate::engine::{Error, Migrator};
use crate::history;

/// An object that does not do what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsound {
    /// Which.
    pub object: ObjectId,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// Whether the revisions make it so.
    pub expectation: Expectation,
}

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// An index that no query uses: its build was cut short, or indexes of partitions are missing.
    InvalidIndex,
    /// A constraint that the rows which were there before it may break: it was added `NOT VALID`, and not validated since.
    NotValidated,
}

/// Whether an object is as the revisions make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// They make it so, as the snapshot of the head has it.
    Expected,
    /// They do not; or it is something that no revision makes so and leaves.
    Unexpected,
    /// There is no snapshot that tells.
    Unknown,
    /// Somebody works on it now.
    UnderWay,
}

pub(super) async fn unsound(migrator: &Migrator, connection: &Connection) -> Result<Vec<Unsound>, Error> {
    let found = catalog::introspect(connection, migrator.history_table()).await?;
    let flawed: Vec<(&ObjectId, &Object, Flaw)> = found
        .objects
        .iter()
        .filter(|(id, _)| !migrator.policy.ignored_drift.object(id))
        .filter_map(|(id, object)| Some((id, object, flaw(&object.definition)?)))
        .collect();
    if flawed.is_empty() {
        return Ok(Vec::new());
    }
    let expected = expected(migrator, connection).await?;
    let building = being_built(connection).await.map_err(CatalogError::from)?;
    let judged = flawed.into_iter().map(|(id, object, flaw)| {
        let is_building =
            flaw == Flaw::InvalidIndex && building.contains(&(id.schema.clone(), id.part.clone()));
        let expectation = match is_building {
            true => Expectation::UnderWay,
            false => expectation(id, object, flaw, expected.as_ref()),
        };
        Unsound { object: id.clone(), flaw, expectation }
    });
    Ok(judged.collect())
}

fn flaw(definition: &Definition) -> Option<Flaw> {
    match definition {
        Definition::Index(index) if index.invalid => Some(Flaw::InvalidIndex),
        // One that is not enforced is never to be validated.
        Definition::Constraint(constraint) if constraint.not_valid && !constraint.not_enforced => {
            Some(Flaw::NotValidated)
        }
        Definition::Column(column) if column.not_null_not_valid => Some(Flaw::NotValidated),
        Definition::Domain(domain) if domain.constraints.iter().any(|constraint| constraint.not_valid) => {
            Some(Flaw::NotValidated)
        }
        _ => None,
    }
}

fn expectation(id: &ObjectId, object: &Object, flaw: Flaw, expected: Option<&Catalog>) -> Expectation {
    if let Some(expected) = expected.and_then(|catalog| catalog.objects.get(id)) {
        let is_so = self::flaw(&expected.definition) == Some(flaw);
        return if is_so { Expectation::Expected } else { Expectation::Unexpected };
    }
    match &object.definition {
        // Partitions may be attached one by one.
        Definition::Index(index) if !index.partitioned => Expectation::Unexpected,
        _ => Expectation::Unknown,
    }
}

/// The snapshot, where it is of these revisions and the database is where they end.
async fn expected(migrator: &Migrator, connection: &Connection) -> Result<Option<Catalog>, Error> {
    let revisions = migrator.revisions();
    let Some(snapshot) = revisions.snapshot().and_then(|text| Snapshot::parse(text).ok()) else {
        return Ok(None);
    };
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let is_at_head = revisions.iter().all(|revision| history.get(revision.version).is_some());
    Ok((is_at_head && snapshot.history == revisions.fingerprint()).then_some(snapshot.catalog))
}

/// The indexes that sessions build at this moment, by schema and name.
async fn being_built(connection: &Connection) -> Result<HashSet<(String, String)>, tokio_postgres::Error> {
    let query = "select n.nspname, c.relname from pg_catalog.pg_stat_progress_create_index p \
        join pg_catalog.pg_class c on c.oid = p.index_relid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
        where p.datname = pg_catalog.current_database()";
    let name = |message: SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some((row.get(0)?.to_owned(), row.get(1)?.to_owned())),
        _ => None,
    };
    Ok(connection.client.simple_query(query).await?.into_iter().filter_map(name).collect())
}
