use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::{ConfirmationError, Denied, StoreError, TokenError};
use super::guard::Said;
use crate::backup::BackupError;
use crate::data::BackfillError;
use crate::engine::{Error, LockError};
use crate::plan::PlanError;

/// Why a request is not answered as it was hoped for.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body of every answer that is none.
#[derive(Serialize, ToSchema)]
pub(super) struct FailureBody {
    /// What happened, the state the database is in, and the next step.
    error: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), headers: Vec::new() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// What is asked for cannot be had just now.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        let headers = vec![(RETRY_AFTER, HeaderValue::from_static("5"))];
        Self { headers, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let said = Extension(Said(self.message.clone()));
        let mut response = (self.status, said, Json(FailureBody { error: self.message })).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self { status: denied.status(), message: denied.public(), headers: denied.headers() }
    }
}

impl From<ConfirmationError> for Failure {
    fn from(error: ConfirmationError) -> Self {
        Self::new(StatusCode::CONFLICT, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, format!("failed to {error}"))
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let status = match &error {
            TokenError::Exists { .. } => StatusCode::CONFLICT,
            TokenError::Unknown { .. } => StatusCode::NOT_FOUND,
            TokenError::Time { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, format!("failed to {error}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(status(&error), format!("failed to {error}"))
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Plan(PlanError::Conflict(_)) | Error::Gate { .. } | Error::Lock(LockError::Held { .. }) => {
            StatusCode::CONFLICT
        }
        Error::Plan(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Backup(BackupError::NotFound { .. }) | Error::Backfill(BackfillError::Unknown { .. }) => {
            StatusCode::NOT_FOUND
        }
        Error::Backup(BackupError::NoTables | BackupError::NoSuchTable { .. }) | Error::Backfill(_) => {
            StatusCode::CONFLICT
        }
        Error::Connect(_) | Error::History(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
