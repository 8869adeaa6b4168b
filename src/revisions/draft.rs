use std::fs;
use std::path::Path;

use hardtack_build::{Finding, Level, ResolveError as BuildError};

use super::RevisionSet;
use super::resolve::{Folder, ResolveError, policy, resolve, resolve_leniently};

/// A revision that is not yet in its folder.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `V8__name`.
    pub stem: String,
    /// The up's text; none where it is in the Rust file.
    pub up: Option<String>,
    /// The down's.
    pub down: Option<String>,
    /// The Rust file's beside it.
    pub rust: Option<String>,
}

impl Draft {
    /// The files: their names below the folder, and their texts.
    pub fn files(&self) -> impl Iterator<Item = (String, &str)> {
        let files = [("sql", &self.up), ("down.sql", &self.down), ("rs", &self.rust)];
        files
            .into_iter()
            .filter_map(|(ending, text)| Some((format!("{}.{ending}", self.stem), text.as_deref()?)))
    }

    /// The revision, as the build would have it. A snapshot that it wants may be missing.
    ///
    /// # Errors
    /// As [`resolve`](super::resolve).
    pub fn revision(&self) -> Result<RevisionSet, ResolveError> {
        self.laid_out(resolve).map(|folder| folder.revisions)
    }

    /// The revision, whatever the build would say of it.
    ///
    /// # Errors
    /// As [`resolve_leniently`](super::resolve_leniently).
    pub fn lenient_revision(&self) -> Result<RevisionSet, ResolveError> {
        self.laid_out(resolve_leniently).map(|folder: Folder| folder.revisions)
    }

    /// The lint rules that the build wants to see allowed in it.
    ///
    /// # Errors
    /// As [`resolve`](super::resolve).
    pub fn hazards(&self) -> Result<Vec<String>, ResolveError> {
        let findings = self.findings()?;
        let mut rules: Vec<String> =
            findings.iter().filter(|one| one.is_hazard()).map(|one| one.code.to_string()).collect();
        rules.sort();
        rules.dedup();
        Ok(rules)
    }

    /// What the build would refuse in it.
    ///
    /// # Errors
    /// As [`resolve`](super::resolve).
    pub fn faults(&self) -> Result<Vec<String>, ResolveError> {
        let errors = self.findings()?.into_iter().filter(|finding| finding.level == Level::Error);
        Ok(errors.map(|finding| finding.to_string()).collect())
    }

    /// What the resolver says of it alone.
    fn findings(&self) -> Result<Vec<Finding>, ResolveError> {
        self.laid_out(|folder| {
            let findings = hardtack_build::resolve(folder, &policy()?)?.findings;
            let in_folder = |finding: Finding| Finding { file: without(folder, &finding.file), ..finding };
            Ok(findings.into_iter().map(in_folder).collect())
        })
    }

    /// Looks at it alone, in a folder that is removed again.
    fn laid_out<T>(&self, look: impl FnOnce(&Path) -> Result<T, ResolveError>) -> Result<T, ResolveError> {
        let folder = std::env::temp_dir().join(format!("hardtack-draft-{:016x}", fastrand::u64(..)));
        let laid_out = fs::create_dir(&folder)
            .and_then(|()| self.files().try_for_each(|(name, text)| fs::write(folder.join(name), text)));
        let seen = match laid_out {
            Ok(()) => look(&folder),
            Err(source) => Err(BuildError::Read { path: folder.clone(), source }.into()),
        };
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::warn!(path = %folder.display(), %error, "a temporary folder is still there");
        }
        seen.map_err(|error| match error {
            ResolveError::Findings(texts) => {
                ResolveError::Findings(texts.iter().map(|text| without(&folder, text)).collect())
            }
            error => error,
        })
    }
}

/// A text that names a file of a folder that nobody will find there.
fn without(folder: &Path, text: &str) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}
