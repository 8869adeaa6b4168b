//! Who may, and who did: tokens, sessions, the audit.

#![expect(unused_qualifications, reason = "utoipa's macro qualifies what it is given")]

use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Json, Path, Query, page};
use crate::admin::Portal;
use crate::admin::auth::{
    Action, AuditFilter, AuditOutcome, AuditRecord, Credentials, NewToken, Role, Token, TokenName,
};
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::guard::{Caller, address};
use crate::safety::parse_age;

/// Which records are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// Of one name.
    #[param(nullable = false)]
    who: Option<String>,
    /// Of one action, by its name.
    #[param(nullable = false)]
    action: Option<String>,
    /// `allowed`, `refused`, `succeeded` or `failed`.
    #[param(nullable = false)]
    outcome: Option<String>,
    /// Of one request, by its number.
    #[param(nullable = false)]
    request: Option<String>,
    /// Older than the record of this number: the last of the page before.
    #[param(nullable = false)]
    before: Option<i64>,
    /// How many at the most.
    #[param(nullable = false, minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A token that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    /// Its name.
    #[schema(pattern = "^[A-Za-z0-9._@+-]{1,64}$")]
    name: String,
    /// `viewer`, `operator` or `admin`.
    #[schema(value_type = Role)]
    role: String,
    /// After what time it ends by itself, such as `90d`; 90 days where nothing is said.
    #[serde(default)]
    #[schema(example = "90d", pattern = "^[1-9][0-9]{0,2}(min|h|d)$")]
    expires: Option<String>,
}

/// A token that was made, with its text, which nobody sees again.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    /// What is known of it.
    #[serde(flatten)]
    token: Token,
    /// Its text.
    secret: String,
}

/// What opens a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    /// The text of a token.
    token: String,
}

/// A session that was opened; its cookie comes along.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedSession {
    /// The name of the token.
    name: String,
    /// `viewer`, `operator` or `admin`.
    #[schema(value_type = Role)]
    role: &'static str,
    /// What is to be sent along as `X-Hardtack-CSRF` with everything that changes something.
    csrf: String,
}

/// What was asked, by whom and from where, the newest first
#[utoipa::path(get, path = "/admin/api/audit", tag = "access", params(AuditQuery), responses(
    (status = 200, body = Vec<AuditRecord>),
    (status = 400, description = "the query makes no sense", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn audit(
    State(portal): State<Portal>,
    Query(query): Query<AuditQuery>,
) -> Result<axum::Json<Vec<AuditRecord>>, Failure> {
    let AuditQuery { who, action, outcome, request, before, limit } = query;
    let limit = page(limit)?;
    let known = |name: &str| Action::ALL.into_iter().find(|action| action.name() == name);
    let action = match action {
        Some(name) => {
            Some(known(&name).ok_or_else(|| Failure::bad_request(format!("there is no action {name:?}")))?)
        }
        None => None,
    };
    let outcome: Option<AuditOutcome> =
        outcome.map(|name| name.parse().map_err(Failure::bad_request)).transpose()?;
    if [&who, &request].into_iter().flatten().any(|text| text.contains('\0')) {
        return Ok(axum::Json(Vec::new()));
    }
    let filter = AuditFilter { who, action, outcome, request, before, limit };
    Ok(axum::Json(portal.door().audit().list(&filter).await?))
}

pub(in crate::admin) fn credentials(portal: &Portal) -> Result<&Credentials, Failure> {
    let none = || Failure::not_found("the application knows its operators by itself, and has no tokens");
    portal.door().credentials().ok_or_else(none)
}

/// The tokens, without their texts
#[utoipa::path(get, path = "/admin/api/tokens", tag = "access", responses(
    (status = 200, body = Vec<Token>),
    (status = 404, description = "the application has no tokens", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn tokens(State(portal): State<Portal>) -> Result<axum::Json<Vec<Token>>, Failure> {
    Ok(axum::Json(credentials(&portal)?.tokens().list().await?))
}

/// Make a token
#[utoipa::path(post, path = "/admin/api/tokens", tag = "access", request_body = TokenBody, responses(
    (status = 201, description = "its text, which nobody sees again", body = MadeToken),
    (status = 404, description = "the application has no tokens", body = FailureBody),
    (status = 409, description = "the name is taken", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn make_token(
    State(portal): State<Portal>,
    caller: Caller,
    Json(TokenBody { name, role, expires }): Json<TokenBody>,
) -> Result<(StatusCode, axum::Json<MadeToken>), Failure> {
    let refuse = |reason: &str| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, reason);
    let name: TokenName = name.parse().map_err(refuse)?;
    let role: Role = role.parse().map_err(refuse)?;
    let expires = expires.as_deref().unwrap_or("90d");
    let expires = parse_age(expires).map_err(|reason| refuse(&format!("expires: {reason}")))?;
    let by = Some(caller.principal().name.clone());
    let new = NewToken { name, role, expires: Some(expires), by };
    let (token, secret) = credentials(&portal)?.tokens().create(&new).await?;
    Ok((StatusCode::CREATED, axum::Json(MadeToken { token, secret: secret.expose().to_owned() })))
}

/// Take a token back
#[utoipa::path(delete, path = "/admin/api/tokens/{name}", tag = "access",
    params(("name" = String, Path, description = "its name")), responses(
    (status = 200, description = "it lets nobody in any more", body = Token),
    (status = 404, description = "there is no live one of that name", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn revoke_token(
    State(portal): State<Portal>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<axum::Json<Token>, Failure> {
    let name: TokenName = name.parse().map_err(|_| Failure::not_found("no token has such a name"))?;
    let by = caller.principal().name.clone();
    Ok(axum::Json(credentials(&portal)?.tokens().revoke(name.as_str(), Some(&by)).await?))
}

/// Open a session with a token, for a browser
#[utoipa::path(post, path = "/admin/api/session", tag = "session", request_body = LoginBody, responses(
    (status = 201, description = "its cookie comes along", body = OpenedSession),
    (status = 401, description = "the token lets nobody in", body = FailureBody),
    (status = 403, description = "another site has sent it", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)), security(()))]
pub(super) async fn log_in(State(portal): State<Portal>, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let again = Request::from_parts(parts.clone(), body);
    let Json(LoginBody { token }) = Json::from_request(again, &()).await?;
    let opened = portal.door().log_in(&parts, address(&parts), &token).await?;
    let session = OpenedSession {
        name: opened.principal.name,
        role: opened.principal.role.name(),
        csrf: opened.csrf.text().to_owned(),
    };
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, opened.cookie)], axum::Json(session)).into_response())
}

/// End a session
#[utoipa::path(delete, path = "/admin/api/session", tag = "session", responses(
    (status = 204, description = "it is over"),
    (status = 403, description = "another site has sent it", body = FailureBody),
    (status = 503, description = "the audit cannot be written", body = FailureBody)), security(()))]
pub(super) async fn log_out(State(portal): State<Portal>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let cookie = portal.door().log_out(&parts, address(&parts)).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}
