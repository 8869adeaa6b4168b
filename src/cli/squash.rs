use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::output::{count, remark};
use super::session::{Failure, Session};
use crate::catalog::differences;
use crate::engine::{Migrator, Replay};
use crate::revisions::{self, RevisionSet, Squash, SquashError, first_difference, is_same_up_to, range_to};

pub(super) const EXAMPLES: &str = "The revisions are applied to a scratch database, and its dump becomes one revision in their place, pinned in
hardtack.lock. It is applied to another scratch database; where the two differ, nothing is changed. This wants a role with
CREATEDB, and pg_dump of the server's version. Roles and other things outside a database are in no dump: where old
revisions make some, write that into the new file, at its end, and its pin anew.

Let every database run the last release before the squash: a history that has the range's last version counts as whole.

Examples:
  hardtack squash --to 40
  hardtack squash --to 40 --name base_2026";

/// What `squash` takes.
#[derive(Args, Clone, Debug)]
pub struct SquashArgs {
    /// The last version that goes into it
    #[arg(long, value_name = "VERSION")]
    pub to: i64,
    /// The new revision's name
    #[arg(long, value_name = "NAME", default_value = "baseline")]
    pub name: String,
}

pub(super) async fn run(session: &mut Session, args: &SquashArgs) -> Result<ExitCode, Failure> {
    let folder = session.folder();
    let name = hardtack_build::name_of(&args.name).ok_or_else(|| {
        Failure::usage(format!("name a revision {:?}: it has no letter or digit", args.name))
    })?;
    let there = revisions::resolve(&folder)?.revisions;
    let range = range_to(&there, args.to)?;
    let migrator = session.migrator().await?;
    if !is_same_up_to(&there, migrator.revisions(), args.to) {
        return Err(Failure::usage(format!(
            "squash {}: this binary was built from other revisions; build it again, and nothing was changed",
            folder.display()
        )));
    }
    remark(&format!("applying the revisions up to version {} to a scratch database", args.to));
    let before = replay(session, &migrator, args.to).await?;
    let squash = Squash::lay_out(&folder, &range, &name, &before.dump)?;
    remark(&format!("applying {} to another one, to compare", squash.file()));
    let after = replay(session, &of(&migrator, squash.revisions()), args.to).await?;
    refuse_difference(&before, &after)?;
    let (file, replaced) = (squash.file().to_owned(), squash.replaced().to_vec());
    squash.apply()?;
    let text = format!(
        "{file} stands for V{} to V{}: {} removed, and pinned in their place",
        range.start(),
        range.end(),
        count(replaced.len(), "file")
    );
    session.output.result(
        &Report { file: &file, first: *range.start(), last: *range.end(), replaced: &replaced },
        &text,
    );
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    first: i64,
    last: i64,
    replaced: &'a [String],
}

async fn replay(session: &Session, migrator: &Migrator, version: i64) -> Result<Replay, Failure> {
    Ok(migrator.replay(version, session.settings.pg_bin.value.as_deref()).await?)
}

fn of(migrator: &Migrator, revisions: &RevisionSet) -> Migrator {
    migrator.clone().with_revisions(revisions)
}

fn refuse_difference(before: &Replay, after: &Replay) -> Result<(), Failure> {
    let of_schema = differences(&before.catalog, &after.catalog);
    let mut lines: Vec<String> = of_schema.iter().map(|difference| format!("\n  {difference}")).collect();
    if lines.is_empty() {
        let of_dump = first_difference(&before.dump, &after.dump);
        lines.extend(of_dump.map(|(one, other)| format!("\n  before  {one}\n  after   {other}")));
    }
    if lines.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        ExitCode::Refused,
        format!(
            "squash: the one revision makes another database than those it would replace; nothing was changed:{}",
            lines.concat()
        ),
    ))
}

impl From<SquashError> for Failure {
    fn from(error: SquashError) -> Self {
        match error {
            SquashError::Resolve(error) => error.into(),
            SquashError::File { .. } => Self::from_error(error),
            error => Self::usage(error),
        }
    }
}
