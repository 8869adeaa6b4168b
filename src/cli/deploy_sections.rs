use super::output::human;
use super::sections::issue;
use crate::engine::deploy::{Deploy, DeployOutcome, StageOutcome, StageReport};
use crate::history::DeployStage;
use crate::report::{Level, Outcome, Section};

/// A section a stage; before them, where there was one, what became of an earlier deploy.
pub(super) fn sections(deploy: &Deploy) -> Vec<Section> {
    let earlier = deploy.earlier.as_ref().map(|earlier| Section {
        name: "earlier".to_owned(),
        title: "an earlier deploy".to_owned(),
        outcome: Outcome::Passed,
        summary: earlier.clone(),
        issues: Vec::new(),
    });
    earlier.into_iter().chain(deploy.stages.iter().map(of_stage)).collect()
}

fn of_stage(report: &StageReport) -> Section {
    let StageReport { stage, outcome, summary, duration } = report;
    let took = if duration.is_zero() { String::new() } else { format!(", in {}", human(*duration)) };
    let (outcome, summary, issues) = match outcome {
        StageOutcome::Passed => (Outcome::Passed, format!("{summary}{took}"), Vec::new()),
        StageOutcome::Failed => {
            let failed = issue(Level::Error, stage.name(), summary.clone(), "");
            (Outcome::Failed, format!("it failed{took}"), vec![failed])
        }
        StageOutcome::Skipped { reason } => {
            (Outcome::Skipped { reason: reason.clone() }, "gone without".to_owned(), Vec::new())
        }
    };
    Section { name: stage.name().to_owned(), title: words(*stage).to_owned(), outcome, summary, issues }
}

fn words(stage: DeployStage) -> &'static str {
    match stage {
        DeployStage::Verify => "the database",
        DeployStage::Gates => "gates",
        DeployStage::Rehearse => "rehearsal",
        DeployStage::Backup => "backup",
        DeployStage::Upgrade => "upgrade",
        DeployStage::Checks => "checks",
        DeployStage::Probe => "probe of the application",
        DeployStage::Downgrade => "way back: downgrade",
        DeployStage::Rows => "way back: rows",
        DeployStage::Restore => "way back: restore",
        DeployStage::AsBefore => "way back: as before",
    }
}

/// What the report is about.
pub(super) fn title(deploy: &Deploy) -> String {
    let database = &deploy.database;
    let from = deploy.from.map_or("an empty history".to_owned(), |version| version.to_string());
    match (&deploy.plan, deploy.to) {
        (Some(_), Some(to)) => format!("deploy of {database} from {from} to {to}"),
        _ => format!("deploy of {database}"),
    }
}

/// What the whole comes to, and what to do where something is to be done.
pub(super) fn closing(deploy: &Deploy) -> String {
    let (database, took) = (&deploy.database, human(deploy.duration));
    let at = |version: Option<i64>| {
        version.map_or("at an empty history".to_owned(), |version| format!("at version {version}"))
    };
    match deploy.outcome {
        DeployOutcome::Deployed => format!("{database} is {}: deployed in {took}", at(deploy.to)),
        DeployOutcome::UpToDate => format!("{database} is up to date: nothing was deployed"),
        DeployOutcome::Planned => "nothing was done: only the plan was wanted".to_owned(),
        DeployOutcome::Refused => format!("{database} is as it was: this deploy has changed nothing"),
        DeployOutcome::Stopped => format!("{database}: stopped as asked; deploy again to go on"),
        DeployOutcome::Failed if deploy.plan.is_none() => {
            format!("{database} was not changed, and is not well")
        }
        DeployOutcome::Failed => format!(
            "{database} is left where it is: `status` tells where; deploy again once the cause is mended, or `downgrade`{}",
            backup(deploy, ", or restore")
        ),
        DeployOutcome::Reverted => format!(
            "{database} is as before, {}: the deploy failed and was taken back, in {took}{}",
            at(deploy.from),
            kept(deploy)
        ),
        DeployOutcome::NotReverted => format!(
            "{database} is NOT known to be as before: look with `status` and `verify --all`{}{}",
            backup(deploy, "; restore"),
            kept(deploy)
        ),
    }
}

fn backup(deploy: &Deploy, what: &str) -> String {
    deploy.backup.as_ref().map_or(String::new(), |path| format!("{what} {path}"))
}

fn kept(deploy: &Deploy) -> String {
    let kept = deploy.way_back.as_ref().and_then(|way_back| way_back.kept.as_ref());
    kept.map_or(String::new(), |kept| format!("; the database that failed is kept as {kept}"))
}
