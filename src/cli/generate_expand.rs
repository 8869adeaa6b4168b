//! `generate --expand`: three revisions that put new columns in the place of old ones.

use std::path::Path;

use serde::Serialize;

use super::ExitCode;
use super::generate::{GenerateArgs, Numbered, numbered, write};
use super::generate_diff::runnable;
use super::session::{Failure, Session};
use super::templates::Template;
use crate::catalog::Snapshot;
use crate::catalog::expand::{Expansion, Files, StepNames};
use crate::engine::Snapshots;
use crate::revisions::{self, Draft, Revision, RevisionSet};

pub(super) async fn run(
    session: &mut Session,
    args: &GenerateArgs,
    folder: &Path,
    table: &str,
) -> Result<ExitCode, Failure> {
    let there = runnable(session, revisions::resolve(folder)?.revisions)?;
    let revision = numbered(folder, args)?;
    let head = session.migrator_of(there.clone()).await?.snapshots().await?.head.catalog;
    let expansion = Expansion::new(&head, &revision.name, table, &args.new_columns, &args.old_columns)
        .map_err(Failure::usage)?;
    let steps = [revision.step(0, "expand"), revision.step(1, "backfill"), revision.step(2, "contract")];
    let drafts = drafts(folder, &steps, &expansion)?;
    try_out(session, &there, &drafts[0], &expansion).await?;
    let mut files: Vec<(String, String)> = Vec::new();
    let mut all = there.as_slice().to_vec();
    for draft in &drafts {
        files.extend(draft.files().map(|(name, text)| (name, text.to_owned())));
        all.extend(draft.revision()?.as_slice().iter().cloned());
    }
    let taken = snapshots(session, all).await?;
    for (stem, snapshot) in taken.before.iter().filter(|(stem, _)| drafts.iter().any(|one| one.stem == *stem))
    {
        files.push((format!("snapshots/{stem}.json"), text(snapshot)?));
    }
    let written = write(folder, &files)?;
    let report = Report { stems: steps.iter().map(|step| &*step.stem).collect(), files: &written };
    session.output.result(&report, &told(&steps, &written));
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    stems: Vec<&'a str>,
    files: &'a [String],
}

/// Replays revisions again, with those that are to come: what is passed over has been told.
async fn snapshots(session: &mut Session, revisions: Vec<Revision>) -> Result<Snapshots, Failure> {
    let migrator = session.migrator_of(RevisionSet::from_revisions(revisions)).await?;
    let taken = migrator.on_event(|_| ()).snapshots().await.map_err(Failure::from);
    taken.map_err(|Failure { message, code }| {
        Failure::new(code, format!("try the revisions on an empty database: {message}; nothing was written"))
    })
}

fn drafts(folder: &Path, steps: &[Numbered; 3], expansion: &Expansion) -> Result<[Draft; 3], Failure> {
    let [expand, backfill, contract] = steps;
    let names = StepNames {
        expand: expand.stem.clone(),
        backfill: backfill.stem.clone(),
        contract: contract.stem.clone(),
    };
    // The release that writes the new columns has the second revision; older ones know only what the third takes away.
    let breaks = format!("-- hardtack: breaks-code-before V{}\n", backfill.version);
    Ok([
        draft(folder, expand, expansion, expansion.expand(), "")?,
        draft(folder, backfill, expansion, expansion.backfill(&names), "")?,
        draft(folder, contract, expansion, expansion.contract(&names), &breaks)?,
    ])
}

/// A revision of these texts, with directives that allow by name what is dangerous about it, and others.
fn draft(
    folder: &Path,
    step: &Numbered,
    expansion: &Expansion,
    files: Files,
    others: &str,
) -> Result<Draft, Failure> {
    let up = |directives: &str| {
        let fill = |sql: &String| Template::Up.fill(folder, step, directives, sql);
        files.up.as_ref().map(fill).transpose()
    };
    let down =
        files.down.as_ref().map(|sql| Template::Down.fill(folder, step, Files::DOWN, sql)).transpose()?;
    let draft = Draft { stem: step.stem.clone(), up: up(files.directives)?, down, rust: files.rust };
    let mut directives = String::new();
    for rule in draft.hazards()? {
        directives.push_str(&format!("-- hardtack: allow {rule} \"{}\"\n", expansion.reason()));
    }
    directives.push_str(files.directives);
    directives.push_str(others);
    Ok(Draft { up: up(&directives)?, ..draft })
}

/// Lets the server look at types and expressions: in a trigger it would look at the latter at the first write.
async fn try_out(
    session: &mut Session,
    there: &RevisionSet,
    expand: &Draft,
    expansion: &Expansion,
) -> Result<(), Failure> {
    let up = expand.up.as_ref();
    let up = up.map(|up| format!("{}\n{up}\n{}", expansion.probe_before(), expansion.probe()));
    let tried = Draft { up, ..expand.clone() }.lenient_revision()?;
    let all = there.iter().chain(&tried).cloned().collect();
    let made = snapshots(session, all).await?;
    expansion.hold_against(&made.head.catalog).map_err(Failure::usage)
}

fn text(snapshot: &Snapshot) -> Result<String, Failure> {
    snapshot.to_text().map_err(Failure::from_error)
}

fn told([expand, backfill, contract]: &[Numbered; 3], written: &[String]) -> String {
    let mut text: String = written.iter().map(|file| format!("wrote {file}\n")).collect();
    text.push_str(&format!(
        "ship {} and {} before the version of the application that writes the new columns; keep {} out of the folder until nothing \
         knows the old ones any more\n",
        expand.stem, backfill.stem, contract.stem
    ));
    text
}
