//! Whoever looks at the page, and what holds for all of its routes.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, REFERRER_POLICY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{Form, is_form, to};
use super::frame::{Frame, Section};
use super::words::encoded;
use crate::admin::Portal;
use crate::admin::auth::{Action, Principal, Via};
use crate::admin::failure::Failure;
use crate::admin::guard::{Caller, LONGEST_BODY, Said, in_time};

/// Somebody whom the door has let in, before whom a page stands.
pub(super) struct Visitor {
    pub(super) portal: Portal,
    pub(super) caller: Caller,
}

impl Visitor {
    pub(super) fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// Whether a form for that is of any use. The door asks again.
    pub(super) fn may(&self, action: Action) -> bool {
        self.principal().may(action).is_ok()
    }

    /// What every form has in it that changes something.
    pub(super) fn csrf(&self) -> Markup {
        csrf(self.principal())
    }

    /// Why there is a button that cannot be used; nothing for whoever may.
    pub(super) fn why_not(&self, action: Action) -> Markup {
        html! {
            @if !self.may(action) {
                p.denied { "Your role is " b { (self.principal().role) } ", and this wants " b { (action.least()) } "." }
            }
        }
    }

    pub(super) fn page(&self, section: Section, title: &str, body: &Markup) -> Response {
        let frame = Frame { portal: &self.portal, principal: Some(self.principal()), section };
        frame.page(title, body).into_response()
    }
}

pub(super) fn csrf(principal: &Principal) -> Markup {
    html! {
        @if let Via::Session { csrf } = &principal.via {
            input type="hidden" name="csrf" value=(csrf.text());
        }
    }
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Failure> {
        Ok(Self { portal: portal.clone(), caller: Caller::from_request_parts(parts, portal).await? })
    }
}

/// Before the door: a form's token goes where the door looks for it. Behind it: who is not known goes to the login, and failures become pages.
pub(super) async fn around(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let address = request.uri().path_and_query().map_or(path.clone(), ToString::to_string);
    let mut response = match with_csrf(request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if is_trouble(&response) {
        let knows_tokens = portal.door().credentials().is_some();
        response = if response.status() == StatusCode::UNAUTHORIZED && knows_tokens {
            // What a form has sent is not sent again behind a login.
            let back = if method == Method::GET { address.as_str() } else { "/admin" };
            to(&format!("/admin/login?next={}", encoded(back)))
        } else {
            told(&portal, &response, &path)
        };
    }
    // Without a referrer at all a browser hides from the door which page has sent a form.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What a form has in it beside its own fields.
#[derive(Deserialize)]
struct Hidden {
    #[serde(default)]
    csrf: String,
}

/// A form has its CSRF token in a field, and the door looks for it in a header. A browser lets no other site's page set that header.
async fn with_csrf(request: Request) -> Result<Request, Failure> {
    let (mut parts, body) = request.into_parts();
    if parts.method != Method::POST || !is_form(&parts.headers) {
        return Ok(Request::from_parts(parts, body));
    }
    let too_long = |_| Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "the form is too long");
    let bytes = in_time(to_bytes(body, LONGEST_BODY)).await?.map_err(too_long)?;
    let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let Form(Hidden { csrf }) = Form::from_request(copy, &()).await?;
    if let Ok(mut value) = HeaderValue::from_str(&csrf)
        && !csrf.is_empty()
    {
        value.set_sensitive(true);
        parts.headers.insert("x-hardtack-csrf", value);
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Whether it is a failure that is no page yet.
fn is_trouble(response: &Response) -> bool {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    (response.status().is_client_error() || response.status().is_server_error()) && !is_page
}

/// A failure as a page, with the headers that its status wants.
fn told(portal: &Portal, response: &Response, path: &str) -> Response {
    let (status, extensions) = (response.status(), response.extensions());
    let said = extensions.get::<Said>().map_or(status.canonical_reason().unwrap_or_default(), |said| &said.0);
    let caller = extensions.get::<Caller>();
    let frame = Frame { portal, principal: caller.map(Caller::principal), section: Section::None };
    let mut page = (status, frame.page(heading(status), &explained(status, said, path))).into_response();
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != "content-length" {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Nobody is logged in",
        StatusCode::FORBIDDEN => "This is not allowed",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::CONFLICT => "Nothing was begun",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "No answer now",
        status if status.is_client_error() => "This request makes no sense",
        _ => "This went wrong",
    }
}

fn explained(status: StatusCode, said: &str, path: &str) -> Markup {
    let next = match status {
        StatusCode::UNAUTHORIZED => "Log in as this application wants it, and load the page again.",
        StatusCode::FORBIDDEN => {
            "Ask somebody with that role, or log in with another token. Where the page is an old one, load it again."
        }
        StatusCode::CONFLICT => "Go back, look again at what would be done, and confirm that.",
        StatusCode::SERVICE_UNAVAILABLE => {
            "Load the page again in a moment. Where that does not help, see whether the database answers."
        }
        StatusCode::NOT_FOUND => "It may have gone meanwhile. Begin at the timeline.",
        _ => "Go back and try again; the log of the application may say more.",
    };
    let back = if ["/admin/upgrade", "/admin/downgrade"].contains(&path) { "/admin/plan" } else { "/admin" };
    html! {
        p.lead role="alert" { (super::words::sentence(said)) }
        p { (next) }
        p.actions {
            a.button href=(back) { @if back == "/admin/plan" { "Look at the plan again" } @else { "To the timeline" } }
        }
        p.sort { "Status " (status.as_u16()) }
    }
}
