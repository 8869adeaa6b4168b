//! What is sent, or an answer that says what is wrong with it.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::admin::failure::Failure;

/// The body, as JSON.
pub(in crate::admin) struct Json<T>(pub(crate) T);

/// What stands behind the question mark.
pub(in crate::admin) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let parsed = axum::Json::from_request(request, state).await;
        let refused = |rejection: JsonRejection| Failure::new(rejection.status(), rejection.body_text());
        parsed.map(|axum::Json(body)| Self(body)).map_err(refused)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parsed = axum::extract::Query::from_request_parts(parts, state).await;
        let refused = |rejection: QueryRejection| Failure::bad_request(rejection.body_text());
        parsed.map(|axum::extract::Query(query)| Self(query)).map_err(refused)
    }
}

/// The version that stands in a path; there is none of another form.
pub(in crate::admin) fn version(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::not_found(format!("there is no revision of version {text:?}")))
}
