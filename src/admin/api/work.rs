//! Long work: each begins a job, and answers at once.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Json;
use super::read::{PlanQuery, planned};
use crate::admin::Portal;
use crate::admin::auth::{Action, Confirmation};
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::guard::Caller;
use crate::admin::job::{Job, JobView};
use crate::admin::product::Product;
use crate::engine::dry_run::{Depth, DryRunOptions, StageChoice};
use crate::engine::{DowngradeOptions, UpgradeOptions};
use crate::plan::{Back, Target, Way};

pub(crate) type Begun = Result<(StatusCode, axum::Json<JobView>), Failure>;

/// A rehearsal.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DryRunBody {
    /// An upgrade up to and with this version; where nothing is said, up to the newest.
    pub(crate) to: Option<i64>,
    /// A downgrade of so many revisions.
    #[schema(minimum = 1)]
    pub(crate) steps: Option<usize>,
    /// A downgrade to this version, which stays.
    pub(crate) back_to: Option<i64>,
    /// Whether it runs on a scratch database alone, where nobody is kept waiting.
    pub(crate) scratch: bool,
}

/// An upgrade, with what confirms it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpgradeBody {
    /// Up to and with this version; where nothing is said, up to the newest.
    #[serde(default)]
    pub(crate) to: Option<i64>,
    /// The hash of the plan that was looked at.
    #[serde(default)]
    #[schema(required)]
    pub(crate) plan: String,
    /// The database's name.
    #[serde(default)]
    #[schema(required)]
    pub(crate) database: String,
}

/// A downgrade, with what confirms it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DowngradeBody {
    /// So many revisions.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub(crate) steps: Option<usize>,
    /// To this version, which stays.
    #[serde(default)]
    pub(crate) back_to: Option<i64>,
    /// The hash of the plan that was looked at.
    #[serde(default)]
    #[schema(required)]
    pub(crate) plan: String,
    /// The database's name.
    #[serde(default)]
    #[schema(required)]
    pub(crate) database: String,
}

fn begun(job: &Job) -> Begun {
    Ok((StatusCode::ACCEPTED, axum::Json(job.view())))
}

/// Rehearse an upgrade or a downgrade: its locks, rewrites and times are measured, and everything is rolled back
#[utoipa::path(post, path = "/admin/api/dry-run", tag = "work", request_body = DryRunBody, responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 409, description = "too many jobs are under way", body = FailureBody)))]
pub(super) async fn dry_run(
    State(portal): State<Portal>,
    caller: Caller,
    Json(DryRunBody { to, steps, back_to, scratch }): Json<DryRunBody>,
) -> Begun {
    let way = PlanQuery { to, steps, back_to }.way()?;
    begun(&rehearse(&portal, &caller, way, scratch)?)
}

pub(crate) fn rehearse(portal: &Portal, caller: &Caller, way: Way, scratch: bool) -> Result<Job, Failure> {
    let stage = if scratch { StageChoice::Scratch } else { StageChoice::Auto };
    let options = DryRunOptions { way, depth: Depth::Rehearse, stage, ..DryRunOptions::default() };
    let title = format!("Rehearsal of {}", title(way));
    portal.begin(caller, title, |migrator| {
        Box::pin(async move { Ok(Product::DryRun(Box::new(migrator.dry_run(&options).await?))) })
    })
}

/// Apply pending revisions: exactly those of the plan that was looked at, or what is left of it
#[utoipa::path(post, path = "/admin/api/upgrade", tag = "work", request_body = UpgradeBody, responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 409, description = "it is not confirmed, history and binary disagree, or too many jobs are under way", body = FailureBody),
    (status = 422, description = "the body is not of this form, or there is no plan to there", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn upgrade(
    State(portal): State<Portal>,
    caller: Caller,
    Json(UpgradeBody { to, plan, database }): Json<UpgradeBody>,
) -> Begun {
    let way = PlanQuery { to, ..PlanQuery::default() }.way()?;
    begun(&migrate(&portal, &caller, way, &Confirmation { plan, database }).await?)
}

/// Undo applied revisions: exactly those of the plan that was looked at
#[utoipa::path(post, path = "/admin/api/downgrade", tag = "work", request_body = DowngradeBody, responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 409, description = "it is not confirmed, history and binary disagree, or too many jobs are under way", body = FailureBody),
    (status = 422, description = "the body is not of this form, or there is no way back to there", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn downgrade(
    State(portal): State<Portal>,
    caller: Caller,
    Json(DowngradeBody { steps, back_to, plan, database }): Json<DowngradeBody>,
) -> Begun {
    if steps.is_none() && back_to.is_none() {
        return Err(Failure::bad_request("give one of steps and back_to"));
    }
    let way = PlanQuery { to: None, steps, back_to }.way()?;
    begun(&migrate(&portal, &caller, way, &Confirmation { plan, database }).await?)
}

/// Runs a plan that somebody has confirmed. Under the migration lock there may be less to do, and never more.
pub(crate) async fn migrate(
    portal: &Portal,
    caller: &Caller,
    way: Way,
    confirmation: &Confirmation,
) -> Result<Job, Failure> {
    let planned = planned(portal, way).await?;
    let action = match way {
        Way::Up(_) => Action::Upgrade,
        Way::Down(_) => Action::Downgrade,
    };
    confirmation.check(action, portal.database(), Some(&planned.plan))?;
    let agreed: Vec<i64> = planned.steps.iter().map(|step| step.revision.version).collect();
    portal.begin(caller, capital(&title(way)), |migrator| {
        Box::pin(async move {
            let run = match way {
                Way::Up(target) => {
                    let agreed = Some(agreed);
                    migrator.upgrade(UpgradeOptions { target, agreed, ..UpgradeOptions::default() }).await?
                }
                Way::Down(back) => {
                    migrator.downgrade(DowngradeOptions { back, agreed: Some(agreed) }).await?
                }
            };
            Ok(Product::Run(run))
        })
    })
}

/// What goes that way.
fn title(way: Way) -> String {
    match way {
        Way::Up(Target::Head) => "an upgrade to the newest version".to_owned(),
        Way::Up(Target::Version(version)) => format!("an upgrade to version {version}"),
        Way::Down(Back::Steps(1)) => "a downgrade by one revision".to_owned(),
        Way::Down(Back::Steps(steps)) => format!("a downgrade by {steps} revisions"),
        Way::Down(Back::To(version)) => format!("a downgrade to version {version}"),
    }
}

/// The same as the beginning of a line, without its article.
fn capital(title: &str) -> String {
    let title = title.split_once(' ').map_or(title, |(_, title)| title);
    let mut letters = title.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Compare the schema with what the revisions make of it
#[utoipa::path(post, path = "/admin/api/drift", tag = "work", responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 409, description = "too many jobs are under way", body = FailureBody)))]
pub(super) async fn drift(State(portal): State<Portal>, caller: Caller) -> Begun {
    begun(&look_for_drift(&portal, &caller)?)
}

pub(crate) fn look_for_drift(portal: &Portal, caller: &Caller) -> Result<Job, Failure> {
    portal.begin(caller, "Comparison of the schema".to_owned(), |migrator| {
        Box::pin(async move { Ok(Product::Drift(migrator.drift().await?)) })
    })
}
