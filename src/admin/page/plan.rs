//! What an upgrade or a downgrade would do.

use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde::{Deserialize, Deserializer};

use super::Answer;
use super::form::{Form, to};
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{empty, text};
use crate::admin::api::extract::Query;
use crate::admin::api::read::{PlanQuery, planned};
use crate::admin::api::work::rehearse as begin;
use crate::admin::auth::Action;
use crate::admin::failure::Failure;
use crate::engine::Status;
use crate::engine::dry_run::DryRun;
use crate::plan::Way;
use crate::report::Report;
use crate::revisions::Direction;

/// Which way is looked at, in an address or a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    #[serde(deserialize_with = "number")]
    pub(super) to: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(super) steps: Option<usize>,
    /// The hash of the plan that was looked at.
    pub(super) plan: String,
    /// The database's name, where it is typed.
    pub(super) database: String,
    /// Whether a rehearsal leaves the database itself alone.
    pub(super) scratch: Option<String>,
}

/// A field that nobody filled in is none.
fn number<'de, D: Deserializer<'de>, N: std::str::FromStr<Err: std::fmt::Display>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    let typed = String::deserialize(deserializer)?;
    let typed = typed.trim();
    if typed.is_empty() { Ok(None) } else { typed.parse().map(Some).map_err(serde::de::Error::custom) }
}

impl Wanted {
    pub(super) fn way(&self) -> Result<Way, Failure> {
        PlanQuery { to: self.to, steps: self.steps, back_to: None }.way()
    }

    /// The same behind a question mark, empty where there is nothing to say.
    fn query(&self) -> String {
        let pairs = [self.to.map(|to| format!("to={to}")), self.steps.map(|steps| format!("steps={steps}"))];
        pairs.into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    /// The same in a form.
    pub(super) fn hidden(&self) -> Markup {
        html! {
            @if let Some(to) = self.to { input type="hidden" name="to" value=(to); }
            @if let Some(steps) = self.steps { input type="hidden" name="steps" value=(steps); }
        }
    }
}

pub(super) async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Answer {
    let status = visitor.portal.migrator().status().await?;
    let plan = planned(&visitor.portal, wanted.way()?).await;
    let body = html! {
        (targets(&status, &wanted))
        @match &plan {
            Ok(plan) if plan.steps.is_empty() => {
                (empty("Nothing is to be done", &html! {
                    "The database has all revisions of this binary up to there. A new revision comes with a new build of the application."
                }))
            }
            Ok(plan) => {
                (ways_on(&visitor, plan, &wanted))
                div.unrehearsed { (PreEscaped(shown(plan).html_parts())) }
            }
            Err(failure) => { p.note.wrong role="alert" { (super::words::sentence(failure.message())) } }
        }
    };
    let mut response = visitor.page(Section::Plan, "Plan", &body);
    if let Err(failure) = plan {
        *response.status_mut() = failure.status();
    }
    Ok(response)
}

/// What the plan alone tells; the rest is for a rehearsal.
fn shown(plan: &DryRun) -> Report<'_> {
    let mut report = Report::of_dry_run(plan, None);
    let only_rehearsed = ["schema", "untouched"];
    report.sections.retain(|section| !only_rehearsed.contains(&&*section.name));
    report
}

/// Begins a rehearsal, and leads to its job.
pub(super) async fn rehearse(visitor: Visitor, Form(wanted): Form<Wanted>) -> Result<Response, Failure> {
    let job = begin(&visitor.portal, &visitor.caller, wanted.way()?, wanted.scratch.is_some())?;
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}

/// Where one can go from here.
fn targets(status: &Status, wanted: &Wanted) -> Markup {
    let chosen = wanted.to.or(status.pending.last().map(|revision| revision.version));
    html! {
        div.choices {
            @if !status.pending.is_empty() {
                form.choice method="get" action="/admin/plan" {
                    label for="to" { "Upgrade to" }
                    select #to name="to" {
                        @for revision in status.pending.iter().rev() {
                            option value=(revision.version) selected[wanted.steps.is_none() && chosen == Some(revision.version)] {
                                (revision.version) " · " (text(&revision.name.replace('_', " ")))
                            }
                        }
                    }
                    button type="submit" { "Show" }
                }
            }
            @if !status.applied.is_empty() {
                form.choice method="get" action="/admin/plan" {
                    label for="steps" { "Downgrade by" }
                    input #steps type="number" name="steps" min="1" max=(status.applied.len()) value=(wanted.steps.unwrap_or(1)) required;
                    button type="submit" { "Show" }
                }
            }
        }
    }
}

/// The buttons under a plan that was looked at.
fn ways_on(visitor: &Visitor, plan: &DryRun, wanted: &Wanted) -> Markup {
    let (action, name) = match plan.direction {
        Direction::Up => (Action::Upgrade, "Upgrade"),
        Direction::Down => (Action::Downgrade, "Downgrade"),
    };
    let query = wanted.query();
    let version = |version: Option<i64>| version.map_or("nothing".to_owned(), |version| version.to_string());
    html! {
        section.summary-card aria-label="What can be done with it" {
            p.lead {
                (name) " from " b { (version(plan.from)) } " to " b { (version(plan.to)) } ", "
                (crate::catalog::render::count(plan.steps.len(), "revision")) ": " (super::words::verdict(plan.verdict))
            }
            p.sort { "Plan " code { (text(plan.plan.get(..12).unwrap_or(&plan.plan))) } }
            div.actions {
                form method="post" action="/admin/rehearse" {
                    (visitor.csrf()) (wanted.hidden())
                    button type="submit" disabled[!visitor.may(Action::DryRun)] { "Rehearse" }
                    label.tick { input type="checkbox" name="scratch" value="yes" disabled[!visitor.may(Action::DryRun)]; " on a scratch database alone" }
                }
                @if visitor.may(action) {
                    a.button.main href={ "/admin/plan/confirm?" (query) @if !query.is_empty() { "&" } "plan=" (plan.plan) } { (name) "…" }
                } @else {
                    button.main type="button" disabled { (name) "…" }
                }
            }
            (visitor.why_not(action))
        }
    }
}
