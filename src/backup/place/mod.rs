//! Where backups are: a directory, standard output, or an object store. What is done here blocks.

mod directory;
#[cfg(feature = "object-store")]
mod store;
mod stream;

use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub(super) use directory::Directory;
#[cfg(feature = "object-store")]
pub use store::Store;
pub use stream::Stream;

use super::{BackupError, Listed, Manifest, Verified};

/// The name of a backup's manifest, which is written last.
pub(super) const MANIFEST: &str = "manifest.json";
/// The name of what is said of a backup that was verified.
pub(super) const VERIFIED: &str = "verified.json";
/// What there is of a backup that was not finished, where files can be removed.
const REMOVED_AGAIN: &str = "what was written of this backup is removed";

/// Where backups are kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Place {
    /// A folder for each backup in a directory.
    Directory(PathBuf),
    /// One tar stream, which is written as it comes: `tar -x` makes a directory of it.
    Stream(Stream),
    /// A prefix for each backup in an object store.
    #[cfg(feature = "object-store")]
    Store(Store),
}

/// Takes the files of one backup.
pub(super) trait Sink: Send + Sync {
    /// Begins a file.
    fn create(&self, name: &str) -> io::Result<Box<dyn SinkFile>>;
}

/// A file of a backup that is being written.
pub(super) trait SinkFile: Write + Send {
    /// Ends it: when this returns, it is where it belongs, to stay.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A backup that is being taken: nobody takes it for one before [`commit`](Self::commit), and dropping it removes it.
pub(super) trait Draft: Sink {
    /// What it is called: as asked for, or that with a number behind it where there is such a backup.
    fn name(&self) -> &str;
    /// Where a program may write files that belong to it, as they are or packed.
    fn folder(&self) -> &Path;
    /// Whether what stays in the folder is part of the backup.
    fn keeps_folder(&self) -> bool;
    /// What there is of it where writing it fails.
    fn left(&self) -> &'static str;
    /// Writes the manifest, and makes a backup of it; where it is.
    fn commit(&self, manifest: &Manifest) -> io::Result<String>;
}

/// The files of one backup.
pub(super) trait Source: Send + Sync {
    /// Opens a file.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>>;
    /// Where they are as files, if they are.
    fn folder(&self) -> Option<&Path>;
}

/// Backups that can be read again.
pub(super) trait Shelf: Send + Sync {
    /// All of them, the oldest first.
    fn list(&self) -> Result<Vec<Listed>, BackupError>;
    /// One of them.
    fn open(&self, name: &str) -> Result<Box<dyn Source>, BackupError>;
    /// Writes down that one was verified.
    fn verified(&self, name: &str, verified: &Verified) -> io::Result<()>;
    /// Removes one, unless somebody reads it where that can be told; whether it did. What is half removed is no backup.
    fn remove(&self, name: &str) -> io::Result<bool>;
}

impl Place {
    /// Begins a backup of that name.
    pub(super) fn begin(&self, name: &str) -> Result<Box<dyn Draft>, BackupError> {
        match self {
            Self::Directory(root) => Directory::new(root).begin(name),
            Self::Stream(stream) => stream.begin(name),
            #[cfg(feature = "object-store")]
            Self::Store(store) => store.begin(name),
        }
    }

    /// What is there; none where what is written cannot be read again.
    pub(super) fn shelf(&self) -> Option<Box<dyn Shelf>> {
        match self {
            Self::Directory(root) => Some(Box::new(Directory::new(root))),
            Self::Stream(_) => None,
            #[cfg(feature = "object-store")]
            Self::Store(store) => Some(Box::new(store.clone())),
        }
    }

    /// A place, or a backup, as somebody has named it, for a message about it: of a URL without user, password, query and
    /// fragment. Where nobody can tell which of them it is, without all of that.
    #[must_use]
    pub fn without_secrets(named: &str) -> String {
        let Some((scheme, rest)) = named.split_once("://") else { return named.to_owned() };
        let (path, behind) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let path = if behind.contains('@') { "" } else { path };
        format!("{scheme}://{}", path.rsplit('@').next().unwrap_or_default())
    }

