use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use hardtack_build::lock::Lock;

use super::resolve::{ResolveError, policy};
use super::{Kind, RevisionSet};

/// A folder in which one revision stands for a range of others, laid out beside the folder itself, which is not touched
/// before [`apply`](Squash::apply).
#[derive(Debug)]
pub struct Squash {
    folder: PathBuf,
    /// Goes when this is dropped.
    copy: PathBuf,
    file: String,
    replaced: Vec<String>,
    revisions: RevisionSet,
}

/// Why a folder cannot be squashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SquashError {
    /// The folder, before or after, has faults that the build refuses.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A file cannot be read or written.
    #[error("{action} {}: {source}; {left}", .path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What the folder holds now.
        left: &'static str,
    },
    /// There is nothing to squash.
    #[error("squash up to version {version}: {reason}; nothing was changed")]
    Nothing {
        /// The version.
        version: i64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The name is the one of the revision whose version it takes.
    #[error(
        "squash into {stem}: a revision of that name is there, and a database could not tell the two apart; nothing was \
         changed; give another --name"
    )]
    Taken {
        /// The stem.
        stem: String,
    },
}

/// The versions of the range that ends at a version.
///
/// # Errors
/// No revision has the version, it has no place in the order, or it is alone.
pub fn range_to(revisions: &RevisionSet, version: i64) -> Result<RangeInclusive<i64>, SquashError> {
    let nothing = |reason| Err(SquashError::Nothing { version, reason });
    match revisions.get(version) {
        None => return nothing("there is no revision of that version"),
        Some(last) if last.kind == Kind::Unversioned => {
            return nothing("it is unversioned, and a range ends at a `V`");
        }
        Some(_) => {}
    }
    let older = || revisions.iter().take_while(|revision| revision.version <= version);
    if older().count() < 2 {
        return nothing("it is the first one");
    }
    let first = older().map(|revision| revision.replaces.unwrap_or(revision.version)).min();
    Ok(first.unwrap_or(version)..=version)
}

impl Squash {
    /// Lays the folder out as it would be: the dump of a database as the range's one revision, pinned; the range's files
    /// and pins gone; everything else as it is.
    ///
    /// # Errors
    /// A file cannot be read or written; what comes out is no folder that the build takes.
    pub fn lay_out(
        folder: &Path,
        range: &RangeInclusive<i64>,
        name: &str,
        dump: &str,
    ) -> Result<Self, SquashError> {
        let version = *range.end();
        let copy = std::env::temp_dir().join(format!("hardtack-squash-{:016x}", fastrand::u64(..)));
        fs::create_dir(&copy).map_err(unchanged("create", &copy))?;
        let mut squash = Self {
            folder: folder.to_owned(),
            copy,
            file: format!("V{version}__{name}.sql"),
            replaced: Vec::new(),
            revisions: RevisionSet::from_revisions(Vec::new()),
        };
        for (file, of) in hardtack_build::files(folder).map_err(ResolveError::from)? {
            if range.contains(&of) {
                squash.replaced.push(file);
                continue;
            }
            let (from, to) = (folder.join(&file), squash.copy.join(&file));
            let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(&from, &to));
            copied.map_err(unchanged("copy", &from))?;
        }
        let stem = format!("V{version}__{name}");
        if squash.replaced.iter().any(|file| stem_of(file) == stem) {
            return Err(SquashError::Taken { stem });
        }
        let path = squash.copy.join(&squash.file);
        fs::write(&path, text(range, dump)).map_err(unchanged("write", &path))?;
        squash.pin(version)?;
        squash.revisions = super::resolve(&squash.copy)?.revisions;
        Ok(squash)
    }

    /// The revisions as they would be.
    #[must_use]
    pub fn revisions(&self) -> &RevisionSet {
        &self.revisions
    }

    /// The new file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The files that go.
    #[must_use]
    pub fn replaced(&self) -> &[String] {
        &self.replaced
    }

    /// Makes the folder so: writes the new file and the lock file, and removes the old ones.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn apply(self) -> Result<(), SquashError> {
        let left = "the folder is half squashed: restore it from version control";
        for file in [self.file.as_str(), hardtack_build::lock::FILE] {
            let (from, to) = (self.copy.join(file), self.folder.join(file));
            fs::copy(from, &to).map_err(failed("write", &to, left))?;
        }
        for file in &self.replaced {
            let path = self.folder.join(file);
            fs::remove_file(&path).map_err(failed("remove", &path, left))?;
        }
        Ok(())
    }

    /// Pins the squash in the place of what it replaces: databases have what is in it, so nobody judges its hazards.
    fn pin(&self, version: i64) -> Result<(), SquashError> {
        let resolved = hardtack_build::resolve(&self.copy, &policy().map_err(ResolveError::from)?)
            .map_err(ResolveError::from)?;
        let mut lock = Lock::read(&self.folder).map_err(ResolveError::from)?;
        if let Some(squash) = resolved.revisions.iter().find(|revision| revision.version == version) {
            lock.replace(squash);
        }
        Ok(lock.write(&self.copy).map_err(ResolveError::from)?)
    }
}

