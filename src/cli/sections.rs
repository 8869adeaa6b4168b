use std::borrow::Cow;
use std::fmt::Write;

use hardtack_build::{Finding, Level as FindingLevel};

use crate::report::{Issue, Level, Outcome, Section};

/// A section that was looked at: it fails by an error that nobody accepted.
pub(super) fn section(name: &str, title: &str, summary: String, mut issues: Vec<Issue>) -> Section {
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.level));
    let is_failed = issues.iter().any(|issue| issue.level == Level::Error && issue.accepted.is_none());
    let outcome = if is_failed { Outcome::Failed } else { Outcome::Passed };
    Section { name: name.to_owned(), title: title.to_owned(), outcome, summary, issues }
}

/// A section that was not looked at.
pub(super) fn skipped(name: &str, title: &str, reason: &str) -> Section {
    let outcome = Outcome::Skipped { reason: reason.to_owned() };
    Section {
        name: name.to_owned(),
        title: title.to_owned(),
        outcome,
        summary: "not looked at".to_owned(),
        issues: Vec::new(),
    }
}

/// An issue without a place.
pub(super) fn issue(
    level: Level,
    rule: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Issue {
    let (message, help) = (message.into(), help.into());
    Issue { level, rule: Cow::Borrowed(rule), message, help, file: None, line: None, accepted: None }
}

/// What the build says about a folder, with paths as `place` has them.
pub(super) fn of_finding(finding: &Finding, place: impl Fn(&str) -> String) -> Issue {
    let level = match finding.level {
        FindingLevel::Error => Level::Error,
        FindingLevel::Warn => Level::Warning,
    };
    Issue {
        level,
        rule: finding.code.clone(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        file: Some(place(&finding.file)),
        line: (finding.line > 0).then_some(finding.line),
        accepted: None,
    }
}

pub(super) fn has_failed(section: &Section) -> bool {
    section.outcome == Outcome::Failed
}

/// All sections, a line each, with what is to be said below.
pub(super) fn text(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        let (mark, said) = match &section.outcome {
            Outcome::Passed => ("ok", &section.summary),
            Outcome::Failed => ("FAILED", &section.summary),
            Outcome::Skipped { reason } => ("skipped", reason),
        };
        let _ = writeln!(text, "{mark:<8} {}: {said}", section.title);
        section.issues.iter().for_each(|issue| text.push_str(&issue_text(issue)));
    }
    text
}

/// An issue in a line, with its help below.
pub(super) fn issue_text(issue: &Issue) -> String {
    let place = match (&issue.file, issue.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        (None, _) => String::new(),
    };
    let warns = issue.level == Level::Warning && issue.accepted.is_none();
    let level = if warns { "warning: " } else { "" };
    let message = issue.message.replace('\n', "\n    ");
    let mut text = format!("  {place}{level}{message} [{}]\n", issue.rule);
    let below = issue.accepted.as_ref().map_or(issue.help.clone(), |reason| format!("accepted: {reason}"));
    if !below.is_empty() {
        let _ = writeln!(text, "    {}", below.replace('\n', "\n    "));
    }
    text
}
