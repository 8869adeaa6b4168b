use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::{Draft, MANIFEST, REMOVED_AGAIN, Shelf, Sink, SinkFile, Source, VERIFIED};
use crate::backup::{BackupError, Listed, Manifest, Verified, unpack};

/// What the name of a backup that is being taken begins with.
const PARTIAL: &str = ".partial-";
/// What the name of one that is being removed begins with.
const REMOVED: &str = ".removed-";

/// Backups as folders of a directory.
pub(in crate::backup) struct Directory {
    root: PathBuf,
}

/// A folder that is not yet a backup.
struct DirectoryDraft {
    name: String,
    folder: PathBuf,
    target: PathBuf,
    root: PathBuf,
    /// Tells others that somebody is at it, until it is committed.
    lock: File,
}

/// A folder that is one.
struct Folder {
    path: PathBuf,
    /// Keeps others from removing it; none where it is only listed.
    _lock: Option<File>,
}

impl Directory {
    pub(in crate::backup) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Begins a backup, and removes what killed processes have left.
    pub(super) fn begin(&self, name: &str) -> Result<Box<dyn Draft>, BackupError> {
        let refused = |source| BackupError::Place { place: self.root.display().to_string(), source };
        Ok(Box::new(self.make(name).map_err(refused)?))
    }

    fn make(&self, name: &str) -> io::Result<DirectoryDraft> {
        private_directory(&self.root, true)?;
        // Between its making and its locking a folder looks like one that was left.
        let root = File::open(&self.root)?;
        root.lock()?;
        remove_left(&self.root)?;
        let name = self.free_name(name);
        let folder = self.root.join(format!("{PARTIAL}{name}"));
        private_directory(&folder, false)?;
        let own = File::open(&folder)?;
        own.lock()?;
        let target = self.root.join(&name);
        Ok(DirectoryDraft { name, folder, target, root: self.root.clone(), lock: own })
    }
}

impl Directory {
    /// Several may begin in one second.
    fn free_name(&self, name: &str) -> String {
        let is_taken = |name: &String| {
            self.root.join(name).exists() || self.root.join(format!("{PARTIAL}{name}")).exists()
        };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }
}

impl Sink for DirectoryDraft {
    fn create(&self, name: &str) -> io::Result<Box<dyn SinkFile>> {
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            private_directory(parent, true)?;
        }
        Ok(Box::new(private_file(&path)?))
    }
}

impl SinkFile for File {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.sync_all()
    }
}

impl Draft for DirectoryDraft {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn keeps_folder(&self) -> bool {
        true
    }

    fn left(&self) -> &'static str {
        REMOVED_AGAIN
    }

    fn commit(&self, manifest: &Manifest) -> io::Result<String> {
        let mut file = self.create(MANIFEST)?;
        file.write_all(&serde_json::to_vec_pretty(manifest)?)?;
        file.finish()?;
        sync_folders(&self.folder)?;
        fs::rename(&self.folder, &self.target)?;
        if let Err(error) = File::open(&self.root).and_then(|root| root.sync_all()) {
            // Under its old name it is no backup, and goes with the draft.
            fs::rename(&self.target, &self.folder)?;
            return Err(error);
        }
        // Whoever closes the folder gives its lock up as well.
        let _ = self.lock.unlock();
        Ok(self.target.display().to_string())
    }
}

impl Drop for DirectoryDraft {
    fn drop(&mut self) {
        // Behind a commit it has another name.
        if let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %self.folder.display(), %error, "what is left of a backup could not be removed");
        }
    }
}

impl Shelf for Directory {
    fn list(&self) -> Result<Vec<Listed>, BackupError> {
        let refused = |source| BackupError::Place { place: self.root.display().to_string(), source };
        let mut listed = Vec::new();
        let entries = match fs::read_dir(&self.root) {
            // Before the first one.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listed),
            entries => entries.map_err(refused)?,
        };
        for entry in entries {
            let entry = entry.map_err(refused)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || !entry.path().join(MANIFEST).is_file() {
                continue;
            }
            let folder = Folder { path: entry.path(), _lock: None };
            match unpack::manifest(&folder, &name) {
                // Somebody may have given the folder another name.
                Ok(manifest) => {
                    listed.push(Listed {
                        manifest: Manifest { name, ..manifest },
                        verified: verified(&folder),
                    });
                }
                // It hides none of the others.
                Err(error) => tracing::warn!(%error, "a backup is left out of the list"),
            }
        }
        Ok(listed)
    }

