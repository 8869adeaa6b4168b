use crate::catalog::definition::{Attribute, Domain};
use crate::catalog::{Catalog, Definition, Kind, ObjectId};

/// A type as the server writes it, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqlType {
    /// Without modifiers and brackets: `timestamp with time zone`, `public."Odd"`.
    pub(super) name: String,
    /// `(10,2)` as numbers; what is no number is none here.
    pub(super) modifiers: Vec<i32>,
    pub(super) is_array: bool,
}

/// Types between which the server casts on assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Number,
    Time,
    Clock,
    Interval,
    Bits,
    Other,
}

impl SqlType {
    pub(super) fn parse(text: &str) -> Self {
        let is_array = text.ends_with("[]");
        let element = text.trim_end_matches("[]");
        let mut in_quotes = false;
        let open = element.find(|letter| {
            in_quotes ^= letter == '"';
            letter == '(' && !in_quotes
        });
        let parts = open.and_then(|open| {
            let close = open + element[open..].find(')')?;
            Some((&element[..open], &element[open + 1..close], &element[close + 1..]))
        });
        let Some((before, modifiers, after)) = parts else {
            return Self { name: element.to_owned(), modifiers: Vec::new(), is_array };
        };
        let modifiers = modifiers.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        Self { name: format!("{before}{after}"), modifiers, is_array }
    }

    pub(super) fn family(&self) -> Family {
        match &*self.name {
            "text" | "character varying" | "character" | "bpchar" | "name" => Family::Text,
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Family::Number,
            "bit" | "bit varying" => Family::Bits,
            "date" => Family::Time,
            name if name.starts_with("timestamp with") => Family::Time,
            name if name.starts_with("time with") => Family::Clock,
            name if name == "interval" || name.starts_with("interval ") => Family::Interval,
            _ => Family::Other,
        }
    }

    /// The type of all lengths. `bit` without a length would be one bit.
    pub(super) fn unmodified(&self) -> String {
        let name = match &*self.name {
            "bit" => "bit varying",
            "character" => "character varying",
            name => name,
        };
        format!("{name}{}", if self.is_array { "[]" } else { "" })
    }
}

/// A type below its domains, with what those ask of a value.
#[derive(Debug)]
pub(super) struct Below {
    pub(super) sql: SqlType,
    /// Checks, and `NOT NULL`.
    pub(super) conditions: Vec<String>,
    pub(super) is_domain: bool,
}

impl Below {
    pub(super) fn of(text: &str, catalog: &Catalog) -> Self {
        let mut below = Self { sql: SqlType::parse(text), conditions: Vec::new(), is_domain: false };
        while let Some(domain) = domain(&below.sql.name, catalog) {
            let next = SqlType::parse(&domain.data_type);
            // An array of a domain of arrays has no name of its own below.
            if below.sql.is_array && next.is_array {
                break;
            }
            below.conditions.extend(domain.constraints.iter().map(|check| check.definition.clone()));
            below.conditions.extend(domain.not_null.then(|| "NOT NULL".to_owned()));
            below.sql = SqlType { is_array: below.sql.is_array || next.is_array, ..next };
            below.is_domain = true;
        }
        below
    }
}

fn domain<'a>(name: &str, catalog: &'a Catalog) -> Option<&'a Domain> {
    named(name, Kind::Domain, catalog).and_then(|definition| match definition {
        Definition::Domain(domain) => Some(domain),
        _ => None,
    })
}

/// The labels of an enum.
pub(super) fn labels<'a>(name: &str, catalog: &'a Catalog) -> Option<&'a [String]> {
    named(name, Kind::Enum, catalog).and_then(|definition| match definition {
        Definition::Enum(definition) => Some(&*definition.labels),
        _ => None,
    })
}

/// The attributes of a composite type.
pub(super) fn attributes<'a>(name: &str, catalog: &'a Catalog) -> Option<&'a [Attribute]> {
    named(name, Kind::CompositeType, catalog).and_then(|definition| match definition {
        Definition::CompositeType(definition) => Some(&*definition.attributes),
        _ => None,
    })
}

fn named<'a>(name: &str, kind: Kind, catalog: &'a Catalog) -> Option<&'a Definition> {
    let of_kind = catalog.objects.range(ObjectId::new(kind, "", "")..).take_while(|(id, _)| id.kind == kind);
    of_kind.filter(|(id, _)| id.sql() == name).map(|(_, object)| &object.definition).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_taken_apart() {
        for (text, name, modifiers, is_array) in [
            ("integer", "integer", vec![], false),
            ("numeric(10,2)[]", "numeric", vec![10, 2], true),
            ("timestamp(3) with time zone", "timestamp with time zone", vec![3], false),
            ("interval day to second(3)", "interval day to second", vec![3], false),
            ("public.\"A(1)[]\"", "public.\"A(1)[]\"", vec![], false),
            ("public.geometry(Point,4326)", "public.geometry", vec![4326], false),
        ] {
            let parsed = SqlType::parse(text);
            assert_eq!((&*parsed.name, parsed.modifiers, parsed.is_array), (name, modifiers, is_array));
        }
    }
}
