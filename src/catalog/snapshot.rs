use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::object::Line;
use super::{Catalog, Definition, Grant, Kind, Object, ObjectId};
use crate::words::hex;

/// A catalog as a file: one JSON document with one object a line, so that version control shows and merges it by objects.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What history it belongs to: see [`RevisionSet::fingerprint`](crate::RevisionSet::fingerprint).
    pub history: String,
    /// What that history makes of an empty database.
    pub catalog: Catalog,
}

/// Why a text is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is of another form.
    #[error("read the snapshot: {0}; write it again with `snapshot`")]
    Form(#[from] serde_json::Error),
    /// A later version of hardtack wrote it.
    #[error(
        "read the snapshot: its format is {found}, and this program knows {FORMAT}; use a newer hardtack"
    )]
    Newer {
        /// The format's number.
        found: u32,
    },
    /// It is not the text that was written.
    #[error("read the snapshot: it was changed by hand or in a merge; write it again with `snapshot`")]
    Fingerprint,
}

/// The number of the format that is written.
const FORMAT: u32 = 1;

/// What stands before the fingerprint: the SHA-256 of the text without it. The build reads it too, and knows no catalogs.
const FINGERPRINT: &str = "\"fingerprint\":\"";

fn is_as_written(text: &str) -> bool {
    let split = text.split_once(FINGERPRINT).and_then(|(head, rest)| Some((head, rest.split_once('"')?)));
    split.is_some_and(|(head, (fingerprint, tail))| {
        // Version control may have put other line ends.
        sha256(&format!("{head}{FINGERPRINT}\"{tail}").replace("\r\n", "\n")) == fingerprint
    })
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

#[derive(Deserialize)]
struct Document<'a> {
    hardtack: u32,
    #[serde(default)]
    server: u32,
    #[serde(default)]
    history: String,
    #[serde(borrow)]
    objects: Vec<Read<'a>>,
}

#[derive(Deserialize)]
struct Read<'a> {
    kind: Kind,
    #[serde(default)]
    schema: String,
    name: String,
    #[serde(default)]
    part: String,
    #[serde(default)]
    position: u32,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(borrow)]
    definition: &'a RawValue,
    #[serde(default)]
    depends_on: Vec<(Kind, String, String, String)>,
}

impl Snapshot {
    /// The text of the file.
    ///
    /// # Errors
    /// None that is known: all of it has a JSON form.
    pub fn to_text(&self) -> Result<String, SnapshotError> {
        let Catalog { server, objects, .. } = &self.catalog;
        let mut text = format!(
            "{{\"hardtack\":{FORMAT},\"server\":{server},\"history\":\"{}\",{FINGERPRINT}\",\"objects\":[",
            self.history
        );
        for (number, (id, object)) in objects.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}\n{}", serde_json::to_string(&Line::new(id, object))?);
        }
        text.push_str("\n]}\n");
        if let Some(at) = text.find(FINGERPRINT) {
            text.insert_str(at + FINGERPRINT.len(), &sha256(&text));
        }
        Ok(text)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// The text is no snapshot, a later version's, or not what was written.
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Format {
            hardtack: u32,
        }
        let Format { hardtack: found } = serde_json::from_str(text)?;
        if found > FORMAT {
            return Err(SnapshotError::Newer { found });
        }
        let document: Document<'_> = serde_json::from_str(text)?;
        debug_assert!(document.hardtack <= FORMAT);
        let objects =
            document.objects.into_iter().map(Read::object).collect::<Result<BTreeMap<_, _>, _>>()?;
        if !is_as_written(text) {
            return Err(SnapshotError::Fingerprint);
        }
        let catalog =
            Catalog { server: document.server, owner: String::new(), history_schema: None, objects };
        Ok(Self { history: document.history, catalog })
    }
}

impl Read<'_> {
    fn object(self) -> Result<(ObjectId, Object), serde_json::Error> {
        let Self { kind, schema, name, part, position, owner, grants, comment, definition, depends_on } =
            self;
        let definition = Definition::from_json(kind, definition.get())?;
        let id = ObjectId { kind, schema, name, part };
        let named = |(kind, schema, name, part)| ObjectId { kind, schema, name, part };
        let depends_on = depends_on.into_iter().map(named).collect();
        Ok((id, Object { owner, grants, comment, definition, position, depends_on }))
    }
}
