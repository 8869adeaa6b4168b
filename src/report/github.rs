use std::fmt::Write;

use super::{Issue, Level, Report, Section};

impl Report<'_> {
    /// Workflow commands, the worst first: GitHub shows only the first few of each level.
    pub(super) fn github(&self) -> String {
        let mut text = String::new();
        for (section, issue) in self.worst_first() {
            annotation(&mut text, section, &issue);
        }
        let level = if self.has_failed() { "error" } else { "notice" };
        let title = format!("{}: {}", self.tool.name, self.title);
        let closing = match self.verdict() {
            Some(verdict) => format!("{verdict}: {}", self.closing()),
            None => self.closing(),
        };
        let _ = write!(text, "::{level} title={}::{}", property(&title), data(&closing));
        text
    }
}

fn annotation(text: &mut String, section: &Section, issue: &Issue) {
    let level = match issue.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let _ = write!(text, "::{level} ");
    if let Some(file) = &issue.file {
        let _ = write!(text, "file={},line={},", property(file), issue.line.unwrap_or(1));
    }
    let title = format!("{}: {}", section.name, issue.rule);
    let _ = writeln!(text, "title={}::{}", property(&title), data(&message(issue)));
}

/// Everything that is to be said of an issue, a line each.
pub(super) fn message(issue: &Issue) -> String {
    let mut message = issue.message.clone();
    if let Some(reason) = &issue.accepted {
        let _ = write!(message, "\naccepted: {reason}");
    }
    if !issue.help.is_empty() {
        let _ = write!(message, "\n{}", issue.help);
    }
    message
}

/// As it may stand behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As it may stand behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{Outcome, fixture};
    use super::*;

    #[test]
    fn the_worst_is_first() {
        let dry_run = fixture::three();
        let text = Report::of_dry_run(&dry_run, Some("migrations")).github();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "::error file=migrations/V8__orders_by_day.sql,line=3,title=V8__orders_by_day%3A \
             require-concurrent-index-creation::public.orders has 52,000,000 rows, 9.1 GB, and nobody writes to it \
             meanwhile%0Acreate it with CREATE INDEX CONCURRENTLY, in a revision without a transaction"
        );
        let levels: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
        let expected = [
            "::error",
            "::error",
            "::error",
            "::error",
            "::error",
            "::warning",
            "::warning",
            "::warning",
            "::notice",
            "::notice",
            "::notice",
            "::notice",
            "::error",
        ];
        assert_eq!(levels, expected);
        assert!(lines[8].contains("%0Aaccepted: unused since 2.3"), "{}", lines[8]);
    }

    #[test]
    fn one_issue_is_one_command() {
        let dry_run = fixture::hostile();
        let report = Report::of_dry_run(&dry_run, None);
        let text = report.github();
        assert_eq!(text.lines().count(), report.worst_first().len() + 1);
        for line in text.lines() {
            let (properties, _) = line[2..].split_once("::").unwrap();
            assert_eq!(properties.matches("title=").count(), 1, "{line}");
        }
        assert_eq!(property("a,b:c%\r\n"), "a%2Cb%3Ac%25%0D%0A");
    }

    #[test]
    fn a_failure_without_an_issue_is_said() {
        let section = Section {
            name: "gates".to_owned(),
            title: "the gates".to_owned(),
            outcome: Outcome::Failed,
            summary: "blocks-writes is not allowed".to_owned(),
            issues: Vec::new(),
        };
        let text = Report::of_sections("verification", "shop", vec![section]).github();
        assert!(text.starts_with("::error title=gates%3A gates::blocks-writes is not allowed\n"), "{text}");
    }
}
