mod escape;

use std::cmp::Reverse;
use std::fmt::Write;

use escape::{code, escaped, fenced, sentence};

use super::content::Standing;
use super::{Issue, Level, Outcome, Report, Section, locks, words};
use crate::catalog::Difference;
use crate::catalog::render::count;
use crate::engine::dry_run::{DryStatement, DryStep, StatementKind};
use crate::safety::Verdict;

/// What GitHub takes as a comment, less what the last remark needs.
const ROOM: usize = 65_536 - 400;

/// What the table of the revisions may take of it.
const TABLE_ROOM: usize = 20_000;

/// What the sections that are about no revision may take of it.
const OTHERS_ROOM: usize = 15_000;

/// Statements of one revision that are shown.
const STATEMENTS: usize = 30;

/// Characters of one statement that are shown.
const STATEMENT: usize = 2000;

/// Issues of one section that are shown.
const ISSUES: usize = 40;

/// Differences of the schema that are shown.
const DIFFERENCES: usize = 100;

impl Report<'_> {
    /// The report for a comment on a pull request, which may be only so long. What is mild is left out first, and that is said.
    pub(super) fn markdown(&self) -> String {
        let mut page = Page::default();
        page.text.push_str(&self.heading());
        let steps: Vec<(&DryStep, Option<&Section>)> = self.steps().collect();
        page.table(&steps);
        let room = length(&page.text) + OTHERS_ROOM;
        for section in self.others() {
            page.push(&self.other_block(section), room, &section.name);
        }
        let parts: Vec<String> =
            steps.iter().map(|(step, section)| details(step, *section, self.trouble(step))).collect();
        page.details(&steps, &parts);
        page.closing();
        page.text
    }

    fn heading(&self) -> String {
        let mut title = self.title.clone();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let mut text = format!("### {}\n\n", escaped(&title));
        if let Some(dry_run) = self.dry_run {
            let _ = writeln!(
                text,
                "{} **{}**: {} · PostgreSQL {}, {}\n",
                mark(dry_run.verdict),
                dry_run.verdict,
                escaped(&self.closing()),
                escaped(&dry_run.server_version),
                escaped(&words::depth(dry_run))
            );
        } else {
            let mark = if self.has_failed() { "🔴" } else { "🟢" };
            let _ = writeln!(text, "{mark} {}\n", escaped(&self.closing()));
        }
        text
    }

    /// A section that is about no revision.
    fn other_block(&self, section: &Section) -> String {
        let mark = match section.standing() {
            Standing::Failed => "🔴",
            Standing::ToMind => "🟠",
            Standing::Passed => "🟢",
            Standing::Skipped => "⚪",
        };
        let reason = match &section.outcome {
            Outcome::Skipped { reason } => format!(" ({})", escaped(reason)),
            _ => String::new(),
        };
        let title = escaped(&section.title);
        let mut text = format!(
            "{mark} **{title}** {}{reason}: {}\n",
            section.standing().words(),
            escaped(&section.summary)
        );
        issues(&mut text, section.issues.iter(), true);
        let rehearsal = self.dry_run.and_then(|dry_run| dry_run.rehearsal.as_ref());
        if let Some(rehearsal) = rehearsal.filter(|_| section.name == "schema") {
            differences(&mut text, rehearsal.differences.as_deref().unwrap_or_default());
        }
        text.push('\n');
        text
    }
}

/// What is written, and what found no room.
#[derive(Default)]
struct Page {
    text: String,
    left_out: Vec<String>,
}

impl Page {
    /// Takes a part where it fits into so much in all.
    fn push(&mut self, part: &str, room: usize, name: &str) {
        if length(&self.text) + length(part) <= room {
            self.text.push_str(part);
        } else {
            self.left_out.push(code(name));
        }
    }

    fn table(&mut self, steps: &[(&DryStep, Option<&Section>)]) {
        if steps.is_empty() {
            return;
        }
        self.text.push_str("| Revision | Verdict | Time | Locks |\n| --- | --- | ---: | --- |\n");
        let rows: Vec<String> = steps.iter().map(|(step, _)| row(step)).collect();
        let chosen = worst_that_fit(steps, &rows, TABLE_ROOM);
        chosen.iter().for_each(|&place| self.text.push_str(&rows[place]));
        if chosen.len() < rows.len() {
            let _ = writeln!(self.text, "| {} more, none of them worse | | | |", rows.len() - chosen.len());
        }
        self.text.push('\n');
    }

