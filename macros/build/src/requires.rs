//! What a revision says of others: whose backfill must have finished before it runs, `-- hardtack: requires V7`; and which code no
//! longer works behind it, `-- hardtack: breaks-code-before V7`.

use crate::finding::{Finding, Level};
use crate::revision::Revision;

/// Reads `V7`, or `V7, V9`.
pub(crate) fn versions(text: &str) -> Option<Vec<i64>> {
    text.split(',').map(version).collect()
}

/// Reads `V7`.
pub(crate) fn version(text: &str) -> Option<i64> {
    text.trim().strip_prefix(['V', 'U'])?.parse().ok()
}

/// The requirements that nothing can meet. What a squash stands for has been met.
pub(crate) fn unmet(revisions: &[Revision], shown: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for revision in revisions {
        if let Some(version) = revision.around.breaks_before.filter(|version| *version > revision.version) {
            let file = format!("{shown}/{}", revision.up.file());
            let message = format!("breaks code before version {version}, which comes later");
            let help = "name the first revision with which a binary works behind this one, or this one";
            findings.push(Finding::in_file(Level::Error, "breaks-code-before", file, message, help));
        }
        for &version in &revision.around.requires {
            let Some((message, help)) = problem(revisions, revision.version, version) else { continue };
            let file = format!("{shown}/{}", revision.up.file());
            findings.push(Finding::in_file(Level::Error, "requires", file, message, help));
        }
    }
    findings
}

/// What is wrong with the requirement of `version` by another revision, with what to do.
fn problem(revisions: &[Revision], by: i64, version: i64) -> Option<(String, &'static str)> {
    let is_squashed =
        |other: &Revision| other.replaces.is_some_and(|first| (first..=other.version).contains(&version));
    let required = revisions.iter().find(|other| other.version == version);
    match required {
        _ if version == by => {
            let message = "requires its own backfill, which runs behind it".to_owned();
            Some((message, "name a revision before this one"))
        }
        Some(_) if version > by => Some((
            format!("requires version {version}, which comes later"),
            "name a revision before this one",
        )),
        Some(required) => (!required.around.backfill).then(|| {
            let help = "name the revision beside whose SQL a function is marked `#[hardtack::backfill]`";
            (format!("requires the backfill of version {version}, which has none"), help)
        }),
        None if revisions.iter().any(is_squashed) => None,
        None => Some((
            format!("requires version {version}, which is not there"),
            "name a revision of this folder",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(versions("V7, U20260101000000"), Some(vec![7, 20_260_101_000_000]));
        for malformed in ["", "7", "V", "V7,", "V7 V9", "V7..V9"] {
            assert_eq!(versions(malformed), None, "{malformed}");
        }
    }
}
