use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::de::DeserializeOwned;
use tokio_postgres::SimpleQueryRow;

use super::addresses::{Address, Addresses};
use super::query::Rows;
use crate::catalog::definition::{Constraint, Definition};
use crate::catalog::model::is_of_history;
use crate::catalog::{Catalog, Grant, Kind, Object, ObjectId};
use crate::config::HistoryTable;

/// Puts the rows of all queries together.
pub(super) struct Reader {
    server: u32,
    history: HistoryTable,
    objects: BTreeMap<ObjectId, Found>,
    addresses: Addresses,
    comments: Vec<(Address, String)>,
    grants: Vec<(Address, Grant)>,
    dependencies: Vec<(Address, Address)>,
}

struct Found {
    address: Address,
    /// Empty for what has none.
    owner: String,
    /// The number in the table, of which dropped columns keep theirs.
    number: u32,
    definition: Definition,
}

impl Reader {
    pub(super) fn new(server: u32, history: &HistoryTable) -> Self {
        Self {
            server,
            history: history.clone(),
            objects: BTreeMap::new(),
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
            return Ok(());
        }
        let definition =
            Definition::from_json(kind, row.text(9)?).map_err(|error| format!("{id}: {error}"))?;
        self.addresses.add(address, id.clone());
        self.objects.insert(
            id,
            Found { address, owner: row.text(7)?.to_owned(), number: row.number(8)?, definition },
        );
        Ok(())
    }
}

impl Reader {
    /// The catalog that the rows make.
    pub(super) fn finish(mut self) -> Catalog {
        self.name_key_columns();
        self.number_columns();
        let owner = self.main_owner();
        let mut objects: BTreeMap<ObjectId, Object> = BTreeMap::new();
        for (id, found) in std::mem::take(&mut self.objects) {
            let owned_by_another =
                found.address.1 >= FIRST_OF_USERS && !found.owner.is_empty() && found.owner != owner;
            let object = Object {
                owner: owned_by_another.then_some(found.owner),
                grants: Vec::new(),
                comment: None,
                definition: found.definition,
                position: found.number,
                depends_on: Vec::new(),
            };
            objects.insert(id, object);
        }
        let server = self.server;
        self.attach(&mut objects);
        let objects =
            objects.into_iter().map(|(id, object)| (without_main_owner(id, &owner), object)).collect();
        Catalog { server, owner, objects }
    }

    /// The role that owns most: the one that runs the revisions, whatever its name is in a database.
    fn main_owner(&self) -> String {
        let mut owned: BTreeMap<&str, usize> = BTreeMap::new();
        for found in
            self.objects.values().filter(|found| found.address.1 >= FIRST_OF_USERS && !found.owner.is_empty())
        {
            *owned.entry(&found.owner).or_default() += 1;
        }
        let most = owned.into_iter().rev().max_by_key(|&(_, number)| number);
        most.map_or_else(String::new, |(owner, _)| owner.to_owned())
    }

    /// Columns of a key come as numbers.
    fn name_key_columns(&mut self) {
        let mut names: HashMap<(String, String), HashMap<String, String>> = HashMap::new();
        for (id, found) in self.objects.iter().filter(|(id, _)| id.kind == Kind::Column) {
            let table = names.entry((id.schema.clone(), id.name.clone())).or_default();
            table.insert(found.number.to_string(), id.part.clone());
        }
        for (id, found) in &mut self.objects {
            let Definition::Constraint(constraint) = &mut found.definition else { continue };
            let table = names.get(&(id.schema.clone(), id.name.clone()));
            let name = |number: &String| table?.get(number).cloned();
            constraint.columns = constraint.columns.iter().filter_map(name).collect();
            strip(constraint);
        }
    }

    /// Dropped columns leave gaps that a replay of the same history may not have.
    fn number_columns(&mut self) {
        let mut tables: BTreeMap<(&str, &str), Vec<&mut u32>> = BTreeMap::new();
        for (id, found) in self.objects.iter_mut().filter(|(id, _)| id.kind == Kind::Column) {
            tables.entry((&id.schema, &id.name)).or_default().push(&mut found.number);
        }
        for (_, mut numbers) in tables {
            numbers.sort_unstable();
            for (number, place) in numbers.into_iter().zip(1..) {
                *number = place;
            }
        }
    }

    fn attach(self, objects: &mut BTreeMap<ObjectId, Object>) {
        for (address, comment) in self.comments {
            // A view's column says so itself.
            let attached = self.addresses.exact(address).and_then(|id| objects.get_mut(id));
            if let Some(object) = attached {
                object.comment = Some(comment);
            }
        }
        for (address, grant) in self.grants {
            let Some(id) = self.addresses.object(address) else { continue };
            let Some(object) = objects.get_mut(id) else { continue };
            let column = grant.column.filter(|_| id.kind != Kind::Column);
            object.grants.push(Grant { column, ..grant });
        }
        objects.values_mut().for_each(|object| object.grants.sort());
        let mut edges: BTreeMap<&ObjectId, BTreeSet<&ObjectId>> = BTreeMap::new();
        for (dependent, referenced) in &self.dependencies {
            let ends = (self.addresses.object(*dependent), self.addresses.object(*referenced));
            let (Some(dependent), Some(referenced)) = ends else { continue };
            if is_edge(dependent, referenced) {
                edges.entry(dependent).or_default().insert(referenced);
            }
        }
        for (id, referenced) in edges {
            if let Some(object) = objects.get_mut(id) {
                object.depends_on = referenced.into_iter().cloned().collect();
            }
        }
    }
}

/// Objects of smaller numbers are initdb's.
const FIRST_OF_USERS: u32 = 16_384;

/// Privileges of future objects are the main owner's, whatever its name is.
fn without_main_owner(mut id: ObjectId, owner: &str) -> ObjectId {
    if id.kind == Kind::DefaultPrivileges && id.part == owner {
        id.part.clear();
    }
    id
}

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
