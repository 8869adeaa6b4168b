use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::session::Failure;
use crate::catalog::{Difference, Snapshot, differences};
use crate::revisions::RevisionSet;

/// The name of the snapshot of the head, beside those that have the stems of revisions.
pub(super) const HEAD: &str = "head";

/// The folder `snapshots` of a migrations folder.
pub(super) struct SnapshotFolder(PathBuf);

/// How a file stands to what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Fresh,
    Missing,
    /// It is of other revisions, or not what these make.
    Stale,
    /// It is no snapshot, or was changed by hand or in a merge.
    Broken,
    /// No revision wants it any more.
    Unneeded,
}

impl SnapshotFolder {
    pub(super) fn of(migrations: &Path) -> Self {
        Self(migrations.join("snapshots"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }

    /// How a file stands to the snapshot that was just taken.
    pub(super) fn state(&self, name: &str, taken: &Snapshot) -> Result<State, Failure> {
        Ok(match self.read(name)? {
            None => State::Missing,
            Some(text) => match Snapshot::parse(&text) {
                Ok(kept) if is_same(&kept, taken) => State::Fresh,
                Ok(_) => State::Stale,
                Err(_) => State::Broken,
            },
        })
    }

    /// Writes a snapshot beside its place and moves it there.
    pub(super) fn write(&self, name: &str, snapshot: &Snapshot) -> Result<(), Failure> {
        let text = snapshot.to_text().map_err(Failure::from_error)?;
        let (path, beside) = (self.path(name), self.0.join(format!(".{name}.{}", std::process::id())));
        let written = fs::create_dir_all(&self.0)
            .and_then(|()| fs::write(&beside, text))
            .and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            // Ours, and of no use.
            let _ = fs::remove_file(&beside);
            Failure::from_error(format!("write {}: {error}; the file is as it was", path.display()))
        })
    }

    /// The snapshots that are there and have none of these names.
    pub(super) fn unneeded(&self, names: &[&str]) -> Result<Vec<String>, Failure> {
        let mut unneeded = Vec::new();
        let failed = |error: io::Error| Failure::from_error(format!("read {}: {error}", self.0.display()));
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(unneeded),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let file = entry.map_err(failed)?.file_name();
            let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".json")) else { continue };
            // What is no snapshot is somebody else's.
            let is_ours = |text: String| text.starts_with("{\"hardtack\":");
            if !names.contains(&name) && self.read(name)?.is_some_and(is_ours) {
                unneeded.push(name.to_owned());
            }
        }
        unneeded.sort();
        Ok(unneeded)
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        fs::remove_file(&path)
            .map_err(|error| Failure::from_error(format!("remove {}: {error}", path.display())))
    }

    fn read(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::from_error(format!("read {}: {error}", path.display()))),
        }
    }
}

/// The snapshots that a set wants, by name, with how they stand as far as reading tells: the head's that comes with the
/// set, and in a folder those of its Rust revisions.
pub(super) fn standing(revisions: &RevisionSet, migrations: Option<&Path>) -> Result<Vec<Standing>, Failure> {
    let mut all = vec![Standing::new(HEAD.to_owned(), revisions.snapshot(), &revisions.fingerprint())];
    let Some(folder) = migrations.map(SnapshotFolder::of) else { return Ok(all) };
    for revision in revisions.iter().filter(|revision| revision.has_rust()) {
        let text = folder.read(&revision.stem())?;
        let history = revisions.fingerprint_before(revision);
        all.push(Standing::new(revision.stem(), text.as_deref(), &history));
    }
    Ok(all)
}

/// A snapshot that a set wants.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    pub(super) snapshot: String,
    pub(super) state: State,
}

impl Standing {
    fn new(snapshot: String, text: Option<&str>, history: &str) -> Self {
        let state = match text.map(Snapshot::parse) {
            None => State::Missing,
            Some(Ok(kept)) if kept.history == history => State::Fresh,
            Some(Ok(_)) => State::Stale,
            Some(Err(_)) => State::Broken,
        };
        Self { snapshot, state }
    }
}

/// Whether there is nothing to write. Servers of two versions write some things differently; a file then stays as whoever
/// took it first has it.
fn is_same(kept: &Snapshot, taken: &Snapshot) -> bool {
    let (before, now) = (&kept.catalog, &taken.catalog);
    kept.history == taken.history
        && if before.server / 10_000 == now.server / 10_000 {
            before.objects == now.objects
        } else {
            differences(before, now).iter().all(Difference::may_be_of_version)
        }
}
