use super::table::changed_options;
use crate::catalog::ddl::clause::clause;
use crate::catalog::ddl::scope::Scope;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{Constraint, Index, RelationName};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Definition, ObjectId};

pub(super) fn create(id: &ObjectId, index: &Index, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let unique = if index.unique { "UNIQUE " } else { "" };
    let only = if index.partitioned { "ONLY " } else { "" };
    let is_new = scope.is_new(id);
    let alone = scope.options.online && !is_new && !index.partitioned;
    let concurrently = if alone { "CONCURRENTLY " } else { "" };
    let mut sql = format!(
        "CREATE {unique}INDEX {concurrently}{} ON {only}{} USING {}",
        quote(&id.part),
        id.relation(),
        index.definition
    );
    if let Some(tablespace) = &index.tablespace {
        let tablespace = format!(" TABLESPACE {}", quote(tablespace));
        match clause(&sql, " WHERE ") {
            Some(at) => sql.insert_str(at, &tablespace),
            None => sql += &tablespace,
        }
    }
    let depends: &[Hazard] = if index.unique && !is_new { &[Hazard::DependsOnData] } else { &[] };
    if alone {
        statements.push_alone(sql, depends);
    } else if is_new || index.partitioned {
        statements.push(sql);
    } else {
        statements.push_with(sql, &[&[Hazard::BlocksWrites], depends].concat());
    }
    for (place, target) in &index.statistics {
        statements.push(format!("ALTER INDEX {} ALTER COLUMN {place} SET STATISTICS {target}", id.sql()));
    }
    statements.finish()
}

/// An index of a partition goes with the partitioned table's.
pub(super) fn drop(id: &ObjectId, index: &Index, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if !scope.changes_parents(id)
        && index.attached_to.as_ref().is_some_and(|parent| scope.drops_index(parent))
    {
        return statements.finish();
    }
    if scope.options.online && !index.partitioned && index.attached_to.is_none() {
        statements.push_alone(format!("DROP INDEX CONCURRENTLY {}", id.sql()), &[]);
    } else {
        statements.push(format!("DROP INDEX {}", id.sql()));
    }
    statements.finish()
}

pub(super) fn alter(id: &ObjectId, from: &Index, to: &Index) -> Option<Vec<DdlStatement>> {
    let ((from_keys, from_options), (to_keys, to_options)) = (split(&from.definition), split(&to.definition));
    let detached = from.attached_to.is_some() && from.attached_to != to.attached_to;
    let became_invalid = from.invalid != to.invalid && !to.partitioned;
    if from_keys != to_keys
        || (from.unique, from.partitioned) != (to.unique, to.partitioned)
        || detached
        || became_invalid
    {
        return None;
    }
    let mut statements = Statements::about(id);
    let alter = format!("ALTER INDEX {}", id.sql());
    changed_options(&mut statements, &alter, &from_options, &to_options);
    if from.tablespace != to.tablespace {
        let tablespace = quote(to.tablespace.as_deref().unwrap_or("pg_default"));
        statements.push_with(format!("{alter} SET TABLESPACE {tablespace}"), &[Hazard::ScansTable]);
    }
    let target = |index: &Index, place: i16| {
        index.statistics.iter().find(|(at, _)| *at == place).map(|(_, target)| *target)
    };
    for (place, _) in from.statistics.iter().chain(&to.statistics) {
        let (old, new) = (target(from, *place), target(to, *place));
        if old != new {
            statements.push(format!("{alter} ALTER COLUMN {place} SET STATISTICS {}", new.unwrap_or(-1)));
        }
    }
    Some(statements.finish())
}

/// The storage parameters apart: they can be altered. The server writes values in quotes: `fillfactor='70'`.
fn split(definition: &str) -> (String, Vec<String>) {
    let whole = || (definition.to_owned(), Vec::new());
    let Some((before, rest)) = clause(definition, WITH).map(|at| definition.split_at(at)) else {
        return whole();
    };
    let options = rest.trim_start_matches(WITH);
    let Some((options, after)) = clause(options, ")").map(|at| options.split_at(at)) else { return whole() };
    (format!("{before}{}", &after[1..]), options.split(", ").map(str::to_owned).collect())
}

const WITH: &str = " WITH (";

/// What is said of an index, a constraint's too, once it is there: part of another one, order of the table, identity of rows.
#[derive(Clone, Copy)]
pub(in crate::catalog::ddl) struct Place<'a> {
    pub(in crate::catalog::ddl) attached_to: Option<&'a RelationName>,
    pub(super) clustered: bool,
    pub(super) replica_identity: bool,
}

impl<'a> Place<'a> {
    pub(in crate::catalog::ddl) fn of(definition: &'a Definition) -> Option<Self> {
        match definition {
            Definition::Index(Index { attached_to, clustered, replica_identity, .. })
            | Definition::Constraint(Constraint { attached_to, clustered, replica_identity, .. }) => {
                Some(Self {
                    attached_to: attached_to.as_ref(),
                    clustered: *clustered,
                    replica_identity: *replica_identity,
                })
            }
            _ => None,
        }
    }
}

pub(super) fn put_in_place(
    id: &ObjectId,
    from: Option<&Place<'_>>,
    to: &Place<'_>,
    scope: &Scope<'_>,
) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let name = quote(&id.part);
    let table = id.relation();
    if from.and_then(|from| from.attached_to) != to.attached_to
        && let Some(parent) = to.attached_to
    {
        let parent = qualified(&parent.schema, &parent.name);
        let index = qualified(&id.schema, &id.part);
        statements.push(format!("ALTER INDEX {parent} ATTACH PARTITION {index}"));
    }
    match (from.is_some_and(|from| from.clustered), to.clustered) {
        (false, true) => statements.push(format!("ALTER TABLE {table} CLUSTER ON {name}")),
        (true, false) if !scope.any_index(id, |place| place.clustered) => {
            statements.push(format!("ALTER TABLE {table} SET WITHOUT CLUSTER"));
        }
        _ => {}
    }
    match (from.is_some_and(|from| from.replica_identity), to.replica_identity) {
        (false, true) => statements.push(format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name}")),
        (true, false)
            if !scope.any_index(id, |place| place.replica_identity) && !scope.says_replica_identity(id) =>
        {
            statements.push(format!("ALTER TABLE {table} REPLICA IDENTITY DEFAULT"));
        }
        _ => {}
    }
    statements.finish()
}
