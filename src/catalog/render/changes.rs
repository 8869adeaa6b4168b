use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Comparison;
use crate::catalog::ddl::{self, Rename, Renamed};
use crate::catalog::{Catalog, Definition, Difference, Kind, ObjectId, differences};

/// What becomes of an object, with everything that is part of it.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The object: a table stands for its columns, indexes and the like.
    pub object: ObjectId,
    /// What becomes of it.
    pub change: ChangeKind,
    /// What it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<ObjectId>,
    /// What of the object itself changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// What becomes of its parts. All parts of a new table are new, and all of one that goes, go: those are not listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartChange>,
    /// The places, from 0, of the plan's statements about it.
    pub statements: Vec<usize>,
}

/// What becomes of a part of an object.
#[derive(Clone, Debug, Serialize)]
pub struct PartChange {
    /// The part.
    pub object: ObjectId,
    /// What becomes of it.
    pub change: ChangeKind,
    /// What it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<ObjectId>,
    /// What of it changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// A field of an object with its two values; null for not at all.
#[derive(Clone, Debug, Serialize)]
pub struct FieldChange {
    /// Its name in a snapshot: `type`, `not_null`, `comment` ..
    pub name: String,
    /// As it is.
    pub from: Value,
    /// As it is to be.
    pub to: Value,
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It goes.
    Removed,
    /// It stays, and is another.
    Changed,
    /// It gets another name.
    Renamed,
    /// It stays as it is, and has to be dropped and made again for another one's sake.
    Rebuilt,
    /// It stays as it is, and what happens to it follows from another one's change: a column takes another type.
    Touched,
}

impl ChangeKind {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Rebuilt => "rebuilt",
            Self::Touched => "touched",
        }
    }

    /// Why it is listed although nothing of it differs.
    pub(super) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Rebuilt => Some("stays as it is; dropped and made again, because another object needs it"),
            Self::Touched => {
                Some("stays as it is; the statements about it follow from another object's change")
            }
            _ => None,
        }
    }

    /// The character that stands for it before a line.
    pub(super) const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed | Self::Renamed => '~',
            Self::Rebuilt | Self::Touched => '=',
        }
    }
}

impl Comparison<'_> {
    /// What becomes of each object that does not stay as it is, in the order in which a schema is built.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        // A plan was made with these renames, so none is refused.
        let renamed = ddl::renamed(self.from.catalog, self.to.catalog, self.renames);
        let (from, renames) = match &renamed {
            Ok(Renamed { catalog, renames, .. }) => (&**catalog, renames.as_slice()),
            Err(_) => (self.from.catalog, self.renames),
        };
        let mut changes = Changes { comparison: self, from, found: BTreeMap::new() };
        for difference in differences(from, self.to.catalog) {
            changes.take(difference);
        }
        for rename in renames {
            changes.rename(rename);
        }
        for (place, statement) in self.plan.statements.iter().enumerate() {
            let id = changes.group_of(&statement.object);
            let is_dropped = id == statement.object && statement.sql.starts_with("DROP ");
            let change = if is_dropped { ChangeKind::Rebuilt } else { ChangeKind::Touched };
            changes.of(id, change).statements.push(place);
        }
        changes.follow_renamed_parents();
        changes.found.into_values().collect()
    }
}

/// The changes that were found, by the object that stands for them.
struct Changes<'a> {
    comparison: &'a Comparison<'a>,
    from: &'a Catalog,
    found: BTreeMap<ObjectId, Change>,
}

impl Changes<'_> {
    fn take(&mut self, difference: Difference) {
        let (id, change, fields) = match difference {
            Difference::Missing { object } => (object, ChangeKind::Removed, Vec::new()),
            Difference::Extra { object } => (object, ChangeKind::Added, Vec::new()),
            Difference::Different { object, fields } => {
                let fields = fields.into_iter().map(|field| FieldChange {
                    name: field.name,
                    from: field.expected,
                    to: field.found,
                });
                (object, ChangeKind::Changed, fields.collect())
            }
        };
        let group = self.group_of(&id);
        if group == id {
            let found = self.of(group, change);
            (found.change, found.fields) = (change, fields);
        } else {
            let part = PartChange { object: id, change, renamed_from: None, fields };
            self.of(group, ChangeKind::Changed).parts.push(part);
        }
    }

    fn rename(&mut self, rename: &Rename) {
        let group = self.group_of(&rename.to);
        let change = self.of(group, ChangeKind::Changed);
        let renamed_from = Some(rename.from.clone());
        if change.object == rename.to {
            (change.change, change.renamed_from) = (ChangeKind::Renamed, renamed_from);
        } else if let Some(part) = change.parts.iter_mut().find(|part| part.object == rename.to) {
            (part.change, part.renamed_from) = (ChangeKind::Renamed, renamed_from);
        } else {
            let (object, change_kind) = (rename.to.clone(), ChangeKind::Renamed);
            let part = PartChange { object, change: change_kind, renamed_from, fields: Vec::new() };
            change.parts.push(part);
        }
    }

    /// A partition's constraint takes its parent's new name: it does not go, and none comes.
    fn follow_renamed_parents(&mut self) {
        let (from, to) = (self.from, self.comparison.to.catalog);
        for change in self.found.values_mut() {
            let is = |part: &PartChange, kind| part.change == kind;
            let gone: Vec<ObjectId> = change
                .parts
                .iter()
                .filter(|part| is(part, ChangeKind::Removed))
                .map(|part| part.object.clone())
                .collect();
            for old in gone {
                let new = change.parts.iter_mut().find(|part| {
                    is(part, ChangeKind::Added) && is_inherited_copy(&old, from, &part.object, to)
                });
                if let Some(new) = new {
                    (new.change, new.renamed_from) = (ChangeKind::Renamed, Some(old.clone()));
                    change.parts.retain(|part| !(is(part, ChangeKind::Removed) && part.object == old));
                }
            }
        }
    }

    /// The change of that object, which is made of that kind where there is none.
    fn of(&mut self, object: ObjectId, change: ChangeKind) -> &mut Change {
        let made = self.found.entry(object.clone()).or_insert_with(|| Change {
            object,
            change,
            renamed_from: None,
            fields: Vec::new(),
            parts: Vec::new(),
            statements: Vec::new(),
        });
        let is_better_known = change != ChangeKind::Touched && made.change == ChangeKind::Rebuilt;
        if made.change == ChangeKind::Touched || is_better_known {
            made.change = change;
        }
        made
    }

    /// The object that stands for this one.
    fn group_of(&self, id: &ObjectId) -> ObjectId {
        if !id.kind.is_part() {
            return id.clone();
        }
        let relations = [Kind::Table, Kind::ForeignTable, Kind::View, Kind::MaterializedView];
        let relations = relations.map(|kind| ObjectId::new(kind, &id.schema, &id.name));
        let catalogs = [self.comparison.to.catalog, self.from];
        let known = catalogs.iter().find_map(|catalog| {
            relations.iter().find(|relation| catalog.objects.contains_key(relation)).cloned()
        });
        known.unwrap_or_else(|| id.clone())
    }
}

/// Whether both are a parent's constraint, and one and the same but for the name.
fn is_inherited_copy(one: &ObjectId, from: &Catalog, other: &ObjectId, to: &Catalog) -> bool {
    let (one, other) = (from.objects.get(one), to.objects.get(other));
    one.zip(other).is_some_and(|(one, other)| {
        matches!(&one.definition, Definition::Constraint(constraint) if constraint.inherited)
            && one.definition == other.definition
    })
}
