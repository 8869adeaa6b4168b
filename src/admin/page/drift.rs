//! What became of the schema beside its revisions: both sides beside each other.

use axum::response::Response;
use maud::{Markup, html};

use super::Answer;
use super::form::to;
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{chip, empty, moment, text};
use crate::admin::api::work::look_for_drift;
use crate::admin::auth::Action;
use crate::admin::failure::Failure;
use crate::admin::product::Product;
use crate::catalog::render::{count, shown};
use crate::catalog::{Difference, Field};
use crate::engine::{Against, Drift};

pub(super) async fn show(visitor: Visitor) -> Answer {
    // A database that does not answer hides nothing of what was found.
    let current = visitor.portal.monitor().status().await.ok().map(|status| status.current);
    let last = visitor.portal.jobs().list().into_iter().find_map(|job| {
        let found = job.product().filter(|product| matches!(**product, Product::Drift(_)))?;
        Some((job.summary(), found))
    });
    let body = html! {
        p { "Compares the live schema with what the applied revisions make of an empty database. It reads the catalog, and replays revisions on a scratch database where no snapshot fits." }
        form.actions method="post" action="/admin/drift" {
            (visitor.csrf())
            button.main type="submit" disabled[!visitor.may(Action::Drift)] { "Compare now" }
        }
        (visitor.why_not(Action::Drift))
        @match &last {
            Some((job, found)) => {
                p.sort { "Compared " (moment(job.started_at)) " by " (text(&job.by)) ". " a href={ "/admin/jobs/" (job.id) } { "The job" } }
                @if let Product::Drift(found) = &**found {
                    @if current.is_some_and(|current| current != found.version) {
                        p.note { "The database has another version by now: compare again." }
                    }
                    (drift(found))
                }
            }
            None => { (empty("Nothing was compared yet", &html! { "A comparison says whether somebody has changed the schema by hand." })) }
        }
    };
    Ok(visitor.page(Section::Drift, "Drift", &body))
}

/// Begins a comparison, and leads to its job.
pub(super) async fn compare(visitor: Visitor) -> Result<Response, Failure> {
    let job = look_for_drift(&visitor.portal, &visitor.caller)?;
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}

pub(super) fn drift(drift: &Drift) -> Markup {
    let against = match drift.against {
        Against::Snapshot => "the snapshot that comes with the revisions",
        Against::Replay => "the applied revisions, replayed on a scratch database",
    };
    html! {
        section aria-labelledby="differences" {
            h2 #differences { "Differences" }
            p.lead {
                @if drift.differences.is_empty() { (chip("well", "no drift")) " The schema is what its revisions make of it." }
                @else { (chip("bad", "drift")) " " (count(drift.differences.len(), "object")) " differ" @if drift.differences.len() == 1 { "s" } "." }
            }
            p.sort {
                "Compared with " (against) @if let Some(version) = drift.version { ", at version " (version) } "."
                @if drift.ignored > 0 { " " (count(drift.ignored, "difference")) " passed by a pattern." }
            }
            (sides(drift, &drift.differences))
            @if !drift.uncertain.is_empty() {
                h3 { "Uncertain" }
                p { "These may come of another version of the server alone." }
                (sides(drift, &drift.uncertain))
            }
            @if !drift.differences.is_empty() {
                p { "Put it right by hand, write a revision that says what is wanted, or let it pass by a pattern in hardtack.toml." }
            }
        }
    }
}

fn sides(drift: &Drift, differences: &[Difference]) -> Markup {
    html! {
        @for difference in differences {
            @let made = drift.definitions.get(difference.object());
            table.sides-table {
                caption { (mark(difference)) " " code { (text(&difference.object().to_string())) } }
                thead { tr { th.field scope="col" { "What" } th scope="col" { "The revisions make" } th scope="col" { "Is there" } } }
                tbody {
                    @match difference {
                        Difference::Missing { .. } => { (presence("del", difference, made)) }
                        Difference::Extra { .. } => { (presence("ins", difference, made)) }
                        Difference::Different { fields, .. } => { @for field in fields { (row(field)) } }
                    }
                }
            }
        }
    }
}

fn mark(difference: &Difference) -> Markup {
    match difference {
        Difference::Missing { .. } => {
            html! { span.sign.removed aria-hidden="true" { "−" } " " span.word { "missing" } }
        }
        Difference::Extra { .. } => {
            html! { span.sign.added aria-hidden="true" { "+" } " " span.word { "extra" } }
        }
        Difference::Different { .. } => {
            html! { span.sign.changed aria-hidden="true" { "~" } " " span.word { "different" } }
        }
    }
}

fn presence(class: &str, difference: &Difference, made: Option<&String>) -> Markup {
    let is_missing = class == "del";
    let (left, right) = if is_missing { ("del", "none") } else { ("none", "ins") };
    let side = |is_there: bool| match made {
        _ if !is_there => html! { "not there" },
        Some(made) => html! { code { (text(made)) } },
        None => html! { "there" },
    };
    html! {
        tr {
            th.field scope="row" { "the " (difference.object().kind.to_string()) }
            td class=(left) data-label="The revisions make" { (side(is_missing)) }
            td class=(right) data-label="Is there" { (side(!is_missing)) }
        }
    }
}

fn row(field: &Field) -> Markup {
    html! {
        tr {
            th.field scope="row" { (text(&field.name.replace('_', " "))) }
            td.del data-label="The revisions make" { code { (text(&shown(&field.expected))) } }
            td.ins data-label="Is there" { code { (text(&shown(&field.found))) } }
        }
    }
}
