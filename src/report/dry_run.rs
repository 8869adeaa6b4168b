use super::content::Tool;
use super::{Issue, Level, Outcome, Report, Section, words};
use crate::catalog::render::count;
use crate::engine::dry_run::{DryRun, DryStep, Rehearsal, Rehearsed, Untouched};
use crate::revisions::Direction;
use crate::safety::{FoundHazard, Verdict};

impl<'a> Report<'a> {
    /// What an upgrade or a downgrade would do: a section a step, then `server`, `losses`, `schema`, `untouched` and, where
    /// some are set, `gates`. The file
    /// names of the dry run are below `folder`, as the repository has it.
    #[must_use]
    pub fn of_dry_run(dry_run: &'a DryRun, folder: Option<&str>) -> Self {
        let folder = folder.map_or(String::new(), below);
        let mut sections: Vec<Section> =
            dry_run.steps.iter().map(|step| of_step(step, dry_run.direction, &folder)).collect();
        sections.extend([server(dry_run), losses(dry_run), schema(dry_run), untouched(dry_run)]);
        sections.extend(gates(dry_run));
        Self {
            title: title(dry_run),
            database: dry_run.database.clone(),
            tool: Tool::default(),
            sections,
            dry_run: Some(dry_run),
            folder,
        }
    }
}

/// What the names of the files in a folder begin with.
fn below(folder: &str) -> String {
    let folder = folder.replace('\\', "/");
    let folder = folder.strip_prefix("./").unwrap_or(&folder).trim_end_matches('/');
    if folder.is_empty() || folder == "." { String::new() } else { format!("{folder}/") }
}

fn title(dry_run: &DryRun) -> String {
    let at =
        |version: Option<i64>| version.map_or("an empty history".to_owned(), |version| version.to_string());
    let run = match dry_run.direction {
        Direction::Up => "an upgrade",
        Direction::Down => "a downgrade",
    };
    format!("dry run of {run} of {} from {} to {}", dry_run.database, at(dry_run.from), at(dry_run.to))
}

fn of_step(step: &DryStep, direction: Direction, folder: &str) -> Section {
    let way = match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    let mut issues: Vec<Issue> = step.hazards.iter().map(|hazard| of_hazard(hazard, step, folder)).collect();
    issues.extend(of_rehearsal(step, folder));
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.level));
    Section {
        name: step.stem.clone(),
        title: format!("the {way} of {}", step.stem),
        outcome: outcome(step),
        summary: summary(step),
        issues,
    }
}

fn outcome(step: &DryStep) -> Outcome {
    match &step.rehearsed {
        Rehearsed::Failed { .. } => Outcome::Failed,
        Rehearsed::No { reason } | Rehearsed::GaveUp { reason, .. } if step.hazards.is_empty() => {
            Outcome::Skipped { reason: reason.clone() }
        }
        _ => Outcome::Passed,
    }
}

fn summary(step: &DryStep) -> String {
    let mut text = step.verdict.to_string();
    if let Some(duration) = step.duration {
        text = format!("{text}, {}", words::human(duration));
    }
    match words::trouble(&step.rehearsed) {
        Some(trouble) => format!("{text}; {trouble}"),
        None => text,
    }
}

fn of_hazard(hazard: &FoundHazard, step: &DryStep, folder: &str) -> Issue {
    Issue { file: Some(format!("{folder}{}", step.file)), line: hazard.line, ..issue(hazard) }
}

fn issue(hazard: &FoundHazard) -> Issue {
    Issue {
        level: level(hazard),
        rule: hazard.hazard.clone(),
        message: hazard.message.clone(),
        help: hazard.recipe.clone().into_owned(),
        file: None,
        line: hazard.line,
        accepted: hazard.accepted.clone(),
    }
}

fn level(hazard: &FoundHazard) -> Level {
    match hazard.verdict {
        _ if hazard.accepted.is_some() => Level::Notice,
        Verdict::Unknown => Level::Warning,
        verdict if verdict >= Verdict::BlocksWrites => Level::Error,
        _ => Level::Notice,
    }
}

