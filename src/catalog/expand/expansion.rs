use super::ExpandError;
use super::replacement::{NewColumn, OldColumn, name_and_rest};
use crate::catalog::definition::{Column, ConstraintType};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

/// New columns in the place of old ones of a table: what is known before a text is written.
#[derive(Clone, Debug)]
pub struct Expansion {
    pub(super) table: ObjectId,
    pub(super) new: Vec<NewColumn>,
    pub(super) old: Vec<Old>,
    /// The name of the trigger, and of its function in the table's schema.
    pub(super) trigger: String,
    /// Checks and indexes that go with the old columns.
    pub(super) attached: Vec<(ObjectId, Object)>,
    /// The table as the down of the contraction makes it before it asks anything of the old columns, and once it has said all
    /// but what has to wait for their values.
    pub(super) bare: Catalog,
    pub(super) dressed: Catalog,
    pub(super) is_partitioned: bool,
}

/// A column that goes, with what the catalog says of it.
#[derive(Clone, Debug)]
pub(super) struct Old {
    pub(super) name: String,
    pub(super) expression: String,
    pub(super) column: Column,
}

/// The most bytes of a name.
const NAME: usize = 63;

impl Expansion {
    /// Understands what is asked for, and holds it against the catalog: `table` with or without its schema, `new` as
    /// `COLUMN TYPE [not null] = EXPRESSION`, `old` as `COLUMN = EXPRESSION`. The trigger gets its name from `name`.
    ///
    /// # Errors
    /// Something is not of its form; the table or an old column is not there, or a new one is; an old column is part of a
    /// key, computed, or used by what cannot be brought back.
    pub fn new(
        catalog: &Catalog,
        name: &str,
        table: &str,
        new: &[String],
        old: &[String],
    ) -> Result<Self, ExpandError> {
        let (table, definition) = find(catalog, table)?;
        let is_partitioned = matches!(definition, Definition::Table(table) if table.partition_by.is_some());
        let new = new.iter().map(|text| NewColumn::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let old = old.iter().map(|text| OldColumn::parse(text)).collect::<Result<Vec<_>, _>>()?;
        refuse_twice(&table, new.iter().map(|one| &one.name).chain(old.iter().map(|one| &one.name)))?;
        for NewColumn { name, .. } in &new {
            if catalog.objects.contains_key(&column_of(&table, name)) {
                return Err(ExpandError::Exists { table: table.relation(), column: quote(name) });
            }
        }
        let old = old.into_iter().map(|one| known(catalog, &table, one)).collect::<Result<Vec<_>, _>>()?;
        let attached = attached(catalog, &table, &old)?;
        let (bare, dressed) = (with(catalog, &table, &old, bare), with(catalog, &table, &old, dressed));
        let trigger = cut(&format!("{}_{name}", table.name), NAME);
        Ok(Self { table, new, old, trigger, attached, bare, dressed, is_partitioned })
    }

    /// Holds the new columns against what the first revision has made.
    ///
    /// # Errors
    /// A type brings a default along, and the trigger would take every row for one of the new version's; or it refuses null,
    /// which the rows that are there begin with.
    pub fn hold_against(&self, made: &Catalog) -> Result<(), ExpandError> {
        let is_plain = |column: &Column| {
            column.default.is_none() && column.identity.is_none() && is_plain(made, &column.data_type)
        };
        for NewColumn { name, .. } in &self.new {
            let object = made.objects.get(&column_of(&self.table, name));
            if matches!(object.map(|object| &object.definition), Some(Definition::Column(column)) if !is_plain(column))
            {
                return Err(ExpandError::MoreThanType { table: self.relation(), column: quote(name) });
            }
        }
        Ok(())
    }

    /// The table as SQL has it.
    pub(super) fn relation(&self) -> String {
        self.table.relation()
    }

    /// The function as SQL has it, without its arguments.
    pub(super) fn function(&self) -> String {
        qualified(&self.table.schema, &self.trigger)
    }

    /// The new columns with something before each, as a list.
    pub(super) fn new_columns(&self, prefix: &str) -> String {
        list(self.new.iter().map(|one| format!("{prefix}{}", quote(&one.name))))
    }

    /// The old ones.
    pub(super) fn old_columns(&self, prefix: &str) -> String {
        list(self.old.iter().map(|one| format!("{prefix}{}", quote(&one.name))))
    }

    /// The new columns that nobody may leave empty in the end.
    pub(super) fn filled(&self) -> Vec<String> {
        self.new.iter().filter(|one| one.not_null).map(|one| quote(&one.name)).collect()
    }

    /// The name of the check by which `NOT NULL` comes without a look at the rows.
    pub(super) fn check(&self) -> String {
        const ENDING: &str = "_filled";
        quote(&format!("{}{ENDING}", cut(&self.trigger, NAME - ENDING.len())))
    }
}

fn list(columns: impl Iterator<Item = String>) -> String {
    columns.collect::<Vec<_>>().join(", ")
}

fn cut(name: &str, most: usize) -> String {
    let mut end = name.len().min(most);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_owned()
}

pub(super) fn column_of(table: &ObjectId, name: &str) -> ObjectId {
    ObjectId::part(Kind::Column, &table.schema, &table.name, name)
}

fn find<'a>(catalog: &'a Catalog, text: &str) -> Result<(ObjectId, &'a Definition), ExpandError> {
    let form = |reason| ExpandError::Form { option: "--expand", text: text.to_owned(), reason };
    const NAME: &str = "write a table's name, with or without its schema";
    let (first, rest) = name_and_rest(text).ok_or_else(|| form(NAME))?;
    let (schema, name) = match rest.strip_prefix('.').map(name_and_rest) {
        None if rest.is_empty() => ("public".to_owned(), first),
        Some(Some((name, ""))) => (first, name),
        _ => return Err(form(NAME)),
    };
    let id = ObjectId::new(Kind::Table, &schema, &name);
    if let Some(object) = catalog.objects.get(&id) {
        refuse_inheritance(catalog, &id)?;
        return Ok((id, &object.definition));
    }
    let of_that_name = |id: &&ObjectId| id.kind == Kind::Table && id.name == name;
    let hint = catalog.objects.keys().find(of_that_name);
    let hint = hint.map(|id| format!(", but {}", id.relation())).unwrap_or_default();
    Err(ExpandError::NoTable { table: id.relation(), hint })
}

