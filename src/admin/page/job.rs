//! One job: live while it works, and what it came to.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use time::format_description::well_known::Rfc3339;

use super::Answer;
use super::form::to;
use super::frame::{Frame, Section};
use super::product::product;
use super::visitor::Visitor;
use super::words::{moment, outcome, sentence, text, took};
use crate::admin::api::extract::Path;
use crate::admin::auth::Action;
use crate::admin::failure::Failure;
use crate::admin::job::{Job, JobView, Line};

pub(super) async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let job = visitor.portal.jobs().find(&id)?;
    let view = job.view();
    let is_running = view.finished_at.is_none();
    let body = html! {
        (facts(&view))
        @if is_running { (live(&visitor, &view)) }
        @if let Some(error) = &view.error { p.note.wrong role="alert" { (sentence(error)) } }
        @if let Some(came) = job.product() { (product(&came)) }
        (log(&job))
    };
    // Without a script the page is looked at again until the job has ended.
    let head = html! {
        @if is_running { noscript { meta http-equiv="refresh" content="2"; } }
    };
    let frame =
        Frame { portal: &visitor.portal, principal: Some(visitor.principal()), section: Section::Jobs };
    Ok(frame.page_with(&view.title, &head, &body).into_response())
}

/// Asks it to stop.
pub(super) async fn stop(visitor: Visitor, Path(id): Path<String>) -> Result<Response, Failure> {
    let job = visitor.portal.jobs().find(&id)?;
    job.stop().request();
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}

fn facts(view: &JobView) -> Markup {
    let took_so_far = view.finished_at.map(|at| at - view.started_at).and_then(|took| took.try_into().ok());
    html! {
        p.lead { span #state { (outcome(view.state.name())) } }
        dl.ends {
            div { dt { "By" } dd { (text(&view.by)) } }
            div { dt { "Begun" } dd { (moment(view.started_at)) } }
            @if let Some(duration) = took_so_far { div { dt { "Took" } dd { (took(duration)) } } }
            div { dt { "Number" } dd { code { (text(&view.id)) } } }
        }
    }
}

fn live(visitor: &Visitor, view: &JobView) -> Markup {
    html! {
        section.summary-card #live aria-label="Progress" data-events={ "/admin/api/jobs/" (view.id) "/events" } {
            p #phase role="status" { (text(&view.phase_text)) }
            progress #bar max="100" value=[view.percent] aria-label="Progress of the job" {}
            div.actions {
                form method="post" action={ "/admin/jobs/" (view.id) "/stop" } {
                    (visitor.csrf())
                    button type="submit" disabled[!visitor.may(Action::StopJob)] { "Stop at the next safe point" }
                }
            }
            (visitor.why_not(Action::StopJob))
            noscript { p.sort { "This page loads itself again every two seconds." } }
        }
    }
}

fn log(job: &Job) -> Markup {
    let lines = job.lines_after(0);
    html! {
        section aria-labelledby="log-heading" {
            h2 #log-heading { "Log" }
            ol.log #log role="log" tabindex="0" aria-labelledby="log-heading" {
                @for line in &lines { (log_line(line)) }
            }
        }
    }
}

fn log_line(line: &Line) -> Markup {
    let at = line.at.format(&Rfc3339).unwrap_or_default();
    let clock = format!("{:02}:{:02}:{:02}", line.at.hour(), line.at.minute(), line.at.second());
    html! {
        li data-number=(line.number) { time datetime=(at) { (clock) } " " span { (text(&line.text)) } }
    }
}
