use super::course::Came;
use super::found::Pending;
use super::{DeployError, DeployOptions};
use crate::backup::{Depth, Manifest, Place, Strategy};
use crate::catalog::Catalog;
use crate::engine::{BackupOptions, Error, Migrator, RestoreOptions, Restored, backups};
use crate::history::{self, WayBack};
use crate::plan::Plan;
use crate::words::bytes;

/// The backup of a deploy.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Where it is.
    pub(super) path: String,
    pub(super) manifest: Manifest,
}

/// Takes a backup, unless an earlier run of this deploy has taken one of that kind that is still whole.
pub(super) async fn take(
    migrator: &Migrator,
    options: &DeployOptions,
    pending: &Pending,
    earlier: Option<String>,
) -> Result<Came<Option<Taken>>, Error> {
    let Some(wanted) = &options.backup else { return Ok(Came::Skipped("not wanted".to_owned(), None)) };
    if let Some(path) = earlier
        && let Ok(taken) = whole(migrator, options, path).await
        && taken.manifest.strategy == wanted.strategy
        && taken.manifest.plan.as_ref() == Some(&pending.plan)
    {
        let reason = format!("an earlier run of this deploy has taken {}, which is whole", taken.path);
        return Ok(Came::Skipped(reason, Some(taken)));
    }
    let connection = migrator.connect().await?;
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let plan = Plan::upgrade(migrator.revisions(), &history, options.target, migrator.out_of_order)?;
    let migrator = migrator.clone().with_backup(wanted.clone());
    let Some(taken) = backups::before_run(&migrator, &connection, &history, &plan).await? else {
        return Ok(Came::Skipped("the plan can lose rows of no table".to_owned(), None));
    };
    let (path, manifest) = (from_anywhere(&taken.path, &wanted.place), taken.manifest);
    let summary = format!("{}, {} in {path}", manifest.strategy, bytes(manifest.bytes()));
    Ok(Came::Passed(summary, Some(Taken { path, manifest })))
}

/// A directory's path so that it is found from another working directory too.
fn from_anywhere(path: &str, place: &Place) -> String {
    let absolute = match place {
        Place::Directory(_) => std::path::absolute(path).ok(),
        _ => None,
    };
    absolute.map_or_else(|| path.to_owned(), |path| path.display().to_string())
}

/// The backup of a deploy that is taken up behind the beginning of its upgrade. Where it is wanted for the way back, it has to be
/// there.
pub(super) async fn still_there(
    migrator: &Migrator,
    options: &DeployOptions,
    path: Option<String>,
) -> Result<Came<Option<Taken>>, Error> {
    let refuse = |why: String| {
        let instead = "go on with --on-failure downgrade or stop";
        Err(DeployError::NoWayBack { way: options.way_back, why, instead }.into())
    };
    let wants_full = options.way_back == WayBack::Restore && !options.leads_back_by_downs();
    let Some(path) = path else {
        let why = "the deploy that is taken up has begun its upgrade without a backup";
        return if wants_full { refuse(why.to_owned()) } else { Ok(Came::Skipped(why.to_owned(), None)) };
    };
    match whole(migrator, options, path.clone()).await {
        Ok(taken) if wants_full && taken.manifest.strategy != Strategy::Full => refuse(format!(
            "the deploy that is taken up has a backup of another kind: {}",
            taken.manifest.strategy
        )),
        Ok(taken) => {
            Ok(Came::Skipped(format!("an earlier run has taken {path}, which is whole"), Some(taken)))
        }
        Err(error) if options.way_back == WayBack::Stop => {
            Ok(Came::Skipped(format!("that of an earlier run is gone: {error}"), None))
        }
        Err(error) => Err(DeployError::BackupGone { place: path, why: error.to_string() }.into()),
    }
}

/// A backup of a deploy, once it was read through.
pub(super) async fn whole(
    migrator: &Migrator,
    options: &DeployOptions,
    path: String,
) -> Result<Taken, Error> {
    let (place, name) = located(&path)?;
    let keys = options.backup.as_ref().map(|backup| (backup.identities.clone(), backup.programs.clone()));
    let (identities, programs) = keys.unwrap_or_default();
    let reading = BackupOptions { identities, programs, ..BackupOptions::new(Strategy::Full, place) };
    backups::verify(migrator, &reading, &name, Depth::Quick).await?;
    let stored = crate::backup::Stored::open(&reading.place, &name, &reading.identities).await?;
    Ok(Taken { path, manifest: stored.manifest })
}

/// Restores the backup: a full one takes the database's place, rows of tables go back into it.
pub(super) async fn restore(
    migrator: &Migrator,
    options: &DeployOptions,
    taken: &Taken,
) -> Result<Restored, Error> {
    let (place, name) = located(&taken.path)?;
    let mut restore = RestoreOptions::new(place, name);
    if let Some(backup) = &options.backup {
        restore.identities = backup.identities.clone();
        restore.jobs = backup.jobs;
        restore.programs.clone_from(&backup.programs);
    }
    migrator.restore(&restore).await
}

/// The catalog as it was when the backup was taken; none where that cannot be read any more.
pub(super) async fn catalog(options: &DeployOptions, taken: &Taken) -> Option<Catalog> {
    let (place, name) = located(&taken.path).ok()?;
    let identities = options.backup.as_ref().map(|backup| backup.identities.clone()).unwrap_or_default();
    let stored = crate::backup::Stored::open(&place, &name, &identities).await.ok()?;
    stored.catalog().await.ok()
}

fn located(path: &str) -> Result<(Place, String), DeployError> {
    let gone = |why| DeployError::BackupGone { place: path.to_owned(), why };
    Place::of_backup(path).map_err(gone)
}

/// A restore makes a database, and changes the names of two.
pub(super) async fn refuse_no_databases(migrator: &Migrator) -> Result<(), Error> {
    if backups::scratch_refusal(&migrator.connect().await?).await?.is_none() {
        return Ok(());
    }
    let why = "this login may not make a database and give it this one's name".to_owned();
    let instead = "let it own the database and have CREATEDB, or choose another way back";
    Err(DeployError::NoWayBack { way: WayBack::Restore, why, instead }.into())
}

/// What the stage of the backup would do.
pub(super) fn would(options: &DeployOptions) -> String {
    let Some(backup) = &options.backup else { return "not wanted".to_owned() };
    let what = match backup.strategy {
        Strategy::Full => "would take a full backup",
        Strategy::SchemaOnly => "would take a backup of the schema",
        Strategy::Tables => "would take the rows of the tables that the plan can lose some of",
    };
    format!("{what}, to {}", backup.place)
}
