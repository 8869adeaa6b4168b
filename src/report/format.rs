use std::fmt;
use std::str::FromStr;

use super::Report;

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportFormat {
    /// For people at a terminal.
    #[default]
    Human,
    /// For programs, as `docs/report.schema.json` has it.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// Workflow commands of GitHub Actions, which become annotations of the lines of a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// XML as `JUnit` writes it, for whatever shows test reports.
    Junit,
    /// A page that loads nothing and needs no script.
    Html,
}

impl ReportFormat {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Human, Self::Json, Self::Markdown, Self::Github, Self::Sarif, Self::Junit, Self::Html];

    /// Its name, as options have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ReportFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| format!("write one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl Report<'_> {
    /// The report in one of its forms; only the one for people has colour.
    #[must_use]
    pub fn render(&self, format: ReportFormat, colour: bool) -> String {
        match format {
            ReportFormat::Human => self.human(colour),
            ReportFormat::Json => self.json(),
            ReportFormat::Markdown => self.markdown(),
            ReportFormat::Github => self.github(),
            ReportFormat::Sarif => self.sarif(),
            ReportFormat::Junit => self.junit(),
            ReportFormat::Html => self.html(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Outcome, Section, fixture};
    use super::*;
    use crate::engine::dry_run::{Depth, Rehearsed};

    #[test]
    fn every_format_has_every_revision_to_be_minded() {
        for (name, dry_run) in [("three", fixture::three()), ("hostile", fixture::hostile())] {
            let report = Report::of_dry_run(&dry_run, Some("migrations"));
            for format in ReportFormat::ALL {
                let text = report.render(format, false);
                fixture::kept(&format!("{name}.{format}"), &text);
                assert!(text.contains("V9__drop_legacy") && text.contains("drop-column-in-use"), "{format}");
            }
        }
    }

    #[test]
    fn what_a_gate_says_is_in_every_format() {
        let dry_run = fixture::three();
        let mut report = Report::of_dry_run(&dry_run, None);
        report.sections.push(Section {
            name: "gates".to_owned(),
            title: "the gates".to_owned(),
            outcome: Outcome::Failed,
            summary: "blocks-writes is more than production allows".to_owned(),
            issues: Vec::new(),
        });
        for format in ReportFormat::ALL {
            assert!(report.render(format, false).contains("more than production allows"), "{format}");
        }
    }

    #[test]
    fn of_a_plan_alone_it_is_said_once_that_nothing_ran() {
        let mut dry_run = fixture::three_hundred();
        (dry_run.rehearsal, dry_run.depth) = (None, Depth::Plan);
        for step in &mut dry_run.steps {
            step.rehearsed = Rehearsed::No { reason: "only the plan was asked for".to_owned() };
        }
        let report = Report::of_dry_run(&dry_run, None);
        for format in [ReportFormat::Human, ReportFormat::Markdown, ReportFormat::Html] {
            let text = report.render(format, false);
            fixture::kept(&format!("plan-of-three-hundred.{format}"), &text);
            assert!(text.contains("the plan alone: nothing ran"), "{format}");
            assert!(!text.contains("only the plan was asked for"), "{format}");
        }
    }

    #[test]
    fn each_name_leads_back_to_its_format() {
        for format in ReportFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "pdf".parse::<ReportFormat>();
        assert_eq!(error, Err("write one of human, json, markdown, github, sarif, junit, html".to_owned()));
    }
}
