use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::finding::Level;
use crate::nearest::did_you_mean;
use crate::rules::{Class, acceptable, class_of, reportable};
use crate::source::position;

/// The finding that can be accepted of a pinned revision only.
pub(crate) const SYNTAX: &str = "syntax";

/// What the build makes of missing downs, hazards and old faults: the `[build]` table of `hardtack.toml`.
///
/// ```toml
/// [build]
/// missing-down = "deny"        # deny | warn | allow
/// hazards = "deny"
/// postgres = 15                # the server's major version, for the linter
/// [build.rules]                # one rule; also turns advice on
/// ban-drop-column = "warn"
/// [[build.accept]]             # a fault that has long shipped: missing-down, a lint rule, syntax once pinned
/// revision = "V132__x"
/// finding = "syntax"
/// reason = "applied everywhere in 2021; PostgreSQL refuses this down as well"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For a revision with neither a down nor a reason for having none.
    pub missing_down: Verdict,
    /// For lint rules that are hazards.
    pub hazards: Verdict,
    /// The oldest server's major version.
    pub postgres: u16,
    /// For single lint rules.
    pub rules: BTreeMap<String, Verdict>,
    /// Faults of single revisions that are let pass.
    pub accept: Vec<Accept>,
    /// All revisions count as pinned.
    shipped: bool,
    /// The versions that are judged although they are pinned.
    judged: BTreeSet<i64>,
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It stops the build.
    Deny,
    /// It is reported.
    Warn,
    /// It is not mentioned.
    Allow,
}

/// A fault that is let pass, because it has long shipped.
///
/// The integrity of the history is never negotiable: no other finding can be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The stem of the revision.
    pub revision: String,
    /// The code of the finding: `missing-down`, a lint rule or, of a pinned revision, `syntax`.
    pub finding: String,
    /// Why it may stay.
    pub reason: String,
    /// The line in `hardtack.toml`.
    pub line: usize,
}

/// Why a policy could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The file exists and could not be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no TOML, or its `[build]` table says something unknown.
    #[error("read {}:{line}:{column}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

impl Policy {
    /// Reads the `[build]` table of a `hardtack.toml`; other tables are left to others. Where there is no
    /// such file, the default policy holds.
    ///
    /// # Errors
    /// A file that cannot be read, that is no TOML, or an unknown key or rule, an empty reason, or an
    /// accepted finding that is one of integrity under `[build]`.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|(message, span)| {
                let (line, column) = position(&text, span.start);
                PolicyError::Invalid { path: path.to_owned(), line, column, message }
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(PolicyError::Read { path: path.to_owned(), source }),
        }
    }

    fn parse(text: &str) -> Result<Self, (String, Range<usize>)> {
        let file: File = toml::from_str(text)
            .map_err(|error| (error.message().to_owned(), error.span().unwrap_or_default()))?;
        let Build { missing_down, hazards, postgres, rules, accept } = file.build;
        let accept = accept.into_iter().map(|accept| accept.check(text)).collect::<Result<_, _>>()?;
        let rules = rules.into_iter().map(check_rule).collect::<Result<_, _>>()?;
        Ok(Self { missing_down, hazards, postgres, rules, accept, ..Self::default() })
    }

    /// The same policy without a judgement on missing downs and hazards, for revisions that have shipped already.
    /// Faults of syntax can be accepted before the revisions are pinned.
    #[must_use]
    pub fn for_shipped(self) -> Self {
        let (missing_down, hazards, rules) = (Verdict::Allow, Verdict::Allow, BTreeMap::new());
        Self { missing_down, hazards, rules, shipped: true, ..self }
    }

    /// The same policy with a judgement on missing downs and hazards of these versions, also where they are pinned: what is
    /// new on a branch is pinned there and has not shipped.
    #[must_use]
    pub fn judging(self, versions: impl IntoIterator<Item = i64>) -> Self {
        Self { judged: versions.into_iter().collect(), ..self }
    }

    /// Whether a version is judged although it is pinned.
    pub(crate) fn is_judged(&self, version: i64) -> bool {
        self.judged.contains(&version)
    }

    /// Whether all revisions count as pinned.
    pub(crate) fn is_for_shipped(&self) -> bool {
        self.shipped
    }

    /// The level at which a lint rule is reported; none where it is not.
    pub(crate) fn level_of(&self, rule: &str) -> Option<Level> {
        let by_class = || match class_of(rule) {
            Some(Class::Hazard) => self.hazards,
            _ => Verdict::Allow,
        };
        self.rules.get(rule).copied().unwrap_or_else(by_class).level()
    }
}

impl Default for Policy {
    fn default() -> Self {
        let Build { missing_down, hazards, postgres, .. } = Build::default();
        let (rules, accept, judged) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { missing_down, hazards, postgres, rules, accept, shipped: false, judged }
    }
}

