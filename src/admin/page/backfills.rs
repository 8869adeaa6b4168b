//! Backfills: how far they are, and what steers them.

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::Answer;
use super::form::{Form, to};
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{empty, encoded, outcome, stamp, text};
use crate::admin::api::backfills::control;
use crate::admin::api::extract::Path;
use crate::admin::auth::{Action, Confirmation};
use crate::admin::failure::Failure;
use crate::data::{BackfillControl, BackfillStatus};
use crate::words::{grouped, seconds};

#[derive(Deserialize)]
pub(super) struct Wish {
    /// `pause`, `resume` or `retry`.
    #[serde(default)]
    wish: String,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    database: String,
}

pub(super) async fn show(visitor: Visitor) -> Answer {
    let backfills = visitor.portal.migrator().backfills().await?;
    let body = html! {
        p { "Data migrations that have not finished. What is done of one stays done, whoever stops it." }
        div #backfills data-refresh="2" {
            @if backfills.is_empty() {
                (empty("No backfill is under way", &html! { "One appears here while its revision is applied, or once its application has booted." }))
            }
            @for backfill in &backfills { (one(&visitor, backfill)) }
        }
        (visitor.why_not(Action::SteerBackfill))
    };
    Ok(visitor.page(Section::Backfills, "Backfills", &body))
}

fn one(visitor: &Visitor, backfill: &BackfillStatus) -> Markup {
    let id = format!("backfill-{}-{}", backfill.version, encoded(&backfill.name));
    html! {
        section.card.backfill aria-labelledby=(id) {
            h2 id=(id) { code { (text(&backfill.name)) } " " (outcome(&backfill.state)) }
            p.sort {
                a href={ "/admin/revisions/" (backfill.version) } { "V" (backfill.version) } " " (text(&backfill.direction))
                @if backfill.deferred { ", deferred" }
            }
            @match backfill.total.filter(|total| *total > 0) {
                Some(total) => { progress max=(total) value=(backfill.rows.min(total)) aria-label="Rows that are done" {} }
                None => { progress aria-label="Rows that are done, of an unknown number" {} }
            }
            (facts(backfill))
            @if backfill.state == "running" && backfill.rows_per_second.is_none() {
                p.sort { "No batch was done within the last minute. Where nobody is at work, the next run of its revision goes on with it." }
            }
            @if let Some(error) = &backfill.error { p.note.wrong { (text(error)) } }
            (buttons(visitor, backfill, &id))
        }
    }
}

fn facts(backfill: &BackfillStatus) -> Markup {
    html! {
        dl.ends {
            div {
                dt { "Rows" }
                dd { (grouped(backfill.rows)) @if let Some(total) = backfill.total { " of about " (grouped(total)) } }
            }
            @if backfill.skipped > 0 { div { dt { "Skipped" } dd { (grouped(backfill.skipped)) } } }
            @if let Some(rate) = backfill.rows_per_second { div { dt { "Rate" } dd { (format!("{rate:.0}")) " rows a second" } } }
            @if let Some(remaining) = backfill.remaining { div { dt { "Remaining" } dd { "about " (seconds(remaining.as_secs())) } } }
            @if let Some(at) = &backfill.last_batch_at { div { dt { "Last batch" } dd { (stamp(at)) } } }
        }
    }
}

fn buttons(visitor: &Visitor, backfill: &BackfillStatus, id: &str) -> Markup {
    let address = format!("/admin/backfills/{}", encoded(&backfill.name));
    let wishes: &[(&str, &str)] = match &*backfill.state {
        "running" => &[("pause", "Pause")],
        "paused" => &[("resume", "Resume")],
        "failed" | "cancelled" => &[("retry", "Retry")],
        _ => &[],
    };
    let may = visitor.may(Action::SteerBackfill);
    html! {
        div.actions {
            @for (wish, name) in wishes {
                form method="post" action={ (address) "/steer" } {
                    (visitor.csrf())
                    button type="submit" name="wish" value=(wish) disabled[!may] { (name) span.unseen { " " (text(&backfill.name)) } }
                }
            }
            @if may && ["running", "paused", "failed"].contains(&&*backfill.state) {
                details.cancel {
                    summary { "Cancel…" }
                    form method="post" action={ (address) "/cancel" } {
                        (visitor.csrf())
                        p.field {
                            label for={ (id) "-name" } { "Type the database's name, " code { (text(visitor.portal.database())) } ", to end it where it is" }
                            input id={ (id) "-name" } type="text" name="database" required autocomplete="off" autocapitalize="none" spellcheck="false";
                        }
                        button.go type="submit" { "Cancel the backfill" }
                    }
                }
            }
        }
    }
}

pub(super) async fn steer(
    visitor: Visitor,
    Path(name): Path<String>,
    Form(Wish { wish }): Form<Wish>,
) -> Result<Response, Failure> {
    let wish = match &*wish {
        "pause" => BackfillControl::Pause,
        "resume" => BackfillControl::Resume,
        "retry" => BackfillControl::Retry,
        _ => return Err(Failure::bad_request("wish for pause, resume or retry")),
    };
    control(&visitor.portal, &name, wish).await?;
    Ok(to("/admin/backfills"))
}

pub(super) async fn cancel(
    visitor: Visitor,
    Path(name): Path<String>,
    Form(Typed { database }): Form<Typed>,
) -> Result<Response, Failure> {
    let confirmation = Confirmation { database, ..Confirmation::default() };
    confirmation.check(Action::CancelBackfill, visitor.portal.database(), None)?;
    control(&visitor.portal, &name, BackfillControl::Cancel).await?;
    Ok(to("/admin/backfills"))
}
