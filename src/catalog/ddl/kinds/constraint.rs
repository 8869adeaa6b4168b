use crate::catalog::ObjectId;
use crate::catalog::ddl::clause::clause;
use crate::catalog::ddl::scope::Scope;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{Constraint, ConstraintType};
use crate::catalog::name::{qualified, quote};

/// A constraint as `CREATE TABLE` and `ADD` have it.
pub(super) fn line(id: &ObjectId, constraint: &Constraint) -> String {
    let mut line = format!("CONSTRAINT {} {}", id.sql(), constraint.definition);
    if constraint.has_index() {
        if !constraint.options.is_empty() {
            let with = format!(" WITH ({})", constraint.options.join(", "));
            // An exclusion's predicate stands behind its storage parameters.
            match clause(&line, " WHERE ") {
                Some(at) => line.insert_str(at, &with),
                None => line += &with,
            }
        }
        if let Some(tablespace) = &constraint.tablespace {
            line += &format!(" USING INDEX TABLESPACE {}", quote(tablespace));
        }
    }
    line + deferrable(constraint)
}

fn deferrable(constraint: &Constraint) -> &'static str {
    match (constraint.deferrable, constraint.deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}

impl Constraint {
    /// Whether an index keeps it.
    pub(in crate::catalog) fn has_index(&self) -> bool {
        matches!(
            self.constraint_type,
            ConstraintType::PrimaryKey | ConstraintType::Unique | ConstraintType::Exclusion
        )
    }

    /// Whether an index that is there already can become its own.
    fn can_use_index(&self) -> bool {
        matches!(self.constraint_type, ConstraintType::PrimaryKey | ConstraintType::Unique)
            && !self.definition.contains(" WITHOUT OVERLAPS")
    }

    fn is_on_rows_alone(&self) -> bool {
        matches!(self.constraint_type, ConstraintType::Check | ConstraintType::ForeignKey)
    }
}

/// What comes from a parent table comes with it, but for the index of a partition.
pub(super) fn create(id: &ObjectId, constraint: &Constraint, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let is_check = constraint.constraint_type == ConstraintType::Check;
    if constraint.inherited && !constraint.has_index() && !(is_check && scope.is_joined(id)) {
        return statements.finish();
    }
    // A partitioned table's index is put together from its partitions' own.
    let only = if constraint.has_index() && scope.is_in_partitions(id) { "ONLY " } else { "" };
    let table = format!("ALTER TABLE {only}{}", id.relation());
    let enforced = if constraint.not_enforced { " NOT ENFORCED" } else { "" };
    let add = format!("{table} ADD {}{enforced}", line(id, constraint));
    let is_new = scope.is_new(id);
    if constraint.not_enforced {
        statements.push(add);
    } else if constraint.not_valid {
        statements.push(format!("{add} NOT VALID"));
    } else if is_new {
        statements.push(add);
    } else if constraint.is_on_rows_alone() && scope.options.online && !scope.is_partitioned(id) {
        statements.push(format!("{add} NOT VALID"));
        statements.push_alone(validate(id), &[Hazard::DependsOnData]);
    } else if scope.options.online && constraint.can_use_index() && !scope.is_in_partitions(id) {
        with_index(&mut statements, id, constraint);
    } else {
        let blocked = match constraint.constraint_type {
            ConstraintType::ForeignKey => Hazard::BlocksWrites,
            _ => Hazard::ScansTable,
        };
        statements.push_with(add, &[Hazard::DependsOnData, blocked]);
    }
    statements.finish()
}

/// The index is built while others write, and the constraint takes it over.
fn with_index(statements: &mut Statements<'_>, id: &ObjectId, constraint: &Constraint) {
    let keys =
        constraint.definition.trim_start_matches("PRIMARY KEY").trim_start_matches("UNIQUE").trim_start();
    let (distinct, keys) = match keys.strip_prefix("NULLS NOT DISTINCT ") {
        Some(keys) => (" NULLS NOT DISTINCT", keys),
        None => ("", keys),
    };
    let mut index =
        format!("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {keys}{distinct}", id.sql(), id.relation());
    if !constraint.options.is_empty() {
        index += &format!(" WITH ({})", constraint.options.join(", "));
    }
    if let Some(tablespace) = &constraint.tablespace {
        index += &format!(" TABLESPACE {}", quote(tablespace));
    }
    statements.push_alone(index, &[Hazard::DependsOnData]);
    let kind =
        if constraint.constraint_type == ConstraintType::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
    let add = format!("ALTER TABLE {} ADD CONSTRAINT {} {kind}", id.relation(), id.sql());
    statements.push(format!("{add} USING INDEX {}{}", id.sql(), deferrable(constraint)));
}

fn validate(id: &ObjectId) -> String {
    format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", id.relation(), id.sql())
}

pub(super) fn drop(id: &ObjectId, constraint: &Constraint, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let is_check = constraint.constraint_type == ConstraintType::Check;
    if !constraint.inherited || (is_check && scope.is_parted(id)) {
        // `ON CONFLICT` and replication may name it.
        let hazards: &[Hazard] = if constraint.has_index() { &[Hazard::BreaksUsers] } else { &[] };
        statements.push_with(format!("ALTER TABLE {} DROP CONSTRAINT {}", id.relation(), id.sql()), hazards);
    }
    statements.finish()
}

pub(super) fn alter(
    id: &ObjectId,
    from: &Constraint,
    to: &Constraint,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    let fixed = |constraint: &Constraint| Constraint {
        not_valid: false,
        deferrable: false,
        deferred: false,
        columns: Vec::new(),
        attached_to: None,
        inherited: false,
        clustered: false,
        replica_identity: false,
        options: Vec::new(),
        tablespace: None,
        index_comment: None,
        ..constraint.clone()
    };
    let same_deferral = (from.deferrable, from.deferred) == (to.deferrable, to.deferred);
    let can_be_altered = same_deferral || to.constraint_type == ConstraintType::ForeignKey;
    if fixed(from) != fixed(to) || (to.not_valid && !from.not_valid) || !can_be_altered {
        return None;
    }
    // Taken off its parent, a table keeps it; dropped from the parent alone, it is gone here too.
    if from.inherited && !to.inherited && !scope.changes_parents(id) {
        return None;
    }
    let mut statements = Statements::about(id);
    if from.not_valid && !to.not_valid && !to.inherited {
        statements.push_with(validate(id), &[Hazard::DependsOnData]);
    }
    if !same_deferral {
        let deferral = match deferrable(to) {
            "" => " NOT DEFERRABLE",
            " DEFERRABLE" => " DEFERRABLE INITIALLY IMMEDIATE",
            deferred => deferred,
        };
        statements.push(format!("ALTER TABLE {} ALTER CONSTRAINT {}{deferral}", id.relation(), id.sql()));
    }
    let index = format!("ALTER INDEX {}", qualified(&id.schema, &id.part));
    super::table::changed_options(&mut statements, &index, &from.options, &to.options);
    if from.tablespace != to.tablespace {
        let tablespace = quote(to.tablespace.as_deref().unwrap_or("pg_default"));
        statements.push_with(format!("{index} SET TABLESPACE {tablespace}"), &[Hazard::ScansTable]);
    }
    Some(statements.finish())
}