/// What is to be said of a step that did not run to its end.
fn of_rehearsal(step: &DryStep, folder: &str) -> Option<Issue> {
    let (level, rule, message) = match &step.rehearsed {
        Rehearsed::Failed { error, .. } => (Level::Error, "rehearsal-failed", error),
        Rehearsed::GaveUp { reason, .. } => (Level::Warning, "rehearsal-gave-up", reason),
        _ => return None,
    };
    Some(Issue {
        level,
        rule: rule.into(),
        message: message.clone(),
        help: String::new(),
        file: Some(format!("{folder}{}", step.file)),
        line: None,
        accepted: None,
    })
}

fn server(dry_run: &DryRun) -> Section {
    let mut issues: Vec<Issue> = dry_run.hazards.iter().map(issue).collect();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.level));
    let in_the_way = dry_run.hazards.iter().filter(|hazard| hazard.verdict > Verdict::Safe).count();
    let summary = match in_the_way {
        0 => "nothing is in the way now".to_owned(),
        1 => "1 thing is in the way now".to_owned(),
        number => format!("{number} things are in the way now"),
    };
    section("server", "the server", Outcome::Passed, summary, issues)
}

fn losses(dry_run: &DryRun) -> Section {
    let issues: Vec<Issue> =
        dry_run.losses.iter().map(|loss| notice(Level::Warning, "loss", loss.to_string())).collect();
    let summary = match issues.len() {
        0 => "no data is lost, as far as the texts tell".to_owned(),
        1 => "1 possible loss of data".to_owned(),
        number => format!("{number} possible losses of data"),
    };
    section("losses", "what is lost", Outcome::Passed, summary, issues)
}

fn schema(dry_run: &DryRun) -> Section {
    let (outcome, summary) = match &dry_run.rehearsal {
        Some(Rehearsal { differences: Some(differences), .. }) => {
            (Outcome::Passed, words::changes(differences))
        }
        Some(_) => (skipped("not every step came to its end"), "what becomes of it is not known".to_owned()),
        None => (skipped("nothing was rehearsed"), "what becomes of it is not known".to_owned()),
    };
    section("schema", "the schema afterwards", outcome, summary, Vec::new())
}

fn untouched(dry_run: &DryRun) -> Section {
    let (outcome, summary) = match &dry_run.rehearsal {
        Some(Rehearsal { untouched: Some(untouched), .. }) => compared(untouched),
        Some(_) => (skipped("the database took no part in it"), "nothing ran on the database".to_owned()),
        None => (skipped("nothing was rehearsed"), "nothing ran on the database".to_owned()),
    };
    let left = dry_run.rehearsal.iter().flat_map(|rehearsal| &rehearsal.left_behind);
    let issues = left.map(|left| notice(Level::Notice, "left-behind", words::left_behind(left))).collect();
    section("untouched", "the database itself", outcome, summary, issues)
}

fn compared(untouched: &Untouched) -> (Outcome, String) {
    let Untouched { fingerprint_before, fingerprint_after, history_before, history_after } = untouched;
    let (before, after) = (words::short(fingerprint_before), words::short(fingerprint_after));
    if untouched.is_same() {
        let rows = count(*history_after, "row");
        return (Outcome::Passed, format!("as it was: fingerprint {after}, {rows} in the history"));
    }
    let text = format!(
        "it is another now, or somebody else has changed it meanwhile: its fingerprint was {before} and is {after}, its history \
         had {} and has {history_after}",
        count(*history_before, "row")
    );
    (Outcome::Failed, text)
}

/// What the gates say; nothing where none is set.
fn gates(dry_run: &DryRun) -> Option<Section> {
    let refused = || dry_run.gates.iter().filter(|gate| !gate.passed);
    let issues: Vec<Issue> = refused()
        .map(|gate| Issue { help: gate.how.clone(), ..notice(Level::Error, gate.gate, gate.what.clone()) })
        .collect();
    let (outcome, summary) = match issues.len() {
        0 => (Outcome::Passed, format!("{} would let it through", count(dry_run.gates.len(), "gate"))),
        number => {
            (Outcome::Failed, format!("{} of {} would refuse it", number, count(dry_run.gates.len(), "gate")))
        }
    };
    (!dry_run.gates.is_empty()).then(|| section("gates", "the gates", outcome, summary, issues))
}