impl Verdict {
    pub(crate) fn level(self) -> Option<Level> {
        match self {
            Self::Deny => Some(Level::Error),
            Self::Warn => Some(Level::Warn),
            Self::Allow => None,
        }
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    build: Build,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Build {
    /// What becomes of a revision with neither a down nor `irreversible`.
    missing_down: Verdict,
    /// What becomes of hazards.
    hazards: Verdict,
    /// The oldest server's major version.
    postgres: u16,
    /// The same for single rules, by name. Naming a rule of advice turns it on.
    rules: BTreeMap<Spanned<String>, Verdict>,
    /// Faults of revisions that have long shipped.
    accept: Vec<RawAccept>,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            missing_down: Verdict::Deny,
            hazards: Verdict::Deny,
            postgres: 15,
            rules: BTreeMap::new(),
            accept: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccept {
    /// The stem of the revision.
    revision: Spanned<String>,
    /// `missing-down`, a hazard, or, of a revision that is pinned, `syntax`.
    finding: Spanned<String>,
    /// Why it may stay. It is baked with the revision.
    reason: Spanned<String>,
}

impl RawAccept {
    fn check(self, text: &str) -> Result<Accept, (String, Range<usize>)> {
        if self.reason.get_ref().trim().is_empty() {
            return Err(("an accepted finding needs a reason".to_owned(), self.reason.span()));
        }
        if !is_acceptable(self.finding.get_ref()) {
            return Err((unacceptable(self.finding.get_ref()), self.finding.span()));
        }
        let line = position(text, self.revision.span().start).0;
        let (revision, finding) = (self.revision.into_inner(), self.finding.into_inner());
        Ok(Accept { revision, finding, reason: self.reason.into_inner(), line })
    }
}

/// Findings that are no lint rules, and can be accepted.
const ACCEPTABLE: [&str; 2] = ["missing-down", SYNTAX];

/// Whether a finding can be accepted at all. The others say that the history cannot be trusted.
pub(crate) fn is_acceptable(finding: &str) -> bool {
    ACCEPTABLE.contains(&finding) || class_of(finding).is_some_and(Class::is_acceptable)
}

fn unacceptable(finding: &str) -> String {
    let near = did_you_mean(finding, ACCEPTABLE.into_iter().chain(acceptable()));
    format!(
        "finding `{finding}` cannot be accepted: {near}what can is `missing-down`, a lint rule and, once the \
         revision is pinned, `syntax`"
    )
}

fn check_rule(
    (rule, verdict): (Spanned<String>, Verdict),
) -> Result<(String, Verdict), (String, Range<usize>)> {
    let name = rule.get_ref().as_str();
    let message = match class_of(name) {
        Some(Class::Hazard | Class::Advice) => return Ok((rule.into_inner(), verdict)),
        Some(Class::Handled) => format!("rule `{name}` is never reported: hardtack sees to it by itself"),
        Some(Class::Live) => {
            format!("rule `{name}` is found on a database, not by the build: accept it by a directive")
        }
        None => {
            format!("unknown rule `{name}`: {}see docs/hazards.md", did_you_mean(name, reportable()))
        }
    };
    Err((message, rule.span()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hardtack.toml");
        fs::write(&path, text).unwrap();
        let error = Policy::load(&path).unwrap_err().to_string();
        error.split_once("hardtack.toml:").unwrap().1.to_owned()
    }

    #[test]
    fn absent_and_foreign_tables_are_fine() {
        assert_eq!(Policy::load(Path::new("/nowhere/hardtack.toml")).unwrap(), Policy::default());
        let policy =
            Policy::parse("[environments.production]\nurl = 'x'\n[build]\nhazards = 'warn'").unwrap();
        assert_eq!(policy, Policy { hazards: Verdict::Warn, ..Policy::default() });
    }

    #[test]
    fn everything_can_be_set() {
        let text = "[build]\nmissing-down = 'allow'\npostgres = 17\n[build.rules]\nprefer-identity = 'warn'\n\
                    [[build.accept]]\nrevision = 'V1__x'\nfinding = 'syntax'\nreason = 'old'\n";
        let policy = Policy::parse(text).unwrap();
        assert_eq!((policy.missing_down, policy.postgres), (Verdict::Allow, 17));
        assert_eq!(policy.level_of("prefer-identity"), Some(Level::Warn));
        assert_eq!(policy.level_of("prefer-text-field"), None);
        assert_eq!(policy.level_of("ban-drop-column"), Some(Level::Error));
        assert_eq!(policy.accept[0].line, 7);
    }

    #[test]
    fn errors_have_their_line() {
        assert!(error("[build]\nhazard = 'warn'\n").starts_with("2:1: unknown field `hazard`"));
        assert!(error("[build]\n\nhazards = 'warm'\n").starts_with("3:11: unknown variant `warm`"));
        assert_eq!(
            error("[build.rules]\nban-drop-colum = 'warn'\n"),
            "2:1: unknown rule `ban-drop-colum`: did you mean `ban-drop-column`? see docs/hazards.md"
        );
        assert_eq!(
            error("[build.rules]\nrequire-lock-timeout = 'warn'\n"),
            "2:1: rule `require-lock-timeout` is never reported: hardtack sees to it by itself"
        );
        let accept = "[[build.accept]]\nrevision = 'V1__x'\nfinding = 'syntax'\nreason = ' '\n";
        assert_eq!(error(accept), "4:10: an accepted finding needs a reason");
    }

    #[test]
    fn integrity_is_not_negotiable() {
        let accept = |finding: &str| {
            format!("[[build.accept]]\nrevision = 'V1__x'\nfinding = '{finding}'\nreason = 'old'\n")
        };
        for finding in ["missing-down", "syntax", "ban-drop-column", "prefer-identity"] {
            assert!(Policy::parse(&accept(finding)).is_ok(), "{finding}");
        }
        for (finding, near) in [
            ("pinned-edited", ""),
            ("pinned-removed", ""),
            ("out-of-order", ""),
            ("transaction-control", ""),
            ("lone-cr", ""),
            ("require-lock-timeout", ""),
            ("", ""),
            ("missing-dwn", "did you mean `missing-down`? "),
        ] {
            let expected = format!(
                "3:11: finding `{finding}` cannot be accepted: {near}what can is `missing-down`, a lint rule and, \
                 once the revision is pinned, `syntax`"
            );
            assert_eq!(error(&accept(finding)), expected);
        }
    }
}
