//! Making a cluster with `initdb`.

use std::fs;

use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::place::Place;
use crate::db::embedded::programs::Programs;
use crate::db::embedded::runner::Runner;

/// The superuser of a private cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// The major version that wrote the data, when there is any.
pub(super) fn major_of(place: &Place) -> Option<String> {
    fs::read_to_string(place.data.join("PG_VERSION")).ok().map(|text| text.trim().to_owned())
}

/// Makes the cluster when there is none, and checks that the programs can open the one there is.
/// Returns whether it was made now. The caller holds the home's lock.
pub(super) fn ensure(place: &Place, programs: &Programs, runner: &Runner) -> Result<bool, EmbeddedError> {
    let Some(data) = major_of(place) else {
        create(place, programs, runner)?;
        return Ok(true);
    };
    match programs.major(runner) {
        Some(programs) if programs != data => {
            Err(EmbeddedError::OtherVersion { path: place.data.clone(), data, programs })
        }
        _ => Ok(false),
    }
}

/// Makes the cluster under another name and renames it, so that a killed process leaves no half of one.
fn create(place: &Place, programs: &Programs, runner: &Runner) -> Result<(), EmbeddedError> {
    let partial = place.container.join("data.partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).doing("remove", &partial)?;
    }
    runner.own_directory(&partial)?;
    let output = runner
        .command(&programs.program("initdb"))
        .arg("-D")
        .arg(&partial)
        .args(["--username", SUPERUSER, "--encoding=UTF8", "--locale=C", "--auth=trust"])
        .arg("--no-sync")
        .output()
        .doing("run", programs.program("initdb"))?;
    if !output.status.success() {
        let output = tail(&String::from_utf8_lossy(&output.stderr));
        return Err(EmbeddedError::Program { program: "initdb", output });
    }
    fs::rename(&partial, &place.data).doing("rename to", &place.data)
}

/// The last lines of what a program wrote.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
