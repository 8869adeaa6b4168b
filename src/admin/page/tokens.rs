use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::Answer;
use super::form::{Form, to};
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{encoded, outcome, stamp, text};
use crate::admin::api::access::credentials;
use crate::admin::api::extract::Path;
use crate::admin::auth::{NewToken, Role, Token, TokenName, TokenState};
use crate::admin::failure::Failure;
use crate::safety::parse_age;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    name: String,
    role: String,
    expires: String,
}

pub(super) async fn show(visitor: Visitor) -> Answer {
    list(&visitor, &html! {}).await
}

/// Makes a token, and shows its text in this one answer.
pub(super) async fn make(visitor: Visitor, Form(wanted): Form<Wanted>) -> Answer {
    let refuse = |field: &str, reason: &str| {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{field}: {reason}"))
    };
    let name: TokenName = wanted.name.trim().parse().map_err(|reason| refuse("the name", reason))?;
    let role: Role = wanted.role.parse().map_err(|reason| refuse("the role", reason))?;
    let expires = parse_age(wanted.expires.trim()).map_err(|reason| refuse("the time", &reason))?;
    let by = Some(visitor.principal().name.clone());
    let new = NewToken { name, role, expires: Some(expires), by };
    let (token, secret) = credentials(&visitor.portal)?.tokens().create(&new).await?;
    let made = html! {
        div.note.made role="status" {
            p { b { "The token " code { (text(&token.name)) } " was made." } " Copy it now: nobody sees it again." }
            p { code.secret #secret tabindex="0" { (secret.expose()) } }
        }
    };
    list(&visitor, &made).await
}

pub(super) async fn revoke(visitor: Visitor, Path(name): Path<String>) -> Result<Response, Failure> {
    let name: TokenName = name.parse().map_err(|_| Failure::not_found("no token has such a name"))?;
    let by = visitor.principal().name.clone();
    credentials(&visitor.portal)?.tokens().revoke(name.as_str(), Some(&by)).await?;
    Ok(to("/admin/tokens"))
}

async fn list(visitor: &Visitor, made: &Markup) -> Answer {
    let tokens = credentials(&visitor.portal)?.tokens().list().await?;
    let body = html! {
        (made)
        table.hazards.list {
            caption.unseen { "Tokens" }
            thead {
                tr {
                    th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "State" }
                    th scope="col" { "Made" } th scope="col" { "Until" } th scope="col" { span.unseen { "Revoke" } }
                }
            }
            tbody { @for token in &tokens { (row(visitor, token)) } }
        }
        (fields(visitor))
    };
    Ok(visitor.page(Section::Tokens, "Tokens", &body))
}

fn row(visitor: &Visitor, token: &Token) -> Markup {
    html! {
        tr {
            th scope="row" { code { (text(&token.name)) } }
            td data-label="Role" { (token.role) }
            td { (outcome(token.state.name())) }
            td data-label="Made" { (stamp(&token.created_at)) div.sort { "by " (text(&token.created_by)) } }
            td data-label="Until" {
                @match (&token.revoked_at, &token.expires_at) {
                    (Some(at), _) => { (stamp(at)) @if let Some(by) = &token.revoked_by { div.sort { "revoked by " (text(by)) } } }
                    (None, Some(at)) => { (stamp(at)) }
                    (None, None) => { "for ever" }
                }
            }
            td {
                @if token.state == TokenState::Live {
                    form.small method="post" action={ "/admin/tokens/" (encoded(&token.name)) "/revoke" } {
                        (visitor.csrf())
                        button.go type="submit" { "Revoke" span.unseen { " " (text(&token.name)) } }
                    }
                }
            }
        }
    }
}

fn fields(visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="make" {
            h2 #make { "Make a token" }
            form.card method="post" action="/admin/tokens" {
                (visitor.csrf())
                p.field {
                    label for="name" { "Name" }
                    input #name type="text" name="name" required maxlength="64" pattern="[A-Za-z0-9._@+\\-]+" autocomplete="off" spellcheck="false"
                        aria-describedby="about-name";
                }
                p.sort #about-name { "Letters, digits and . _ - @ +; the audit names its holder by it." }
                p.field {
                    label for="role" { "Role" }
                    select #role name="role" {
                        option value="viewer" { "viewer: looks" }
                        option value="operator" { "operator: also upgrades, backs up, steers backfills" }
                        option value="admin" { "admin: also downgrades, reads the audit, makes tokens" }
                    }
                }
                p.field {
                    label for="expires" { "Ends after" }
                    input #expires type="text" name="expires" value="90d" required size="8" autocomplete="off" aria-describedby="about-time";
                }
                p.sort #about-time { "Such as 12h or 90d." }
                p.actions { button.main type="submit" { "Make it" } }
            }
        }
    }
}
