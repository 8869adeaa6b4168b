use maud::{Markup, html};
use serde::Deserialize;

use super::Answer;
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{empty, encoded, outcome, stamp, text};
use crate::admin::api::extract::Query;
use crate::admin::auth::{Action, AuditFilter, AuditRecord};

/// Rows of one page.
const PAGE: u32 = 50;

const OUTCOMES: [&str; 4] = ["allowed", "refused", "succeeded", "failed"];

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    who: String,
    action: String,
    outcome: String,
    before: Option<i64>,
}

impl Wanted {
    fn filter(&self) -> AuditFilter {
        AuditFilter {
            who: Some(self.who.trim().replace('\0', "")).filter(|who| !who.is_empty()),
            action: Action::ALL.into_iter().find(|action| action.name() == self.action),
            outcome: self.outcome.parse().ok(),
            before: self.before,
            limit: Some(PAGE),
            ..AuditFilter::default()
        }
    }

    /// The address of what is older than that row.
    fn older(&self, id: i64) -> String {
        let Self { who, action, outcome, .. } = self;
        format!(
            "/admin/audit?who={}&action={}&outcome={}&before={id}",
            encoded(who),
            encoded(action),
            encoded(outcome)
        )
    }
}

pub(super) async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Answer {
    let records = visitor.portal.door().audit().list(&wanted.filter()).await?;
    let is_full = records.len() == PAGE as usize;
    let body = html! {
        p { "Who asked for what, and what became of it. Of looks it has those at itself and at the tokens." }
        (filters(&wanted))
        @if records.is_empty() {
            (empty("Nothing fits", &html! { "Ask for less, or " a href="/admin/audit" { "see all of it" } "." }))
        } @else {
            table.hazards.list {
                caption.unseen { "The audit, the newest first" }
                thead {
                    tr {
                        th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" }
                        th scope="col" { "Outcome" } th scope="col" { "From" }
                    }
                }
                tbody { @for record in &records { (row(record)) } }
            }
            @if let Some(last) = records.last().filter(|_| is_full) {
                p.actions { a.button href=(wanted.older(last.id)) { "Older" } }
            }
        }
    };
    Ok(visitor.page(Section::Audit, "Audit", &body))
}

fn filters(wanted: &Wanted) -> Markup {
    html! {
        form.choice method="get" action="/admin/audit" role="search" aria-label="Which rows" {
            span.pair {
                label for="who" { "Who" }
                input #who type="text" name="who" value=(text(&wanted.who)) autocomplete="off" size="12";
            }
            span.pair {
                label for="action" { "What" }
                select #action name="action" {
                    option value="" { "anything" }
                    @for action in Action::ALL.into_iter().filter(|action| action.is_audited()) {
                        option value=(action.name()) selected[action.name() == wanted.action] { (action.name().replace('_', " ")) }
                    }
                }
            }
            span.pair {
                label for="outcome" { "Outcome" }
                select #outcome name="outcome" {
                    option value="" { "any" }
                    @for outcome in OUTCOMES { option value=(outcome) selected[outcome == wanted.outcome] { (outcome) } }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

fn row(record: &AuditRecord) -> Markup {
    html! {
        tr {
            td { (stamp(&record.at)) }
            th scope="row" {
                (text(record.who.as_deref().unwrap_or("nobody known")))
                @if let Some(role) = &record.role { br; span.sort { (text(role)) @if let Some(via) = &record.via { ", by " (text(via)) } } }
            }
            td data-label="What" {
                (text(&record.action.replace('_', " ")))
                @if let Some(target) = &record.target { br; code.sort { (text(target)) } }
            }
            td {
                (outcome(record.outcome.name()))
                @if let Some(detail) = &record.detail { p.error { (text(detail)) } }
            }
            td data-label="From" { (text(record.from.as_deref().unwrap_or("—"))) }
        }
    }
}
