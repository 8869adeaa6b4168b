//! The document: what each operation answers, and what all of them do.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{access, backfills, backups, jobs, read, work};
use crate::admin::failure::FailureBody;

/// The API, as `OpenAPI` describes it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

/// This document
#[utoipa::path(get, path = "/admin/api/openapi.json", tag = "look", responses((status = 200, body = Object)))]
pub(super) async fn description() -> axum::Json<utoipa::openapi::OpenApi> {
    axum::Json(openapi())
}

#[derive(OpenApi)]
#[openapi(
    info(title = "hardtack", description = "The admin API of a database's migrations."),
    paths(
        description,
        read::status, read::revisions, read::revision, read::plan, read::runs, read::who,
        work::dry_run, work::drift, work::upgrade, work::downgrade,
        jobs::list, jobs::one, jobs::events, jobs::stop,
        backfills::list, backfills::pause, backfills::resume, backfills::retry, backfills::cancel,
        backups::list, backups::take, backups::verify,
        access::audit, access::tokens, access::make_token, access::revoke_token, access::log_in, access::log_out,
    ),
    components(schemas(FailureBody)),
    security(("token" = [])),
    modifiers(&Common),
)]
struct Described;

/// What holds for all operations.
struct Common;

/// What the door answers in the place of a route.
const OF_THE_DOOR: [(&str, &str); 4] = [
    ("401", "who asks is not known"),
    ("403", "they may not, or another site has sent it"),
    ("429", "too many tokens were wrong before"),
    ("503", "the database does not answer, the audit cannot be written, or too much is asked at once"),
];

/// What is answered for the body, before a route sees it.
const OF_THE_BODY: [(&str, &str); 5] = [
    ("400", "the body makes no sense"),
    ("408", "the body has not come in 10 s"),
    ("413", "the body is too long"),
    ("415", "the body is no JSON"),
    ("422", "the body is not of this form"),
];

impl Modify for Common {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
        for item in openapi.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            operations.into_iter().flatten().for_each(complete);
        }
    }
}

/// Adds the answers that an operation need not know of.
fn complete(operation: &mut Operation) {
    let of_the_body = operation.request_body.iter().flat_map(|_| OF_THE_BODY);
    for (status, description) in OF_THE_DOOR.into_iter().chain(of_the_body) {
        let answers = &mut operation.responses.responses;
        answers.entry(status.to_owned()).or_insert_with(|| RefOr::T(failure(description)));
        if let Some(RefOr::T(answer)) = answers.get_mut(status) {
            add_header(answer, status);
        }
    }
}

fn failure(description: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("FailureBody")));
    ResponseBuilder::new().description(description).content("application/json", body).build()
}

/// The header that an answer of that status has in any case.
fn add_header(answer: &mut Response, status: &str) {
    let (name, description) = match status {
        "401" => ("www-authenticate", "how to say who one is"),
        "429" => ("retry-after", "after how many seconds to ask again"),
        _ => return,
    };
    let header = HeaderBuilder::new().description(Some(description)).build();
    answer.headers.insert(name.to_owned(), RefOr::T(header));
}
