use std::collections::BTreeSet;

use crate::catalog::ObjectId;
use crate::catalog::ddl::attributes::comment_on;
use crate::catalog::ddl::scope::Scope;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{
    Attribute, Collation, CompositeType, Enum, RangeType, Sequence, SequenceOptions,
};
use crate::catalog::name::{qualified, quote};
use crate::db::quote_literal;

pub(super) fn create_collation(id: &ObjectId, collation: &Collation) -> String {
    let mut options = vec![format!("provider = {}", collation.provider)];
    let locale = collation.locale.as_deref().unwrap_or_default();
    match &collation.lc_ctype {
        Some(ctype) if ctype != locale => {
            options.push(format!(
                "lc_collate = {}, lc_ctype = {}",
                quote_literal(locale),
                quote_literal(ctype)
            ));
        }
        _ => options.push(format!("locale = {}", quote_literal(locale))),
    }
    if collation.nondeterministic {
        options.push("deterministic = false".to_owned());
    }
    options.extend(collation.rules.as_ref().map(|rules| format!("rules = {}", quote_literal(rules))));
    format!("CREATE COLLATION {} ({})", id.sql(), options.join(", "))
}

pub(super) fn create_enum(id: &ObjectId, definition: &Enum) -> String {
    let labels: Vec<String> = definition.labels.iter().map(|label| quote_literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", id.sql(), labels.join(", "))
}

/// Labels can be added anywhere, and never taken away or moved.
pub(super) fn alter_enum(
    id: &ObjectId,
    from: &Enum,
    to: &Enum,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    let there: BTreeSet<&String> = from.labels.iter().collect();
    let kept: Vec<&String> = to.labels.iter().filter(|label| there.contains(label)).collect();
    if kept.len() != from.labels.len() || !kept.into_iter().eq(&from.labels) {
        return None;
    }
    let mut statements = Statements::about(id);
    for (place, label) in to.labels.iter().enumerate().filter(|(_, label)| !there.contains(label)) {
        let position = match place.checked_sub(1) {
            Some(before) => format!("AFTER {}", quote_literal(&to.labels[before])),
            None => to
                .labels
                .iter()
                .find(|label| there.contains(label))
                .map_or_else(String::new, |first| format!("BEFORE {}", quote_literal(first))),
        };
        let sql = format!("ALTER TYPE {} ADD VALUE {} {position}", id.sql(), quote_literal(label));
        let sql = sql.trim_end();
        // A value cannot be used in the transaction that adds it.
        if scope.is_used_by_a_change(id) { statements.push_alone(sql, &[]) } else { statements.push(sql) }
    }
    Some(statements.finish())
}

pub(super) fn create_composite(id: &ObjectId, definition: &CompositeType) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let attributes: Vec<String> = definition.attributes.iter().map(attribute).collect();
    statements.push(format!("CREATE TYPE {} AS ({})", id.sql(), attributes.join(", ")));
    for attribute in definition.attributes.iter().filter(|attribute| attribute.comment.is_some()) {
        statements.push(attribute_comment(id, attribute));
    }
    statements.finish()
}

fn attribute(attribute: &Attribute) -> String {
    let collation = attribute.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    format!("{} {}{collation}", quote(&attribute.name), attribute.data_type)
}

fn attribute_comment(id: &ObjectId, attribute: &Attribute) -> String {
    let on = format!("COLUMN {}.{}", id.sql(), quote(&attribute.name));
    comment_on(&on, attribute.comment.as_deref())
}

/// Attributes can be added at the end and taken away. Where tables hold the type, another one's type cannot change.
pub(super) fn alter_composite(
    id: &ObjectId,
    from: &CompositeType,
    to: &CompositeType,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    let find =
        |attributes: &[Attribute], name: &str| attributes.iter().find(|other| other.name == name).cloned();
    let kept: Vec<&Attribute> =
        from.attributes.iter().filter(|old| find(&to.attributes, &old.name).is_some()).collect();
    let begins_with_the_kept = to.attributes.iter().zip(&kept).all(|(new, old)| {
        (&new.name, &new.data_type, &new.collation) == (&old.name, &old.data_type, &old.collation)
    });
    if !begins_with_the_kept || to.attributes.len() < kept.len() {
        return None;
    }
    let mut statements = Statements::about(id);
    let cascade = if scope.has_tables(id) { " CASCADE" } else { "" };
    for old in from.attributes.iter().filter(|old| find(&to.attributes, &old.name).is_none()) {
        let sql = format!("ALTER TYPE {} DROP ATTRIBUTE {}{cascade}", id.sql(), quote(&old.name));
        statements.push_with(sql, &[Hazard::DeletesData, Hazard::BreaksUsers]);
    }
    for new in &to.attributes {
        let old = find(&from.attributes, &new.name);
        if old.is_none() {
            statements.push(format!("ALTER TYPE {} ADD ATTRIBUTE {}{cascade}", id.sql(), attribute(new)));
        }
        if old.and_then(|old| old.comment) != new.comment {
            statements.push(attribute_comment(id, new));
        }
    }
    Some(statements.finish())
}

