use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::object::Line;
use super::{Kind, Object, ObjectId};
use crate::config::HistoryTable;

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
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The same without the history table and the schema that was made for it.
    #[must_use]
    pub fn without_history(mut self, table: &HistoryTable) -> Self {
        self.objects.retain(|id, _| !is_of_history(id, table));
        self
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

/// Whether it is the history table, part of it, or a schema other than `public` that holds it. All of that is made where it
/// is missing, and is nothing of the revisions'.
pub(super) fn is_of_history(id: &ObjectId, table: &HistoryTable) -> bool {
    let is_table = id.kind == Kind::Table || id.kind.is_part();
    (is_table && id.schema == table.schema() && id.name == table.table())
        || (id.kind == Kind::Schema && id.name == table.schema() && table.schema() != "public")
}
