//! `generate --from-diff` and `--baseline`: a revision that leads from the history to what is there.

use std::path::Path;

use serde::Serialize;

use super::ExitCode;
use super::diff::{planned, tell_likely_renames};
use super::diff_source::{ReadSide, Side, read_both};
use super::generate::{GenerateArgs, Numbered, newest_version, write};
use super::output::{count, remark};
use super::session::{Failure, Session};
use super::templates::Template;
use crate::catalog::ddl::{self, DdlPlan, DiffOptions, Hazard, Rename};
use crate::catalog::{Kind, ObjectId};
use crate::revisions::{self, Draft, RevisionSet, is_same_up_to};
use crate::words::one_line;

pub(super) async fn run(
    session: &mut Session,
    args: &GenerateArgs,
    folder: &Path,
    revision: &Numbered,
) -> Result<ExitCode, Failure> {
    let from = before(session, args, folder).await?;
    let to = Side::named(session, args.from_diff.as_deref().unwrap_or("database")).await?;
    let (from, to) = read_both(from, to).await?;
    let ignore = &session.settings.ignored_drift.value;
    let (from, to) = (from.without_ignored(ignore), to.without_ignored(ignore));
    let (plan, renames) = planned(&from, &to, &args.renames, args.online, true)?;
    if plan.is_empty() {
        let text = format!("{} and {} are equal: nothing was written", from.name, to.name);
        session.output.result(&Report::nothing(), &text);
        return Ok(ExitCode::Success);
    }
    if plan.statements.is_empty() {
        let text = format!("nothing was written: no DDL is known for what differs\n{}", not_in_it(&plan));
        session.output.result(&Report { plan: Some(&plan), ..Report::nothing() }, &text);
        return Ok(ExitCode::Success);
    }
    tell_likely_renames(&plan);
    refuse_loss(args, &to, &plan)?;
    let draft = Draft {
        stem: revision.stem.clone(),
        up: Some(up(folder, revision, &plan, &to, "")?),
        down: if args.baseline { None } else { Some(down(folder, revision, &from, &to, &plan, &renames)?) },
        rust: None,
    };
    let mut directives = String::from(if args.baseline { IRREVERSIBLE } else { "" });
    // Whoever accepts a generated revision has its hazards before them, statement by statement.
    let reason = format!("as {} has it; each statement says what is dangerous about it", quotable(&to.short));
    for rule in draft.hazards()? {
        directives.push_str(&format!("-- hardtack: allow {rule} \"{reason}\"\n"));
    }
    let draft = Draft { up: Some(up(folder, revision, &plan, &to, &directives)?), ..draft };
    draft.faults()?.iter().for_each(|fault| remark(&format!("the build will say: {fault}")));
    let files: Vec<(String, String)> = draft.files().map(|(name, text)| (name, text.to_owned())).collect();
    let written = write(folder, &files)?;
    let text = told(args, revision, &plan, &written);
    let report = Report {
        version: Some(revision.version),
        stem: Some(&revision.stem),
        files: &written,
        plan: Some(&plan),
    };
    session.output.result(&report, &text);
    Ok(ExitCode::Success)
}

/// A down of it would drop everything.
const IRREVERSIBLE: &str =
    "-- hardtack: irreversible \"it is what was there before hardtack; restore a backup to go behind it\"\n";

#[derive(Serialize)]
struct Report<'a> {
    version: Option<i64>,
    stem: Option<&'a str>,
    files: &'a [String],
    #[serde(flatten)]
    plan: Option<&'a DdlPlan>,
}

impl Report<'_> {
    fn nothing() -> Self {
        Self { version: None, stem: None, files: &[], plan: None }
    }
}

/// What the revisions make of an empty database; an empty one where there is none, and for a baseline.
async fn before(session: &mut Session, args: &GenerateArgs, folder: &Path) -> Result<Side, Failure> {
    let is_first = newest_version(folder)? == 0;
    if args.baseline && !is_first {
        return Err(Failure::usage(format!(
            "make a baseline in {}: there are revisions; a baseline is the first one; nothing was written; \
             `generate NAME --from-diff database` writes what they lack",
            folder.display()
        )));
    }
    if is_first {
        return Side::empty(session).await;
    }
    let revisions = runnable(session, revisions::resolve(folder)?.revisions)?;
    Side::revisions(session, folder.display().to_string(), &revisions).await
}

