use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Json, Path};
use crate::admin::Portal;
use crate::admin::auth::{Action, Confirmation};
use crate::admin::failure::{Failure, FailureBody};
use crate::data::{BackfillControl, BackfillStatus};

/// What confirms that a backfill is to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelBody {
    /// The database's name.
    #[serde(default)]
    database: String,
}

/// The backfills that have not finished
#[utoipa::path(get, operation_id = "backfills", path = "/admin/api/backfills", tag = "backfills", responses(
    (status = 200, body = Vec<BackfillStatus>),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn list(State(portal): State<Portal>) -> Result<axum::Json<Vec<BackfillStatus>>, Failure> {
    Ok(axum::Json(portal.migrator().backfills().await?))
}

/// Let the workers of a backfill wait, in whatever process they are
#[utoipa::path(post, operation_id = "pause_backfill", path = "/admin/api/backfills/{name}/pause", tag = "backfills",
    params(("name" = String, Path, description = "its name")), responses(
    (status = 204, description = "they see it at their next batch"),
    (status = 404, description = "there is no such backfill", body = FailureBody),
    (status = 409, description = "it is in no state for that", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn pause(state: State<Portal>, name: Path<String>) -> Result<StatusCode, Failure> {
    control(&state, &name.0, BackfillControl::Pause).await
}

/// Let a paused backfill go on
#[utoipa::path(post, operation_id = "resume_backfill", path = "/admin/api/backfills/{name}/resume", tag = "backfills",
    params(("name" = String, Path, description = "its name")), responses(
    (status = 204, description = "its workers see it at once"),
    (status = 404, description = "there is no such backfill", body = FailureBody),
    (status = 409, description = "it is in no state for that", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn resume(state: State<Portal>, name: Path<String>) -> Result<StatusCode, Failure> {
    control(&state, &name.0, BackfillControl::Resume).await
}

/// Let a backfill that has failed, or was cancelled, go on behind what is done
#[utoipa::path(post, operation_id = "retry_backfill", path = "/admin/api/backfills/{name}/retry", tag = "backfills",
    params(("name" = String, Path, description = "its name")), responses(
    (status = 204, description = "the next run goes on with it"),
    (status = 404, description = "there is no such backfill", body = FailureBody),
    (status = 409, description = "it is in no state for that", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn retry(state: State<Portal>, name: Path<String>) -> Result<StatusCode, Failure> {
    control(&state, &name.0, BackfillControl::Retry).await
}

/// End a backfill where it is
#[utoipa::path(post, operation_id = "cancel_backfill", path = "/admin/api/backfills/{name}/cancel", tag = "backfills",
    params(("name" = String, Path, description = "its name")), request_body = CancelBody, responses(
    (status = 204, description = "its workers end at their next batch; what is done stays done"),
    (status = 404, description = "there is no such backfill", body = FailureBody),
    (status = 409, description = "it is not confirmed, or in no state for that", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn cancel(
    state: State<Portal>,
    name: Path<String>,
    Json(CancelBody { database }): Json<CancelBody>,
) -> Result<StatusCode, Failure> {
    let confirmation = Confirmation { database, ..Confirmation::default() };
    confirmation.check(Action::CancelBackfill, state.database(), None)?;
    control(&state, &name.0, BackfillControl::Cancel).await
}

pub(crate) async fn control(
    portal: &Portal,
    name: &str,
    wish: BackfillControl,
) -> Result<StatusCode, Failure> {
    // No name of a backfill holds a character that no text of the server can hold.
    if name.contains('\0') {
        return Err(Failure::not_found("there is no backfill of that name"));
    }
    portal.migrator().control_backfill(name, wish).await?;
    Ok(StatusCode::NO_CONTENT)
}