impl Drop for Squash {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.copy) {
            tracing::warn!(path = %self.copy.display(), %error, "a temporary folder is still there");
        }
    }
}

fn failed(
    action: &'static str,
    path: &Path,
    left: &'static str,
) -> impl FnOnce(io::Error) -> SquashError + use<> {
    let path = path.to_owned();
    move |source| SquashError::File { action, path, source, left }
}

fn unchanged(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SquashError + use<> {
    failed(action, path, "nothing was changed")
}

/// The dump as a revision. It is read with an empty `search_path`, as it was written; a plain refinery runner, which goes on in
/// the same transaction, finds the path as it was.
fn text(range: &RangeInclusive<i64>, dump: &str) -> String {
    let (first, last) = (range.start(), range.end());
    format!(
        "-- hardtack: replaces V{first}..V{last}\n\
         -- hardtack: irreversible \"it stands for V{first} to V{last}; restore a backup to go behind it\"\n\
         -- What V{first} to V{last} make of an empty database, schema and rows, as `hardtack squash` found it. What is outside a\n\
         -- database, such as roles, is not in it.\n\
         select pg_catalog.set_config('search_path', '', true);\n\
         set local check_function_bodies = off;\n\n\
         {}\n\n\
         set local search_path to default;\n",
        body(dump)
    )
}

/// A dump without its head and tail: settings of psql's session, `\restrict`, remarks.
fn body(dump: &str) -> String {
    let is_frame = |line: &str| {
        let starts =
            ["--", "SET ", "SELECT pg_catalog.set_config('search_path'", "\\restrict ", "\\unrestrict "];
        line.is_empty() || starts.iter().any(|start| line.starts_with(start))
    };
    let lines: Vec<&str> = dump.lines().collect();
    let start = lines.iter().position(|line| !is_frame(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !is_frame(line)).map_or(start, |last| last + 1);
    lines.get(start..end).unwrap_or_default().join("\n")
}

/// Where two dumps differ first; none where only their heads and tails do.
#[must_use]
pub fn first_difference(one: &str, other: &str) -> Option<(String, String)> {
    let (one, other) = (body(one), body(other));
    let mut pairs = (one.lines().map(Some).chain([None])).zip(other.lines().map(Some).chain([None]));
    let (one, other) = pairs.find(|(one, other)| one != other)?;
    let text = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
    Some((text(one), text(other)))
}

/// Whether two sets have the same revisions up to a version.
#[must_use]
pub fn is_same_up_to(one: &RevisionSet, other: &RevisionSet, version: i64) -> bool {
    let older = |set: &RevisionSet| -> Vec<(String, String)> {
        let older = set.iter().take_while(|revision| revision.version <= version);
        older.map(|revision| (revision.stem(), revision.sha256.clone().into_owned())).collect()
    };
    older(one) == older(other)
}

/// The stem of a file: its name without folders and endings.
fn stem_of(file: &str) -> &str {
    let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 17\n\n\
        SET statement_timeout = 0;\nSET transaction_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\
        SET row_security = off;\n\n--\n-- Name: app; Type: SCHEMA\n--\n\nCREATE SCHEMA app;\n\n\
        SET default_tablespace = '';\n\nCREATE TABLE app.one (id integer);\n\n\
        --\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n";

    #[test]
    fn a_dump_loses_its_frame() {
        let inside =
            "CREATE SCHEMA app;\n\nSET default_tablespace = '';\n\nCREATE TABLE app.one (id integer);";
        assert_eq!(body(DUMP), inside);
        assert_eq!(body("-- nothing\n"), "");
        let text = text(&(1..=40), DUMP);
        assert!(text.starts_with("-- hardtack: replaces V1..V40\n-- hardtack: irreversible \""));
    }

    #[test]
    fn dumps_differ_where_their_bodies_do() {
        assert_eq!(first_difference(DUMP, &DUMP.replace("abc", "xyz")), None);
        let other = DUMP.replace("integer", "bigint");
        let (one, other) = first_difference(DUMP, &other).unwrap();
        assert!(one.contains("integer") && other.contains("bigint"));
        let longer = DUMP.replace("(id integer);", "(id integer);\nselect 1;");
        assert_eq!(first_difference(DUMP, &longer), Some(("(the end)".into(), "select 1;".into())));
    }
}
