use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Json, Path};
use super::work::Begun;
use crate::admin::Portal;
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::guard::Caller;
use crate::admin::job::{Job, JobView};
use crate::admin::product::Product;
use crate::backup::{Depth, Listed, Strategy};
use crate::engine::{BackupOptions, Migrator};

/// A backup that is to be taken.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BackupBody {
    /// What of the database: `full`, `schema-only`, or `tables` for the rows that pending revisions can lose.
    strategy: Option<Strategy>,
}

/// How a backup is to be verified.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct VerifyBody {
    /// `quick` reads it; `full` restores it too, into a scratch database.
    depth: Option<Depth>,
}

/// The backups of the place that this process keeps them in, the oldest first
#[utoipa::path(get, operation_id = "backups", path = "/admin/api/backups", tag = "backups", responses(
    (status = 200, body = Vec<Listed>),
    (status = 503, description = "the place cannot be read", body = FailureBody)))]
pub(super) async fn list(State(portal): State<Portal>) -> Result<axum::Json<Vec<Listed>>, Failure> {
    Ok(axum::Json(listed(&portal).await?))
}

pub(crate) async fn listed(portal: &Portal) -> Result<Vec<Listed>, Failure> {
    let listed = Migrator::backups(&portal.backups().place).await;
    listed.map_err(|error| Failure::new(StatusCode::SERVICE_UNAVAILABLE, format!("failed to {error}")))
}

/// Take a backup
#[utoipa::path(post, operation_id = "take_backup", path = "/admin/api/backups", tag = "backups", request_body = BackupBody, responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 409, description = "too many jobs are under way", body = FailureBody)))]
pub(super) async fn take(
    State(portal): State<Portal>,
    caller: Caller,
    Json(BackupBody { strategy }): Json<BackupBody>,
) -> Begun {
    let job = begin(&portal, &caller, strategy.unwrap_or(Strategy::Full))?;
    Ok((StatusCode::ACCEPTED, axum::Json(job.view())))
}

pub(crate) fn begin(portal: &Portal, caller: &Caller, strategy: Strategy) -> Result<Job, Failure> {
    let options = BackupOptions { strategy, ..portal.backups().clone() };
    let title = format!("Backup, {}", strategy.name());
    portal.begin(caller, title, |migrator| {
        Box::pin(async move { Ok(Product::Backup(Box::new(migrator.backup(&options).await?))) })
    })
}

/// Tell whether a backup is what was taken
#[utoipa::path(post, operation_id = "verify_backup", path = "/admin/api/backups/{name}/verify", tag = "backups",
    params(("name" = String, Path, description = "its name")), request_body = VerifyBody, responses(
    (status = 202, description = "the job is under way", body = JobView),
    (status = 404, description = "there is no such backup", body = FailureBody),
    (status = 409, description = "too many jobs are under way", body = FailureBody),
    (status = 503, description = "the place cannot be read", body = FailureBody)))]
pub(super) async fn verify(
    State(portal): State<Portal>,
    caller: Caller,
    Path(name): Path<String>,
    Json(VerifyBody { depth }): Json<VerifyBody>,
) -> Begun {
    let job = begin_verifying(&portal, &caller, name, depth.unwrap_or(Depth::Quick)).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(job.view())))
}

/// A name is one of those that are listed, and no path.
pub(crate) async fn begin_verifying(
    portal: &Portal,
    caller: &Caller,
    name: String,
    depth: Depth,
) -> Result<Job, Failure> {
    if !listed(portal).await?.iter().any(|backup| backup.manifest.name == name) {
        return Err(Failure::not_found("there is no backup of that name"));
    }
    let options = portal.backups().clone();
    let title = format!("Verification of the backup {name}");
    portal.begin(caller, title, |migrator| {
        Box::pin(async move { Ok(Product::Verified(migrator.verify_backup(&options, &name, depth).await?)) })
    })
}