    /// The place of a backup that somebody names by its folder or its URL, and the backup's name.
    ///
    /// # Errors
    /// It names no single backup, or nothing where backups can be.
    pub fn of_backup(named: &str) -> Result<(Self, String), String> {
        let (scheme, path) = named.split_at(named.find("://").map_or(0, |at| at + "://".len()));
        if !scheme.is_empty() && path.contains(['?', '#']) {
            return Err("the URL of a backup has no query and no fragment".to_owned());
        }
        let path = path.trim_end_matches('/');
        let (root, name) = match path.rsplit_once('/') {
            Some(("", name)) if scheme.is_empty() => ("/", name),
            Some(found) => found,
            None if scheme.is_empty() => (".", path),
            // A bucket is no backup.
            None => ("", ""),
        };
        if name.is_empty() || [".", ".."].contains(&name) {
            return Err("name the folder of one backup".to_owned());
        }
        Ok((format!("{scheme}{root}").parse()?, name.to_owned()))
    }

    #[cfg(feature = "object-store")]
    fn of_url(text: &str) -> Result<Self, String> {
        text.parse().map(Self::Store)
    }

    #[cfg(not(feature = "object-store"))]
    fn of_url(text: &str) -> Result<Self, String> {
        let scheme = text.split(':').next().unwrap_or_default();
        Err(format!(
            "this program has no object store to find {scheme}: in, for it was built without the feature `object-store`; name \
             a directory"
        ))
    }
}

impl FromStr for Place {
    type Err = String;

    /// A directory's path, or the URL of an object store.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return Self::of_url(text);
        }
        if text.is_empty() {
            return Err("name a directory".to_owned());
        }
        Ok(Self::Directory(PathBuf::from(text)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(root) => root.display().fmt(formatter),
            Self::Stream(_) => formatter.write_str("standard output"),
            #[cfg(feature = "object-store")]
            Self::Store(store) => store.fmt(formatter),
        }
    }
}

/// What a part of a long file is called.
fn part_name(name: &str, number: usize) -> String {
    format!("{name}.part{number:05}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_named_by_the_path_of_its_folder() {
        for (named, root) in
            [("one", "."), ("./one/", "."), ("/one", "/"), ("/srv/a/one", "/srv/a"), ("../a/one", "../a")]
        {
            let (place, name) = Place::of_backup(named).unwrap();
            assert!(matches!(&place, Place::Directory(path) if path == Path::new(root)), "{named}: {place}");
            assert_eq!(name, "one");
        }
        for none in ["", "/", ".", "a/..", "s3://bucket", "s3://"] {
            assert_eq!(Place::of_backup(none).unwrap_err(), "name the folder of one backup", "{none}");
        }
    }

    #[test]
    fn what_may_be_secret_is_not_repeated() {
        for (named, told) in [
            ("https://key:SECRET@host/a", "https://host/a"),
            ("https://key:SEC/RET@host/a", "https://host/a"),
            ("https://key:SEC?RET@host/a", "https://"),
            ("s3://bucket/a?signature=SECRET#SECRET", "s3://bucket/a"),
            ("s3://bucket/a?signature=SEC@RET", "s3://"),
            ("/srv/a@b?c", "/srv/a@b?c"),
        ] {
            assert_eq!(Place::without_secrets(named), told);
        }
        assert!(Place::of_backup("s3://bucket/a?signature=SECRET").unwrap_err().contains("no query"));
    }

    #[cfg(not(feature = "object-store"))]
    #[test]
    fn a_url_wants_the_feature() {
        for error in [
            "s3://bucket/a".parse::<Place>().unwrap_err(),
            Place::of_backup("s3://bucket/a/one").unwrap_err(),
        ] {
            assert!(error.contains("find s3: in") && error.contains("the feature `object-store`"), "{error}");
        }
    }
}