    fn open(&self, name: &str) -> Result<Box<dyn Source>, BackupError> {
        let path = self.root.join(name);
        let not_found = |what| BackupError::NotFound { backup: path.display().to_string(), what };
        if !is_below(name) {
            return Err(not_found("no backup is called so"));
        }
        let Ok(lock) = File::open(&path) else { return Err(not_found("there is no such folder")) };
        // Where a file system knows no locks, there is none.
        if let Err(TryLockError::WouldBlock) = lock.try_lock_shared() {
            return Err(not_found("it is being removed"));
        }
        if !path.join(MANIFEST).is_file() {
            return Err(not_found("there is no manifest in it"));
        }
        Ok(Box::new(Folder { path, _lock: Some(lock) }))
    }

    fn verified(&self, name: &str, verified: &Verified) -> io::Result<()> {
        let folder = self.root.join(name);
        let partial = folder.join(format!("{PARTIAL}{VERIFIED}"));
        // Left by one that was killed meanwhile.
        let _ = fs::remove_file(&partial);
        let mut file = private_file(&partial)?;
        file.write_all(&serde_json::to_vec_pretty(verified)?)?;
        file.sync_all()?;
        fs::rename(&partial, folder.join(VERIFIED))?;
        File::open(&folder)?.sync_all()
    }

    fn remove(&self, name: &str) -> io::Result<bool> {
        let (path, removed) = (self.root.join(name), self.root.join(format!("{REMOVED}{name}")));
        // Two may remove the same.
        let is_gone = |done: io::Result<()>| match done {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        };
        let folder = File::open(&path);
        if let Ok(Err(TryLockError::WouldBlock)) = folder.as_ref().map(File::try_lock) {
            return Ok(false);
        }
        is_gone(fs::rename(path, &removed))?;
        is_gone(fs::remove_dir_all(removed))?;
        Ok(true)
    }
}

impl Source for Folder {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(super::stream::Parts::open(&self.path, name)?))
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

fn verified(folder: &Folder) -> Option<Verified> {
    serde_json::from_reader(folder.open(VERIFIED).ok()?).ok()
}

/// Whether a name leads to nowhere but below the directory.
fn is_below(name: &str) -> bool {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !name.is_empty() && !name.contains('/') && Path::new(name).components().all(is_plain)
}

/// A directory that only its owner can look into.
fn private_directory(path: &Path, also_parents: bool) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(also_parents);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that only its owner can read.
pub(in crate::backup) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes what processes have left that were killed: nobody holds its lock.
fn remove_left(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_left = name.starts_with(PARTIAL) || name.starts_with(REMOVED);
        if !is_left || !entry.path().is_dir() {
            continue;
        }
        // One that is committed or removed meanwhile is not there any more; another user's is in nobody's way.
        let removed = File::open(entry.path()).and_then(|folder| match folder.try_lock().is_ok() {
            true => fs::remove_dir_all(entry.path()),
            false => Ok(()),
        });
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(folder = %entry.path().display(), %error, "what is left of a backup could not be removed");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Brings the names in a folder and below it to disk.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_into_the_directory() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        let backup = |folder: &Path| {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(MANIFEST), "{}").unwrap();
        };
        [root.join("one"), root.join("12:30"), home.path().to_owned()]
            .iter()
            .for_each(|folder| backup(folder));
        let directory = Directory::new(&root);
        for name in ["one", "12:30"] {
            assert!(directory.open(name).is_ok(), "{name}");
        }
        for name in ["", ".", "..", "../root/one", "one/../one", "one/", home.path().to_str().unwrap()] {
            let error = directory.open(name).err().unwrap().to_string();
            assert!(error.contains("no backup is called so"), "{name}: {error}");
        }
    }
}
