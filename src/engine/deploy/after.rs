use super::course::Came;
use super::{DeployError, DeployOptions};
use crate::catalog::render::count;
use crate::engine::operations::drift;
use crate::engine::{CheckOutcome, DataCheck, Error, Event, Migrator, OnDrift, StepError};

/// Whether what must hold behind the ups does, and whether the schema is what the revisions make of it. What failed before the
/// deploy is no fault of it.
pub(super) async fn checks(migrator: &Migrator, failing_before: Vec<DataCheck>) -> Result<Came, Error> {
    let mut checks = asked(migrator).await?;
    let number = checks.iter().filter(|check| check.outcome != CheckOutcome::NotRun).count();
    let failed_before = |check: &DataCheck| {
        failing_before.iter().any(|one| (&one.revision, &one.check) == (&check.revision, &check.check))
    };
    checks.retain(|check| matches!(check.outcome, CheckOutcome::Fails(_)) && !failed_before(check));
    if !checks.is_empty() {
        return Err(DeployError::Checks(checks).into());
    }
    let drift = drifted(migrator).await?;
    Ok(Came::Passed(format!("{} asked, {drift}", count(number, "check")), ()))
}

/// The checks of what is applied, asked again. Reading, they may be left in the middle.
pub(super) async fn asked(migrator: &Migrator) -> Result<Vec<DataCheck>, Error> {
    tokio::select! {
        checks = migrator.check_data() => checks,
        () = migrator.stop.requested() => Err(StepError::Stopped.into()),
    }
}

/// What is to be said of drift. Only `--on-drift fail` makes a failure of it: an index that somebody made by hand last year is no
/// reason to go back.
async fn drifted(migrator: &Migrator) -> Result<String, Error> {
    let looked = drift::by_snapshot(migrator, &migrator.connect().await?).await;
    match looked {
        Ok(drift) if drift.differences.is_empty() => Ok("no drift".to_owned()),
        Ok(drift) if migrator.policy.on_drift == OnDrift::Fail => Err(Error::Drift(Box::new(drift))),
        Ok(drift) => {
            migrator.tell(&Event::Drift { drift: &drift });
            Ok(format!("{} not what the revisions make of it", count(drift.differences.len(), "object")))
        }
        Err(error @ Error::NotCompared { .. }) if migrator.policy.on_drift != OnDrift::Fail => match error {
            Error::NotCompared { unfit, .. } => Ok(format!("drift not looked for: {unfit}")),
            other => Err(other),
        },
        Err(error) => Err(error),
    }
}

/// Asks until the application is well.
pub(super) async fn probe(migrator: &Migrator, options: &DeployOptions) -> Result<Came, Error> {
    let Some(probe) = &options.probe else {
        return Ok(Came::Skipped("none is set".to_owned(), ()));
    };
    let attempts = probe.wait(options.probe_timeout, &migrator.stop).await.map_err(DeployError::from)?;
    let at = if attempts == 1 { "at once".to_owned() } else { format!("at the {attempts}. attempt") };
    Ok(Came::Passed(format!("{probe} says so {at}"), ()))
}
