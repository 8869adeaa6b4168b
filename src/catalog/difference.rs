use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Listing, Object};

/// An object in which a catalog differs from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// It was expected, and is not there.
    Missing {
        /// As it was expected.
        expected: Object,
    },
    /// It is there, and was not expected.
    Extra {
        /// As it was found.
        found: Object,
    },
    /// It is there and is another.
    Different {
        /// As it was expected.
        expected: Object,
        /// As it was found.
        found: Object,
    },
}

/// Compares two catalogs object by object; empty where they are equal.
#[must_use]
pub fn differences(expected: &Listing, found: &Listing) -> Vec<Difference> {
    let mut pairs: BTreeMap<_, (Option<&Object>, Option<&Object>)> = BTreeMap::new();
    for object in &expected.objects {
        pairs.entry((&object.kind, &object.identity)).or_default().0 = Some(object);
    }
    for object in &found.objects {
        pairs.entry((&object.kind, &object.identity)).or_default().1 = Some(object);
    }
    pairs.into_values().filter_map(|(expected, found)| Difference::of(expected, found)).collect()
}

impl Difference {
    fn of(expected: Option<&Object>, found: Option<&Object>) -> Option<Self> {
        match (expected.cloned(), found.cloned()) {
            (Some(expected), None) => Some(Self::Missing { expected }),
            (None, Some(found)) => Some(Self::Extra { found }),
            (Some(expected), Some(found)) if expected != found => Some(Self::Different { expected, found }),
            _ => None,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { expected } => write!(formatter, "missing    {expected}"),
            Self::Extra { found } => write!(formatter, "extra      {found}"),
            Self::Different { expected, found } => write!(
                formatter,
                "different  {expected}\n             expected  {}\n             found     {}",
                indented(&expected.definition),
                indented(&found.definition)
            ),
        }
    }
}

fn indented(definition: &str) -> String {
    definition.trim_end().replace('\n', "\n                       ")
}
