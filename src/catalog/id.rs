use std::fmt;

use serde::Serialize;

use super::Kind;
use super::name::{qualified, quote, visible};

/// Which object of a catalog: names as they are stored, unquoted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectId {
    /// What it is.
    pub kind: Kind,
    /// The schema; empty for what is in none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The name; the table's for what is part of a table, the server's for a user mapping.
    pub name: String,
    /// The name within the table; a routine's argument types, which are SQL already; a user mapping's role; that of default
    /// privileges, none where it is the one that owns most; what another object is; otherwise empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part: String,
}

impl ObjectId {
    /// An object that needs no more than a name.
    #[must_use]
    pub fn new(kind: Kind, schema: &str, name: &str) -> Self {
        Self::part(kind, schema, name, "")
    }

    /// An object with the further name that its kind needs.
    #[must_use]
    pub fn part(kind: Kind, schema: &str, name: &str, part: &str) -> Self {
        Self { kind, schema: schema.to_owned(), name: name.to_owned(), part: part.to_owned() }
    }

    /// Its name as SQL has it: qualified where it can be, quoted where it must be. A column's, constraint's, rule's,
    /// trigger's or policy's is its own alone.
    #[must_use]
    pub fn sql(&self) -> String {
        match self.kind {
            Kind::Function | Kind::Procedure | Kind::Aggregate => {
                format!("{}({})", self.relation(), self.part)
            }
            Kind::Index => qualified(&self.schema, &self.part),
            kind if kind.is_part() => quote(&self.part),
            _ => self.relation(),
        }
    }

    /// The table that it is part of, or else itself without arguments, as SQL has it.
    #[must_use]
    pub fn relation(&self) -> String {
        if self.schema.is_empty() { quote(&self.name) } else { qualified(&self.schema, &self.name) }
    }

    /// What it may be part of: a name does not tell a table from a view. Empty where it is no part.
    #[must_use]
    pub fn relations(&self) -> Vec<Self> {
        let relations = Kind::ALL.iter().filter(|kind| self.kind.is_part() && kind.is_relation());
        relations.map(|&kind| Self::new(kind, &self.schema, &self.name)).collect()
    }

    /// Whether it is part of that table, view or foreign table.
    #[must_use]
    pub fn is_of(&self, table: &Self) -> bool {
        self.kind.is_part()
            && table.kind.is_relation()
            && self.schema == table.schema
            && self.name == table.name
    }
}

/// `column public.accounts.email`, `index by_name on public.accounts`, `function public.f(integer)`.
impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind;
        let text = match kind {
            Kind::Column => format!("{kind} {}.{}", self.relation(), quote(&self.part)),
            Kind::Other => format!("{} {}", self.part, self.name),
            Kind::UserMapping => format!("{kind} for {} on {}", self.part, self.relation()),
            Kind::DefaultPrivileges => {
                let of = |word, name: &str| {
                    if name.is_empty() { String::new() } else { format!(" {word} {}", quote(name)) }
                };
                format!("{kind} on {}{}{}", self.name, of("of", &self.part), of("in", &self.schema))
            }
            kind if kind.is_part() => format!("{kind} {} on {}", quote(&self.part), self.relation()),
            kind => format!("{kind} {}", self.sql()),
        };
        formatter.write_str(&visible(&text))
    }
}
