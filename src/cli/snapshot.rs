use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::output::{count, remark};
use super::session::{Failure, Session};
use super::snapshot_folder::{HEAD, SnapshotFolder, State};
use crate::catalog::Snapshot;
use crate::engine::{Snapshots, Undeclared};
use crate::revisions;

pub(super) const EXAMPLES: &str = "The revisions are applied to a scratch database, which wants a role with CREATEDB. snapshots/head.json is what all of
them make: the build puts it into the binary, and drift is told by it. snapshots/V8__x.json is what the Rust functions of V8
find: its typed tables are made of it. Commit them.

With --dir it works while the application does not compile: Rust revisions are passed over, but for those that say that they
change the schema, #[hardtack::up(alters_schema)], which want the application's own binary. That runs them all.

Exit status of --check: 0 all files are fresh, 7 some are not.

Examples:
  hardtack snapshot --dir migrations
  hardtack snapshot --dir migrations --check     in CI: writes nothing";

/// What `snapshot` takes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct SnapshotArgs {
    /// Write nothing, and say whether the files are fresh
    #[arg(long)]
    pub check: bool,
}

pub(super) async fn run(session: &mut Session, args: SnapshotArgs) -> Result<ExitCode, Failure> {
    let migrator = session.migrator().await?;
    refuse_other_folder(session)?;
    let Snapshots { head, before, undeclared } = migrator.snapshots().await?;
    let folder = SnapshotFolder::of(&session.folder());
    let mut wanted: Vec<(&str, &Snapshot)> = vec![(HEAD, &head)];
    wanted.extend(before.iter().map(|(stem, snapshot)| (stem.as_str(), snapshot)));
    let mut files = Vec::new();
    for (name, snapshot) in &wanted {
        let state = folder.state(name, snapshot)?;
        if state != State::Fresh && !args.check {
            folder.write(name, snapshot)?;
        }
        files.push(Report::of(&folder, name, state));
    }
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    for name in folder.unneeded(&names)? {
        if !args.check {
            folder.remove(&name)?;
        }
        files.push(Report::of(&folder, &name, State::Unneeded));
    }
    undeclared.iter().for_each(|undeclared| remark(&undeclared_text(undeclared)));
    let is_fresh = files.iter().all(|file| file.state == State::Fresh);
    let report = Taken { written: !args.check, files: &files, undeclared: &undeclared };
    session.output.result(&report, &text(&files, args.check));
    Ok(if args.check && !is_fresh { ExitCode::Drift } else { ExitCode::Success })
}

/// Takes the snapshot that a new revision at the end of a folder will find.
pub(super) async fn take_for(session: &mut Session, stem: &str) -> Result<String, Failure> {
    let folder = session.folder();
    let revisions = revisions::resolve(&folder)?.revisions;
    let migrator = session.migrator_of(revisions).await?;
    let head = migrator.snapshots().await?.head;
    let folder = SnapshotFolder::of(&folder);
    folder.write(stem, &head)?;
    Ok(folder.path(stem).display().to_string())
}

/// What is written into a folder is of its revisions.
fn refuse_other_folder(session: &Session) -> Result<(), Failure> {
    let Some(folder) = session.other_folder() else { return Ok(()) };
    let folder = folder.display();
    Err(Failure::usage(format!(
        "take snapshots for {folder}: this binary was built from other revisions; build it again, or give --dir {folder}; \
         nothing was written"
    )))
}

#[derive(Serialize)]
struct Taken<'a> {
    /// Whether files that were not fresh are now, and unneeded ones gone.
    written: bool,
    files: &'a [Report],
    undeclared: &'a [Undeclared],
}

#[derive(Serialize)]
struct Report {
    file: String,
    /// How it was found.
    state: State,
}

impl Report {
    fn of(folder: &SnapshotFolder, name: &str, state: State) -> Self {
        Self { file: folder.path(name).display().to_string(), state }
    }
}

fn text(files: &[Report], is_check: bool) -> String {
    let mut text = String::new();
    for Report { file, state } in files {
        let (found, done) = match state {
            State::Fresh => continue,
            State::Missing => ("missing", "wrote"),
            State::Stale => ("stale", "wrote"),
            State::Broken => ("broken", "wrote"),
            State::Unneeded => ("unneeded", "removed"),
        };
        let _ = writeln!(text, "{:<8}  {file}", if is_check { found } else { done });
    }
    let fresh = files.iter().filter(|file| file.state == State::Fresh).count();
    match (text.is_empty(), is_check) {
        (true, _) => format!("{} up to date", count(fresh, "snapshot")),
        (false, true) => text + "take them with `snapshot`",
        (false, false) => text,
    }
}

fn undeclared_text(Undeclared { revision, differences }: &Undeclared) -> String {
    let mut text = format!(
        "warning: {revision} changes the schema and does not say so; write #[hardtack::up(alters_schema)], or a snapshot \
         with --dir goes without it"
    );
    differences.iter().for_each(|difference| {
        let _ = write!(text, "\n  {difference}");
    });
    text
}
