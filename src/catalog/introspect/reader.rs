use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use tokio_postgres::SimpleQueryRow;

use super::addresses::{Address, Addresses};
use super::deparsed;
use super::query::Rows;
use crate::catalog::definition::{Column, Constraint, Definition};
use crate::catalog::model::is_of_history;
use crate::catalog::{Catalog, Grant, Kind, Object, ObjectId};
use crate::config::HistoryTable;

/// Puts the rows of all queries together.
pub(super) struct Reader {
    server: u32,
    history: HistoryTable,
    has_history: bool,
    /// In the order of the rows; by their places here the addresses know them.
    objects: Vec<(ObjectId, Object)>,
    addresses: Addresses,
    comments: Vec<(Address, String)>,
    grants: Vec<(Address, Grant)>,
    dependencies: Vec<(Address, Address)>,
}

impl Reader {
    pub(super) fn new(server: u32, history: &HistoryTable) -> Self {
        Self {
            server,
            history: history.clone(),
            has_history: false,
            objects: Vec::new(),
            addresses: Addresses::default(),
            comments: Vec::new(),
            grants: Vec::new(),
            dependencies: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, rows: Rows, row: &SimpleQueryRow) -> Result<(), String> {
        let row = Fields(row);
        match rows {
            Rows::Objects => self.object(row)?,
            Rows::Comments => self.comments.push((row.address(0)?, row.text(3)?.to_owned())),
            Rows::Grants => self.grants.push((row.address(0)?, row.json(3)?)),
            Rows::Addresses => self.addresses.add_part((row.number(0)?, row.number(1)?, 0), row.address(2)?),
            Rows::Dependencies => self.dependencies.push((row.address(0)?, row.address(3)?)),
        }
        Ok(())
    }

    fn object(&mut self, row: Fields<'_>) -> Result<(), String> {
        let kind = Kind::named(row.text(0)?).ok_or("an unknown kind")?;
        let address = row.address(1)?;
        let id = ObjectId::part(kind, row.text(4)?, row.text(5)?, row.text(6)?);
        if is_of_history(&id, &self.history) {
            self.has_history = true;
            return Ok(());
        }
        let mut definition =
            Definition::from_json(kind, row.text(9)?).map_err(|error| format!("{id}: {error}"))?;
        deparsed::settle(&mut definition);
        let owner = row.text(7)?;
        let object = Object {
            owner: (address.1 >= FIRST_OF_USERS && !owner.is_empty()).then(|| owner.to_owned()),
            grants: Vec::new(),
            comment: None,
            definition,
            position: row.number(8)?,
            depends_on: Vec::new(),
        };
        self.addresses.add(address, self.objects.len());
        self.objects.push((id, object));
        Ok(())
    }
}

impl Reader {
    /// The catalog that the rows make.
    pub(super) fn finish(mut self) -> Catalog {
        self.name_key_columns();
        self.number_columns();
        self.attach_comments();
        self.attach_grants();
        self.attach_dependencies();
        let owner = self.main_owner();
        for (id, object) in &mut self.objects {
            object.owner.take_if(|one| *one == owner);
            // Privileges of future objects are the main owner's, whatever its name is.
            if id.kind == Kind::DefaultPrivileges && id.part == owner {
                id.part.clear();
            }
        }
        let history_schema = self.history.own_schema().filter(|_| self.has_history).map(str::to_owned);
        let objects = self.objects.into_iter().collect();
        Catalog { server: self.server, owner, history_schema, objects }.without_history(&self.history)
    }

    /// The role that owns most: the one that runs the revisions, whatever its name is in a database.
    fn main_owner(&self) -> String {
        let mut owned: BTreeMap<&str, usize> = BTreeMap::new();
        for owner in self.objects.iter().filter_map(|(_, object)| object.owner.as_deref()) {
            *owned.entry(owner).or_default() += 1;
        }
        let most = owned.into_iter().rev().max_by_key(|&(_, number)| number);
        most.map_or_else(String::new, |(owner, _)| owner.to_owned())
    }

    /// Columns of a key come as numbers.
    fn name_key_columns(&mut self) {
        let mut names: HashMap<(&str, &str), Vec<(u32, &str)>> = HashMap::new();
        for (id, column) in self.objects.iter().filter(|(id, _)| id.kind == Kind::Column) {
            names.entry((&id.schema, &id.name)).or_default().push((column.position, &id.part));
        }
        let named: Vec<Vec<String>> = self
            .objects
            .iter()
            .map(|(id, object)| {
                let Definition::Constraint(constraint) = &object.definition else { return Vec::new() };
                let Some(table) = names.get(&(id.schema.as_str(), id.name.as_str())) else {
                    return Vec::new();
                };
                let name = |number: &String| {
                    let number: u32 = number.parse().ok()?;
                    table.iter().find(|(one, _)| *one == number).map(|(_, name)| (*name).to_owned())
                };
                constraint.columns.iter().filter_map(name).collect()
            })
            .collect();
        for ((_, object), columns) in self.objects.iter_mut().zip(named) {
            if let Definition::Constraint(constraint) = &mut object.definition {
                constraint.columns = columns;
                strip(constraint);
            }
        }
    }

