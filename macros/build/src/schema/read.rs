use std::fs;
use std::io;
use std::path::Path;

use super::snapshot::Unusable;
use super::{Mention, Schema, Snapshot, schema_text};
use crate::finding::{Finding, Level, SNAPSHOT};
use crate::head::help_with_stale;
use crate::scan::ResolveError;

/// The folder of a migrations folder that holds snapshots.
const FOLDER: &str = "snapshots";

/// A revision whose Rust file names its `schema` module.
pub(crate) struct Wanted<'a> {
    /// The stem of its files.
    pub(crate) stem: String,
    /// Its Rust file, as messages name it.
    pub(crate) rust: String,
    pub(crate) mention: &'a Mention,
    /// What stands for the revisions that have run when its function begins; none where nobody asks.
    pub(crate) history: Option<String>,
}

impl Wanted<'_> {
    /// Makes the module of the snapshot in a migrations folder that messages name `shown`.
    ///
    /// # Errors
    /// A snapshot that exists and cannot be read.
    pub(crate) fn read(&self, folder: &Path, shown: &str) -> Result<(Schema, Option<Finding>), ResolveError> {
        let name = format!("{FOLDER}/{}.json", self.stem);
        let (path, file) = (folder.join(&name), format!("{shown}/{name}"));
        let help = format!(
            "take it with `hardtack snapshot --dir {shown}`, which works while the application does not compile"
        );
        let error = |file: &str, message: String, help: String, (line, column)| {
            Some(Finding::in_file(Level::Error, SNAPSHOT, file, message, help).at(line, column))
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let message = format!("`schema` is named here, and there is no {file} to make it of");
                let place = (self.mention.line, self.mention.column);
                return Ok((Schema::Missing, error(&self.rust, message, help, place)));
            }
            Err(cause) => return Err(ResolveError::read(&path)(cause)),
        };
        let snapshot = match Snapshot::parse(&String::from_utf8_lossy(&bytes)) {
            Ok(snapshot) => snapshot,
            Err(Unusable { message, help: own, line, column }) => {
                let help = own.map_or(help, str::to_owned);
                return Ok((Schema::Missing, error(&file, message, help, (line, column))));
            }
        };
        let is_stale = self.history.as_ref().is_some_and(|history| *history != snapshot.history);
        let stale = || {
            let rust = &self.rust;
            let message = format!(
                "this snapshot is stale: the revisions that run before {rust} are not those it was taken after"
            );
            error(&file, message, help_with_stale(&help), (1, 1))
        };
        let finding = is_stale.then(stale).flatten();
        Ok((Schema::Text(schema_text(&snapshot, &name, &self.mention.words)), finding))
    }
}