    fn details(&mut self, steps: &[(&DryStep, Option<&Section>)], parts: &[String]) {
        let chosen = worst_that_fit(steps, parts, ROOM.saturating_sub(length(&self.text)));
        chosen.iter().for_each(|&place| self.text.push_str(&parts[place]));
        if chosen.len() < parts.len() {
            self.left_out.push(format!("the details of {}", count(parts.len() - chosen.len(), "revision")));
        }
    }

    fn closing(&mut self) {
        if self.left_out.is_empty() {
            return;
        }
        let (mut names, number) = (self.left_out.clone(), self.left_out.len());
        names.truncate(3);
        if number > 3 {
            names.push(format!("{} more", number - 3));
        }
        let text = format!(
            "\n<sub>Left out, for want of room: {}. The same report as JSON or HTML has it.</sub>\n",
            names.join(", ")
        );
        // Names are short; one that is not leaves the remark alone.
        let short = "\n<sub>More is left out, for want of room.</sub>\n".to_owned();
        self.text.push_str(if length(&text) <= 380 { &text } else { &short });
    }
}

/// The places of the worst parts that fit, in the order of the plan.
fn worst_that_fit(steps: &[(&DryStep, Option<&Section>)], parts: &[String], room: usize) -> Vec<usize> {
    let failed = |section: Option<&Section>| section.is_some_and(|one| one.outcome == Outcome::Failed);
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.sort_by_key(|&place| Reverse((failed(steps[place].1), steps[place].0.verdict)));
    let mut left = room;
    let mut chosen: Vec<usize> = places
        .into_iter()
        .take_while(|&place| {
            let needed = length(&parts[place]);
            let fits = needed <= left;
            left = left.saturating_sub(needed);
            fits
        })
        .collect();
    chosen.sort_unstable();
    chosen
}

/// In the units in which a comment is measured where characters are counted most narrowly.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn row(step: &DryStep) -> String {
    let mut locks: Vec<String> = locks::barring(step)
        .iter()
        .map(|total| {
            let relation = code(&words::shortened(total.relation, 80, false));
            format!("{} on {relation} for {}", total.mode, super::human(total.held))
        })
        .collect();
    let more = locks.len().saturating_sub(3);
    locks.truncate(3);
    if more > 0 {
        locks.push(format!("{more} more"));
    }
    format!(
        "| {} | {} {} | {} | {} |\n",
        code(&words::shortened(&step.stem, 100, false)),
        mark(step.verdict),
        step.verdict,
        step.duration.map(super::human).unwrap_or_default(),
        locks.join("<br>")
    )
}

fn details(step: &DryStep, section: Option<&Section>, trouble: Option<String>) -> String {
    let mut text = format!(
        "<details><summary>{} {} {}</summary>\n\n",
        mark(step.verdict),
        code(&words::shortened(&step.stem, 100, false)),
        step.verdict
    );
    if let Some(trouble) = trouble {
        let _ = writeln!(text, "{}\n", escaped(&words::shortened(&trouble, 1000, false)));
    }
    issues(&mut text, section.into_iter().flat_map(Section::hazards), false);
    text.push('\n');
    step.statements.iter().take(STATEMENTS).for_each(|one| statement(&mut text, one));
    if step.statements.len() > STATEMENTS {
        let _ = writeln!(text, "and {} more\n", count(step.statements.len() - STATEMENTS, "statement"));
    }
    text.push_str("</details>\n\n");
    text
}

fn statement(text: &mut String, statement: &DryStatement) {
    let shown = words::shortened(&statement.text, STATEMENT, false);
    match statement.kind {
        StatementKind::Sql => writeln!(text, "{}\n", fenced(&shown, "sql")),
        _ => writeln!(text, "- {}\n", escaped(&shown)),
    }
    .unwrap_or_default();
    let Some(measured) = &statement.measured else { return };
    let mut parts = vec![super::human(measured.duration)];
    let locks = measured.locks.iter().filter(|lock| lock.mode.bars() != crate::safety::Bars::Nothing);
    parts.extend(locks.map(|lock| format!("{} on {}", lock.mode, lock.relation)));
    parts.extend(words::measured(measured));
    let parts: Vec<String> =
        parts.iter().take(ISSUES).map(|part| escaped(&words::shortened(part, 300, false))).collect();
    let _ = writeln!(text, "{}\n", parts.join("; "));
}

