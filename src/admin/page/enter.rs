//! Coming in and going out.

use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::Answer;
use super::form::{Form, own, to};
use super::frame::{Frame, Section};
use super::words::{sentence, text};
use crate::admin::Portal;
use crate::admin::api::extract::Query;
use crate::admin::auth::Action;
use crate::admin::failure::Failure;
use crate::admin::guard::{Said, address};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Where to go behind the login.
    next: String,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

/// The login. Who is known already goes on.
pub(super) async fn show(
    State(portal): State<Portal>,
    Query(Wanted { next }): Query<Wanted>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    if let Ok(admission) = portal.door().admit(&parts, address(&parts), (Action::View, None)).await {
        admission.ended(Ok("")).await;
        return to(own(&next));
    }
    login(&portal, &next, None).into_response()
}

pub(super) async fn log_in(State(portal): State<Portal>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let again = Request::from_parts(parts.clone(), body);
    let Form(Typed { token, next }) = match Form::from_request(again, &()).await {
        Ok(form) => form,
        Err(failure) => return failure.into_response(),
    };
    match portal.door().log_in(&parts, address(&parts), &token).await {
        Ok(opened) => {
            let mut response = to(own(&next));
            response.headers_mut().insert(header::SET_COOKIE, opened.cookie);
            response
        }
        Err(denied) => {
            let (status, headers) = (denied.status(), denied.headers());
            let page = login(&portal, &next, Some(&Failure::from(denied)));
            let mut response = (status, page).into_response();
            response.headers_mut().extend(headers);
            response
        }
    }
}

pub(super) async fn log_out(State(portal): State<Portal>, request: Request) -> Answer {
    let (parts, _) = request.into_parts();
    let cookie = portal.door().log_out(&parts, address(&parts)).await?;
    let mut response = to("/admin/login");
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}

fn login(portal: &Portal, next: &str, failure: Option<&Failure>) -> impl IntoResponse + use<> {
    let frame = Frame { portal, principal: None, section: Section::None };
    if portal.door().credentials().is_none() {
        let body = html! { p.lead { "This application knows its operators by itself. Log in as it wants it, and come back." } };
        let said = axum::Extension(Said("the application has no tokens".to_owned()));
        return (StatusCode::UNAUTHORIZED, said, frame.page("Log in", &body)).into_response();
    }
    frame.page("Log in", &fields(portal, own(next), failure)).into_response()
}

fn fields(portal: &Portal, next: &str, failure: Option<&Failure>) -> Markup {
    html! {
        form.card.login method="post" action="/admin/login" {
            @if let Some(failure) = failure {
                p.note.wrong #wrong role="alert" { (sentence(failure.message())) }
            }
            input type="hidden" name="next" value=(text(next));
            // For those who keep tokens in a manager of passwords.
            input type="text" name="username" value="hardtack" autocomplete="username" hidden;
            p.field {
                label for="token" { "Token" }
                input #token type="password" name="token" required autofocus autocomplete="current-password" spellcheck="false"
                    aria-describedby="about-token" aria-invalid=[failure.map(|_| "true")];
            }
            p.sort #about-token {
                "It opens a session for the migrations of " code { (text(portal.database())) }
                ", and is not kept. Whoever may run the application's commands makes one: " code { "tokens create NAME ROLE" } "."
            }
            p.actions { button.main type="submit" { "Log in" } }
        }
    }
}