/// The folder's revisions, with the code of the Rust ones where this binary was built from the same folder.
pub(super) fn runnable(session: &Session, there: RevisionSet) -> Result<RevisionSet, Failure> {
    let ours = session.revisions()?;
    Ok(if is_same_up_to(&there, &ours, i64::MAX) { ours } else { there })
}

fn refuse_loss(args: &GenerateArgs, to: &ReadSide, plan: &DdlPlan) -> Result<(), Failure> {
    let deletes = plan.statements.iter().filter(|one| one.hazards.contains(&Hazard::DeletesData));
    let lines: Vec<String> =
        deletes.map(|one| format!("\n  {}", one.sql.lines().next().unwrap_or_default())).collect();
    if lines.is_empty() || args.accept_data_loss {
        return Ok(());
    }
    Err(Failure::new(
        ExitCode::Refused,
        format!(
            "make a revision that leads to {}: rows or values would be gone for good; nothing was written; give --rename OLD=NEW \
             where something was renamed, or --accept-data-loss:{}",
            to.name,
            lines.concat()
        ),
    ))
}

fn up(
    folder: &Path,
    revision: &Numbered,
    plan: &DdlPlan,
    to: &ReadSide,
    directives: &str,
) -> Result<String, Failure> {
    let head = format!("-- Leads to {}, as `hardtack generate` found it.\n", one_line(&to.short));
    file(Template::Up, folder, revision, plan, directives, &head)
}

/// The way back from what the way up makes, which leaves out what it cannot express.
fn down(
    folder: &Path,
    revision: &Numbered,
    from: &ReadSide,
    to: &ReadSide,
    up: &DdlPlan,
    renames: &[Rename],
) -> Result<String, Failure> {
    let mut made = to.catalog.clone();
    let mut head = String::new();
    let is_left = |id: &ObjectId| !up.statements.iter().any(|statement| statement.object == *id);
    for one in up.unexpressed.iter().filter(|one| is_left(&one.object)) {
        match from.catalog.objects.get(&one.object) {
            Some(object) => made.objects.insert(one.object.clone(), object.clone()),
            None => made.objects.remove(&one.object),
        };
        let object = one_line(&one.object.to_string());
        head.push_str(&format!("-- Not in it: {object}: the way up leaves it as it is\n"));
    }
    let back = |rename: &Rename| Rename { from: rename.to.clone(), to: rename.from.clone() };
    let options = DiffOptions { renames: renames.iter().map(back).collect(), online: false };
    let plan = ddl::diff(&made, &from.catalog, &options)?;
    file(Template::Down, folder, revision, &plan, "", &head)
}

fn file(
    template: Template,
    folder: &Path,
    revision: &Numbered,
    plan: &DdlPlan,
    directives: &str,
    head: &str,
) -> Result<String, Failure> {
    let transactional = plan.is_transactional();
    let transaction = if transactional { "" } else { "-- hardtack: no-transaction\n" };
    let mut sql = head.to_owned();
    for one in &plan.unexpressed {
        sql.push_str(&format!(
            "-- Not in it: {}: {}\n",
            one_line(&one.object.to_string()),
            one_line(&one.reason)
        ));
    }
    let has_routine =
        plan.statements.iter().any(|one| matches!(one.object.kind, Kind::Function | Kind::Procedure));
    if has_routine {
        let scope = if transactional { "set local" } else { "set" };
        sql.push_str(&format!("{scope} check_function_bodies = off;\n"));
    }
    sql.push_str(&plan.script());
    template.fill(folder, revision, &format!("{transaction}{directives}"), &sql)
}

fn told(args: &GenerateArgs, revision: &Numbered, plan: &DdlPlan, written: &[String]) -> String {
    let mut text: String = written.iter().map(|file| format!("wrote {file}\n")).collect();
    let hazardous = plan.statements.iter().filter(|statement| !statement.hazards.is_empty()).count();
    text.push_str(&format!("{}, {hazardous} with hazards\n", count(plan.statements.len(), "statement")));
    if !plan.is_transactional() {
        text.push_str("some statements take no transaction, so the revision has none: read it, and split it where that suits\n");
    }
    text.push_str(&not_in_it(plan));
    if args.baseline {
        text.push_str(&format!(
            "record it on databases that have this schema: hardtack baseline --to {}\n",
            revision.version
        ));
    }
    text
}

fn not_in_it(plan: &DdlPlan) -> String {
    plan.unexpressed.iter().map(|one| format!("not in it: {}: {}\n", one.object, one.reason)).collect()
}

/// A text within a directive's reason.
fn quotable(text: &str) -> String {
    one_line(text).replace('"', "'")
}
