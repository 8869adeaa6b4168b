//! The tables and types of a snapshot, under the names that they have in Rust.

use std::collections::BTreeMap;

use super::naming::{Taken, camel, ident, snake, upper};
use super::rust_type::{RAW, TEXT, TypeName, builtin};
use super::snapshot::{Column, Object, What};

/// Schema and name.
pub(crate) type Key<'a> = (&'a str, &'a str);

/// The schema whose tables need no module of their own.
const PUBLIC: &str = "public";

/// Stands in a path for the way from a module to `schema`.
pub(crate) const ROOT: char = '@';

/// What a `schema` module may hold, by schema; `public` is always there.
#[derive(Debug)]
pub(crate) struct Catalog<'a> {
    pub(crate) schemas: BTreeMap<&'a str, Namespace<'a>>,
}

/// One schema. Its tables and types share the names of a module, and those of `public` share them with the other schemas.
#[derive(Debug, Default)]
pub(crate) struct Namespace<'a> {
    /// The module of the schema; none for `public`.
    pub(crate) module: Option<String>,
    pub(crate) tables: BTreeMap<&'a str, Named<Table<'a>>>,
    pub(crate) types: BTreeMap<&'a str, Named<Type<'a>>>,
    /// Each with its base type, and whether it keeps nulls out. They have no name in Rust.
    domains: BTreeMap<&'a str, (&'a str, bool)>,
}

/// With its name in Rust, not yet raw.
#[derive(Debug, Default)]
pub(crate) struct Named<T> {
    pub(crate) rust: String,
    pub(crate) item: T,
}

/// A table or view with its columns in order.
#[derive(Debug, Default)]
pub(crate) struct Table<'a> {
    pub(crate) columns: Vec<(i64, &'a Column)>,
    /// A view computes, so nothing keeps nulls out of it.
    pub(crate) is_view: bool,
}

/// A type that becomes one in Rust.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type<'a> {
    Enum(&'a [String]),
    Composite(&'a [Column]),
}

/// A Rust type, and what it takes from the snapshot.
#[derive(Debug)]
pub(crate) struct Mapped<'a> {
    /// Without its `Option`; the path of an own type begins with [`ROOT`].
    pub(crate) path: String,
    /// Whether its domain keeps nulls out.
    pub(crate) not_null: bool,
    /// The enum or composite type in it.
    pub(crate) own: Option<Key<'a>>,
}

impl<'a> Catalog<'a> {
    pub(crate) fn of(objects: &'a [Object]) -> Self {
        let mut catalog = Self { schemas: BTreeMap::from([(PUBLIC, Namespace::default())]) };
        for Object { schema, name, what } in objects {
            catalog.schemas.entry(schema).or_default().add(name, what);
        }
        for table in catalog.schemas.values_mut().flat_map(|namespace| namespace.tables.values_mut()) {
            table.item.columns.sort_by_key(|(position, _)| *position);
        }
        catalog.name();
        catalog
    }

    /// Gives everything its name in Rust.
    fn name(&mut self) {
        let others = self.schemas.keys().copied().filter(|schema| *schema != PUBLIC);
        let mut modules: BTreeMap<&str, String> = others.map(|schema| (schema, snake(schema))).collect();
        for (&schema, Namespace { tables, types, .. }) in &mut self.schemas {
            let tables = tables.iter_mut().map(|(name, table)| (*name, &mut table.rust));
            let types = types.iter_mut().map(|(name, ty)| (*name, &mut ty.rust));
            let beside =
                modules.iter_mut().filter(|_| schema == PUBLIC).map(|(name, module)| (*name, module));
            settle(tables.chain(beside).chain(types).collect());
        }
        for (schema, module) in modules {
            self.schemas.entry(schema).or_default().module = Some(module);
        }
    }

    /// The Rust type of a type as the snapshot writes it.
    pub(crate) fn map(&self, text: &str) -> Mapped<'a> {
        let type_name = TypeName::parse(text);
        let is_array = type_name.is_array;
        let Mapped { path, not_null, own } = self.element(&type_name);
        if is_array && path != RAW {
            let path = format!("::std::vec::Vec<::core::option::Option<{path}>>");
            return Mapped { path, not_null: false, own };
        }
        Mapped { path, not_null: not_null && !is_array, own }
    }

    fn element(&self, TypeName { schema, name, .. }: &TypeName) -> Mapped<'a> {
        let plain = |path: &str| Mapped { path: path.to_owned(), not_null: false, own: None };
        let Some(schema) = schema else { return plain(builtin(name).unwrap_or(RAW)) };
        let Some((&schema, namespace)) = self.schemas.get_key_value(schema.as_str()) else {
            return plain(RAW);
        };
        if let Some(&(base, not_null)) = namespace.domains.get(name.as_str()) {
            let base = self.map(base);
            return Mapped { not_null: not_null || base.not_null, ..base };
        }
        if let Some((&name, Named { rust, .. })) = namespace.types.get_key_value(name.as_str()) {
            let module = namespace.module.as_ref().map_or(String::new(), |module| ident(module) + "::");
            return Mapped {
                path: format!("{ROOT}{module}{}", ident(rust)),
                not_null: false,
                own: Some((schema, name)),
            };
        }
        // Of an extension, and made for this.
        plain(if name == "citext" { TEXT } else { RAW })
    }
}

impl<'a> Namespace<'a> {
    fn add(&mut self, name: &'a str, what: &'a What) {
        let mut named = |item| drop(self.types.insert(name, Named { rust: camel(name), item }));
        match what {
            What::Enum(labels) => named(Type::Enum(labels)),
            What::Composite(attributes) => named(Type::Composite(attributes)),
            What::Domain { ty, not_null } => drop(self.domains.insert(name, (ty, *not_null))),
            What::Table => drop(self.table(name)),
            What::Column { position, column } => self.table(name).columns.push((*position, column)),
            What::View(columns) => {
                *self.table(name) = Table { columns: (0..).zip(columns).collect(), is_view: true };
            }
        }
    }

    fn table(&mut self, name: &'a str) -> &mut Table<'a> {
        let named = || Named { rust: snake(name), item: Table::default() };
        &mut self.tables.entry(name).or_insert_with(named).item
    }
}

/// The fields and constants of columns, in their order.
pub(crate) fn fields<'c>(columns: impl Iterator<Item = &'c str>) -> Vec<(String, String)> {
    let names: Vec<(&str, String)> = columns.map(|name| (name, snake(name))).collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&index| names[index].0 != names[index].1);
    let (mut taken, mut fields) = (Taken::default(), vec![(String::new(), String::new()); names.len()]);
    for index in order {
        let field = taken.take(&names[index].1, |name| vec![name.to_owned(), upper(name)]);
        let constant = upper(&field);
        fields[index] = (field, constant);
    }
    fields
}

/// The variants of labels, in their order.
pub(crate) fn variants(labels: &[String]) -> Vec<String> {
    let mut taken = Taken::default();
    labels.iter().map(|label| taken.take(&camel(label), |name| vec![name.to_owned()])).collect()
}

/// Makes the names of one module different: first come those that are written the same in PostgreSQL.
fn settle(mut names: Vec<(&str, &mut String)>) {
    names.sort_by_key(|(name, rust)| *name != rust.as_str());
    let mut taken = Taken::default();
    for (_, rust) in names {
        *rust = taken.take(rust, |name| vec![name.to_owned()]);
    }
}
