//! What the section on linting runs in a process of its own, so that its time on a processor can be told.

use std::path::Path;

use hardtack_build::{Policy, resolve};

use crate::Result;

/// The folder that this process resolves.
pub(crate) const FOLDER: &str = "HARDTACK_BENCH_LINT";

pub(crate) fn run(folder: &str) -> Result<()> {
    let resolved = resolve(Path::new(folder), &Policy::default())?;
    if resolved.revisions.is_empty() || resolved.has_errors() {
        return Err(format!("{folder}: {:?}", resolved.findings).into());
    }
    Ok(())
}
