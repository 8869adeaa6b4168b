use serde_json::Value;

use super::{Difference, Field, Kind};

impl Difference {
    /// Whether it may come of nothing but the servers' major versions: expressions and queries are kept as trees, which
    /// each version writes out in its own way, and newer versions know what older ones do not.
    #[must_use]
    pub fn may_be_of_version(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Extra { .. } => false,
            Self::Different { object, fields } => {
                fields.iter().all(|field| is_of_version(object.kind, field))
            }
        }
    }
}

fn is_of_version(kind: Kind, field: &Field) -> bool {
    let Field { name, expected, found } = field;
    let both = !expected.is_null() && !found.is_null();
    match (kind, name.as_str()) {
        (_, "grants") => without_newer(expected) == without_newer(found),
        (
            Kind::Column,
            "not_null_name"
            | "not_null_not_valid"
            | "not_null_no_inherit"
            | "not_null_comment"
            | "compression",
        )
        | (Kind::Constraint, "not_enforced")
        | (Kind::RangeType, "multirange")
        | (Kind::Publication, "tables" | "schemas" | "generated_columns") => true,
        (Kind::Function | Kind::Procedure, "definition") => !is_source(expected) || !is_source(found),
        (Kind::Column, "default" | "generated")
        | (Kind::Domain, "default" | "constraints")
        | (Kind::View | Kind::MaterializedView, "query")
        | (Kind::Table | Kind::ForeignTable, "partition_by" | "partition_of")
        | (
            Kind::Constraint
            | Kind::Index
            | Kind::Rule
            | Kind::Trigger
            | Kind::Statistics
            | Kind::Aggregate
            | Kind::Other,
            "definition",
        )
        | (Kind::Policy, "using" | "check") => both,
        _ => false,
    }
}

/// Grants without a privilege that not every version has.
fn without_newer(grants: &Value) -> Vec<&Value> {
    let grants = grants.as_array().map(Vec::as_slice).unwrap_or_default();
    grants.iter().filter(|grant| grant.get("privilege").and_then(Value::as_str) != Some("MAINTAIN")).collect()
}

/// Whether a routine's body is the text that its author wrote, and not a tree.
fn is_source(definition: &Value) -> bool {
    definition.as_str().is_some_and(|text| text.contains("AS $"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::ObjectId;

    fn different(kind: Kind, field: &str, expected: Value, found: Value) -> bool {
        let object = ObjectId::part(kind, "public", "t", "c");
        let fields = vec![Field { name: field.to_owned(), expected, found }];
        Difference::Different { object, fields }.may_be_of_version()
    }

    #[test]
    fn what_is_written_out_of_a_tree_is_uncertain() {
        assert!(different(Kind::View, "query", json!("select (a)"), json!("select a")));
        assert!(different(
            Kind::Function,
            "definition",
            json!("f() BEGIN ATOMIC"),
            json!("f()\nBEGIN ATOMIC")
        ));
        assert!(different(Kind::Table, "grants", json!(null), json!([{"privilege": "MAINTAIN"}])));
        assert!(different(Kind::Column, "not_null_name", json!(null), json!("x")));
    }

    #[test]
    fn everything_else_is_certain() {
        assert!(!different(Kind::Column, "type", json!("integer"), json!("bigint")));
        assert!(!different(Kind::Column, "default", json!(null), json!("0")));
        assert!(!different(Kind::Function, "definition", json!("AS $function$a"), json!("AS $function$b")));
        assert!(!different(Kind::Table, "grants", json!(null), json!([{"privilege": "SELECT"}])));
        let object = ObjectId::new(Kind::View, "public", "v");
        assert!(!Difference::Extra { object: object.clone() }.may_be_of_version());
        let field = |name: &str, expected, found| Field { name: name.to_owned(), expected, found };
        let fields =
            vec![field("query", json!("a"), json!("b")), field("comment", json!(null), json!("out of band"))];
        assert!(!Difference::Different { object, fields }.may_be_of_version());
    }
}