/// A trigger of a parent does not fire for rows of its children.
fn refuse_inheritance(catalog: &Catalog, table: &ObjectId) -> Result<(), ExpandError> {
    let is_child = |object: &Object| {
        let Definition::Table(definition) = &object.definition else { return false };
        definition.inherits.iter().any(|parent| parent.schema == table.schema && parent.name == table.name)
    };
    match catalog.objects.values().any(is_child) {
        true => Err(ExpandError::Parent { table: table.relation() }),
        false => Ok(()),
    }
}

/// Whether a column of that type is null where nothing is said: no domain below it has a default or refuses null.
fn is_plain(catalog: &Catalog, data_type: &str) -> bool {
    let of_domain = |(id, object): (&ObjectId, &Object)| match &object.definition {
        Definition::Domain(domain) if id.sql() == data_type => {
            domain.default.is_none() && !domain.not_null && is_plain(catalog, &domain.data_type)
        }
        _ => true,
    };
    catalog.objects.iter().all(of_domain)
}

fn refuse_twice<'a>(table: &ObjectId, names: impl Iterator<Item = &'a String>) -> Result<(), ExpandError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ExpandError::Twice { table: table.relation(), column: quote(name) });
        }
    }
    Ok(())
}

fn known(catalog: &Catalog, table: &ObjectId, wanted: OldColumn) -> Result<Old, ExpandError> {
    let OldColumn { name, expression } = wanted;
    let object = catalog.objects.get(&column_of(table, &name));
    let Some(Definition::Column(column)) = object.map(|object| &object.definition) else {
        return Err(ExpandError::NoColumn { table: table.relation(), column: quote(&name) });
    };
    let reason = if column.generated.is_some() {
        Some("it is generated")
    } else if column.identity.is_some() {
        Some("it is an identity column")
    } else if column.inherited {
        Some("it comes from a parent table; expand that one")
    } else if !is_plain(catalog, &column.data_type) {
        Some(
            "its domain has a default or refuses null, so that it could not come back empty, to be filled in batches",
        )
    } else {
        None
    };
    match reason {
        Some(reason) => Err(unfit(table, &name, reason.to_owned())),
        None => Ok(Old { name, expression, column: column.clone() }),
    }
}

fn unfit(table: &ObjectId, column: &str, reason: String) -> ExpandError {
    ExpandError::Unfit { table: table.relation(), column: quote(column), reason }
}

/// The checks and indexes that go with the old columns. What else would go with them, or would not let them go, is refused.
fn attached(
    catalog: &Catalog,
    table: &ObjectId,
    old: &[Old],
) -> Result<Vec<(ObjectId, Object)>, ExpandError> {
    let mut attached = Vec::new();
    for (id, object) in &catalog.objects {
        let uses = |one: &&Old| object.depends_on.contains(&column_of(table, &one.name));
        let Some(used) = old.iter().find(uses) else { continue };
        match &object.definition {
            Definition::Constraint(constraint) if constraint.constraint_type != ConstraintType::Check => {
                let reason =
                    format!("it is part of {id}; a key wants a new key beside it, which no trigger makes");
                return Err(unfit(table, &used.name, reason));
            }
            Definition::Constraint(_) | Definition::Index(_) if id.is_of(table) => {
                attached.push((id.clone(), object.clone()));
            }
            _ => {
                let reason = format!(
                    "{id} uses it, and would have to be made anew without it first; or write the revisions by hand"
                );
                return Err(unfit(table, &used.name, reason));
            }
        }
    }
    Ok(attached)
}

/// The catalog with other old columns.
fn with(catalog: &Catalog, table: &ObjectId, old: &[Old], change: impl Fn(&mut Object)) -> Catalog {
    let mut catalog = catalog.clone();
    for one in old {
        catalog.objects.entry(column_of(table, &one.name)).and_modify(&change);
    }
    catalog
}

fn bare(object: &mut Object) {
    (object.comment, object.grants) = (None, Vec::new());
    if let Definition::Column(column) = &mut object.definition {
        let (data_type, collation) = (column.data_type.clone(), column.collation.clone());
        *column = Column { data_type, collation, ..Column::default() };
    }
}

/// The same with all but `NOT NULL`, which waits for the values.
fn dressed(object: &mut Object) {
    if let Definition::Column(column) = &mut object.definition {
        column.not_null = false;
        column.not_null_name = None;
        (column.not_null_not_valid, column.not_null_no_inherit) = (false, false);
        column.not_null_comment = None;
    }
}
