use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

const RELATIONS: [Kind; 4] = [Kind::Table, Kind::View, Kind::MaterializedView, Kind::ForeignTable];

/// The relation that an object is part of.
pub(super) fn relation(id: &ObjectId, catalog: &Catalog) -> Option<ObjectId> {
    let relations = RELATIONS.into_iter().map(|kind| ObjectId::new(kind, &id.schema, &id.name));
    id.kind
        .is_part()
        .then(|| relations.into_iter().find(|relation| catalog.objects.contains_key(relation)))?
}

/// All that must be there before an object: what the catalog says, and what its name and definition imply.
pub(super) fn dependencies(id: &ObjectId, object: &Object, catalog: &Catalog) -> Vec<ObjectId> {
    let mut all = object.depends_on.clone();
    let named = |schema: &str| ObjectId::new(Kind::Schema, "", schema);
    if !id.schema.is_empty() {
        all.push(named(&id.schema));
    }
    all.extend(relation(id, catalog));
    match &object.definition {
        Definition::Extension(extension) => all.push(named(&extension.schema)),
        Definition::UserMapping(_) => all.push(ObjectId::new(Kind::Server, "", &id.name)),
        Definition::Publication(publication) => {
            all.extend(publication.schemas.iter().map(|schema| named(schema)));
        }
        Definition::Column(column) if column.inherited => all.extend(parent_columns(id, catalog)),
        _ => {}
    }
    all.retain(|other| other != id);
    all
}

/// The columns of the same name in the tables that a column's table comes from.
pub(super) fn parent_columns(id: &ObjectId, catalog: &Catalog) -> Vec<ObjectId> {
    let Some(table) = relation(id, catalog) else { return Vec::new() };
    let Some(Definition::Table(table) | Definition::ForeignTable(table)) =
        catalog.objects.get(&table).map(|object| &object.definition)
    else {
        return Vec::new();
    };
    let inherited = table.inherits.iter().map(|parent| (&parent.schema, &parent.name));
    let partitioned = table.partition_of.iter().map(|parent| (&parent.schema, &parent.name));
    let parents = inherited.chain(partitioned);
    parents
        .map(|(schema, name)| ObjectId::part(Kind::Column, schema, name, &id.part))
        .filter(|column| catalog.objects.contains_key(column))
        .collect()
}
