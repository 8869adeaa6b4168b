use std::collections::BTreeMap;

use super::Comparison;
use crate::catalog::ddl::{self, DiffOptions, Rename};
use crate::catalog::definition::{Column, Constraint, Index};
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

impl Comparison<'_> {
    /// How an object is made, with all its parts, in the first catalog and in the second one; by the name it has in the
    /// second one.
    pub(super) fn definitions(&self, object: &ObjectId) -> (String, String) {
        let old =
            self.renames.iter().find(|rename| rename.to == *object).map_or(object, |rename| &rename.from);
        let (before, mut after) = (only(self.from.catalog, old), only(self.to.catalog, object));
        in_the_order_of(&before, old, &mut after, self.renames);
        (definition(&before), definition(&after))
    }
}

/// How an object is made, with all its parts; of a part, what it is in a few words. Empty where there is nothing to say.
#[cfg(feature = "admin")]
pub(crate) fn made(catalog: &Catalog, id: &ObjectId) -> String {
    match catalog.objects.get(id) {
        Some(part) if id.kind.is_part() => in_brief(part),
        _ => definition(&only(catalog, id)),
    }
}

/// A catalog of one object and its parts; empty where it is not there.
fn only(catalog: &Catalog, id: &ObjectId) -> Catalog {
    let objects = with_parts(catalog, id).into_iter().map(|(id, object)| (id.clone(), object.clone()));
    Catalog {
        server: catalog.server,
        owner: catalog.owner.clone(),
        history_schema: None,
        objects: objects.collect(),
    }
}

/// Puts columns where they are in the other catalog, new ones behind: their order is no difference.
fn in_the_order_of(before: &Catalog, table: &ObjectId, after: &mut Catalog, renames: &[Rename]) {
    let new_name = |id: &ObjectId| -> String {
        let renamed = renames.iter().find(|rename| rename.from == *id);
        renamed.map_or(&id.part, |rename| &rename.to.part).clone()
    };
    let known: BTreeMap<String, u32> =
        before.columns(table).into_iter().map(|(id, object)| (new_name(id), object.position)).collect();
    let behind = known.values().copied().max().unwrap_or_default();
    for (id, object) in &mut after.objects {
        if id.kind == Kind::Column {
            object.position = known.get(&id.part).copied().unwrap_or(behind + object.position);
        }
    }
}

/// The statements that make all that is in a catalog.
fn definition(catalog: &Catalog) -> String {
    let empty = Catalog { history_schema: None, objects: BTreeMap::new(), ..catalog.clone() };
    // Without renames there is nothing that could be refused.
    let plan = ddl::diff(&empty, catalog, &DiffOptions::default()).unwrap_or_default();
    let statements: Vec<String> =
        plan.statements.iter().map(|statement| format!("{};", statement.sql.trim_end())).collect();
    statements.join("\n")
}

/// An object and its parts; none where it is not there.
pub(super) fn with_parts<'a>(catalog: &'a Catalog, id: &ObjectId) -> Vec<(&'a ObjectId, &'a Object)> {
    let mut found: Vec<_> = catalog.objects.get_key_value(id).into_iter().collect();
    if found.is_empty() {
        return found;
    }
    for kind in Kind::ALL.iter().copied().filter(|kind| kind.is_part()) {
        let first = ObjectId::part(kind, &id.schema, &id.name, "");
        let parts =
            catalog.objects.range(first..).take_while(|(part, _)| part.kind == kind && part.is_of(id));
        found.extend(parts);
    }
    found
}

/// What a part is, in a few words behind its name; empty where its kind says all.
pub(super) fn in_brief(object: &Object) -> String {
    match &object.definition {
        Definition::Column(column) => column_in_brief(column),
        Definition::Constraint(Constraint { definition, .. }) => definition.clone(),
        Definition::Index(Index { definition, unique, .. }) => {
            format!("{}{definition}", if *unique { "unique " } else { "" })
        }
        _ => String::new(),
    }
}

fn column_in_brief(column: &Column) -> String {
    let mut text = column.data_type.clone();
    if column.not_null {
        text.push_str(" not null");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" default {default}"));
    }
    if let Some(generated) = &column.generated {
        text.push_str(&format!(" generated always as ({})", generated.expression));
    }
    if let Some(identity) = &column.identity {
        let when = if identity.always { "always" } else { "by default" };
        text.push_str(&format!(" generated {when} as identity"));
    }
    text
}
