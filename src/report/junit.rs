use std::fmt::Write;
use std::time::Duration;

use super::human::took;
use super::{Issue, Outcome, Report, Section, github};

impl Report<'_> {
    /// The report as a test suite, a case a section. What failed is a failure; other issues are its output.
    pub(super) fn junit(&self) -> String {
        let of = |word: &str| self.sections.iter().filter(|section| section.outcome.word() == word).count();
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\"",
            self.sections.len(),
            of("failed"),
            of("skipped"),
            seconds(self.dry_run.and_then(took))
        );
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {counts}>\n  <testsuite name=\"{}\" {counts}>\n",
            escaped(self.tool.name),
            escaped(&self.title)
        );
        let times = self.steps().map(|(step, _)| step.duration).chain(std::iter::repeat(None));
        for (section, time) in self.sections.iter().zip(times) {
            case(&mut text, &self.title, section, time);
        }
        text.push_str("  </testsuite>\n</testsuites>\n");
        text
    }
}

fn case(text: &mut String, class: &str, section: &Section, time: Option<Duration>) {
    let _ = writeln!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\">",
        escaped(class),
        escaped(&section.name),
        seconds(time)
    );
    let issues: Vec<String> = section.issues.iter().map(line).collect();
    let issues = escaped(&issues.join("\n"));
    match &section.outcome {
        Outcome::Failed => {
            let rule = section.issues.first().map_or("failed", |issue| &*issue.rule);
            let (summary, rule) = (escaped(&section.summary), escaped(rule));
            let _ = writeln!(text, "      <failure message=\"{summary}\" type=\"{rule}\">{issues}</failure>");
        }
        Outcome::Skipped { reason } => {
            let _ = writeln!(text, "      <skipped message=\"{}\"/>", escaped(reason));
        }
        Outcome::Passed => {}
    }
    if section.outcome != Outcome::Failed {
        let summary = escaped(&section.summary);
        let _ =
            writeln!(text, "      <system-out>{}</system-out>", format!("{summary}\n{issues}").trim_end());
    }
    text.push_str("    </testcase>\n");
}

/// An issue with its place.
fn line(issue: &Issue) -> String {
    let place = match (&issue.file, issue.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        (None, _) => String::new(),
    };
    format!("{place}{}: {}", issue.rule, github::message(issue))
}

fn seconds(duration: Option<Duration>) -> String {
    format!("{:.3}", duration.unwrap_or_default().as_secs_f64())
}

/// A text as it may stand in XML, between tags and in an attribute. What XML 1.0 has no place for is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // A line end in an attribute would be read as a space.
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => {}
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_section_is_a_case() {
        let dry_run = fixture::three();
        let text = Report::of_dry_run(&dry_run, Some("migrations")).junit();
        assert_eq!(text.matches("<testcase ").count(), 8);
        assert!(
            text.contains("tests=\"8\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"4.180\""),
            "{text}"
        );
        assert!(text.contains("name=\"V8__orders_by_day\" time=\"2.340\""));
        assert!(text.contains("migrations/V8__orders_by_day.sql:3: require-concurrent-index-creation: "));
        assert!(text.contains("type=\"drop-column-in-use\""));
    }

    #[test]
    fn what_was_not_looked_at_is_skipped() {
        let mut dry_run = fixture::three();
        dry_run.rehearsal = None;
        let text = Report::of_dry_run(&dry_run, None).junit();
        assert_eq!(text.matches("<skipped message=\"nothing was rehearsed\"/>").count(), 2);
    }

    #[test]
    fn nothing_of_a_name_is_markup() {
        let dry_run = fixture::hostile();
        let text = Report::of_dry_run(&dry_run, None).junit();
        assert!(!text.contains("<script") && !text.contains("]]>"));
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
        assert_eq!(text.matches('<').count(), text.matches('>').count());
        assert_eq!(escaped("a\u{0}\u{1b}\u{ffff}\"b\n"), "a&quot;b&#10;");
    }
}