fn skipped(reason: &str) -> Outcome {
    Outcome::Skipped { reason: reason.to_owned() }
}

fn section(name: &str, title: &str, outcome: Outcome, summary: String, issues: Vec<Issue>) -> Section {
    Section { name: name.to_owned(), title: title.to_owned(), outcome, summary, issues }
}

fn notice(level: Level, rule: &'static str, message: String) -> Issue {
    Issue { level, rule: rule.into(), message, help: String::new(), file: None, line: None, accepted: None }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn named<'a>(report: &'a Report<'_>, name: &str) -> &'a Section {
        report.sections.iter().find(|section| section.name == name).unwrap()
    }

    #[test]
    fn a_step_is_a_section() {
        let dry_run = fixture::three();
        let report = Report::of_dry_run(&dry_run, Some("./db/migrations/"));
        assert_eq!(report.title, "dry run of an upgrade of shop from 7 to 10");
        let names: Vec<&str> = report.sections.iter().map(|section| section.name.as_str()).collect();
        let expected = [
            "V8__orders_by_day",
            "V9__drop_legacy",
            "V10__fill_totals",
            "server",
            "losses",
            "schema",
            "untouched",
            "gates",
        ];
        assert_eq!(names, expected);
        let first = &report.sections[0];
        assert_eq!((first.outcome.word(), first.issues.len()), ("passed", 1));
        assert_eq!(first.issues[0].file.as_deref(), Some("db/migrations/V8__orders_by_day.sql"));
        assert_eq!((first.issues[0].level, first.issues[0].line), (Level::Error, Some(3)));
        assert!(report.has_failed());
    }

    #[test]
    fn levels_follow_the_verdicts() {
        let dry_run = fixture::three();
        let report = Report::of_dry_run(&dry_run, None);
        let second = &report.sections[1];
        let issues: Vec<(Level, &str)> =
            second.issues.iter().map(|issue| (issue.level, &*issue.rule)).collect();
        let expected = [
            (Level::Error, "drop-column-in-use"),
            (Level::Error, "rehearsal-failed"),
            (Level::Notice, "ban-drop-column"),
        ];
        assert_eq!(issues, expected);
        assert_eq!(second.outcome, Outcome::Failed);
        assert_eq!(report.sections[2].issues[0].level, Level::Warning);
    }

    #[test]
    fn a_step_that_nobody_ran_and_nobody_fears_is_skipped() {
        let mut dry_run = fixture::three();
        dry_run.steps[2].hazards.clear();
        let report = Report::of_dry_run(&dry_run, None);
        assert_eq!(report.sections[2].outcome, skipped("a step before it failed"));
    }

    #[test]
    fn a_database_that_is_another_fails() {
        let mut dry_run = fixture::three();
        let report = Report::of_dry_run(&dry_run, None);
        let untouched = named(&report, "untouched");
        assert_eq!(untouched.summary, "as it was: fingerprint 3f2ab4c9d01e, 7 rows in the history");
        assert_eq!(untouched.issues.len(), 3);
        let rehearsal = dry_run.rehearsal.as_mut().unwrap();
        rehearsal.untouched.as_mut().unwrap().history_after = 8;
        let report = Report::of_dry_run(&dry_run, None);
        assert_eq!(named(&report, "untouched").outcome, Outcome::Failed);
        dry_run.rehearsal = None;
        let report = Report::of_dry_run(&dry_run, None);
        assert_eq!(named(&report, "schema").outcome, skipped("nothing was rehearsed"));
    }

    #[test]
    fn the_rest_has_its_words() {
        let dry_run = fixture::three();
        let report = Report::of_dry_run(&dry_run, None);
        assert_eq!(named(&report, "schema").summary, "creates 1 object, drops 1, changes 1");
        assert_eq!(named(&report, "losses").summary, "2 possible losses of data");
        assert_eq!(named(&report, "server").summary, "1 thing is in the way now");
    }
}
