use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::finding::Level;
use crate::policy::{Policy, PolicyError};
use crate::render::{render, render_unusable};
use crate::resolve::{Resolved, resolve_as};
use crate::scan::ResolveError;

/// Bakes a folder of revisions, given below the crate's root: the whole of a build script.
///
/// The same as [`bake_as`] with the name `migrations`.
pub fn bake(folder: &str) {
    bake_as(folder, "migrations");
}

/// Bakes a folder of revisions, given below the crate's root, under a name of its own, for a crate that has
/// several.
///
/// Reads `hardtack.toml` beside the crate's `Cargo.toml` and writes `hardtack-{name}.rs` into `OUT_DIR`, which
/// `hardtack::embed!()` includes. Findings that are errors become compile errors there, warnings become
/// cargo's. Cargo runs the build script again when the folder or `hardtack.toml` changes.
pub fn bake_as(folder: &str, name: &str) {
    if let Err(error) = try_bake(folder, name) {
        say(&format!("cargo::error=failed to {error}"));
    }
}

/// What cannot even become a compile error.
#[derive(Debug, thiserror::Error)]
enum BakeError {
    #[error("find `{0}` in the environment: bake is for build scripts")]
    NoVariable(&'static str),
    #[error("write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// What becomes one compile error.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

fn try_bake(folder: &str, name: &str) -> Result<(), BakeError> {
    let (root, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let policy_file = root.join("hardtack.toml");
    let cache = out.join(format!("hardtack-{name}.cache"));
    let resolved = resolve_in(&root, folder, &policy_file, cache);
    watch(&root.join(folder), &policy_file, !resolved.as_ref().is_ok_and(|resolved| !resolved.has_errors()));
    let text = match &resolved {
        Ok(resolved) => {
            warn(resolved);
            render(resolved)
        }
        Err(error) => render_unusable(&format!("failed to {error}")),
    };
    let path = out.join(format!("hardtack-{name}.rs"));
    write_if_changed(&path, &text).map_err(|source| BakeError::Write { path, source })
}

fn variable(name: &'static str) -> Result<PathBuf, BakeError> {
    env::var_os(name).map(PathBuf::from).ok_or(BakeError::NoVariable(name))
}

fn resolve_in(root: &Path, folder: &str, policy_file: &Path, cache: PathBuf) -> Result<Resolved, Unusable> {
    let policy = Policy::load(policy_file)?;
    let shown = folder.trim_end_matches('/');
    Ok(resolve_as(&root.join(folder), shown, &policy, Some(cache))?)
}

/// Cargo looks at a folder with everything below it. A file that is not there would run the build script on
/// every build, so `hardtack.toml` is watched where it is, or where its author is about to write it.
fn watch(folder: &Path, policy_file: &Path, has_errors: bool) {
    say(&format!("cargo::rerun-if-changed={}", folder.display()));
    if has_errors || policy_file.exists() {
        say(&format!("cargo::rerun-if-changed={}", policy_file.display()));
    }
}

fn warn(resolved: &Resolved) {
    for finding in resolved.findings.iter().filter(|finding| finding.level == Level::Warn) {
        // Cargo takes one line a warning.
        say(&format!("cargo::warning={}", finding.to_string().replace("\n  help:", "; help:")));
    }
}

#[expect(clippy::print_stdout, reason = "a build script speaks to cargo on its standard output")]
fn say(line: &str) {
    println!("{line}");
}

/// Leaves an equal file alone, so that nothing is compiled again.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    match fs::read(path) {
        Ok(old) if old == text.as_bytes() => Ok(()),
        _ => fs::write(path, text),
    }
}
