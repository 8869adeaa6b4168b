use std::fmt::Write;
use std::time::Duration;

use super::content::Standing;
use super::{Issue, Level, Outcome, Report, Section, locks, words};
use crate::catalog::render::count;
use crate::engine::dry_run::{DryRun, DryStatement, DryStep, StatementKind};
use crate::safety::Verdict;
use crate::words::bytes;

/// A terminal's width that nothing but a name or a message goes beyond.
const WIDTH: usize = 100;

/// Tables that are listed with their sizes.
const TABLES: usize = 20;

impl Report<'_> {
    /// The report for people at a terminal.
    pub(super) fn human(&self, colour: bool) -> String {
        let mut text = Text { text: String::new(), colour };
        text.line(0, &self.title);
        if let Some(dry_run) = self.dry_run {
            text.line(0, &format!("PostgreSQL {}, {}", dry_run.server_version, words::depth(dry_run)));
            text.line(0, "");
        }
        for (step, section) in self.steps() {
            text.step(step, section, self.trouble(step));
        }
        if let Some(dry_run) = self.dry_run {
            text.tables(dry_run);
        }
        for section in self.others() {
            text.section(section);
            if let Some(rehearsal) = self.dry_run.and_then(|dry_run| dry_run.rehearsal.as_ref())
                && section.name == "schema"
            {
                text.differences(rehearsal.differences.as_deref().unwrap_or_default());
            }
        }
        text.closing(self);
        text.text
    }

    /// What the whole comes to, in a sentence without a full stop.
    pub(super) fn closing(&self) -> String {
        let mut parts = Vec::new();
        if let Some(dry_run) = self.dry_run {
            let steps = count(dry_run.steps.len(), "revision");
            parts.push(if dry_run.steps.is_empty() { "nothing to do".to_owned() } else { steps });
        }
        let failed: Vec<&str> =
            self.sections.iter().filter(|one| one.outcome == Outcome::Failed).map(|one| &*one.name).collect();
        match failed.len() {
            0 => parts.push("nothing failed".to_owned()),
            1..=3 => parts.push(format!("failed: {}", failed.join(", "))),
            number => parts.push(format!("{number} parts failed")),
        }
        parts.join("; ")
    }
}

struct Text {
    text: String,
    colour: bool,
}

impl Text {
    fn line(&mut self, depth: usize, line: &str) {
        let line = words::one_line(line);
        let _ = writeln!(self.text, "{}", format!("{}{line}", "    ".repeat(depth)).trim_end());
    }

