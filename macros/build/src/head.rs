use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::checksum::{History, is_as_written};
use crate::finding::{Finding, Level, SNAPSHOT};
use crate::scan::ResolveError;

const FILE: &str = "snapshots/head.json";

/// The snapshot of what all revisions of a folder make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The absolute path, for the compiler.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Head {
    /// Reads the snapshot in a migrations folder.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, ResolveError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Self { path: std::path::absolute(&path).unwrap_or(path), text })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ResolveError::read(&path)(error)),
        }
    }

    /// What there is to say of it, where it is not of this history; nothing where the history is not known.
    pub(crate) fn stale(&self, shown: &str, history: Option<&History>) -> Option<Finding> {
        #[derive(Deserialize)]
        struct Header {
            history: String,
        }
        // The objects, a line each, need not be read for it.
        let first = self.text.lines().next().unwrap_or_default();
        let header = serde_json::from_str::<Header>(&format!("{first}]}}"));
        let take = format!("take it with `hardtack snapshot --dir {shown}`");
        let (message, help) = match (header, history) {
            (Err(_), _) => ("this is no snapshot", take),
            (Ok(header), Some(history)) if header.history != history.sha256() => (
                "this snapshot is stale: the revisions have changed since it was taken",
                help_with_stale(&take),
            ),
            _ if !is_as_written(&self.text) => ("this snapshot was changed by hand or in a merge", take),
            _ => return None,
        };
        Some(Finding::in_file(Level::Warn, SNAPSHOT, format!("{shown}/{FILE}"), message, help))
    }
}

/// What to do about a snapshot of other revisions than these; `take` says how one is taken.
pub(crate) fn help_with_stale(take: &str) -> String {
    format!("where a revision was edited that is applied anywhere, restore it; otherwise {take}")
}
