//! Finding PostgreSQL's server programs on this machine.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::db::embedded::error::EmbeddedError;
use crate::db::embedded::runner::Runner;

/// The directory that holds `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    directory: PathBuf,
}

/// What a cluster needs.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

impl Programs {
    /// The programs in a directory somebody named.
    pub(super) fn at(directory: &Path, runner: &Runner) -> Result<Self, EmbeddedError> {
        let refuse = |reason: &str| {
            Err(EmbeddedError::Programs { path: directory.to_owned(), reason: reason.to_owned() })
        };
        // Programs run in another directory than ours.
        let directory = match fs::canonicalize(directory) {
            Ok(directory) if is_complete(&directory) => directory,
            _ => return refuse("it does not hold executable `initdb` and `postgres`"),
        };
        if !runner.can_enter(&directory) {
            return refuse(
                "the user the server runs as may not enter it; move the programs or loosen the permissions above them",
            );
        }
        Ok(Self { directory })
    }

    /// The programs in a directory nobody named: they count only when nobody else can have put them there.
    fn found(directory: &Path, runner: &Runner) -> Option<Self> {
        let programs = Self::at(directory, runner).ok()?;
        let distrusted =
            PROGRAMS.into_iter().find_map(|name| runner.check_trusted(&programs.program(name)).err());
        let Some(reason) = distrusted else { return Some(programs) };
        tracing::warn!(
            directory = %directory.display(), reason,
            "ignored PostgreSQL programs that somebody else could have changed"
        );
        None
    }

    /// The first usable programs on this machine; those of `major` when the data there is asks for it.
    pub(super) fn find(runner: &Runner, major: Option<&str>, cache: Option<&Path>) -> Option<Self> {
        let mut usable = candidates(runner, cache).filter_map(|directory| Self::found(&directory, runner));
        let Some(major) = major else { return usable.next() };
        let mut first = None;
        for programs in usable {
            if programs.major(runner).as_deref() == Some(major) {
                return Some(programs);
            }
            first.get_or_insert(programs);
        }
        first
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The major version, from `postgres (PostgreSQL) 17.2`.
    pub(super) fn major(&self, runner: &Runner) -> Option<String> {
        let output = runner.command(&self.program("postgres")).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let version =
            text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
        let digits = version.split(|character: char| !character.is_ascii_digit()).next()?;
        Some(digits.to_owned())
    }
}

/// Where server programs usually are, lazily: asking `pg_config` costs a process.
fn candidates(runner: &Runner, cache: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    const USUAL: [(&str, &str); 6] = [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/usr/local", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ];
    let asked = std::iter::once_with(|| from_pg_config(runner)).flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<_> = std::env::split_paths(&path).filter_map(|directory| resolve(&directory)).collect();
    let usual = USUAL.into_iter().flat_map(|(parent, bin)| newest_first(Path::new(parent), bin));
    let fetched = cache.map(|cache| newest_first(cache, "bin")).unwrap_or_default();
    let from_source = std::iter::once(PathBuf::from("/usr/local/pgsql/bin"));
    asked.chain(on_path).chain(usual).chain(from_source).chain(fetched)
}

fn from_pg_config(runner: &Runner) -> Option<PathBuf> {
    let output = runner.command(Path::new("pg_config")).arg("--bindir").output().ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(directory.trim()))
}

/// A directory of `PATH` often holds links to the programs; their neighbours are where they point.
fn resolve(directory: &Path) -> Option<PathBuf> {
    fs::canonicalize(directory.join("postgres")).ok()?.parent().map(Path::to_owned)
}

/// `<parent>/<version>/<bin>`, highest version first. Only names of PostgreSQL's own directories count.
fn newest_first(parent: &Path, bin: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some((version_of(&entry.file_name())?, entry.path().join(bin)))).collect();
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The version in `17`, `9.6`, `17.2.0`, `pgsql-17` or `postgresql@17`.
fn version_of(name: &OsStr) -> Option<Vec<u32>> {
    let name = name.to_str()?;
    let version = name.strip_prefix("pgsql-").or_else(|| name.strip_prefix("postgresql@")).unwrap_or(name);
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn is_complete(directory: &Path) -> bool {
    PROGRAMS.into_iter().all(|name| {
        fs::metadata(directory.join(name))
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};

    fn make(directory: &Path, programs: &[&str]) {
        fs::create_dir_all(directory).unwrap();
        for program in programs {
            fs::write(directory.join(program), "").unwrap();
            fs::set_permissions(directory.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn newest_versions_come_first_and_other_names_do_not_count() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "postgresql@17", "pgsql-16", "lib64", "17.2.x"] {
            make(&parent.path().join(name).join("bin"), &[]);
        }
        let found = newest_first(parent.path(), "bin");
        let names: Vec<_> =
            found.iter().map(|it| it.parent().unwrap().file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["postgresql@17", "pgsql-16", "15", "9.6"]);
    }

    #[test]
    fn a_directory_counts_when_it_can_make_and_run_a_cluster() {
        let parent = tempfile::tempdir().unwrap();
        make(&parent.path().join("half"), &["initdb"]);
        make(&parent.path().join("whole"), &["initdb", "postgres"]);
        assert!(!is_complete(&parent.path().join("half")));
        assert!(is_complete(&parent.path().join("whole")));
        fs::set_permissions(parent.path().join("whole/initdb"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!is_complete(&parent.path().join("whole")));
    }

    #[test]
    fn programs_somebody_else_could_have_put_there_do_not_count() {
        let parent = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let cache = parent.path().join("cache");
        let bin = cache.join("99.1.0/bin");
        make(&bin, &["initdb", "postgres"]);
        let runner = Runner::for_data(None).unwrap();
        let found = || Programs::found(&bin, &runner).is_some();
        assert!(found());
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!found());
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
        if runner.drops() {
            chown(bin.join("postgres"), Some(64_000), None).unwrap();
            assert!(!found());
        }
    }

    #[test]
    fn a_relative_directory_or_a_link_is_resolved() {
        let parent = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let bin = parent.path().join("bin");
        make(&bin, &["initdb", "postgres"]);
        symlink(&bin, parent.path().join("link")).unwrap();
        let runner = Runner::for_data(None).unwrap();
        // Tests share the process's directory, so the way there is written from it.
        let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
        for path in
            [format!("{up}{}", &bin.display().to_string()[1..]), format!("{}/link", parent.path().display())]
        {
            let programs = Programs::at(Path::new(&path), &runner).unwrap();
            assert_eq!(
                programs.program("postgres"),
                fs::canonicalize(bin.join("postgres")).unwrap(),
                "{path}"
            );
        }
    }

    #[test]
    fn programs_run_as_the_account() {
        let parent = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        make(parent.path(), &["initdb", "postgres"]);
        fs::write(parent.path().join("postgres"), "#!/bin/sh\nid -u\n").unwrap();
        let runner = Runner::for_data(None).unwrap();
        let programs = Programs::at(parent.path(), &runner).unwrap();
        assert_eq!(programs.major(&runner), Some(runner.uid().to_string()));
    }
}
