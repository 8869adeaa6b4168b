use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::object::Line;
use super::{Definition, Ignore, Kind, Object, ObjectId};
use crate::config::HistoryTable;
use crate::words::hex;

/// What a database holds: every object with what the server says of it.
///
/// Left out are system schemas, what belongs to an extension, hardtack's own tables and the history table. What
/// differs between two databases of one history is not compared: the order of columns, where a sequence stands, the name
/// of the role that owns most of the schema, the versions of server and extensions.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The server's version, as `server_version_num` has it: 170002 for 17.2.
    pub server: u32,
    /// The role that owns most of the schema.
    pub owner: String,
    /// The schema, other than `public`, that is there for the history table, whatever else is in it; none where that is not
    /// known. It is made before any revision runs, and is no object unless something else is in it.
    pub history_schema: Option<String>,
    /// The objects in the order of their names.
    pub objects: BTreeMap<ObjectId, Object>,
}

impl Catalog {
    /// The SHA-256 of all that is compared, in lowercase hexadecimal. Equal catalogs have equal ones.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (id, object) in &self.objects {
            // A line of strings and numbers always has a JSON form.
            hash.update(serde_json::to_vec(&Line::canonical(id, object)).unwrap_or_default());
            hash.update(b"\n");
        }
        hex(&hash.finalize())
    }

    /// The same without the history table, and without the schema that was made for it where nothing else is in it.
    #[must_use]
    pub fn without_history(mut self, table: &HistoryTable) -> Self {
        self.objects.retain(|id, _| !is_of_history(id, table));
        let Some(schema) = table.own_schema() else { return self };
        let schema = ObjectId::new(Kind::Schema, "", schema);
        let is_in_it = |(id, object): (&ObjectId, &Object)| {
            id.schema == schema.name
                || matches!(&object.definition, Definition::Extension(extension) if extension.schema == schema.name)
        };
        if !self.objects.iter().any(is_in_it) {
            self.objects.remove(&schema);
        }
        self
    }

    /// The same without the objects of which nothing is to count.
    #[must_use]
    pub fn without_ignored(mut self, ignore: &Ignore) -> Self {
        self.objects.retain(|id, _| !ignore.object(id));
        self
    }

    /// Whether it is the schema of the history table.
    pub(super) fn holds_history(&self, id: &ObjectId) -> bool {
        id.kind == Kind::Schema && self.history_schema.as_ref() == Some(&id.name)
    }

    /// The columns of a table in their order.
    #[must_use]
    pub fn columns(&self, table: &ObjectId) -> Vec<(&ObjectId, &Object)> {
        let first = ObjectId::part(Kind::Column, &table.schema, &table.name, "");
        let of_table =
            self.objects.range(first..).take_while(|(id, _)| id.kind == Kind::Column && id.is_of(table));
        let mut columns: Vec<_> = of_table.collect();
        columns.sort_by_key(|(_, object)| object.position);
        columns
    }
}

/// Whether it is the history table or part of it, which is made where it is missing, and is nothing of the revisions'.
pub(super) fn is_of_history(id: &ObjectId, table: &HistoryTable) -> bool {
    let is_table = id.kind == Kind::Table || id.kind.is_part();
    is_table && id.schema == table.schema() && id.name == table.table()
}
