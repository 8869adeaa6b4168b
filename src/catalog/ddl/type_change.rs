use super::Hazard;

/// What a change of a column's type means for its values.
#[derive(Debug)]
pub(super) struct TypeChange<'a> {
    from: &'a str,
    to: &'a str,
    /// Another type of the same name.
    retype: bool,
}

/// Types between which the server casts on assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Text,
    Number,
    Time,
    Clock,
    Other,
}

impl<'a> TypeChange<'a> {
    pub(super) fn between(from: &'a str, to: &'a str, retype: bool) -> Self {
        Self { from, to, retype }
    }

    /// The expression of the new value, where an assignment is no cast. An explicit cast would cut strings off that do not
    /// fit, where an assignment fails.
    pub(super) fn using(&self, column: &str) -> Option<String> {
        let (from, to) = (base(self.from), base(self.to));
        if !self.retype
            && (from == to
                || family(to) == Family::Text
                || (family(from) == family(to) && family(to) != Family::Other))
        {
            return None;
        }
        // One value alone is read as the text of an array.
        let array = if self.from.ends_with("[]") && self.to.ends_with("[]") { "[]" } else { "" };
        let direct = family(from) == Family::Text
            || matches!((from, to), ("boolean", "integer") | ("integer", "boolean"));
        Some(if direct && !self.retype {
            format!("{column}::{}", self.to)
        } else {
            format!("{column}::text{array}::{}", self.to)
        })
    }

    pub(super) fn hazards(&self) -> Vec<Hazard> {
        if is_wider(self.from, self.to) && !self.retype {
            return vec![Hazard::BreaksUsers];
        }
        let mut hazards = vec![Hazard::RewritesTable, Hazard::BreaksUsers];
        let (from, to) = (base(self.from), base(self.to));
        let loses = family(from) == family(to)
            && matches!(family(from), Family::Number | Family::Time)
            && !widens(from, to);
        if loses {
            hazards.push(Hazard::DeletesData);
        }
        if !widens(from, to) {
            hazards.push(Hazard::DependsOnData);
        }
        hazards
    }
}

/// The type without modifiers.
fn base(name: &str) -> &str {
    match name.split_once('(') {
        // timestamp(3) with time zone
        Some((_, rest)) if rest.contains(" with") => name,
        Some((base, _)) => base,
        None => name,
    }
}

fn family(base: &str) -> Family {
    match base {
        "text" | "character varying" | "character" | "name" => Family::Text,
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Family::Number,
        _ if base.ends_with("[]") => Family::Other,
        "date" => Family::Time,
        _ if base.starts_with("timestamp") => Family::Time,
        _ if base.starts_with("time ") || base.starts_with("time(") => Family::Clock,
        _ => Family::Other,
    }
}

/// Whether every value of the first has its equal in the second.
fn widens(from: &str, to: &str) -> bool {
    from == to
        || family(to) == Family::Text && to != "name"
        || matches!(
            (from, to),
            ("smallint", "integer" | "bigint" | "numeric" | "real" | "double precision")
                | ("integer", "bigint" | "numeric" | "double precision")
                | ("bigint", "numeric")
                | ("real", "double precision")
                | ("date", "timestamp without time zone" | "timestamp with time zone")
        )
}

/// Whether the values stay as they are on disk.
fn is_wider(from: &str, to: &str) -> bool {
    let length = |name: &str| name.strip_prefix("character varying(")?.strip_suffix(')')?.parse::<u32>().ok();
    let unbounded = |name: &str| matches!(name, "text" | "character varying");
    match (length(from), length(to)) {
        (Some(from), Some(to)) => to >= from,
        (Some(_), None) => unbounded(to),
        _ => from == to || (unbounded(from) && unbounded(to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_stands_only_where_an_assignment_would_not_do() {
        for (from, to, using) in [
            ("integer", "bigint", None),
            ("character varying(20)", "character varying(10)", None),
            ("integer", "text", None),
            ("text", "integer", Some("a::integer")),
            ("public.mood", "public.other", Some("a::text::public.other")),
            ("integer", "boolean", Some("a::boolean")),
            ("timestamp without time zone", "date", None),
        ] {
            assert_eq!(TypeChange::between(from, to, false).using("a").as_deref(), using, "{from} to {to}");
        }
        let retype = TypeChange::between("public.mood[]", "public.mood[]", true);
        assert_eq!(retype.using("a").as_deref(), Some("a::text[]::public.mood[]"));
    }

    #[test]
    fn a_narrower_number_loses_digits_and_a_longer_string_nothing() {
        let hazards = |from, to| TypeChange::between(from, to, false).hazards();
        assert_eq!(hazards("character varying(10)", "text"), [Hazard::BreaksUsers]);
        assert_eq!(hazards("integer", "bigint"), [Hazard::RewritesTable, Hazard::BreaksUsers]);
        assert!(hazards("numeric", "integer").contains(&Hazard::DeletesData));
        assert!(!hazards("text", "character varying(10)").contains(&Hazard::DeletesData));
    }
}
