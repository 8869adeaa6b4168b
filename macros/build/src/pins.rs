use std::collections::BTreeSet;

use crate::finding::{Finding, Level};
use crate::lock::{self, Lock, Pin};
use crate::revision::{Kind, Revision};
use crate::stem::Stem;

/// What is wrong with a revision in view of what has shipped.
pub(crate) fn pin_finding(lock: &Lock, stem: &Stem, revision: &Revision, shown: &str) -> Option<Finding> {
    let error = |code, message, help| Some(Finding::in_file(Level::Error, code, shown, message, help));
    if let Some(pin) = lock.get(stem) {
        let message = format!("{stem} has shipped, and its text was changed");
        let help = format!(
            "restore the file and write a new revision; or, if no database that matters has applied it, delete \
             its line in {} and run `hardtack lock`",
            lock::FILE
        );
        return if pin.sha256 == revision.sha256 { None } else { error("pinned-edited", message, help) };
    }
    let newest = newest(lock).filter(|newest| newest.version > stem.version)?;
    if stem.kind == Kind::Unversioned || revision.replaces.is_some() {
        return None;
    }
    let message = format!("{stem} is older than {newest}, which has shipped");
    let next = newest.version.saturating_add(1);
    let help = format!("rename its files to a version that is not taken, from {next} on");
    error("out-of-order", message, help)
}

/// The revisions that have shipped and are gone, and that no other one stands for.
pub(crate) fn removed(
    lock: &Lock,
    there: &BTreeSet<Stem>,
    revisions: &[Revision],
    lock_file: &str,
) -> Vec<Finding> {
    let finding = |(stem, pin): (&Stem, &Pin)| {
        let message = format!("{stem} has shipped, and its files are gone");
        let help = "restore them; or, if no database that matters has applied the revision, delete this line";
        Finding::in_file(Level::Error, "pinned-removed", lock_file, message, help).at(pin.line, 1)
    };
    let is_missed =
        |stem: &Stem| !there.contains(stem) && !revisions.iter().any(|revision| revision.is_instead_of(stem));
    lock.pins().iter().filter(|(stem, _)| is_missed(stem)).map(finding).collect()
}

fn newest(lock: &Lock) -> Option<&Stem> {
    lock.pins().keys().rfind(|stem| stem.kind == Kind::Versioned)
}
