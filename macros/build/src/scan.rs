use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Level};
use crate::stem::{Part, Stem, suggestion};

/// A file of a revision.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The file below the migrations folder, with forward slashes.
    pub(crate) file: String,
}

/// The files of one stem in one folder.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) up: Option<Found>,
    pub(crate) down: Option<Found>,
    pub(crate) rust: Option<Found>,
}

/// Groups by stem and folder, so that equal stems in two folders do not mix.
pub(crate) type Groups = BTreeMap<(Stem, String), Group>;

/// Why a folder could not be resolved at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// A file or folder exists and could not be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ResolveError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Read { path: path.to_owned(), source }
    }
}

impl Group {
    /// The file that stands for the group in messages.
    pub(crate) fn first(&self) -> Option<&Found> {
        [&self.up, &self.rust, &self.down].into_iter().flatten().next()
    }
}

/// The versions of all revisions below a folder that have a well-formed name, in order and each once, whatever
/// is in their files. A folder that is not there has none. Nothing but names is read.
///
/// # Errors
/// A folder that exists and cannot be read.
pub fn versions(folder: &Path) -> Result<Vec<i64>, ResolveError> {
    let mut files = Vec::new();
    if folder.try_exists().map_err(ResolveError::read(folder))? {
        walk(folder, "", &mut files)?;
    }
    let names = files.iter().map(|found| found.file.rsplit_once('/').map_or(&*found.file, |(_, name)| name));
    let stems = names.filter_map(|name| Stem::parse(name).ok());
    let versions: BTreeSet<i64> = stems.map(|(stem, _)| stem.version).collect();
    Ok(versions.into_iter().collect())
}

/// The files of all revisions below a folder that have a well-formed name, each with its version. Nothing but names is
/// read.
///
/// # Errors
/// A folder that cannot be read.
pub fn files(folder: &Path) -> Result<Vec<(String, i64)>, ResolveError> {
    let mut files = Vec::new();
    walk(folder, "", &mut files)?;
    let version = |found: Found| {
        let name = found.file.rsplit_once('/').map_or(&*found.file, |(_, name)| name);
        let version = Stem::parse(name).ok()?.0.version;
        Some((found.file, version))
    };
    Ok(files.into_iter().filter_map(version).collect())
}

/// Finds the files of all revisions below a folder; `shown` is how messages name the folder.
pub(crate) fn scan(folder: &Path, shown: &str) -> Result<(Groups, Vec<Finding>), ResolveError> {
    let mut files = Vec::new();
    walk(folder, "", &mut files)?;
    let (mut groups, mut findings) = (Groups::new(), Vec::new());
    for found in files {
        let (directory, name) = found.file.rsplit_once('/').unwrap_or(("", &found.file));
        match Stem::parse(name) {
            Ok((stem, part)) => {
                let group = groups.entry((stem, directory.to_owned())).or_default();
                let place = match part {
                    Part::Up => &mut group.up,
                    Part::Down => &mut group.down,
                    Part::Rust => &mut group.rust,
                };
                findings.extend(place.replace(found).map(|other| twice(shown, &other)));
            }
            Err(message) => {
                let (file, help) = (format!("{shown}/{}", found.file), suggestion(name));
                findings.push(Finding::in_file(Level::Error, "invalid-name", file, message, help));
            }
        }
    }
    Ok((groups, findings))
}

/// `V7__x.sql` and `V007__x.sql`.
fn twice(shown: &str, other: &Found) -> Finding {
    let file = format!("{shown}/{}", other.file);
    let help = "keep one of the two";
    Finding::in_file(
        Level::Error,
        "repeated-version",
        file,
        "another file has the same version and name",
        help,
    )
}

fn walk(directory: &Path, prefix: &str, files: &mut Vec<Found>) -> Result<(), ResolveError> {
    let read = || fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>();
    let mut entries = read().map_err(ResolveError::read(directory))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let file = format!("{prefix}{name}");
        if entry.file_type().map_err(ResolveError::read(&path))?.is_dir() {
            if !["snapshots", "templates"].contains(&&*name) {
                walk(&path, &format!("{file}/"), files)?;
            }
        } else if [".sql", ".rs"].iter().any(|extension| name.ends_with(extension)) {
            files.push(Found { path, file });
        }
    }
    Ok(())
}