    /// A text over as many lines as it needs.
    fn paragraph(&mut self, depth: usize, text: &str) {
        for line in words::wrapped(text, WIDTH - 4 * depth) {
            self.line(depth, &line);
        }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn step(&mut self, step: &DryStep, section: Option<&Section>, trouble: Option<String>) {
        let verdict = self.painted(paint(step.verdict), step.verdict.words());
        let duration = step.duration.map(words::human).unwrap_or_default();
        let notes = step.revision.notes();
        let notes = if notes.is_empty() { String::new() } else { format!("({})", notes.join(", ")) };
        let mut parts = vec![words::one_line(&step.stem), verdict, duration, notes];
        parts.retain(|part| !part.is_empty());
        let _ = writeln!(self.text, "{}", parts.join("  "));
        step.statements.iter().for_each(|statement| self.statement(statement));
        for total in locks::barring(step) {
            self.line(1, &total.words());
        }
        if let Some(trouble) = trouble {
            self.paragraph(1, &trouble);
        }
        section.into_iter().flat_map(Section::hazards).for_each(|issue| self.issue(issue));
        self.text.push('\n');
    }

    /// The first line with the time at the right, and what was measured below.
    fn statement(&mut self, statement: &DryStatement) {
        let time = statement.measured.as_ref().map(|measured| words::human(measured.duration));
        let time = time.unwrap_or_default();
        let first = words::first_line(&statement.text, WIDTH - 20);
        let room = WIDTH - 12;
        let line = (statement.kind == StatementKind::Sql).then(|| statement.line.to_string());
        let line = line.unwrap_or_default();
        self.line(1, &format!("{line:>4}  {first:<width$}  {time:>8}", width = room - 12));
        for text in statement.measured.iter().flat_map(words::measured) {
            self.line(2, &format!("  {text}"));
        }
    }

    fn issue(&mut self, issue: &Issue) {
        let at = issue.line.map_or(String::new(), |line| format!(" (line {line})"));
        let code = match issue.level {
            Level::Error => "1;31",
            Level::Warning => "33",
            Level::Notice => "36",
        };
        let sign = self.painted(code, if issue.level == Level::Notice { "-" } else { "!" });
        let text = words::one_line(&format!("{}{at}: {}", issue.rule, issue.message));
        for (place, line) in words::wrapped(&text, WIDTH - 8).iter().enumerate() {
            let _ = match place {
                0 => writeln!(self.text, "    {sign} {line}"),
                _ => writeln!(self.text, "      {line}"),
            };
        }
        if let Some(reason) = &issue.accepted {
            self.paragraph(2, &format!("accepted: {reason}"));
        }
        self.paragraph(2, &issue.help);
    }

    fn section(&mut self, section: &Section) {
        let standing = section.standing();
        let word = self.painted(standing_paint(standing), standing.words());
        let reason = match &section.outcome {
            Outcome::Skipped { reason } => format!(" ({reason})"),
            _ => String::new(),
        };
        let (title, summary) = (words::one_line(&section.title), words::one_line(&section.summary));
        let _ = writeln!(self.text, "{title}  {word}{}: {summary}", words::one_line(&reason));
        section.issues.iter().for_each(|issue| self.issue(issue));
    }

    fn differences(&mut self, differences: &[crate::catalog::Difference]) {
        for difference in differences {
            let sign = words::sign(difference);
            let code = match sign {
                '+' => "32",
                '-' => "31",
                _ => "33",
            };
            let object = words::one_line(&difference.object().to_string());
            let line = self.painted(code, &format!("{sign} {object}"));
            let _ = writeln!(self.text, "    {line}");
            words::fields(difference).iter().for_each(|field| self.line(2, field));
        }
    }

    fn tables(&mut self, dry_run: &DryRun) {
        if dry_run.tables.is_empty() {
            return;
        }
        self.line(0, "tables that are touched");
        for table in dry_run.tables.iter().take(TABLES) {
            let rows = table.rows.map_or(String::new(), |rows| format!("about {}, ", words::rows(rows)));
            let (size, indexes) = (bytes(table.bytes), bytes(table.index_bytes));
            self.line(1, &format!("{}: {rows}{size}, its indexes {indexes}", table.table));
        }
        if dry_run.tables.len() > TABLES {
            self.line(1, &format!("and {} smaller ones", dry_run.tables.len() - TABLES));
        }
        self.text.push('\n');
    }

    fn closing(&mut self, report: &Report<'_>) {
        let code = if report.has_failed() { "1;31" } else { "32" };
        let text = words::one_line(&report.closing());
        let text = self.painted(if report.verdict().is_some() { "0" } else { code }, &text);
        let verdict = report.verdict().map(|verdict| self.painted(paint(verdict), verdict.words()));
        let verdict = verdict.map_or(String::new(), |verdict| format!("{verdict}: "));
        let _ = write!(self.text, "\n{verdict}{text}");
    }
}

/// The colour of a verdict.
const fn paint(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe | Verdict::BriefLock => "32",
        Verdict::Unknown | Verdict::BlocksWrites => "33",
        Verdict::BlocksEverything | Verdict::LosesData | Verdict::BreaksRunningVersion => "1;31",
    }
}

const fn standing_paint(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed => "32",
        Standing::ToMind => "33",
        Standing::Failed => "1;31",
        Standing::Skipped => "36",
    }
}

/// How long the whole rehearsal took; none where there was none.
pub(super) fn took(dry_run: &DryRun) -> Option<Duration> {
    dry_run.rehearsal.as_ref().map(|rehearsal| rehearsal.duration)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn people_read_it() {
        let dry_run = fixture::three();
        let text = Report::of_dry_run(&dry_run, Some("migrations")).human(false);
        fixture::is_golden("three.txt", &text);
    }

    #[test]
    fn colour_is_all_that_colour_changes() {
        let dry_run = fixture::three();
        let report = Report::of_dry_run(&dry_run, None);
        let (mut coloured, plain) = (report.human(true), report.human(false));
        assert!(coloured.contains("\x1b[33mblocks writes\x1b[0m"), "{coloured}");
        for code in ["0", "32", "33", "36", "31", "1;31"] {
            coloured = coloured.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(coloured, plain);
    }

    #[test]
    fn nothing_of_a_name_steers_the_terminal() {
        let dry_run = fixture::hostile();
        let text = Report::of_dry_run(&dry_run, None).human(false);
        assert!(!text.contains(|letter: char| letter == '\u{202e}' || letter.is_control() && letter != '\n'));
        assert!(!text.lines().any(|line| line.starts_with("]]>")));
    }

    #[test]
    fn sections_alone_are_a_report() {
        let section = Section {
            name: "drift".to_owned(),
            title: "the schema against its history".to_owned(),
            outcome: Outcome::Skipped { reason: "no snapshot".to_owned() },
            summary: "nothing to compare with".to_owned(),
            issues: Vec::new(),
        };
        let text = Report::of_sections("verification of shop", "shop", vec![section]).human(false);
        let expected = "verification of shop\n\
            the schema against its history  skipped (no snapshot): nothing to compare with\n\nnothing failed";
        assert_eq!(text, expected);
    }

    #[test]
    fn three_hundred_are_one_text() {
        let dry_run = fixture::three_hundred();
        let text = Report::of_dry_run(&dry_run, None).human(false);
        assert!(text.contains("gave up on the database itself, rolled back: it took longer than 1 s"));
        assert!(text.ends_with("loses data: 300 revisions; nothing failed"), "{text}");
    }
}