pub(super) fn create_range(id: &ObjectId, range: &RangeType) -> String {
    let mut options = vec![format!("subtype = {}", range.subtype)];
    let mut option = |name: &str, value: &Option<String>| {
        options.extend(value.as_ref().map(|value| format!("{name} = {value}")));
    };
    option("subtype_opclass", &range.operator_class);
    option("collation", &range.collation);
    option("canonical", &range.canonical);
    option("subtype_diff", &range.difference);
    let multirange = range.multirange.as_ref().map(|name| qualified(&id.schema, name));
    option("multirange_type_name", &multirange);
    format!("CREATE TYPE {} AS RANGE ({})", id.sql(), options.join(", "))
}

pub(super) fn create_sequence(id: &ObjectId, sequence: &Sequence) -> String {
    let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
    format!("CREATE {unlogged}SEQUENCE {} AS {} {}", id.sql(), sequence.data_type, options(&sequence.options))
}

/// All options, as `CREATE SEQUENCE` and `GENERATED AS IDENTITY` have them.
pub(super) fn options(options: &SequenceOptions) -> String {
    let SequenceOptions { start, increment, min, max, cache, cycle } = options;
    let cycle = if *cycle { " CYCLE" } else { "" };
    format!("START WITH {start} INCREMENT BY {increment} MINVALUE {min} MAXVALUE {max} CACHE {cache}{cycle}")
}

/// Those that differ, with `SET` before each for an identity column.
pub(super) fn changed_options(from: &SequenceOptions, to: &SequenceOptions, set: &str) -> String {
    let mut changes = String::new();
    let mut change = |name: &str, from: i64, to: i64| {
        if from != to {
            changes += &format!(" {set}{name} {to}");
        }
    };
    change("INCREMENT BY", from.increment, to.increment);
    change("MINVALUE", from.min, to.min);
    change("MAXVALUE", from.max, to.max);
    change("START WITH", from.start, to.start);
    change("CACHE", from.cache, to.cache);
    if from.cycle != to.cycle {
        changes += &format!(" {set}{}", if to.cycle { "CYCLE" } else { "NO CYCLE" });
    }
    changes
}

pub(super) fn alter_sequence(id: &ObjectId, from: &Sequence, to: &Sequence) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let mut changes = String::new();
    if from.data_type != to.data_type {
        changes += &format!(" AS {}", to.data_type);
    }
    changes += &changed_options(&from.options, &to.options, "");
    if !changes.is_empty() {
        statements.extend(move_within_bounds(id, &id.sql(), &from.options, &to.options));
        statements.push(format!("ALTER SEQUENCE {}{changes}", id.sql()));
    }
    if from.unlogged != to.unlogged {
        let logged = if to.unlogged { "UNLOGGED" } else { "LOGGED" };
        statements.push(format!("ALTER SEQUENCE {} SET {logged}", id.sql()));
    }
    statements.finish()
}

/// A sequence that stands outside its new bounds would be refused them.
pub(super) fn move_within_bounds(
    id: &ObjectId,
    sequence: &str,
    from: &SequenceOptions,
    to: &SequenceOptions,
) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if to.min > from.min || to.max < from.max {
        statements.push(format!(
            "SELECT setval({}, least(greatest(last_value, {}), {}), is_called) FROM {sequence}",
            quote_literal(sequence),
            to.min,
            to.max
        ));
    }
    statements.finish()
}

/// The column with which it goes; said once the column is there.
pub(super) fn own_sequence(id: &ObjectId, sequence: &Sequence) -> String {
    let owner = match &sequence.owned_by {
        Some((schema, table, column)) => format!("{}.{}", qualified(schema, table), quote(column)),
        None => "NONE".to_owned(),
    };
    format!("ALTER SEQUENCE {} OWNED BY {owner}", id.sql())
}