    /// Dropped columns leave gaps that a replay of the same history may not have.
    fn number_columns(&mut self) {
        let mut tables: HashMap<(&str, &str), Vec<&mut u32>> = HashMap::new();
        for (id, column) in self.objects.iter_mut().filter(|(id, _)| id.kind == Kind::Column) {
            tables.entry((&id.schema, &id.name)).or_default().push(&mut column.position);
        }
        for (_, mut numbers) in tables {
            numbers.sort_unstable();
            for (number, place) in numbers.into_iter().zip(1..) {
                *number = place;
            }
        }
    }

    fn attach_comments(&mut self) {
        for (address, comment) in std::mem::take(&mut self.comments) {
            if let Some(place) = self.addresses.exact(address) {
                self.objects[place].1.comment = Some(comment);
                continue;
            }
            // A view's column says so itself.
            let Some(place) = self.addresses.object(address).filter(|_| address.2 == 0) else { continue };
            match &mut self.objects[place].1.definition {
                Definition::Column(Column { identity: Some(identity), .. }) => {
                    identity.comment = Some(comment);
                }
                Definition::Constraint(constraint) => constraint.index_comment = Some(comment),
                _ => {}
            }
        }
    }

    fn attach_grants(&mut self) {
        for (address, grant) in std::mem::take(&mut self.grants) {
            let Some(place) = self.addresses.object(address) else { continue };
            let (id, object) = &mut self.objects[place];
            match &mut object.definition {
                Definition::Column(Column { identity: Some(identity), .. }) if address.2 == 0 => {
                    identity.grants.push(grant);
                }
                _ => {
                    let column = grant.column.filter(|_| id.kind != Kind::Column);
                    object.grants.push(Grant { column, ..grant });
                }
            }
        }
        for (_, object) in &mut self.objects {
            object.grants.sort();
            if let Definition::Column(Column { identity: Some(identity), .. }) = &mut object.definition {
                identity.grants.sort();
            }
        }
    }

    fn attach_dependencies(&mut self) {
        for &(dependent, referenced) in &self.dependencies {
            let ends = (self.addresses.object(dependent), self.addresses.object(referenced));
            let (Some(dependent), Some(referenced)) = ends else { continue };
            if is_edge(&self.objects[dependent].0, &self.objects[referenced].0) {
                let referenced = self.objects[referenced].0.clone();
                self.objects[dependent].1.depends_on.push(referenced);
            }
        }
        for (_, object) in &mut self.objects {
            object.depends_on.sort_unstable();
            object.depends_on.dedup();
        }
    }
}

/// Objects of smaller numbers are initdb's.
const FIRST_OF_USERS: u32 = 16_384;

/// What a name implies is left out, and so is the column that owns a sequence: its default needs the sequence.
fn is_edge(dependent: &ObjectId, referenced: &ObjectId) -> bool {
    let is_its_schema = referenced.kind == Kind::Schema && dependent.schema == referenced.name;
    let is_its_owner = dependent.kind == Kind::Sequence && referenced.kind == Kind::Column;
    let is_implied = dependent == referenced || dependent.is_of(referenced) || is_its_schema;
    !is_implied && !is_its_owner
}

/// Says by fields what the server's text says at its end.
fn strip(constraint: &mut Constraint) {
    for end in [" NOT VALID", " NOT ENFORCED", " INITIALLY DEFERRED", " DEFERRABLE"] {
        if let Some(text) = constraint.definition.strip_suffix(end) {
            constraint.definition = text.to_owned();
        }
    }
}

/// The columns of a row, as text.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a SimpleQueryRow);

impl<'a> Fields<'a> {
    fn text(self, column: usize) -> Result<&'a str, String> {
        let text = self.0.try_get(column).map_err(|error| error.to_string())?;
        text.ok_or_else(|| format!("column {column} is null"))
    }

    fn number<T: std::str::FromStr>(self, column: usize) -> Result<T, String> {
        let text = self.text(column)?;
        text.parse().map_err(|_| format!("column {column} is no number: {text}"))
    }

    fn address(self, column: usize) -> Result<Address, String> {
        Ok((self.number(column)?, self.number(column + 1)?, self.number(column + 2)?))
    }

    fn json<T: DeserializeOwned>(self, column: usize) -> Result<T, String> {
        serde_json::from_str(self.text(column)?).map_err(|error| error.to_string())
    }
}
