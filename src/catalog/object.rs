use serde::{Deserialize, Serialize};

use super::definition::{Definition, is_default};
use super::{Kind, ObjectId};

/// One object of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The role that owns it, where it is another than the one that owns most of the schema.
    pub owner: Option<String>,
    /// Where its privileges differ from the default ones; sorted.
    pub grants: Vec<Grant>,
    /// Its comment.
    pub comment: Option<String>,
    /// What the catalog says of it.
    pub definition: Definition,
    /// A column's place in its table, from 1; otherwise 0. Not compared: PostgreSQL cannot move a column.
    pub position: u32,
    /// The objects that must be there before it; sorted. Not compared: they follow from the definition.
    pub depends_on: Vec<ObjectId>,
}

/// A privilege in which an object differs from a new one of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grant {
    /// The role, `public` for everybody; none for the owner.
    #[serde(skip_serializing_if = "is_default")]
    pub grantee: Option<String>,
    /// `SELECT`, `USAGE` ..
    pub privilege: String,
    /// The column of a view that it is for.
    #[serde(skip_serializing_if = "is_default")]
    pub column: Option<String>,
    /// Whether the role may grant it further.
    #[serde(skip_serializing_if = "is_default")]
    pub grantable: bool,
    /// Whether a new object has it and this one has not.
    #[serde(skip_serializing_if = "is_default")]
    pub revoked: bool,
}

impl Object {
    /// Whether nothing is different that could be made equal.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.owner == other.owner
            && self.grants == other.grants
            && self.comment == other.comment
            && self.definition == other.definition
    }
}

/// An object with its name, as it stands on a line of a snapshot.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    kind: Kind,
    #[serde(skip_serializing_if = "is_empty")]
    schema: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "is_empty")]
    part: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    position: u32,
    #[serde(skip_serializing_if = "is_none")]
    owner: &'a Option<String>,
    #[serde(skip_serializing_if = "is_empty_slice")]
    grants: &'a [Grant],
    #[serde(skip_serializing_if = "is_none")]
    comment: &'a Option<String>,
    definition: &'a Definition,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<(Kind, &'a str, &'a str, &'a str)>,
}

impl<'a> Line<'a> {
    pub(super) fn new(id: &'a ObjectId, object: &'a Object) -> Self {
        Self {
            kind: id.kind,
            schema: &id.schema,
            name: &id.name,
            part: &id.part,
            position: object.position,
            owner: &object.owner,
            grants: &object.grants,
            comment: &object.comment,
            definition: &object.definition,
            depends_on: object
                .depends_on
                .iter()
                .map(|id| (id.kind, &*id.schema, &*id.name, &*id.part))
                .collect(),
        }
    }

    /// The form of which the fingerprint is taken: without what is not compared.
    pub(super) fn canonical(id: &'a ObjectId, object: &'a Object) -> Self {
        Self { position: 0, depends_on: Vec::new(), ..Self::new(id, object) }
    }
}

fn is_empty(text: &&str) -> bool {
    text.is_empty()
}

fn is_none(value: &&Option<String>) -> bool {
    value.is_none()
}

fn is_empty_slice<T>(slice: &&[T]) -> bool {
    slice.is_empty()
}
