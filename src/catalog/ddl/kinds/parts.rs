//! Rules, triggers and policies of a table, and extended statistics.

use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{Policy, Rule, Statistics, Trigger};
use crate::catalog::name::quote;
use crate::catalog::{Kind, ObjectId};

pub(super) fn create_rule(id: &ObjectId, rule: &Rule) -> Vec<DdlStatement> {
    created(id, &rule.definition, rule.enabled.as_deref())
}

pub(super) fn create_trigger(id: &ObjectId, trigger: &Trigger) -> Vec<DdlStatement> {
    created(id, &trigger.definition, trigger.enabled.as_deref())
}

fn created(id: &ObjectId, definition: &str, state: Option<&str>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(definition);
    if state.is_some() {
        statements.push(enable(id, state));
    }
    statements.finish()
}

/// What makes a rule or trigger act when it should.
pub(super) fn enabling(state: Option<&str>) -> &'static str {
    match state {
        None => "ENABLE",
        Some("disabled") => "DISABLE",
        Some("replica") => "ENABLE REPLICA",
        Some(_) => "ENABLE ALWAYS",
    }
}

fn enable(id: &ObjectId, state: Option<&str>) -> String {
    let verb = enabling(state);
    let kind = if id.kind == Kind::Rule { "RULE" } else { "TRIGGER" };
    format!("ALTER TABLE {} {verb} {kind} {}", id.relation(), id.sql())
}

pub(super) fn alter_rule(id: &ObjectId, from: &Rule, to: &Rule) -> Option<Vec<DdlStatement>> {
    let replaced = (from.definition != to.definition)
        .then(|| to.definition.replacen("CREATE RULE", "CREATE OR REPLACE RULE", 1));
    Some(altered(id, replaced, from.enabled.as_deref(), to.enabled.as_deref()))
}

/// A trigger is made anew: a constraint trigger cannot be replaced, and others only from PostgreSQL 14 on.
pub(super) fn alter_trigger(id: &ObjectId, from: &Trigger, to: &Trigger) -> Option<Vec<DdlStatement>> {
    (from.definition == to.definition)
        .then(|| altered(id, None, from.enabled.as_deref(), to.enabled.as_deref()))
}

fn altered(
    id: &ObjectId,
    replaced: Option<String>,
    from: Option<&str>,
    to: Option<&str>,
) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if let Some(definition) = replaced {
        statements.push(definition);
    }
    if from != to {
        statements.push(enable(id, to));
    }
    statements.finish()
}

/// Rules, triggers and policies are dropped alike.
pub(super) fn drop(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let kind = crate::catalog::ddl::attributes::keyword(id.kind);
    let hazards: &[Hazard] =
        if id.kind == Kind::Policy { &[Hazard::ChangesAccess] } else { &[Hazard::BreaksUsers] };
    statements.push_with(format!("DROP {kind} {} ON {}", id.sql(), id.relation()), hazards);
    statements.finish()
}

pub(super) fn create_policy(id: &ObjectId, policy: &Policy) -> Vec<DdlStatement> {
    let mut sql = format!("CREATE POLICY {} ON {}", id.sql(), id.relation());
    if policy.restrictive {
        sql += " AS RESTRICTIVE";
    }
    sql += &format!(" FOR {} TO {}", policy.command.to_uppercase(), policy.roles.join(", "));
    sql += &conditions(policy.using.as_deref(), policy.check.as_deref());
    let mut statements = Statements::about(id);
    statements.push_with(sql, &[Hazard::ChangesAccess]);
    statements.finish()
}

fn conditions(using: Option<&str>, check: Option<&str>) -> String {
    let using = using.map(|expression| format!(" USING ({expression})")).unwrap_or_default();
    let check = check.map(|expression| format!(" WITH CHECK ({expression})")).unwrap_or_default();
    using + &check
}

pub(super) fn alter_policy(id: &ObjectId, from: &Policy, to: &Policy) -> Option<Vec<DdlStatement>> {
    let loses_a_condition =
        (from.using.is_some() && to.using.is_none()) || (from.check.is_some() && to.check.is_none());
    if loses_a_condition || (from.restrictive, &from.command) != (to.restrictive, &to.command) {
        return None;
    }
    let mut sql = format!("ALTER POLICY {} ON {}", id.sql(), id.relation());
    if from.roles != to.roles {
        sql += &format!(" TO {}", to.roles.join(", "));
    }
    let changed = |from: &Option<String>, to: &Option<String>| (from != to).then(|| to.clone()).flatten();
    sql +=
        &conditions(changed(&from.using, &to.using).as_deref(), changed(&from.check, &to.check).as_deref());
    let mut statements = Statements::about(id);
    statements.push_with(sql, &[Hazard::ChangesAccess]);
    Some(statements.finish())
}

pub(super) fn create_statistics(id: &ObjectId, statistics: &Statistics) -> Vec<DdlStatement> {
    let mut list = Statements::about(id);
    list.push(&*statistics.definition);
    if let Some(target) = statistics.target {
        list.push(set_statistics(id, target));
    }
    list.finish()
}

pub(super) fn alter_statistics(
    id: &ObjectId,
    from: &Statistics,
    to: &Statistics,
) -> Option<Vec<DdlStatement>> {
    if from.definition != to.definition {
        return None;
    }
    let mut list = Statements::about(id);
    list.push(set_statistics(id, to.target.unwrap_or(-1)));
    Some(list.finish())
}

fn set_statistics(id: &ObjectId, target: i32) -> String {
    format!("ALTER STATISTICS {} SET STATISTICS {target}", id.sql())
}

/// The schema of an extension, whose objects move with it where it allows that.
pub(super) fn set_schema(id: &ObjectId, schema: &str) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push_with(
        format!("ALTER EXTENSION {} SET SCHEMA {}", id.sql(), quote(schema)),
        &[Hazard::BreaksUsers],
    );
    statements.finish()
}