/// Of a revision's own issues everybody knows the file.
fn issues<'a>(text: &mut String, mut issues: impl Iterator<Item = &'a Issue>, with_files: bool) {
    for issue in issues.by_ref().take(ISSUES) {
        let mark = match issue.level {
            Level::Error => "🔴",
            Level::Warning => "🟠",
            Level::Notice => "🔵",
        };
        let place = match (issue.file.as_ref().filter(|_| with_files), issue.line) {
            (Some(file), Some(line)) => format!(" {}", code(&format!("{file}:{line}"))),
            (Some(file), None) => format!(" {}", code(file)),
            (None, Some(line)) => format!(" (line {line})"),
            (None, None) => String::new(),
        };
        let rule = code(&words::shortened(&issue.rule, 100, false));
        let message = sentence(&words::shortened(&issue.message, 1000, false));
        let _ = write!(text, "- {mark} {rule}{place}: {message}");
        if let Some(reason) = &issue.accepted {
            let _ = write!(text, "<br>accepted: {}", escaped(&words::shortened(reason, 500, false)));
        }
        if !issue.help.is_empty() {
            let _ = write!(text, "<br>→ {}", sentence(&words::shortened(&issue.help, 1000, false)));
        }
        text.push('\n');
    }
    let more = issues.count();
    if more > 0 {
        let _ = writeln!(text, "- and {more} more");
    }
}

fn differences(text: &mut String, differences: &[Difference]) {
    for difference in differences.iter().take(DIFFERENCES) {
        let object = words::shortened(&difference.object().to_string(), 200, false);
        let fields: Vec<String> = words::fields(difference).iter().map(|field| escaped(field)).collect();
        let fields = if fields.is_empty() { String::new() } else { format!(": {}", fields.join("; ")) };
        let _ = writeln!(text, "- {} {}{fields}", words::verb(difference), code(&object));
    }
    if differences.len() > DIFFERENCES {
        let _ = writeln!(text, "- and {} more", differences.len() - DIFFERENCES);
    }
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe | Verdict::BriefLock => "🟢",
        Verdict::Unknown => "⚪",
        Verdict::BlocksWrites => "🟠",
        Verdict::BlocksEverything | Verdict::LosesData | Verdict::BreaksRunningVersion => "🔴",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn reviewers_read_it() {
        let dry_run = fixture::three();
        let text = Report::of_dry_run(&dry_run, Some("migrations")).markdown();
        fixture::is_golden("three.md", &text);
    }

    #[test]
    fn three_hundred_fit_and_the_worst_are_there() {
        let dry_run = fixture::three_hundred();
        let text = Report::of_dry_run(&dry_run, None).markdown();
        assert!(length(&text) <= 65_536, "{}", length(&text));
        assert!(text.contains("Left out, for want of room: the details of "), "{text}");
        let losing = dry_run.steps.iter().filter(|step| step.verdict == Verdict::LosesData);
        for step in losing {
            assert!(text.contains(&format!("<summary>🔴 <code>{}</code>", step.stem)), "{}", step.stem);
        }
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }

    #[test]
    fn one_long_text_does_not_fill_it() {
        let mut dry_run = fixture::three();
        dry_run.steps[0].statements[0].text = "select 1;\n".repeat(100_000);
        dry_run.steps[0].hazards[0].message = "x".repeat(100_000);
        let text = Report::of_dry_run(&dry_run, None).markdown();
        assert!(length(&text) < 20_000, "{}", length(&text));
        assert_eq!(text.matches("<details>").count(), 3);
    }

    #[test]
    fn nothing_of_a_name_is_markup() {
        let dry_run = fixture::hostile();
        let text = Report::of_dry_run(&dry_run, None).markdown();
        let (outside, inside): (Vec<_>, Vec<_>) =
            text.split("```").enumerate().partition(|(place, _)| place % 2 == 0);
        assert_eq!(inside.len() + 1, outside.len());
        for (_, part) in outside {
            assert!(!part.contains("<script") && !part.contains("@all") && !part.contains("*b*"), "{part}");
        }
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert!(rows.iter().all(|row| row.matches('|').count() == 5), "{rows:?}");
    }
}
