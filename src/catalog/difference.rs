use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::object::Line;
use super::{Catalog, Field, Object, ObjectId};

/// An object in which a catalog differs from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// It was expected, and is not there.
    Missing {
        /// Which.
        object: ObjectId,
    },
    /// It is there, and was not expected.
    Extra {
        /// Which.
        object: ObjectId,
    },
    /// It is there and is another.
    Different {
        /// Which.
        object: ObjectId,
        /// In what.
        fields: Vec<Field>,
    },
}

/// Compares two catalogs object by object; empty where they are equal. What is part of a missing or extra table is not
/// named beside it.
#[must_use]
pub fn differences(expected: &Catalog, found: &Catalog) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (id, expected_one, found_one) in pairs(expected, found) {
        match (expected_one, found_one) {
            (Some(_), None) if !goes_with_its_table(id, found) && !found.holds_history(id) => {
                differences.push(Difference::Missing { object: id.clone() });
            }
            (None, Some(_)) if !goes_with_its_table(id, expected) && !expected.holds_history(id) => {
                differences.push(Difference::Extra { object: id.clone() });
            }
            (Some(expected), Some(found)) if !expected.is_same(found) => {
                differences
                    .push(Difference::Different { object: id.clone(), fields: fields(id, expected, found) });
            }
            _ => {}
        }
    }
    differences
}

/// All objects of two catalogs, each once, in the order of their names.
pub(super) fn pairs<'a>(
    one: &'a Catalog,
    other: &'a Catalog,
) -> impl Iterator<Item = (&'a ObjectId, Option<&'a Object>, Option<&'a Object>)> {
    let (mut ones, mut others) = (one.objects.iter().peekable(), other.objects.iter().peekable());
    std::iter::from_fn(move || {
        let first = match (ones.peek(), others.peek()) {
            (Some((one, _)), Some((other, _))) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let one = if first.is_le() { ones.next() } else { None };
        let other = if first.is_ge() { others.next() } else { None };
        let id = one.or(other)?.0;
        Some((id, one.map(|(_, object)| object), other.map(|(_, object)| object)))
    })
}

/// Whether the other side has not even the table.
fn goes_with_its_table(id: &ObjectId, other: &Catalog) -> bool {
    id.kind.is_part() && !id.relations().iter().any(|relation| other.objects.contains_key(relation))
}

fn fields(id: &ObjectId, expected: &Object, found: &Object) -> Vec<Field> {
    let (mut expected, mut found) = (flat(id, expected), flat(id, found));
    expected.retain(|name, value| {
        found.get(name) != Some(value) || {
            found.remove(name);
            false
        }
    });
    let mut fields: Vec<Field> = expected
        .into_iter()
        .map(|(name, value)| Field {
            found: found.remove(&name).unwrap_or(Value::Null),
            expected: value,
            name,
        })
        .collect();
    fields.extend(found.into_iter().map(|(name, found)| Field { name, expected: Value::Null, found }));
    fields
}

/// An object's JSON form with the fields of its definition beside the others.
fn flat(id: &ObjectId, object: &Object) -> serde_json::Map<String, Value> {
    let Ok(Value::Object(mut line)) = serde_json::to_value(Line::canonical(id, object)) else {
        return serde_json::Map::new();
    };
    if let Some(Value::Object(definition)) = line.remove("definition") {
        line.extend(definition);
    }
    line
}

impl Difference {
    /// The object.
    #[must_use]
    pub fn object(&self) -> &ObjectId {
        match self {
            Self::Missing { object } | Self::Extra { object } | Self::Different { object, .. } => object,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { object } => write!(formatter, "missing    {object}"),
            Self::Extra { object } => write!(formatter, "extra      {object}"),
            Self::Different { object, fields } => {
                write!(formatter, "different  {object}")?;
                fields.iter().try_for_each(|field| write!(formatter, "\n             {field}"))
            }
        }
    }
}
